"""What we took from others is what we say it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parents[1] / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))


def on_disk() -> set[str]:
    """Paths of all vendored files, relative to the vendor folder, without the manifest."""
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    return found - {"manifest.json"}


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_vendored_file_has_the_hash_of_the_manifest(entry: dict[str, str]) -> None:
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_every_vendored_file_stands_in_the_manifest_and_every_line_has_its_file() -> None:
    assert on_disk() == {entry["file"] for entry in MANIFEST}


def test_every_library_names_version_and_licence_and_keeps_the_licence_text_beside() -> None:
    for entry in MANIFEST:
        assert entry["name"] and entry["version"] and entry["licence"]
        text = VENDOR / entry["file"].split("/")[0] / "LICENSE"
        assert len(text.read_text(encoding="utf-8")) > 200, entry["name"]


def test_the_versions_of_the_manifest_are_those_that_the_script_fetches() -> None:
    script = " ".join((VENDOR.parents[1] / "scripts" / "vendor.py").read_text(encoding="utf-8").split())
    for entry in MANIFEST:
        assert f'"{entry["name"]}", "{entry["version"]}", "{entry["licence"]}"' in script
