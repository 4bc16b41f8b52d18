"""The sweep over overdue visits: each gets a stored decision, so that figures never judge."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.db import Engines, new_id
from gatekeeper.visits import queries
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.models import Visit
from gatekeeper.visits.record import record


def overdue(session: Session, *, at: datetime, keep_from: date | None = None) -> int:
    """Judge every visit of the session's enterprise that became overdue by ``at``; answers how many."""
    due = queries.due(session, enterprise_id=tenancy.own_id(session), at=at)
    for visit in due:
        event = Event(new_id(), visit.id, EventKind.JUDGE, at, visit.gate_id, {"why": "overdue"})
        record(session, event, by=None, received_at=at, keep_from=keep_from)
    return len(due)


def everywhere(engines: Engines, *, at: datetime) -> int:
    """The worker's tick: find enterprises with overdue visits, then judge each under its own scope."""
    with tenancy.open_session(engines, tenancy.Platform()) as session:
        query = select(Visit.enterprise_id).where(Visit.due_at <= at, Visit.overdue.is_(False)).distinct()
        waiting: list[UUID] = list(session.scalars(query))
    count = 0
    for enterprise_id in waiting:
        with tenancy.open_session(engines, tenancy.Enterprise(enterprise_id), write=True) as session:
            count += overdue(session, at=at)
    return count
