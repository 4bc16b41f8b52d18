"""The files that the desk is made of, as its service worker keeps them: their addresses, and one version over all."""

from __future__ import annotations

import hashlib
import json
import zlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import brotli

from gatekeeper.desk.bare import bare

PATTERNS = (
    *("desk/**/*.js", "desk/*.webmanifest", "desk/*.png", "css/desk*.css", "css/plate.css", "icon.svg"),
    *("vendor/idb/*.js", "vendor/lit-html/**/*.js"),
)
ALONE = ("desk/sw.js", "desk/enrol.js", "desk/paper.js")
"""What the desk does not open: its own worker, and the scripts of other pages."""
PAGE = "/desk"
BETWEEN = "\0"


class Shell(NamedTuple):
    """``files``: addresses, the page first; ``version``: 16 hex digits of what is in them; ``worker``: its script;
    ``pack``: all scripts in one text, so that a phone asks once and they are compressed as one."""

    version: str
    files: tuple[str, ...]
    worker: str
    pack: str

    @property
    def styles(self) -> tuple[str, ...]:
        """What the page links, ``desk.css`` first: the others build on it."""
        return tuple(file for file in self.files if file.endswith(".css"))


@lru_cache(maxsize=4)
def read(static: Path, page: str) -> Shell:
    """What stands under ``static``, once for each ``page`` (the text of ``/desk``) that it is shown with."""
    found = {path for pattern in PATTERNS for path in static.glob(pattern)} - {static / name for name in ALONE}
    paths = sorted(found, key=lambda path: (path.parent, path.stem))  # desk.css before desk-gate.css
    digest = hashlib.sha256(page.encode())
    for path in (Path(__file__), Path(__file__).with_name("bare.py")):
        digest.update(path.read_bytes())
    for path in (*paths, static / "desk/sw.js"):
        digest.update(path.relative_to(static).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    version = digest.hexdigest()[:16]
    files = {f"/static/{path.relative_to(static).as_posix()}": path for path in paths}
    scripts = {file: path.read_text(encoding="utf-8") for file, path in files.items() if path.suffix == ".js"}
    alone = (PAGE, *(file for file in files if file not in scripts))
    begins = {"VERSION": version, "SCRIPTS": list(scripts), "FILES": alone}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in begins.items())
    pack = BETWEEN.join(f"{file}\n{bare(text)}" for file, text in scripts.items())
    return Shell(version, (PAGE, *files), head + (static / "desk/sw.js").read_text(encoding="utf-8"), pack)


@lru_cache(maxsize=4)
def compressed(pack: str, coding: str) -> bytes:
    """``pack`` as small as ``coding`` (br or gzip) makes it: it takes a second, once in a process."""
    if coding == "br":
        return brotli.compress(pack.encode(), mode=brotli.MODE_TEXT, quality=11)
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(pack.encode()) + packer.flush()
