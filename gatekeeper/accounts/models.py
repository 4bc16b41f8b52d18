"""People who sign in, their sessions, and the tries that are counted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow, new_id


class User(TenantRow, Base):
    """A person of one enterprise with one role. ``must_change_password`` holds until they set their own.

    ``pin_hash``: of the PIN by which they are known at a desk; None until they have one.
    """

    __tablename__ = "users"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    username: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class UserSession(TenantRow, Base):
    """One sign-in on one browser. It ends at ``expires_at`` or when it is revoked."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id", "user_id"], ["users.enterprise_id", "users.id"]),
        Index("ix_user_sessions_user", "enterprise_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    user_id: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInTry(TenantRow, Base):
    """One try to sign in; names nobody knows are counted under the platform, so that both look alike."""

    __tablename__ = "sign_in_tries"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_sign_in_tries_username", "enterprise_id", "username_hash", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    username_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class Desk(TenantRow, Base):
    """A phone enrolled at one gate. ``public_key`` is the PEM of its P-256 key; the private half never leaves it."""

    __tablename__ = "desks"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        ForeignKeyConstraint(["enterprise_id", "gate_id"], ["gates.enterprise_id", "gates.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    gate_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(40))
    public_key: Mapped[str] = mapped_column(Text)
    enrolled_at: Mapped[datetime]
    enrolled_by: Mapped[UUID]
    revoked_at: Mapped[datetime | None]


class DeskInvitation(TenantRow, Base):
    """One phone may enrol at a gate with the token that an admin shows, once and until ``expires_at``.

    ``desk_id``: the desk that came of it. Of the token only the digest stands in the directory.
    """

    __tablename__ = "desk_invitations"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        ForeignKeyConstraint(["enterprise_id", "gate_id"], ["gates.enterprise_id", "gates.id"]),
        ForeignKeyConstraint(["enterprise_id", "desk_id"], ["desks.enterprise_id", "desks.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    gate_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    expires_at: Mapped[datetime]
    desk_id: Mapped[UUID | None]
