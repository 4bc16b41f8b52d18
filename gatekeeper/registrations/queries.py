"""Announced visits: of a plate, of a day, and those that wait for the township."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import micros
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import NotFound
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.ledger.service import open_part
from gatekeeper.registrations.models import Registration
from gatekeeper.rules.values import Text


def get(session: Session, *, enterprise_id: UUID, registration_id: UUID) -> Registration:
    """One registration; raises ``NotFound`` (``registration.unknown``)."""
    row = session.get(Registration, (enterprise_id, registration_id))
    if row is None:
        raise NotFound("registration.unknown", Text("没有这条报备", "There is no such registration"))
    return row


def for_plate(session: Session, *, enterprise_id: UUID, plate: str, day: date) -> Registration | None:
    """The registration that holds for a normalised plate on a day at the gate: the latest that was not declined."""
    query = (
        select(Registration)
        .where(
            Registration.enterprise_id == enterprise_id,
            Registration.plate == plate,
            Registration.day == day,
            Registration.declined_at.is_(None),
        )
        .order_by(Registration.announced_at.desc(), Registration.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def announced(session: Session, *, enterprise_id: UUID, day: date) -> Sequence[Registration]:
    """Every registration of one enterprise for a day, declined ones too, in the order they were announced."""
    query = select(Registration).where(Registration.enterprise_id == enterprise_id, Registration.day == day)
    return session.scalars(query.order_by(Registration.announced_at, Registration.id)).all()


def coming(session: Session, *, enterprise_id: UUID, since: date, limit: int = 500) -> Sequence[Registration]:
    """Registrations of one enterprise for ``since`` and later, by day, then as announced; at most ``limit``."""
    query = (
        select(Registration)
        .where(Registration.enterprise_id == enterprise_id, Registration.day >= since)
        .order_by(Registration.day, Registration.announced_at, Registration.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def waiting_for_township(
    session: Session, *, since: date, limit: int = 500
) -> Sequence[tuple[Registration, Enterprise]]:
    """What the enterprises of the session's township approved and the township has yet to, for ``since`` and later."""
    query = (
        select(Registration, Enterprise)
        .join(Enterprise, Enterprise.enterprise_id == Registration.enterprise_id)
        .where(
            Registration.day >= since,
            Registration.needs_township.is_(True),
            Registration.enterprise_approved_at.is_not(None),
            Registration.township_approved_at.is_(None),
            Registration.declined_at.is_(None),
        )
        .order_by(Registration.day, Registration.announced_at, Registration.id)
        .limit(limit)
    )
    return [(registration, enterprise) for registration, enterprise in session.execute(query)]


def state(registration: Registration) -> str:
    """Where it stands: ``declined``, ``waiting_enterprise``, ``waiting_township`` or ``approved``."""
    if registration.declined_at is not None:
        return "declined"
    if registration.enterprise_approved_at is None:
        return "waiting_enterprise"
    if registration.needs_township and registration.township_approved_at is None:
        return "waiting_township"
    return "approved"


def waiting_for_enterprise(session: Session, *, enterprise_id: UUID, since: date) -> int:
    """How many registrations for ``since`` and later wait for the enterprise's own approval."""
    query = select(func.count(Registration.id)).where(
        Registration.enterprise_id == enterprise_id,
        Registration.day >= since,
        Registration.enterprise_approved_at.is_(None),
        Registration.declined_at.is_(None),
    )
    return session.scalar(query) or 0


def reasons(session: Session, registrations: Sequence[Registration]) -> dict[UUID, str]:
    """Why registrations of one enterprise were declined, by id; one whose reason is erased is left out."""
    by_seq = {row.declined_seq: row.id for row in registrations if row.declined_seq is not None}
    own = {row.enterprise_id for row in registrations}
    query = select(LedgerPart).where(
        LedgerPart.enterprise_id.in_(own), LedgerPart.seq.in_(sorted(by_seq)), LedgerPart.cls == "note"
    )
    parts = session.scalars(query).all() if by_seq else []
    return {by_seq[part.seq]: opened["reason"] for part in parts if (opened := open_part(part))}


def fact(registration: Registration | None) -> dict[str, Any] | None:
    """The rules' fact ``registration``: times in microseconds UTC; ``township_approved`` None where none is needed."""
    if registration is None:
        return None
    return {
        "announced_at": micros(registration.announced_at),
        "day": registration.day.isoformat(),
        "enterprise_approved": registration.enterprise_approved_at is not None,
        "township_approved": registration.township_approved_at is not None if registration.needs_township else None,
    }
