"""Who has which visit open: two guards at one truck see each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.accounts.models import Desk, User
from gatekeeper.clock import micros
from gatekeeper.db import Engines
from gatekeeper.desk.models import DeskPresence

LASTS = timedelta(minutes=2)
RENEWED = timedelta(seconds=60)


class Present(NamedTuple):
    """A phone, who is on duty on it, and the visit that it has open; ids None: nobody, nothing."""

    desk_id: UUID
    desk_name: str
    user_id: UUID | None
    user_name: str | None
    visit_id: UUID | None
    at: datetime


def present(session: Session, enterprise_id: UUID) -> Sequence[Present]:
    """Every phone of an enterprise that ever had a visit open, by id, with what it said last."""
    query = (
        select(DeskPresence.desk_id, Desk.name, DeskPresence.user_id, User.name, DeskPresence.visit_id, DeskPresence.at)
        .join(Desk, and_(Desk.enterprise_id == DeskPresence.enterprise_id, Desk.id == DeskPresence.desk_id))
        .outerjoin(User, and_(User.enterprise_id == DeskPresence.enterprise_id, User.id == DeskPresence.user_id))
        .where(DeskPresence.enterprise_id == enterprise_id)
        .order_by(DeskPresence.desk_id)
    )
    return [Present(*row) for row in session.execute(query)]


def others(known: Sequence[Present], desk_id: UUID, *, at: datetime) -> list[dict[str, Any]]:
    """The other phones that had a visit open within the last two minutes, as a phone gets them."""
    return [
        {
            "desk": str(one.desk_id),
            "name": one.desk_name,
            "by": one.user_name,
            "visit": str(one.visit_id),
            "at": micros(one.at),
        }
        for one in known
        if one.desk_id != desk_id and one.visit_id is not None and one.at > at - LASTS
    ]


def is_stale(
    known: Sequence[Present], desk_id: UUID, *, user_id: UUID | None, visit_id: UUID | None, at: datetime
) -> bool:
    """Whether what a phone says now must be written: it changed, or a visit is open and it was said a minute ago."""
    said = next((one for one in known if one.desk_id == desk_id), None)
    if said is None or visit_id is None:
        return visit_id is not None or (said is not None and said.visit_id is not None)
    return (said.user_id, said.visit_id) != (user_id, visit_id) or said.at <= at - RENEWED


def keep(
    engines: Engines, enterprise_id: UUID, desk_id: UUID, *, user_id: UUID | None, visit_id: UUID | None, at: datetime
) -> None:
    """Write what a phone says, in a transaction of its own; of two at once either will do."""
    try:
        with tenancy.open_session(engines, tenancy.Enterprise(enterprise_id), write=True) as session:
            row = session.get(DeskPresence, (enterprise_id, desk_id))
            if row is None:
                row = DeskPresence(enterprise_id=enterprise_id, desk_id=desk_id)
                session.add(row)
            row.user_id, row.visit_id, row.at = user_id, visit_id, at
    except IntegrityError:
        pass
