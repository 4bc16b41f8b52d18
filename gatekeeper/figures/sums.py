"""Sums per enterprise and day, from the visits themselves: what a board shows of a day that no roll-up holds."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from gatekeeper.figures.seen import CLOSED
from gatekeeper.rules.values import Verdict
from gatekeeper.visits.models import Visit, VisitStage, VisitState


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


def stage_of(stage: Any) -> Any:
    """The row of a visit's stage, to be joined."""
    return and_(
        VisitStage.enterprise_id == Visit.enterprise_id, VisitStage.visit_id == Visit.id, VisitStage.stage == stage
    )


def of_visits(session: Session, *where: ColumnElement[bool]) -> list[DaySum]:
    """Sums of the visits that fit, as far as the session's scope goes, in one grouped statement."""
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
        .outerjoin(VisitStage, stage_of("arrival"))
        .where(*where, Visit.state != VisitState.VOID.value)
        .group_by(Visit.enterprise_id, Visit.day)
    )
    return [DaySum(*row) for row in session.execute(query)]


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
