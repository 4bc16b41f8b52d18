#!/usr/bin/env python3
"""Fetch the vendored browser libraries anew with ``npm pack`` and write the ``manifest.json`` beside them.

``static/vendor`` is served; ``tests/vendor`` is used by the tests alone and never leaves them.

Run after raising a version below; the tests compare every file with the manifest. Needs npm and the network.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SERVED = ROOT / "static" / "vendor"
TESTING = ROOT / "tests" / "vendor"


class Library(NamedTuple):
    """What is taken of one npm package: ``files`` are paths inside its ``root``; its licence text comes along."""

    folder: str
    package: str
    version: str
    licence: str
    root: str
    files: tuple[str, ...]


LIBRARIES = (
    Library("bootstrap", "bootstrap", "5.3.9", "MIT", "dist/css", ("bootstrap.min.css",)),
    Library("htmx", "htmx.org", "2.0.11", "0BSD", "dist", ("htmx.min.js",)),
    Library("idb", "idb", "8.0.4", "ISC", "build", ("index.js",)),
    Library(
        "lit-html",
        "lit-html",
        "3.3.3",
        "BSD-3-Clause",
        ".",
        ("lit-html.js", "directive.js", "directive-helpers.js", "directives/keyed.js", "directives/live.js"),
    ),
)
TEST_LIBRARIES = (Library("axe-core", "axe-core", "4.14.1", "MPL-2.0", ".", ("axe.min.js", "LICENSE-3RD-PARTY.txt")),)


def fetch(library: Library, vendor: Path, into: Path) -> list[dict[str, str]]:
    """Unpack ``library`` into its folder of ``vendor``; return its lines of the manifest."""
    name = f"{library.package}@{library.version}"
    run = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(into), name], check=True, capture_output=True, text=True
    )
    folder = vendor / library.folder
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    with tarfile.open(into / run.stdout.strip().splitlines()[-1]) as archive:
        kept = {file: PurePosixPath("package", library.root, file) for file in library.files}
        for file, inside in {**kept, "LICENSE": PurePosixPath("package/LICENSE")}.items():
            source = archive.extractfile(str(inside))
            if source is None:
                raise FileNotFoundError(f"{name} holds no {inside}")
            data = source.read()
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            lines.append(
                {
                    "name": library.package,
                    "version": library.version,
                    "licence": library.licence,
                    "file": path.relative_to(vendor).as_posix(),
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
            )
    return lines


def main() -> None:
    for vendor, libraries in ((SERVED, LIBRARIES), (TESTING, TEST_LIBRARIES)):
        with tempfile.TemporaryDirectory() as scratch:
            lines = [line for library in libraries for line in fetch(library, vendor, Path(scratch))]
        (vendor / "manifest.json").write_text(json.dumps(lines, indent=2) + "\n", encoding="utf-8")
        for line in lines:
            print(line["name"], line["version"], line["file"])


if __name__ == "__main__":
    main()
