"""Which plates are watched at a place: those of its own list and those of its township's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from gatekeeper.enterprises.models import Enterprise, Township
from gatekeeper.errors import NotFound
from gatekeeper.rules.values import Text
from gatekeeper.watched.models import WatchedPlate

MOST, ENDED = 500, 50
"""Plates that stand on one list (a longer one is a rule, not a word to a guard), and how many ended ones are shown."""


def office_of(session: Session, enterprise_id: UUID) -> UUID | None:
    """The office of the township that an enterprise belongs to; an office is its own."""
    query = (
        select(Township.office_id)
        .join(Enterprise, Enterprise.township_id == Township.id)
        .where(Enterprise.enterprise_id == enterprise_id)
    )
    return session.scalar(query)


def standing(session: Session, *, enterprise_id: UUID, day: date) -> Sequence[WatchedPlate]:
    """What a gate of this place is told on ``day``, the newest first."""
    return _listed(session, enterprise_id, 2 * MOST, *stands(day))


def ended(session: Session, *, enterprise_id: UUID, day: date) -> Sequence[WatchedPlate]:
    """What stood on these lists last and stands no more, as long as its plate is kept."""
    over = or_(WatchedPlate.lifted_at.is_not(None), WatchedPlate.until < day)
    return _listed(session, enterprise_id, ENDED, over, WatchedPlate.plate != "")


def own(session: Session, *, enterprise_id: UUID, plate: str, day: date) -> WatchedPlate | None:
    """The row of a normalised plate that stands on this place's own list; None where there is none."""
    query = select(WatchedPlate).where(WatchedPlate.enterprise_id == enterprise_id, WatchedPlate.plate == plate)
    return session.scalars(query.where(*stands(day)).limit(1)).one_or_none()


def get(session: Session, *, enterprise_id: UUID, watched_id: UUID) -> WatchedPlate:
    """One row of this place's own list; raises ``NotFound`` (``watched.unknown``)."""
    row = session.get(WatchedPlate, (enterprise_id, watched_id))
    if row is None:
        raise NotFound("watched.unknown", Text("名单上没有这一条", "There is no such plate on the list"))
    return row


def stands(day: date) -> tuple[ColumnElement[bool], ...]:
    """What a row fulfils that is told on ``day``."""
    return WatchedPlate.lifted_at.is_(None), or_(WatchedPlate.until.is_(None), WatchedPlate.until >= day)


def _listed(session: Session, enterprise_id: UUID, most: int, *where: ColumnElement[bool]) -> Sequence[WatchedPlate]:
    places = [enterprise_id, office_of(session, enterprise_id) or enterprise_id]
    query = select(WatchedPlate).where(WatchedPlate.enterprise_id.in_(places), *where)
    return session.scalars(query.order_by(WatchedPlate.id.desc()).limit(most)).all()
