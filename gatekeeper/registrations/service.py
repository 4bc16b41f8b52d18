"""Announcing a visit, and the two approvals it may need."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor, Role
from gatekeeper.clock import day_of
from gatekeeper.db import new_id
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import DomainError, Forbidden, Invalid
from gatekeeper.formats import plates, regions
from gatekeeper.formats.people import clean_text
from gatekeeper.ledger.service import Written, act
from gatekeeper.registrations import needs, queries
from gatekeeper.registrations.models import Registration
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

LONGEST_PLATE = 20
LONGEST_REASON = 200
FURTHEST_DAYS = 366


def announce(
    session: Session,
    *,
    plate: str,
    day: date,
    origin: str | None = None,
    cargo: str | None = None,
    by: Actor,
    at: datetime,
    needs_township: bool = False,
) -> Registration:
    """Announce ``plate`` (as written) at the session's enterprise for ``day``; approves nothing, whoever announces.

    The township's approval is needed where ``needs_township`` says so or a rule in force does.

    ``origin`` is a region code, ``cargo`` a code of the rules. A plate that is announced for that day already keeps
    its registration, which is returned unchanged. Raises ``Invalid`` with the field: ``plate.missing``,
    ``plate.length``, ``day.past``, ``day.far``, ``region.unknown``.
    """
    own, key = own_id(session), _plate(plate)
    _check_day(day, day_of(at))
    if origin is not None and regions.get(origin) is None:
        raise Invalid("region.unknown", Text("没有这个地区", "There is no such place"), field="origin")
    # Locked, so that one plate announced twice at once is one registration; without the key: no visit waits for it.
    session.scalar(select(Enterprise).where(Enterprise.enterprise_id == own).with_for_update(key_share=True))
    standing = queries.for_plate(session, enterprise_id=own, plate=key, day=day)
    if standing is not None:
        return standing
    known = needs.in_force(session, at=at)
    level = needs.level(session, known, origin)
    asked_by_rule = needs.needs_township(known, plate=key, origin=origin, cargo=cargo or None, risk_level=level)
    registration = Registration(
        enterprise_id=own,
        id=new_id(),
        plate=key,
        day=day,
        origin=origin,
        cargo=cargo or None,
        announced_at=at,
        announced_by=by.id,
        needs_township=needs_township or asked_by_rule,
        township_asked=needs_township,
        risk_level=level,
        risk_list=known.list_hash,
    )
    session.add(registration)
    session.flush()
    needed = registration.needs_township
    values = {"day": day.isoformat(), "origin": origin, "cargo": cargo or None, "needs_township": needed}
    written(session, registration, "announced", by=by, at=at, body=values)
    return registration


def approve(session: Session, registration: Registration, *, by: Actor, at: datetime) -> Registration:
    """Approve for the enterprise (its admin) or, after that, for the township (its staff); twice is once.

    Raises ``registration.role``, ``registration.declined``, ``registration.past``, and for the township
    ``registration.not_asked`` and ``registration.enterprise_first``.
    """
    side = _side(registration, by)
    _lock(session, registration)
    _check_open(registration, at)
    if side == "township" and not registration.needs_township:
        raise DomainError(
            "registration.not_asked",
            Text("这条报备不需要镇街批准", "This registration does not need the township's approval"),
        )
    if side == "township" and registration.enterprise_approved_at is None:
        raise DomainError(
            "registration.enterprise_first",
            Text("请等企业先批准", "The enterprise approves first"),
        )
    if getattr(registration, f"{side}_approved_at") is None:
        setattr(registration, f"{side}_approved_at", at)
        setattr(registration, f"{side}_approved_by", by.id)
        session.flush()
        written(session, registration, f"{side}_approved", by=by, at=at)
    return registration


def decline(session: Session, registration: Registration, *, reason: str, by: Actor, at: datetime) -> Registration:
    """Decline for the enterprise or the township, with a reason for whoever announced; an approval falls with it.

    Raises ``registration.role``, ``registration.declined``, ``registration.past``, ``reason.empty``.
    """
    side = _side(registration, by)
    _lock(session, registration)
    _check_open(registration, at)
    words = clean_text(reason, LONGEST_REASON)
    if not words.strip():
        raise Invalid("reason.empty", Text("请写明不批准的原因", "Say why it is declined"), field="reason")
    registration.declined_at = at
    session.flush()
    entry = written(session, registration, "declined", by=by, at=at, body={"side": side}, note=words)
    registration.declined_seq = entry.seq
    session.flush()
    return registration


def _plate(written: str) -> str:
    read = plates.parse(written)
    if read.missing or not written.strip():
        raise Invalid("plate.missing", Text("请填写车牌号", "Enter the plate"), field="plate")
    if len(read.plate) > LONGEST_PLATE:
        raise Invalid("plate.length", Text("车牌号太长，请核对", "Too long for a plate; compare it"), field="plate")
    return read.plate


def _check_day(day: date, today: date) -> None:
    if day < today:
        raise Invalid(
            "day.past",
            Text("来访日期已过，请选今天或以后的日期", "That day is past; choose today or a later one"),
            field="day",
        )
    if (day - today).days > FURTHEST_DAYS:
        raise Invalid("day.far", Text("最多提前一年报备", "A visit is announced at most a year ahead"), field="day")


def _side(registration: Registration, by: Actor) -> str:
    """Whose approval ``by`` gives: the enterprise's own admin, or the township's."""
    if by.role == Role.ENTERPRISE_ADMIN and by.enterprise_id == registration.enterprise_id:
        return "enterprise"
    if by.role == Role.TOWNSHIP_ADMIN:
        return "township"
    raise Forbidden(
        "registration.role",
        Text("报备由企业管理员或镇街批准", "The enterprise's admin or the township approves registrations"),
    )


def _lock(session: Session, registration: Registration) -> None:
    """As it stands now, and nobody else decides until the commit: of two who decide at once one comes first."""
    session.refresh(registration, with_for_update=True)


def _check_open(registration: Registration, at: datetime) -> None:
    if registration.declined_at is not None:
        raise DomainError("registration.declined", Text("这条报备已经不批准", "This registration was declined already"))
    if registration.day < day_of(at):
        raise DomainError("registration.past", Text("来访日期已过", "The day of this visit is past"))


def written(
    session: Session,
    registration: Registration,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    body: dict[str, Any] | None = None,
    note: str | None = None,
) -> Written:
    """An entry in the enterprise's book; the plate and free text are parts of it, never its body."""
    parts: dict[str, Any] = {"plate": {"plate": registration.plate}}
    if note is not None:
        parts["note"] = {"reason": note}
    what, subject = f"registration.{verb}", str(registration.id)
    return act(session, by=by, what=what, subject=subject, body=body, parts=parts, at=at)
