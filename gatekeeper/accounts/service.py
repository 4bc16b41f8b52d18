"""People of an enterprise: added, changed, disabled; each an entry in the book. Roles fit the kind of enterprise."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import directory
from gatekeeper.access import ENTERPRISE_STAFF, TOWNSHIP_STAFF, Actor, Role
from gatekeeper.accounts import queries
from gatekeeper.accounts.models import User
from gatekeeper.accounts.sessions import (
    PASSWORD_LENGTH,
    find_actor,
    normal_username,
    revoke_session,
    revoke_sessions,
    set_password,
    sign_in,
    sign_out,
    start_session,
)
from gatekeeper.crypto import hash_password, new_password
from gatekeeper.db import new_id
from gatekeeper.enterprises.models import Enterprise, EnterpriseKind
from gatekeeper.errors import DomainError, Invalid, NotFound
from gatekeeper.formats.people import clean_text
from gatekeeper.ledger.service import act
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

__all__ = [
    "PASSWORD_LENGTH",
    "FirstPassword",
    "add_user",
    "change_role",
    "disable_user",
    "enable_user",
    "find_actor",
    "rename_user",
    "reset_password",
    "revoke_session",
    "revoke_sessions",
    "roles_of",
    "set_password",
    "sign_in",
    "sign_out",
    "start_session",
]

ADMINS = (Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)
_USERNAME = re.compile("[a-z0-9][a-z0-9._@-]{1,59}")


@dataclass(frozen=True)
class FirstPassword:
    """A password for somebody's first sign-in, hashed already: hashing is slow and belongs before a transaction."""

    text: str = field(default_factory=new_password, repr=False)
    hash: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.hash:
            object.__setattr__(self, "hash", hash_password(self.text))


def roles_of(kind: str) -> tuple[Role, ...]:
    """The roles that people of this kind of enterprise may have; nobody belongs to the platform."""
    if kind == EnterpriseKind.TOWNSHIP_OFFICE:
        return TOWNSHIP_STAFF
    return () if kind == EnterpriseKind.PLATFORM else ENTERPRISE_STAFF


def add_user(
    session: Session,
    *,
    username: str,
    name: str,
    role: Role | str,
    by: Actor,
    at: datetime,
    password: str | None = None,
    password_hash: str | None = None,
    must_change: bool = True,
) -> tuple[User, str]:
    """Add a person to the session's enterprise; gives the row and the first password (random unless given).

    With ``password_hash`` nothing is hashed, and the text given back is ``password`` or empty. Raises
    ``username.shape``, ``username.taken``, ``name.empty``, ``role.not_here``.
    """
    if password_hash is None:
        first = FirstPassword(password) if password else FirstPassword()
        password, password_hash = first.text, first.hash
    username, name = _username(username), _name(name)
    own = own_id(session)
    _check_role(session, role)
    user = User(
        enterprise_id=own,
        id=new_id(),
        username=username,
        name=name,
        role=str(role),
        password_hash=password_hash,
        must_change_password=must_change,
        created_at=at,
    )
    session.add(user)
    session.flush()
    try:
        directory.add(session, directory.Kind.USERNAME, username, enterprise_id=own, ref=user.id)
    except directory.Taken:
        raise Invalid(
            "username.taken",
            Text("这个用户名已被使用，请换一个", "This username is taken; choose another"),
            field="username",
        ) from None
    body = {"username": username, "name": name, "role": str(role)}
    act(session, by=by, what="user.added", subject=str(user.id), body=body, at=at)
    return user, password or ""


def rename_user(session: Session, *, user_id: UUID, name: str, by: Actor, at: datetime) -> User:
    """Change the name under which a person acts from now on; raises ``user.unknown``, ``name.empty``."""
    user, name = _user(session, user_id), _name(name)
    if user.name != name:
        user.name = name
        session.flush()
        _note(session, "user.renamed", user, by, at, name=name)
    return user


def change_role(session: Session, *, user_id: UUID, role: Role | str, by: Actor, at: datetime) -> User:
    """Give a person another role, in force with their next click; raises ``role.not_here``, ``user.last_admin``."""
    user = _user(session, user_id)
    _check_role(session, role)
    if user.role != str(role):
        _check_not_last_admin(session, user)
        before, user.role = user.role, str(role)
        session.flush()
        _note(session, "user.role_changed", user, by, at, role=str(role), before=before)
    return user


def disable_user(session: Session, *, user_id: UUID, by: Actor, at: datetime) -> User:
    """Let a person no longer sign in and end their sessions; the username stays theirs. Raises ``user.last_admin``."""
    user = _user(session, user_id)
    if user.disabled_at is None:
        _check_not_last_admin(session, user)
        user.disabled_at = at
        session.flush()
        revoke_sessions(session, user_id=user_id, at=at)
        _note(session, "user.disabled", user, by, at)
    return user


def enable_user(session: Session, *, user_id: UUID, by: Actor, at: datetime) -> User:
    """Let a disabled person sign in again, with the password they had."""
    user = _user(session, user_id)
    if user.disabled_at is not None:
        user.disabled_at = None
        session.flush()
        _note(session, "user.enabled", user, by, at)
    return user


def reset_password(
    session: Session, *, user_id: UUID, by: Actor, at: datetime, password: FirstPassword | None = None
) -> str:
    """Give a person a new first password, which is returned and must be changed; their sessions end."""
    first = password or FirstPassword()
    user = _user(session, user_id)
    user.password_hash, user.must_change_password = first.hash, True
    session.flush()
    revoke_sessions(session, user_id=user_id, at=at)
    _note(session, "user.password_reset", user, by, at)
    return first.text


def _user(session: Session, user_id: UUID) -> User:
    return queries.user(session, enterprise_id=own_id(session), user_id=user_id)


def _note(session: Session, what: str, user: User, by: Actor, at: datetime, **values: str) -> None:
    act(session, by=by, what=what, subject=str(user.id), body={"username": user.username, **values}, at=at)


def _check_role(session: Session, role: Role | str) -> None:
    enterprise = session.get(Enterprise, own_id(session))
    if enterprise is None:
        raise NotFound("enterprise.unknown", Text("没有这家企业", "There is no such enterprise"))
    if role not in roles_of(enterprise.kind):
        raise Invalid("role.not_here", Text("这里没有这个岗位", "There is no such role in this place"), field="role")


def _check_not_last_admin(session: Session, user: User) -> None:
    """Locks the admins, so that two of them do not disable each other at once."""
    if user.role not in ADMINS or user.disabled_at is not None:
        return
    query = select(User).where(User.role == user.role, User.disabled_at.is_(None)).order_by(User.id)
    if len(session.scalars(query.with_for_update()).all()) < 2:
        raise DomainError(
            "user.last_admin",
            Text(
                "这是最后一位管理员；请先另设一位，再停用或改岗",
                "This is the last admin; appoint another before disabling or changing this one",
            ),
        )


def _username(text: str) -> str:
    username = normal_username(text)
    if not _USERNAME.fullmatch(username):
        raise Invalid(
            "username.shape",
            Text(
                "用户名为 2 至 60 个字母、数字或 . _ @ -，以字母或数字开头",
                "A username is 2 to 60 letters, digits or . _ @ -, and begins with a letter or digit",
            ),
            field="username",
        )
    return username


def _name(text: str) -> str:
    name = " ".join(clean_text(text, 1000).split())
    if not name:
        raise Invalid("name.empty", Text("请填写姓名", "Enter the name"), field="name")
    if len(name) > 40:
        raise Invalid("name.length", Text("姓名最多 40 个字", "A name has at most 40 characters"), field="name")
    return name
