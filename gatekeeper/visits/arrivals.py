"""Somebody who arrives although the last visit of that plate is still open: the exit that nobody wrote down."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.formats import plates
from gatekeeper.visits import queries
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.models import Visit, VisitState
from gatekeeper.visits.record import record

LEFT_EARLIER = ("exit_missed", "came_back")
DROVE_OFF = "没有等查验就离开了"


def still_here(session: Session, *, enterprise_id: UUID, written: str | None, event_id: UUID) -> Visit | None:
    """The open visit of the plate that is arriving; None where there is none, or where it is this very arrival.

    Vehicles without a plate share one key, so they are never taken for each other.
    """
    plate = plates.parse(written) if written else None
    if plate is None or plate.missing:
        return None
    found = queries.still_here(session, enterprise_id=enterprise_id, plate=plate.plate)
    return None if found is None or found.id == event_id else found


def close_earlier(session: Session, earlier: Visit, *, already: str, event_id: UUID, by: Actor, at: datetime) -> None:
    """Write how the earlier visit ended, under an id that the arrival's own id determines: sent twice, written once.

    ``already``: ``exit_missed`` (nobody saw it leave) or ``came_back`` (somebody did). One that never came in drove
    off before it was checked.
    """
    inside = earlier.state == VisitState.INSIDE
    body = {"seen": already == "came_back", "subjects": []} if inside else {"reason": DROVE_OFF}
    kind = EventKind.LEAVE if inside else EventKind.TURN_AWAY
    event = Event(uuid5(event_id, "earlier"), earlier.id, kind, at, earlier.gate_id, body)
    record(session, event, by=by, received_at=at)
