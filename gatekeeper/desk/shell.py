"""The files that the desk is made of, as its service worker keeps them: their addresses, and one version over all."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

PATTERNS = (
    *("desk/**/*.js", "desk/*.webmanifest", "desk/*.png", "css/desk*.css", "css/plate.css", "icon.svg"),
    *("vendor/idb/*.js", "vendor/lit-html/**/*.js"),
)
ALONE = ("desk/sw.js", "desk/enrol.js", "desk/paper.js")
"""What the desk does not open: its own worker, and the scripts of other pages."""
PAGE = "/desk"


class Shell(NamedTuple):
    """``files``: addresses, the page first; ``version``: 16 hex digits of what is in them; ``worker``: its script."""

    version: str
    files: tuple[str, ...]
    worker: str

    @property
    def modules(self) -> tuple[str, ...]:
        """Scripts, to be fetched side by side: each would else be asked for when the one before it is read."""
        return tuple(file for file in self.files if file.endswith(".js"))


@lru_cache(maxsize=4)
def read(static: Path, page: str) -> Shell:
    """What stands under ``static``, once for each ``page`` (the text of ``/desk``) that it is shown with."""
    paths = sorted({path for pattern in PATTERNS for path in static.glob(pattern)} - {static / name for name in ALONE})
    digest = hashlib.sha256(page.encode())
    for path in (*paths, static / "desk/sw.js"):
        digest.update(path.relative_to(static).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    version = digest.hexdigest()[:16]
    files = (PAGE, *(f"/static/{path.relative_to(static).as_posix()}" for path in paths))
    begins = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(files)};\n"
    return Shell(version, files, begins + (static / "desk/sw.js").read_text(encoding="utf-8"))
