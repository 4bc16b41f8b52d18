"""Reading visits as figures need them: columns, never entities, and the last decision of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from gatekeeper.enterprises.models import Enterprise, EnterpriseKind
from gatekeeper.rules.values import Verdict
from gatekeeper.visits.models import Visit, VisitStage, VisitState

CLOSED = (VisitState.LEFT.value, VisitState.TURNED_AWAY.value)
BATCH = 2000


class Found(NamedTuple):
    """One rule as it stood for one subject in a stored decision; ``data`` has the numbers of its sentence."""

    owner: str
    version: str
    rule: str
    subject: str
    consequence: str
    state: str
    reason: str
    data: dict[str, Any]


class Seen(NamedTuple):
    """One visit of the period with its last decision. Not voided."""

    id: UUID
    day: date
    arrived_at: datetime
    admitted_at: datetime | None
    closed_at: datetime | None
    state: str
    kind: str | None
    plate: str | None
    plate_class: str | None
    trailers: str
    origin: str | None
    risk_level: str | None
    cargo: str | None
    people: int
    gate_id: UUID
    guard_name: str
    overdue: bool
    against_verdict: bool
    overridden: bool
    act_followed: bool | None
    corrected: bool
    late: bool
    attention: int
    township_version: UUID | None
    enterprise_version: UUID | None
    risk_list: str | None
    switches: str | None
    verdict: str
    open_count: int
    arrival_verdict: str
    findings: tuple[Found, ...]

    @property
    def counted(self) -> bool:
        """Whether it stands in the denominator of gate compliance: closed or overdue."""
        return self.overdue or self.state in CLOSED

    @property
    def unanswered(self) -> bool:
        """Whether something due stayed open; nothing is due after a refusal."""
        return self.verdict != Verdict.REFUSE and self.open_count > 0

    @property
    def compliant(self) -> bool:
        return self.counted and not self.unanswered and bool(self.act_followed)

    @property
    def faults(self) -> tuple[Found, ...]:
        """What was violated, and what is due and missing."""
        states = ("violated",) if self.verdict == Verdict.REFUSE or not self.counted else ("violated", "missing")
        return tuple(finding for finding in self.findings if finding.state in states)


_COLUMNS = tuple(getattr(Visit, name) for name in Seen._fields[:29])


def visits(session: Session, *, enterprise_id: UUID, first: date, last: date) -> Iterator[Seen]:
    """Every visit that arrived from ``first`` to ``last``, by arrival; voided ones left out.

    Streams, with two statements whatever the number of visits.
    """
    where = (
        Visit.enterprise_id == enterprise_id,
        Visit.day >= first,
        Visit.day <= last,
        Visit.state != VisitState.VOID.value,
    )
    at_arrival = select(Visit.id, VisitStage.verdict).join(VisitStage, _stage("arrival")).where(*where)
    arrival = {row[0]: row[1] for row in session.execute(at_arrival)}
    query = (
        select(*_COLUMNS, VisitStage.decision)
        .outerjoin(VisitStage, _stage(Visit.stage))
        .where(*where)
        .order_by(Visit.arrived_at, Visit.id)
        .execution_options(yield_per=BATCH)
    )
    for *columns, decision in session.execute(query):
        yield Seen(*columns, arrival.get(columns[0], columns[-2]), findings(decision))


def _stage(stage: Any) -> Any:
    return and_(
        VisitStage.enterprise_id == Visit.enterprise_id, VisitStage.visit_id == Visit.id, VisitStage.stage == stage
    )


def findings(decision: str | None) -> tuple[Found, ...]:
    """The findings of a stored decision (shape: rules/stored.py); empty for None."""
    if decision is None:
        return ()
    data = json.loads(decision)
    books = data["books"]
    return tuple(
        Found(*books[row[0]], row[1], row[2], row[3], *(row[4:7] if len(row) > 4 else ("met", "met", {})))
        for row in data["findings"]
    )


def voided(session: Session, *, enterprise_id: UUID, first: date, last: date) -> int:
    """How many visits that arrived in the period were voided."""
    query = select(func.count(Visit.id)).where(
        Visit.enterprise_id == enterprise_id,
        Visit.day >= first,
        Visit.day <= last,
        Visit.state == VisitState.VOID.value,
    )
    return session.scalar(query) or 0


class DaySum(NamedTuple):
    """One enterprise on one day."""

    enterprise_id: UUID
    day: date
    visits: int
    compliant: int
    counted: int
    held: int
    refused: int
    against_verdict: int
    overdue: int


def day_sums(session: Session, *, first: date, last: date, enterprise_id: UUID | None = None) -> list[DaySum]:
    """Sums per enterprise and day of all that the session's scope covers (or of one), in one grouped statement."""
    counted = or_(Visit.overdue, Visit.state.in_(CLOSED))
    answered = or_(Visit.verdict == Verdict.REFUSE.value, Visit.open_count == 0)
    query = (
        select(
            Visit.enterprise_id,
            Visit.day,
            func.count(Visit.id),
            _sum(and_(counted, answered, Visit.act_followed.is_(True))),
            _sum(counted),
            _sum(VisitStage.verdict == Verdict.HOLD.value),
            _sum(VisitStage.verdict == Verdict.REFUSE.value),
            _sum(Visit.against_verdict),
            _sum(Visit.overdue),
        )
        .outerjoin(VisitStage, _stage("arrival"))
        .where(Visit.day >= first, Visit.day <= last, Visit.state != VisitState.VOID.value)
        .group_by(Visit.enterprise_id, Visit.day)
    )
    if enterprise_id is not None:
        query = query.where(Visit.enterprise_id == enterprise_id)
    return [DaySum(*row) for row in session.execute(query)]


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


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
