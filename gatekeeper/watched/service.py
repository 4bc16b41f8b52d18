"""Putting a plate on the list and lifting it: acts in the book of whoever keeps the list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.clock import day_of, micros
from gatekeeper.db import new_id
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import DomainError, Invalid
from gatekeeper.formats import plates
from gatekeeper.formats.people import clean_text
from gatekeeper.ledger.service import act
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id
from gatekeeper.watched import queries
from gatekeeper.watched.models import WatchedPlate, What

LONGEST_PLATE, LONGEST_WHY = 20, 200


def add(
    session: Session, *, plate: str, what: str, why: str, until: date | None = None, by: Actor, at: datetime
) -> WatchedPlate:
    """Watch ``plate`` (as written) at the session's enterprise, or at all of its township where that is an office.

    Nothing is decided by it: a gate is told. ``until`` is the last day, None: until it is lifted. Raises ``Invalid``
    with the field: ``plate.missing``, ``plate.length``, ``watched.already``, ``watched.full``, ``watched.what``,
    ``watched.why``, ``watched.until``.
    """
    own, key, today = own_id(session), _plate(plate), day_of(at)
    words = clean_text(why, LONGEST_WHY).strip()
    if what not in list(What):
        raise Invalid("watched.what", Text("请选择门卫怎么做", "Choose what the guard does"), field="what")
    if not words:
        raise Invalid("watched.why", Text("请写明原因，门卫看得到", "Say why; the guard reads it"), field="why")
    if until is not None and until < today:
        raise Invalid("watched.until", Text("截止日期已过", "That day is past"), field="until")
    _lock(session, own)
    if queries.own(session, enterprise_id=own, plate=key, day=today) is not None:
        said = Text("这个车牌已在名单上；要改，先解除再加", "It is on the list already; to change it, lift it first")
        raise Invalid("watched.already", said, field="plate")
    if _count(session, own, today) >= queries.MOST:
        said = Text(f"名单最多 {queries.MOST} 个车牌，请先解除一些", f"At most {queries.MOST} plates; lift some first")
        raise Invalid("watched.full", said, field="plate")
    row = WatchedPlate(
        enterprise_id=own,
        id=new_id(),
        plate=key,
        what=What(what).value,
        why=words,
        until=until,
        added_at=at,
        added_by=by.id,
        added_by_name=by.name[:40],
    )
    session.add(row)
    session.flush()
    body = {"what": row.what, "until": until.isoformat() if until else None, "added_at": micros(at)}
    _written(session, row, "added", by=by, at=at, body=body, parts={"note": {"why": words}})
    return row


def lift(session: Session, row: WatchedPlate, *, by: Actor, at: datetime) -> WatchedPlate:
    """Take a plate off the session's own list; raises ``watched.lifted``."""
    session.refresh(row, with_for_update=True)
    if row.lifted_at is not None:
        raise DomainError("watched.lifted", Text("这个车牌已经解除了", "It was lifted already"))
    row.lifted_at, row.lifted_by, row.lifted_by_name = at, by.id, by.name[:40]
    session.flush()
    _written(session, row, "lifted", by=by, at=at, body={"lifted_at": micros(at)})
    return row


def _lock(session: Session, own: UUID) -> None:
    """One change of a list at a time; without the key, so that no visit waits for it."""
    session.scalar(select(Enterprise).where(Enterprise.enterprise_id == own).with_for_update(key_share=True))


def _count(session: Session, own: UUID, day: date) -> int:
    query = select(func.count(WatchedPlate.id)).where(WatchedPlate.enterprise_id == own, *queries.stands(day))
    return session.scalar(query) or 0


def _plate(written: str) -> str:
    read = plates.parse(written)
    if read.missing or not written.strip():
        raise Invalid("plate.missing", Text("请填写车牌号", "Enter the plate"), field="plate")
    if len(read.plate) > LONGEST_PLATE:
        raise Invalid("plate.length", Text("车牌号太长，请核对", "Too long for a plate; compare it"), field="plate")
    return read.plate


def _written(
    session: Session,
    row: WatchedPlate,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    body: dict[str, Any],
    parts: dict[str, Any] | None = None,
) -> None:
    """An entry in the book of who keeps the list; plate and free text are parts of it, never its body."""
    kept = {"plate": {"plate": row.plate}, **(parts or {})}
    act(session, by=by, what=f"watched.{verb}", subject=str(row.id), body=body, parts=kept, at=at)
