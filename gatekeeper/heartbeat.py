"""Whether the job worker lives: it touches a file in the data folder, others look at the file's time."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

NAME = "worker.beat"
STALE = timedelta(minutes=3)
"""A worker beats every minute; one that was silent for so long is dead or stuck."""


def beat(folder: Path, *, at: datetime) -> None:
    """The worker lives at ``at``. Touching an existing file works on a full disk too."""
    file = folder / NAME
    file.touch(mode=0o644)
    os.utime(file, (at.timestamp(), at.timestamp()))


def last(folder: Path) -> datetime | None:
    """When the worker last said that it lives, None when it never did."""
    try:
        return datetime.fromtimestamp((folder / NAME).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def lives(folder: Path, *, at: datetime) -> bool:
    seen = last(folder)
    return seen is not None and at - seen < STALE
