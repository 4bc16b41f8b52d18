"""Who is affected by a new list: who waits at a gate or is announced, and comes from a place of another level now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import day_of
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.registrations.models import Registration
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.risk_areas.models import Adoption
from gatekeeper.visits.models import Visit, VisitStage
from gatekeeper.visits.state import AT_GATE

MOST = 1000
"""Visits, and registrations, that are looked at."""
BEFORE = 20
"""Adoptions among which the list before is looked for: a list may have been adopted again."""


@dataclass(frozen=True, slots=True)
class Affected:
    """One visit (``visit``) or registration (``registration``) of an enterprise; levels are the highest of ``places``.

    ``before`` is on the list before, ``after`` on the one in force; values of the rules' fact ``risk_level``.
    """

    enterprise: str
    slug: str
    places: tuple[str, ...]
    before: str
    after: str
    visit: Visit | None = None
    registration: Registration | None = None

    @property
    def rose(self) -> bool:
        return risk_areas.SEVERITY.index(self.after) > risk_areas.SEVERITY.index(self.before)


@dataclass(frozen=True, slots=True)
class Lists:
    """The list in force and the one before it; ``before`` None: this is the first, so nothing has changed."""

    now: Adoption | None
    before: Adoption | None


def lists(session: Session, *, at: datetime) -> Lists:
    """The lists of the session's township."""
    known = risk_areas.history(session, at=at, limit=BEFORE)
    now = next(iter(known), None)
    return Lists(now, next((row for row in known if now and row.list_hash != now.list_hash), None))


def affected(
    session: Session, found: Lists, *, at: datetime, enterprise_id: UUID | None = None
) -> tuple[list[Affected], list[Affected]]:
    """(waiting visits, coming registrations) whose origin or stops have another level, what rose first.

    Of one enterprise, or (None) of all that the scope covers. Of each at most ``MOST`` are looked at.
    """
    if found.now is None or found.before is None:
        return [], []
    hashes = found.before.list_hash, found.now.list_hash
    visits = list(_changed(session, hashes, _visits(session, enterprise_id)))
    coming = list(_changed(session, hashes, _registrations(session, enterprise_id, day_of(at))))
    return _risen_first(visits), _risen_first(coming)


def _risen_first(found: list[Affected]) -> list[Affected]:
    return sorted(found, key=lambda one: not one.rose)


Found = tuple[str, str, tuple[str, ...], Visit | None, Registration | None]


def _changed(session: Session, hashes: tuple[str, str], rows: Iterator[Found]) -> Iterator[Affected]:
    for name, slug, places, visit, registration in rows:
        before, after = (risk_areas.level_on(session, each, places=places).level for each in hashes)
        if before != after:
            yield Affected(name, slug, places, before, after, visit, registration)


def _visits(session: Session, enterprise_id: UUID | None) -> Iterator[Found]:
    """Those at a gate who said where they come from; stops stand with the last decision of the arrival."""
    query = (
        select(Visit, Enterprise.name, Enterprise.slug, LedgerEntry.bytes)
        .join(Enterprise, Enterprise.enterprise_id == Visit.enterprise_id)
        .join(VisitStage, (VisitStage.enterprise_id == Visit.enterprise_id) & (VisitStage.visit_id == Visit.id))
        .join(
            LedgerEntry,
            (LedgerEntry.enterprise_id == VisitStage.enterprise_id) & (LedgerEntry.seq == VisitStage.seq),
        )
        .where(Visit.state == AT_GATE, Visit.origin.is_not(None), VisitStage.stage == "arrival")
    )
    if enterprise_id is not None:
        query = query.where(Visit.enterprise_id == enterprise_id)
    for visit, name, slug, text in session.execute(query.order_by(Visit.arrived_at, Visit.id).limit(MOST)):
        yield name, slug, (visit.origin or "", *_stops(orjson.loads(text)["body"]["outcome"])), visit, None


def _stops(outcome: Mapping[str, Any]) -> Sequence[str]:
    """The stops that the last decision knew: that of the entry, or of the last event that it released."""
    judged = [each for each in (outcome, *outcome.get("released", ())) if "facts" in each]
    return judged[-1]["facts"].get("stops") or () if judged else ()


def _registrations(session: Session, enterprise_id: UUID | None, today: date) -> Iterator[Found]:
    query = (
        select(Registration, Enterprise.name, Enterprise.slug)
        .join(Enterprise, Enterprise.enterprise_id == Registration.enterprise_id)
        .where(Registration.day >= today, Registration.declined_at.is_(None), Registration.origin.is_not(None))
    )
    if enterprise_id is not None:
        query = query.where(Registration.enterprise_id == enterprise_id)
    for row, name, slug in session.execute(query.order_by(Registration.day, Registration.id).limit(MOST)):
        yield name, slug, (row.origin or "",), None, row
