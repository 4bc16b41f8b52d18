"""Finding people and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import directory, tenancy
from gatekeeper.access import Actor
from gatekeeper.accounts.models import User, UserSession
from gatekeeper.db import Engines
from gatekeeper.errors import NotFound
from gatekeeper.rules.values import Text


def users(session: Session, *, enterprise_id: UUID) -> Sequence[User]:
    """The people of one enterprise, those who may sign in first, then by role and username."""
    query = select(User).where(User.enterprise_id == enterprise_id)
    return session.scalars(query.order_by(User.disabled_at.is_not(None), User.role, User.username)).all()


def user(session: Session, *, enterprise_id: UUID, user_id: UUID) -> User:
    """One person; raises ``NotFound`` where the enterprise has none of this id."""
    found = session.get(User, (enterprise_id, user_id))
    if found is None:
        raise NotFound("user.unknown", Text("没有这个人", "There is no such person"))
    return found


def sessions(session: Session, *, enterprise_id: UUID, user_id: UUID, at: datetime) -> Sequence[UserSession]:
    """The sessions of one person that still hold at ``at``, newest first."""
    query = select(UserSession).where(
        UserSession.enterprise_id == enterprise_id,
        UserSession.user_id == user_id,
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > at,
    )
    return session.scalars(query.order_by(UserSession.created_at.desc())).all()


def find_username(engines: Engines, username: str) -> tuple[UUID, UUID] | None:
    """(enterprise_id, user_id) of a username as it is stored, or None."""
    with tenancy.open_session(engines, tenancy.Unscoped()) as session:
        return directory.find(session, directory.Kind.USERNAME, username)


def sessions_of(engines: Engines, actor: Actor, *, at: datetime) -> Sequence[UserSession]:
    """One's own sessions that still hold."""
    with tenancy.open_session(engines, tenancy.Enterprise(actor.enterprise_id)) as session:
        return sessions(session, enterprise_id=actor.enterprise_id, user_id=actor.id, at=at)
