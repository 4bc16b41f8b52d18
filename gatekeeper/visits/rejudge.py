"""Who waits at a gate is judged again when the rules, the packs, the list or the alert level have changed.

A visit carries what judged it last. Where that is not what is in force now, the server judges it again, as an entry
of its own: a truck that could go in is held from that minute, with the reason, and may go in again when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.clock import day_of
from gatekeeper.db import Engines, new_id
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.ground import Ground, Known
from gatekeeper.visits.models import Visit
from gatekeeper.visits.record import record_many
from gatekeeper.visits.state import AT_GATE

NO_GATE = UUID(int=0)
TOGETHER = 50
"""So many visits are judged in one transaction, so that nobody at the gate waits behind it for long."""


def stale(session: Session, *, at: datetime, lock: bool = False) -> Sequence[tuple[UUID, UUID]]:
    """(visit, gate) of those that wait at the session's enterprise and were judged by something else than holds now.

    At most ``TOGETHER``; ``lock``: as they stand behind whoever is at work on one of them.
    """
    query = select(Visit.id, Visit.gate_id).where(
        Visit.enterprise_id == tenancy.own_id(session), Visit.state == AT_GATE, _differs(in_force(session, at=at))
    )
    query = query.order_by(Visit.id).limit(TOGETHER)
    return [(visit, gate) for visit, gate in session.execute(query.with_for_update() if lock else query)]


def in_force(session: Session, *, at: datetime) -> Known:
    """What holds at the session's enterprise, whichever the gate and the vehicle."""
    return Ground(session).at(at, gate=str(NO_GATE), plate=None, day=day_of(at))


def _differs(known: Known) -> ColumnElement[bool]:
    switches = ",".join(map(str, known.switches)) or None
    return or_(
        Visit.township_version.is_distinct_from(known.above),
        Visit.enterprise_version.is_distinct_from(known.own),
        Visit.switches.is_distinct_from(switches),
        Visit.alert_level.is_distinct_from(known.alert_level),
        and_(Visit.origin.is_not(None), Visit.risk_list.is_distinct_from(known.list_hash)),
    )


def rejudge(session: Session, *, at: datetime, keep_from: date | None = None) -> int:
    """Judge again who waits at the session's enterprise and is ``stale``; answers how many, at most ``TOGETHER``."""
    found = stale(session, at=at, lock=True)
    events = [(Event(new_id(), visit, EventKind.JUDGE, at, gate, {"why": "rules"}), None) for visit, gate in found]
    record_many(session, events, received_at=at, keep_from=keep_from)
    return len(events)


def at_place(engines: Engines, enterprise_id: UUID, *, at: datetime) -> int:
    """Judge again everybody who is ``stale`` at one enterprise; nothing is written, nobody waits, where nobody is."""
    scope, count = tenancy.Enterprise(enterprise_id), 0
    with tenancy.open_session(engines, scope) as session:
        waiting = bool(stale(session, at=at))
    while waiting:
        with tenancy.open_session(engines, scope, write=True) as session:
            done = rejudge(session, at=at)
        count, waiting = count + done, done == TOGETHER
    return count


def everywhere(
    engines: Engines,
    *,
    at: datetime,
    within: tenancy.Scope | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> int:
    """Every enterprise where somebody waits, ``within`` one township or (None) all: the worker's tick.

    Answers how many visits were judged again; ``tell`` hears after each enterprise how many of how many are done.
    """
    with tenancy.open_session(engines, within or tenancy.Platform()) as session:
        query = select(Visit.enterprise_id).where(Visit.state == AT_GATE).distinct()
        places: list[UUID] = list(session.scalars(query))
    count = 0
    for number, place in enumerate(places, 1):
        count += at_place(engines, place, at=at)
        if tell is not None:
            tell(number, len(places))
    return count
