"""Who waits at a gate is judged again when the rules, the packs, the list or the alert level have changed.

A visit carries what judged it last. Where that is not what is in force now, the server judges it again, as an entry
of its own: a truck that could go in is held from that minute, with the reason, and may go in again when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.db import Engines, new_id
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.visits import ground
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.ground import Stamp
from gatekeeper.visits.models import Visit
from gatekeeper.visits.record import record_many
from gatekeeper.visits.state import AT_GATE

TOGETHER = 50
"""So many visits are judged in one transaction, so that nobody at the gate waits behind it for long."""


_STAMP = (
    Visit.township_version,
    Visit.enterprise_version,
    Visit.switches,
    Visit.alert_level,
    Visit.origin,
    Visit.risk_list,
)


def stale(session: Session, *, at: datetime, lock: bool = False) -> Sequence[tuple[UUID, UUID]]:
    """(visit, gate) of those that wait at the session's enterprise and were judged by something else than holds now.

    At most ``TOGETHER``; ``lock``: as they stand behind whoever is at work on one of them.
    """
    here = tenancy.own_id(session)
    now = ground.stamp(session, here, at=at)
    query = select(Visit.id, Visit.gate_id, *_STAMP).where(Visit.enterprise_id == here, Visit.state == AT_GATE)
    rows = session.execute((query.with_for_update() if lock else query).order_by(Visit.id)).all()
    return [(visit, gate) for visit, gate, *judged_by in rows if _differs(judged_by, now)][:TOGETHER]


def _differs(judged_by: Sequence[Any], now: Stamp) -> bool:
    """Whether a visit was judged by something else than ``now``; a list counts only where it says whence it came."""
    above, own, switches, alert_level, origin, list_hash = judged_by
    held = (now.above, now.own, ",".join(map(str, now.switches)) or None, now.alert_level)
    return (above, own, switches, alert_level) != held or (origin is not None and list_hash != now.list_hash)


def rejudge(session: Session, *, at: datetime, keep_from: date | None = None) -> int:
    """Judge again who waits at the session's enterprise and is ``stale``; answers how many, at most ``TOGETHER``."""
    found = stale(session, at=at, lock=True)
    events = [(Event(new_id(), visit, EventKind.JUDGE, at, gate, {"why": "rules"}), None) for visit, gate in found]
    record_many(session, events, received_at=at, keep_from=keep_from)
    return len(events)


def at_place(engines: Engines, enterprise_id: UUID, *, at: datetime) -> int:
    """Judge again everybody who is ``stale`` at one enterprise; nothing is written, nobody waits, where nobody is."""
    with tenancy.open_session(engines, tenancy.Enterprise(enterprise_id)) as session:
        waiting = bool(stale(session, at=at))
    return _all_of(engines, enterprise_id, at=at) if waiting else 0


def _all_of(engines: Engines, enterprise_id: UUID, *, at: datetime) -> int:
    count, done = 0, TOGETHER
    while done == TOGETHER:
        with tenancy.open_session(engines, tenancy.Enterprise(enterprise_id), write=True) as session:
            done = rejudge(session, at=at)
        count += done
    return count


def everywhere(
    engines: Engines,
    *,
    at: datetime,
    township: UUID | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> int:
    """Every enterprise where somebody waits and is ``stale``, of one township or (None) of all: the worker's tick.

    Answers how many visits were judged again; ``tell`` hears after each enterprise how many of how many are done.
    """
    places, count = stale_places(engines, at=at, township=township), 0
    for number, place in enumerate(places, 1):
        count += _all_of(engines, place, at=at)
        if tell is not None:
            tell(number, len(places))
    return count


def stale_places(engines: Engines, *, at: datetime, township: UUID | None = None) -> list[UUID]:
    """The enterprises where somebody ``stale`` waits: one statement, and one more for each where anybody does."""
    query = select(Visit.enterprise_id, *_STAMP).where(Visit.state == AT_GATE).distinct()
    if township is not None:
        query = query.where(
            Visit.enterprise_id.in_(select(Enterprise.enterprise_id).where(Enterprise.township_id == township))
        )
    waiting: dict[UUID, list[Sequence[Any]]] = {}
    with tenancy.open_session(engines, tenancy.Platform()) as session:
        for place, *judged_by in session.execute(query):
            waiting.setdefault(place, []).append(judged_by)
        holding = {place: ground.stamp(session, place, at=at) for place in sorted(waiting)}
    return [place for place, now in holding.items() if any(_differs(one, now) for one in waiting[place])]
