"""What we took from others is what we say it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VENDORS = (ROOT / "static" / "vendor", ROOT / "tests" / "vendor")
MANIFESTS = {vendor: json.loads((vendor / "manifest.json").read_text(encoding="utf-8")) for vendor in VENDORS}
ENTRIES = [(vendor, entry) for vendor, manifest in MANIFESTS.items() for entry in manifest]


def on_disk(vendor: Path) -> set[str]:
    """Paths of all vendored files, relative to their folder, without the manifest."""
    found = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()}
    return found - {"manifest.json"}


@pytest.mark.parametrize(("vendor", "entry"), ENTRIES, ids=[entry["file"] for _, entry in ENTRIES])
def test_a_vendored_file_has_the_hash_of_the_manifest(vendor: Path, entry: dict[str, str]) -> None:
    assert hashlib.sha256((vendor / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.parent.name)
def test_every_vendored_file_stands_in_the_manifest_and_every_line_has_its_file(vendor: Path) -> None:
    assert on_disk(vendor) == {entry["file"] for entry in MANIFESTS[vendor]}


def test_every_library_names_version_and_licence_and_keeps_the_licence_text_beside() -> None:
    for vendor, entry in ENTRIES:
        assert entry["name"] and entry["version"] and entry["licence"]
        text = vendor / entry["file"].split("/")[0] / "LICENSE"
        assert len(text.read_text(encoding="utf-8")) > 200, entry["name"]


def test_the_versions_of_the_manifest_are_those_that_the_script_fetches() -> None:
    script = " ".join((ROOT / "scripts" / "vendor.py").read_text(encoding="utf-8").split())
    for _, entry in ENTRIES:
        assert f'"{entry["name"]}", "{entry["version"]}", "{entry["licence"]}"' in script
