"""Enrolling a phone: an admin shows a token as a QR code, the phone that reads it brings its key. Once, and soon."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import directory, tenancy
from gatekeeper.access import Actor, Role
from gatekeeper.accounts import desks, queries
from gatekeeper.accounts.models import Desk, DeskInvitation
from gatekeeper.db import Engines, new_id
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import DomainError, Invalid
from gatekeeper.formats.people import clean_text
from gatekeeper.ledger.service import act
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

LASTS = timedelta(minutes=10)
"""From the admin's screen to the phone beside it: longer would be a key under the mat."""

LONGEST_NAME = 40


class InvitationOver(DomainError):
    """The code was used, is too old, or never was one."""

    status = 410

    def __init__(self) -> None:
        super().__init__(
            "desk.invitation",
            Text(
                "这个登记码已用过或已过期，请让管理员重新出示一个",
                "This code was used or is too old; ask the admin to show a new one",
            ),
        )


def invite(session: Session, *, gate_id: UUID, name: str, by: Actor, at: datetime) -> tuple[DeskInvitation, str]:
    """(the invitation, its token) for one phone at an open gate; the token is in nobody's book.

    Raises ``gate.unknown``, ``gate.closed``, ``desk.name``.
    """
    here = own_id(session)
    gate = enterprises.gate(session, enterprise_id=here, gate_id=gate_id)
    if gate.closed_at is not None:
        raise Invalid("gate.closed", Text("这个门岗已停用", "This gate is closed"), field="gate")
    called = clean_text(name, LONGEST_NAME).strip()
    if not called:
        raise Invalid("desk.name", Text("请给这台手机起个名字", "Give the phone a name"), field="name")
    row = DeskInvitation(
        enterprise_id=here,
        id=new_id(),
        gate_id=gate_id,
        name=called,
        made_at=at,
        made_by=by.id,
        expires_at=at + LASTS,
    )
    session.add(row)
    session.flush()
    token = secrets.token_urlsafe(32)
    directory.add(session, directory.Kind.INVITATION, token, enterprise_id=here, ref=row.id)
    act(session, by=by, what="desk.invited", subject=str(row.id), body={"gate": str(gate_id)}, at=at)
    return row, token


def accept(engines: Engines, *, token: str, public_key: str, at: datetime) -> Desk:
    """The desk of the phone that holds ``token`` and the private half of ``public_key`` (P-256, PEM).

    It is enrolled by the admin who invited. Raises ``InvitationOver``, ``desk.key``.
    """
    with tenancy.open_session(engines, tenancy.Unscoped()) as session:
        found = directory.find(session, directory.Kind.INVITATION, token)
    if found is None:
        raise InvitationOver
    with tenancy.open_session(engines, tenancy.Enterprise(found[0]), write=True) as session:
        query = select(DeskInvitation).where(DeskInvitation.id == found[1]).with_for_update()
        row = session.scalars(query).one()
        by = _inviter(session, row)
        if row.desk_id is not None or row.expires_at <= at or by is None:
            raise InvitationOver
        desk = desks.enrol(session, gate_id=row.gate_id, name=row.name, public_key=public_key, by=by, at=at)
        row.desk_id = desk.id
        directory.remove(session, directory.Kind.INVITATION, ref=row.id)
        session.flush()
        session.expunge(desk)
        return desk


def _inviter(session: Session, row: DeskInvitation) -> Actor | None:
    """The admin who invited, while he may still do so."""
    user = queries.user(session, enterprise_id=row.enterprise_id, user_id=row.made_by)
    if user.disabled_at is not None or user.role not in (Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN):
        return None
    return Actor(user.id, user.enterprise_id, None, user.name, user.username, Role(user.role))


def enrolled(session: Session) -> Sequence[Desk]:
    """The phones of the session's enterprise, those in service first, newest first."""
    query = select(Desk).where(Desk.enterprise_id == own_id(session))
    return session.scalars(query.order_by(Desk.revoked_at.is_not(None), Desk.enrolled_at.desc())).all()
