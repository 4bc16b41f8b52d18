"""Photo files: those whose day has passed go, and those that no entry names, left by a kill."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import durable
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.models import LedgerPart, LegalHold
from gatekeeper.tenancy import own_id

GRACE = timedelta(hours=24)
"""A file this young may belong to an entry that is still to come."""
HOLD = "hold-"


@dataclass(frozen=True, slots=True)
class Swept:
    """Files that are gone: of ``passed`` days, and ``orphans`` that no entry names."""

    passed: int
    orphans: int


def names_in(value: Any) -> Iterator[str]:
    """Names of photos (SHA-256, hex) anywhere in the values of a part."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)
    elif isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef"):
        yield value


def sweep(session: Session, folder: Path, *, today: date, at: datetime) -> Swept:
    """Remove the photo files of the session's enterprise that have no business there any more."""
    own = folder / str(own_id(session))
    if not own.is_dir():
        return Swept(0, 0)
    passed, orphans = 0, 0
    named, holds = _named(session), _holds(session)
    oldest = (at - GRACE).timestamp()
    for place in sorted(own.iterdir()):
        if place.name.startswith(HOLD):
            ended = holds.get(place.name, place.stat().st_mtime < oldest)  # unknown: begins just now, or was cut off
            passed += _remove(place) if ended else 0
        elif (day := _day(place.name)) is not None and day < today:
            passed += _remove(place)
        else:
            orphans += _sweep_folder(place, named, oldest)
    return Swept(passed, orphans)


def _day(name: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(name)
    return None


def _remove(place: Path) -> int:
    count = sum(1 for _ in place.iterdir())
    shutil.rmtree(place)
    durable.sync_folder(place.parent)
    return count


def _sweep_folder(place: Path, named: set[str] | None, oldest: float) -> int:
    """Files in one folder that nobody names; ``named`` None: that cannot be told, only unfinished files go."""
    count = 0
    for file in list(place.iterdir()):
        unfinished = file.name.endswith(durable.UNFINISHED)
        orphan = unfinished or (named is not None and file.name not in named)
        if orphan and file.stat().st_mtime < oldest:
            file.unlink()
            count += 1
    return count


def _named(session: Session) -> set[str] | None:
    """Photos that the book names; None where a part cannot be opened, so that nothing is removed by mistake."""
    query = select(LedgerPart).where(LedgerPart.enterprise_id == own_id(session), LedgerPart.cls == "photo")
    found: set[str] = set()
    for part in session.scalars(query):
        opened = ledger.open_part(part)
        if opened is None:
            return None
        found.update(names_in(opened))
    return found


def _holds(session: Session) -> dict[str, bool]:
    """Folder of each hold -> whether it has ended."""
    query = select(LegalHold.id, LegalHold.ended_at).where(LegalHold.enterprise_id == own_id(session))
    return {f"{HOLD}{hold.hex}": ended is not None for hold, ended in session.execute(query)}
