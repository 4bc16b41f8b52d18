"""Registrations of today and later when the list or the rules have changed: level and approvals are looked at anew.

What was announced stays; what changes for people is written in the book. An approval that the township gave for a
milder level falls: the registration waits for it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.clock import day_of
from gatekeeper.db import Engines
from gatekeeper.registrations import needs
from gatekeeper.registrations.models import Registration
from gatekeeper.registrations.needs import InForce
from gatekeeper.registrations.service import written
from gatekeeper.risk_areas.queries import SEVERITY


def _open(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Registration.day >= day_of(at), Registration.declined_at.is_(None), Registration.plate != "")


def reconsider(session: Session, *, at: datetime) -> int:
    """Look again at every open registration of the session's enterprise; answers for how many something changed."""
    mine = Registration.enterprise_id == tenancy.own_id(session)
    query = select(Registration).where(mine, *_open(at)).order_by(Registration.id).with_for_update()
    known = needs.in_force(session, at=at)
    return sum(_again(session, row, known, at) for row in session.scalars(query).all())


def _again(session: Session, row: Registration, known: InForce, at: datetime) -> bool:
    """Whether something changed for people; the list that judged is noted in any case."""
    level, needed = _now(session, row, known)
    before, needed_before = row.risk_level, row.needs_township
    row.risk_level, row.needs_township, row.risk_list = level, needed, known.list_hash
    rose = _rank(level) > _rank(before)
    if _rank(level) == _rank(before) and needed == needed_before:
        session.flush()
        return False
    falls = needed and row.township_approved_at is not None and (rose or not needed_before)
    if falls:
        row.township_approved_at = row.township_approved_by = None
    session.flush()
    values = {"risk_level": [before, level], "list": known.list_hash, "needs_township": needed, "approval_falls": falls}
    written(session, row, "reconsidered", by=OPERATOR, at=at, body=values)
    return True


def _now(session: Session, row: Registration, known: InForce) -> tuple[str | None, bool]:
    level = needs.level(session, known, row.origin)
    asked = row.needs_township if row.township_asked is None else row.township_asked
    by_rule = needs.needs_township(known, plate=row.plate, origin=row.origin, cargo=row.cargo, risk_level=level)
    return level, asked or by_rule


def _rank(level: str | None) -> int:
    return SEVERITY.index(level) if level in SEVERITY else 0


def stale(session: Session, *, at: datetime) -> bool:
    """Whether ``reconsider`` would write anything at the session's enterprise."""
    known = needs.in_force(session, at=at)
    rows = session.scalars(
        select(Registration).where(Registration.enterprise_id == tenancy.own_id(session), *_open(at))
    )
    return any(
        row.risk_list != known.list_hash or _now(session, row, known) != (row.risk_level, row.needs_township)
        for row in rows
    )


def everywhere(engines: Engines, *, at: datetime, within: tenancy.Scope | None = None) -> int:
    """Every enterprise that expects somebody, ``within`` one township or (None) all, each under its own scope."""
    with tenancy.open_session(engines, within or tenancy.Platform()) as session:
        places: Sequence[UUID] = list(session.scalars(select(Registration.enterprise_id).where(*_open(at)).distinct()))
    count = 0
    for place in places:
        with tenancy.open_session(engines, tenancy.Enterprise(place)) as session:
            if not stale(session, at=at):
                continue
        with tenancy.open_session(engines, tenancy.Enterprise(place), write=True) as session:
            count += reconsider(session, at=at)
    return count
