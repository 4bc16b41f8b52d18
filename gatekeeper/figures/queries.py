"""Reading visits as figures need them: columns, never entities, and the last decision of each; and sums of days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.enterprises.models import Enterprise, EnterpriseKind
from gatekeeper.figures.rolled import day_sums as day_sums
from gatekeeper.figures.seen import Found, Seen
from gatekeeper.figures.sums import DaySum as DaySum
from gatekeeper.figures.sums import stage_of
from gatekeeper.visits.models import Visit, VisitStage, VisitState

BATCH = 500
_AT_ARRIVAL = select(VisitStage.verdict).where(stage_of("arrival")).correlate(Visit).scalar_subquery()
_COLUMNS = tuple(getattr(Visit, name) for name in Seen._fields[:29])


def visits(session: Session, *, enterprise_id: UUID, first: date, last: date, voided: bool = False) -> Iterator[Seen]:
    """Every visit that arrived from ``first`` to ``last``, by arrival; voided ones left out, or these alone.

    Streams: one statement in the order of an index, of which no more than ``BATCH`` rows are ever held.
    """
    void = Visit.state == VisitState.VOID.value
    query = (
        select(*_COLUMNS, func.coalesce(_AT_ARRIVAL, Visit.verdict), VisitStage.decision)
        .outerjoin(VisitStage, stage_of(Visit.stage))
        .where(
            Visit.enterprise_id == enterprise_id,
            Visit.day >= first,
            Visit.day <= last,
            void if voided else ~void,
        )
        .order_by(Visit.day, Visit.arrived_at, Visit.id)
        .execution_options(yield_per=BATCH)
    )
    for *columns, decision in session.execute(query):
        yield Seen(*columns, findings(decision))


def findings(decision: str | None) -> tuple[Found, ...]:
    """The findings of a stored decision (shape: rules/stored.py); empty for None."""
    if decision is None:
        return ()
    data = orjson.loads(decision)
    books = data["books"]
    return tuple(
        Found(*books[row[0]], row[1], row[2], row[3], *(row[4:7] if len(row) > 4 else ("met", "met", {})))
        for row in data["findings"]
    )


def voided_by_day(session: Session, *, enterprise_id: UUID, first: date, last: date) -> dict[date, int]:
    """How many visits that arrived on each day of the period were voided; days without one are left out."""
    query = select(Visit.day, func.count(Visit.id)).where(
        Visit.enterprise_id == enterprise_id,
        Visit.day >= first,
        Visit.day <= last,
        Visit.state == VisitState.VOID.value,
    )
    return {day: count for day, count in session.execute(query.group_by(Visit.day))}


def voided(session: Session, *, enterprise_id: UUID, first: date, last: date) -> int:
    """How many visits that arrived in the period were voided."""
    return sum(voided_by_day(session, enterprise_id=enterprise_id, first=first, last=last).values())


def people_by_kind(session: Session, *, enterprise_id: UUID, first: date, last: date) -> dict[str, int]:
    """Persons entered on the visits of the period by kind of visitor; voided visits left out."""
    query = select(Visit.kind, func.sum(Visit.people)).where(
        Visit.enterprise_id == enterprise_id,
        Visit.day >= first,
        Visit.day <= last,
        Visit.state != VisitState.VOID.value,
    )
    found: dict[str, int] = {}
    for kind, people in session.execute(query.group_by(Visit.kind)):
        found[kind or "other"] = found.get(kind or "other", 0) + int(people)
    return found


def gate_keepers(session: Session) -> list[tuple[UUID, str, str]]:
    """(id, slug, name) of every enterprise in the scope that keeps a gate and is open, by name."""
    query = (
        select(Enterprise.enterprise_id, Enterprise.slug, Enterprise.name)
        .where(
            Enterprise.kind.not_in((EnterpriseKind.TOWNSHIP_OFFICE.value, EnterpriseKind.PLATFORM.value)),
            Enterprise.closed_at.is_(None),
        )
        .order_by(Enterprise.name)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]
