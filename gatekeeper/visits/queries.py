"""Reading visits: the queue, the gate log, one visit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import start_of
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import NotFound
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.rules.values import Text
from gatekeeper.visits import narrowing
from gatekeeper.visits.models import Visit, VisitOccupant, VisitStage, VisitState
from gatekeeper.visits.narrowing import EVERYTHING, Narrowing

LOG_PAGE = 50
QUEUE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Queue:
    """What a guard sees at a glance. ``overdue`` visits stand in no other list; ``left`` counts those of today."""

    at_gate: Sequence[Visit]
    inside: Sequence[Visit]
    overdue: Sequence[Visit]
    left: Sequence[Visit]
    left_count: int


def get(session: Session, *, enterprise_id: UUID, visit_id: UUID) -> Visit:
    """One visit; raises ``NotFound`` outside the scope, as if it did not exist."""
    row = session.get(Visit, (enterprise_id, visit_id))
    if row is None:
        raise NotFound("visit.unknown", Text("没有找到这次来访", "There is no such visit"))
    return row


def of_plates(session: Session, *, enterprise_id: UUID, plates: Collection[str], day: date) -> Sequence[Visit]:
    """Visits of these normalised plates that arrived on ``day`` and were not voided, the newest first."""
    if not plates:
        return []
    mine = (Visit.enterprise_id == enterprise_id, Visit.day == day, Visit.state != VisitState.VOID)
    query = select(Visit).where(*mine, Visit.plate.in_(sorted(plates)))
    return session.scalars(query.order_by(Visit.arrived_at.desc(), Visit.id)).all()


def queue(session: Session, *, enterprise_id: UUID, at: datetime, day: date) -> Queue:
    """The gate's lists at a minute; lists are cut at 200 rows, the longest waiting first."""
    mine = Visit.enterprise_id == enterprise_id
    late = Visit.due_at <= at

    def rows(*where: ColumnElement[bool]) -> Sequence[Visit]:
        query = select(Visit).where(mine, *where).order_by(Visit.arrived_at, Visit.id).limit(QUEUE_LIMIT)
        return session.scalars(query).all()

    open_states = (VisitState.AT_GATE, VisitState.INSIDE)
    closed_today = (mine, Visit.state.in_((VisitState.LEFT, VisitState.TURNED_AWAY)), Visit.closed_at >= start_of(day))
    left = select(Visit).where(*closed_today).order_by(Visit.closed_at.desc()).limit(20)
    return Queue(
        at_gate=rows(Visit.state == VisitState.AT_GATE, ~late),
        inside=rows(Visit.state == VisitState.INSIDE, ~late),
        overdue=rows(Visit.state.in_(open_states), late),
        left=session.scalars(left).all(),
        left_count=session.scalar(select(func.count(Visit.id)).where(*closed_today)) or 0,
    )


def still_here(session: Session, *, enterprise_id: UUID, plate: str) -> Visit | None:
    """The open visit of a plate, None when it is not here; a plate that arrives twice is asked about."""
    query = select(Visit).where(
        Visit.enterprise_id == enterprise_id,
        Visit.plate == plate,
        Visit.state.in_((VisitState.AT_GATE, VisitState.INSIDE)),
    )
    return session.scalars(query.order_by(Visit.arrived_at.desc()).limit(1)).one_or_none()


def occupants(session: Session, *, enterprise_id: UUID, visit_id: UUID) -> Sequence[VisitOccupant]:
    """The people of a visit, masked, by subject."""
    query = select(VisitOccupant).where(
        VisitOccupant.enterprise_id == enterprise_id, VisitOccupant.visit_id == visit_id
    )
    return session.scalars(query.order_by(VisitOccupant.subject)).all()


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What the gate log is searched by; None or empty: not by this. Days are inclusive."""

    first: date
    last: date
    plate: str = ""
    verdict: str = ""
    gate_id: UUID | None = None
    person: str = ""
    narrow: Narrowing = EVERYTHING


def _log_where(enterprise_id: UUID, wanted: LogFilter) -> list[ColumnElement[bool]]:
    where = [Visit.enterprise_id == enterprise_id, Visit.day >= wanted.first, Visit.day <= wanted.last]
    if wanted.plate:
        part = wanted.plate.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{part}%"
        where.append(Visit.plate.like(pattern, escape="\\") | Visit.trailers.like(pattern, escape="\\"))
    if wanted.verdict:
        where.append(Visit.verdict == wanted.verdict)
    if wanted.gate_id is not None:
        where.append(Visit.gate_id == wanted.gate_id)
    if wanted.person:
        where.append(Visit.guard_name == wanted.person)
    return where + narrowing.where(wanted.narrow)


def log(session: Session, *, enterprise_id: UUID, wanted: LogFilter, page: int = 1) -> tuple[Sequence[Visit], int]:
    """(one page of the gate log, newest first; how many visits fit in all)."""
    where = _log_where(enterprise_id, wanted)
    query = select(Visit).order_by(Visit.arrived_at.desc(), Visit.id.desc())
    start = LOG_PAGE * (page - 1)
    if wanted.narrow.rule:
        ids = _with_finding(session, where, wanted.narrow.rule)
        shown = Visit.id.in_(ids[::-1][start : start + LOG_PAGE])
        return session.scalars(query.where(Visit.enterprise_id == enterprise_id, shown)).all(), len(ids)
    rows = session.scalars(query.where(*where).limit(LOG_PAGE).offset(start)).all()
    return rows, session.scalar(select(func.count(Visit.id)).where(*where)) or 0


def _with_finding(session: Session, where: Sequence[ColumnElement[bool]], rule: str) -> list[UUID]:
    """Of the visits that fit, those whose last decision holds a finding of ``rule``, oldest first."""
    last = and_(
        VisitStage.enterprise_id == Visit.enterprise_id,
        VisitStage.visit_id == Visit.id,
        VisitStage.stage == Visit.stage,
    )
    query = select(Visit.id, VisitStage.decision).join(VisitStage, last).where(*where)
    rows = session.execute(query.order_by(Visit.arrived_at, Visit.id).execution_options(yield_per=500))
    return [visit_id for visit_id, decision in rows if narrowing.has_finding(decision, rule)]


def rule_titles(session: Session, rows: Sequence[Visit]) -> dict[str, Text]:
    """Titles by owner and code, with a point between, of the rulebooks that judged the first of ``rows``."""
    ids = [version for row in rows[:1] for version in (row.township_version, row.enterprise_version) if version]
    versions = session.scalars(select(RulebookVersion).where(RulebookVersion.id.in_(ids)))
    books = [(row.owner, rulebooks.rulebook_of(row)) for row in versions]
    return {f"{owner}.{rule.code}": rule.title for owner, book in books for rule in book.rules}


def people_on_duty(session: Session, *, enterprise_id: UUID, first: date, last: date) -> Sequence[str]:
    """Names of those who logged arrivals in these days, for the filter."""
    query = select(Visit.guard_name).where(Visit.enterprise_id == enterprise_id, Visit.day >= first, Visit.day <= last)
    return session.scalars(query.distinct().order_by(Visit.guard_name)).all()


def due(session: Session, *, enterprise_id: UUID, at: datetime) -> Sequence[Visit]:
    """Open visits that became overdue and have no stored decision for it yet."""
    query = select(Visit).where(Visit.enterprise_id == enterprise_id, Visit.due_at <= at, Visit.overdue.is_(False))
    return session.scalars(query.order_by(Visit.due_at)).all()


def of_ids(session: Session, ids: Sequence[UUID]) -> Sequence[Visit]:
    """The visits of ``ids`` that the scope covers, newest first."""
    query = select(Visit).where(Visit.id.in_(ids))
    return session.scalars(query.order_by(Visit.arrived_at.desc(), Visit.id.desc())).all()


def names_of_places(session: Session) -> dict[UUID, tuple[str, str]]:
    """(name, slug) of every enterprise that the scope covers."""
    query = select(Enterprise.enterprise_id, Enterprise.name, Enterprise.slug)
    return {place: (name, slug) for place, name, slug in session.execute(query)}


def log_ids(session: Session, *, enterprise_id: UUID, wanted: LogFilter) -> set[UUID]:
    """Which visits of the gate log fit: for what lists them in its own way."""
    where = _log_where(enterprise_id, wanted)
    if wanted.narrow.rule:
        return set(_with_finding(session, where, wanted.narrow.rule))
    return set(session.scalars(select(Visit.id).where(*where)))
