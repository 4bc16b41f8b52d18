"""The vehicles that come here: what a phone fills in by itself when it reads a plate that it knows."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import MICRO, day_of, from_micros, micros
from gatekeeper.desk.kept import kept
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.visits.judge import HISTORY_DAYS
from gatekeeper.visits.models import Visit, VisitOccupant, VisitState

MOST = 2000
KNOWN_DAYS = 90
"""A vehicle that did not come for longer is a new one."""
EVERY = 600 * MICRO
"""So long a phone may not know of a visit that came and went at another gate."""
SETTLED = 30 * MICRO
"""An entry is on the disk this soon after it was received, whichever process wrote it."""


def stamp(session: Session, enterprise_id: UUID, *, at: datetime) -> int:
    """How far the book was when the vehicles were looked at last, every ten minutes; all processes say the same."""
    since = from_micros((micros(at) - SETTLED) // EVERY * EVERY)
    query = select(LedgerEntry.seq).where(LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.received_at < since)
    return session.scalar(query.order_by(LedgerEntry.seq.desc()).limit(1)) or 0


def sent(session: Session, enterprise_id: UUID, *, stamp: int, at: datetime) -> orjson.Fragment:
    """The known vehicles as a phone gets them; made once in a process for each ``stamp``."""
    made: dict[UUID, tuple[int, orjson.Fragment]] = kept(session, "trucks")
    before, found = made.get(enterprise_id, (None, None))
    if found is None or before != stamp:
        found = orjson.Fragment(orjson.dumps(known(session, enterprise_id, at=at)))
        made[enterprise_id] = stamp, found
    return found


def known(session: Session, enterprise_id: UUID, *, at: datetime) -> list[dict[str, Any]]:
    """The last 2,000 plates of the last 90 days with what their last visit said, the newest first."""
    mine = (Visit.enterprise_id == enterprise_id, Visit.plate.is_not(None), Visit.state != VisitState.VOID)
    since = (*mine, Visit.day >= day_of(at) - timedelta(days=KNOWN_DAYS))
    last = (
        select(Visit.plate.label("plate"), func.max(Visit.arrived_at).label("arrived_at"))
        .where(*since)
        .group_by(Visit.plate)
        .order_by(func.max(Visit.arrived_at).desc())
        .limit(MOST)
        .subquery()
    )
    driver = and_(
        VisitOccupant.enterprise_id == Visit.enterprise_id,
        VisitOccupant.visit_id == Visit.id,
        VisitOccupant.subject == "occupant:1",
        VisitOccupant.role == "driver",
    )
    columns = (Visit.plate, Visit.plate_class, Visit.arrived_at, Visit.kind, Visit.cargo, Visit.origin, Visit.people)
    query = (
        select(*columns, VisitOccupant.name_mask, VisitOccupant.phone_mask)
        .join(last, and_(last.c.plate == Visit.plate, last.c.arrived_at == Visit.arrived_at))
        .outerjoin(VisitOccupant, driver)
        .where(*mine)
        .order_by(Visit.arrived_at.desc(), Visit.plate)
    )
    recent, turned_away = _recent(session, mine, at), _turned_away(session, since)
    return [
        {
            "plate": plate,
            "written": plate,
            "class": cls,
            "last": micros(arrived_at),
            "company": None,
            "driver": name,
            "phone": phone,
            "kind": kind,
            "cargo": cargo,
            "origin": origin,
            "people": people,
            "recent": recent.get(plate, []),
            "turned_away": turned_away.get(plate),
        }
        for plate, cls, arrived_at, kind, cargo, origin, people, name, phone in session.execute(query)
    ]


def _recent(session: Session, mine: tuple[Any, ...], at: datetime) -> dict[str, list[int]]:
    """Arrivals of each plate in the days in which rules count visits, oldest first."""
    found: dict[str, list[int]] = defaultdict(list)
    since = at - timedelta(days=HISTORY_DAYS)
    days = (Visit.day >= day_of(since), Visit.arrived_at >= since)
    query = select(Visit.plate, Visit.arrived_at).where(*mine, *days).order_by(Visit.arrived_at)
    for plate, arrived_at in session.execute(query):
        found[plate].append(micros(arrived_at))
    return found


def _turned_away(session: Session, since: tuple[Any, ...]) -> dict[str, int]:
    """When each plate was sent away last, of those that were."""
    query = select(Visit.plate, func.max(Visit.closed_at)).where(*since, Visit.state == VisitState.TURNED_AWAY)
    return {plate: micros(moment) for plate, moment in session.execute(query.group_by(Visit.plate)) if moment}
