"""The list in force as a page shows it: since when, what it changed, what could not be matched, what was before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.formats.regions import Level, get, level_of
from gatekeeper.formats.risk_lists import RiskListFile, RiskPlace
from gatekeeper.risk_areas import queries
from gatekeeper.risk_areas.models import Adoption, RiskList
from gatekeeper.risk_areas.queries import SEVERITY, Read

SHOWN = 20


class Change(NamedTuple):
    """A place whose level is another one now; levels are values of ``SEVERITY``."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a list changed against the one before it, by place."""

    up: tuple[Change, ...]
    down: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One adoption and the counts of its list; counts are communities, ``unmatched`` entries."""

    adoption: Adoption
    high: int
    middle: int
    low: int
    unmatched: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The list in force (first of ``lines``, newest list first); ``changes`` is None where there was none before."""

    file: RiskListFile
    lines: tuple[Line, ...]
    before: Adoption | None
    changes: Changes | None

    @property
    def adoption(self) -> Adoption:
        return self.lines[0].adoption

    @property
    def holds_since(self) -> datetime:
        """From when it is in force: it is adopted, and its own hour has come."""
        return max(self.adoption.adopted_at, self.adoption.update_time)


def overview(session: Session, *, at: datetime) -> Overview | None:
    """What is in force at ``at`` for the session's township; None where nothing is."""
    known = queries.history(session, at=at, limit=SHOWN)
    if not known:
        return None
    current = queries.read(session, known[0].list_hash)
    before = next((row for row in known if row.list_hash != known[0].list_hash), None)
    changed = compare(queries.read(session, before.list_hash), current) if before else None
    return Overview(current.file, _lines(session, known), before, changed)


def _lines(session: Session, adoptions: Iterable[Adoption]) -> tuple[Line, ...]:
    adoptions = list(adoptions)
    query = select(RiskList.hash, RiskList.high, RiskList.middle, RiskList.low, RiskList.unmatched)
    counts = {
        row[0]: row[1:] for row in session.execute(query.where(RiskList.hash.in_(a.list_hash for a in adoptions)))
    }
    return tuple(Line(adoption, *counts[adoption.list_hash]) for adoption in adoptions)


def compare(older: Read, newer: Read) -> Changes:
    """Counties (and entries without a county of their own) that stand higher or lower on ``newer``, by name."""
    old, new = _as_listed(older.file), _as_listed(newer.file)
    found = [Change(name, old.get(name, "none"), new.get(name, "none")) for name in old.keys() | new.keys()]
    for code in _counties(older.file) | _counties(newer.file):
        found.append(Change(queries.path(code), older.index.level(code).level, newer.index.level(code).level))
    moved = sorted(change for change in found if change.before != change.after)
    rose = [change for change in moved if SEVERITY.index(change.after) > SEVERITY.index(change.before)]
    return Changes(tuple(rose), tuple(change for change in moved if change not in rose))


def _counties(file: RiskListFile) -> set[str]:
    return {_county(place.match.code) for place in file.places if place.match.code and not _stands_alone(place)}


def _county(code: str) -> str:
    return code[:6] if level_of(code) is Level.TOWN and get(code[:6]) else code


def _stands_alone(place: RiskPlace) -> bool:
    """Whether an entry is compared under its own name: unmatched, or a whole city or province."""
    return not place.match.exact or place.match.level in (Level.PROVINCE, Level.CITY)


def _as_listed(file: RiskListFile) -> dict[str, str]:
    levels: dict[str, str] = {}
    for place in file.places:
        if _stands_alone(place):
            levels[place.area_name] = max(levels.get(place.area_name, "none"), place.level.fact, key=SEVERITY.index)
    return levels
