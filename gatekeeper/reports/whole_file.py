"""A file that is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """Written beside its place, and moved there when the block ends without a fault."""
    out.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=".report-", suffix=out.suffix)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
        os.replace(name, out)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
