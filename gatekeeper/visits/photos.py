"""How long a photo is kept: it is stored before the entry that names it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.clock import day_of
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.retention import days_of
from gatekeeper.tenancy import own_id
from gatekeeper.visits import book
from gatekeeper.visits.state import State


def _retention(session: Session, *, at: datetime, state: State | None = None) -> dict[str, int]:
    """Days by class, as an entry of a visit gets them: once it was admitted as the rulebooks that admitted it say.

    Until then, and for a visit that is not known yet (None), as those say that are in force at ``at``.
    """
    if state is not None and state.admitted_at is not None and state.book_ids:
        return days_of(rulebooks.by_ids(session, ids=[UUID(version) for version in state.book_ids]))
    return days_of(rulebooks.in_force(session, at=at))


def expires_on(session: Session, *, visit: str | None, at: datetime) -> date:
    """The last day of a photo that is stored at ``at``; ``visit``: the id of the one that it shows, if it is known."""
    return day_of(at) + timedelta(days=_retention(session, at=at, state=_state(session, visit))["photo"])


def _state(session: Session, visit: str | None) -> State | None:
    try:
        visit_id = UUID(visit or "")
    except ValueError:
        return None
    lines = book.entries_of(session, enterprise_id=own_id(session), visit_id=visit_id)
    return book.fold(str(visit_id), lines).state
