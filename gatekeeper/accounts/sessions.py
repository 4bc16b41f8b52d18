"""Signing in and out: tries are counted in the database, sessions are rows that can be revoked.

Passwords are checked outside every writing transaction: argon2 is slow on purpose and writers queue on SQLite.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from gatekeeper import clock, directory, tenancy
from gatekeeper.access import Actor, Role
from gatekeeper.accounts import queries, tries
from gatekeeper.accounts.models import User, UserSession
from gatekeeper.crypto import check_password, hash_password, new_token
from gatekeeper.db import Engines, new_id
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import Invalid, NotFound
from gatekeeper.ledger.service import act
from gatekeeper.rules.values import Text

SESSION_HOURS = 12
TRIES = 10
TRIES_WITHIN = timedelta(minutes=15)
PASSWORD_LENGTH = 10


def normal_username(text: str) -> str:
    """As it is stored and looked up: full-width letters of an input method are the same as narrow ones."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def sign_in(engines: Engines, *, username: str, password: str, at: datetime) -> str:
    """The token of a new session. A name nobody has answers as a wrong password does, and takes as long.

    Raises ``sign_in.wrong``, and ``sign_in.too_many`` after 10 wrong tries of a username in 15 minutes.
    """
    username = normal_username(username)
    found = queries.find_username(engines, username)
    enterprise_id = found[0] if found else tenancy.PLATFORM_ID
    scope = tenancy.Enterprise(enterprise_id)
    try_id = _count_try(engines, scope, username, at)
    with tenancy.open_session(engines, scope) as session:
        user = _active(session, found[1]) if found else None
        stored = user.password_hash if user else None
    if not check_password(password, stored) or user is None:
        raise Invalid(
            "sign_in.wrong",
            Text("用户名或密码不对，请核对后再试", "Username or password is wrong; check both and try again"),
        )
    with tenancy.open_session(engines, scope, write=True) as session:
        tries.succeeded(session, try_id)
        return _start(session, user_id=user.id, at=at)


def start_session(engines: Engines, *, enterprise_id: UUID, user_id: UUID, at: datetime) -> str:
    """The token of a new session of somebody whose password was checked."""
    with tenancy.open_session(engines, tenancy.Enterprise(enterprise_id), write=True) as session:
        return _start(session, user_id=user_id, at=at)


def find_actor(engines: Engines, token: str, *, at: datetime | None = None) -> Actor | None:
    """Who a token stands for; None when the session ended or was revoked, or the person or enterprise is closed."""
    with tenancy.open_session(engines, tenancy.Unscoped()) as session:
        found = directory.find(session, directory.Kind.SESSION, token)
    if found is None:
        return None
    query = (
        select(User, Enterprise.township_id)
        .join(UserSession, and_(UserSession.enterprise_id == User.enterprise_id, UserSession.user_id == User.id))
        .join(Enterprise, Enterprise.enterprise_id == User.enterprise_id)
        .where(
            UserSession.id == found[1],
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > (at or clock.now()),
            User.disabled_at.is_(None),
            Enterprise.closed_at.is_(None),
        )
    )
    with tenancy.open_session(engines, tenancy.Enterprise(found[0])) as session:
        row = session.execute(query).one_or_none()
    if row is None:
        return None
    user, township_id = row
    return Actor(
        id=user.id,
        enterprise_id=user.enterprise_id,
        township_id=township_id,
        name=user.name,
        username=user.username,
        role=Role(user.role),
        session_id=found[1],
        token=token,
        must_change_password=user.must_change_password,
    )


def sign_out(engines: Engines, *, actor: Actor, at: datetime) -> None:
    """End the session that ``actor`` acts in."""
    if actor.session_id is not None:
        with tenancy.open_session(engines, tenancy.Enterprise(actor.enterprise_id), write=True) as session:
            revoke_session(session, user_id=actor.id, session_id=actor.session_id, at=at)


def revoke_session(session: Session, *, user_id: UUID, session_id: UUID, at: datetime) -> None:
    """End one session of a person; one that ended already is left alone. Raises ``session.unknown`` for another's."""
    row = session.get(UserSession, (tenancy.own_id(session), session_id))
    if row is None or row.user_id != user_id:
        raise NotFound("session.unknown", Text("没有这次登录", "There is no such session"))
    if row.revoked_at is None:
        _end(session, row, at)


def revoke_sessions(session: Session, *, user_id: UUID, at: datetime, keep: UUID | None = None) -> int:
    """End every session of a person but ``keep``; gives how many there were."""
    ended = [row for row in _running(session, user_id) if row.id != keep]
    for row in ended:
        _end(session, row, at)
    return len(ended)


def set_password(engines: Engines, *, by: Actor, old: str, new: str, at: datetime) -> None:
    """Set one's own password; other sessions end. Wrong tries at the old one count as tries to sign in.

    Raises ``password.wrong``, ``sign_in.too_many``, ``password.short``, ``password.username``, ``password.same``.
    """
    _check_new(new, by.username)
    wrong = Invalid("password.wrong", Text("原密码不对", "The old password is wrong"), field="old")
    prove_password(engines, by=by, password=old, at=at, wrong=wrong)
    if new == old:
        raise Invalid("password.same", Text("请换一个新的密码", "Choose another password"), field="new")
    fresh = hash_password(new)
    with tenancy.open_session(engines, tenancy.Enterprise(by.enterprise_id), write=True) as session:
        user = queries.user(session, enterprise_id=by.enterprise_id, user_id=by.id)
        user.password_hash, user.must_change_password = fresh, False
        session.flush()
        revoke_sessions(session, user_id=by.id, at=at, keep=by.session_id)
        act(session, by=by, what="user.password_set", subject=str(by.id), body={"username": user.username}, at=at)


def prove_password(engines: Engines, *, by: Actor, password: str, at: datetime, wrong: Invalid) -> None:
    """Raises ``wrong`` where it is not the password of ``by``; a wrong one counts as a try to sign in."""
    scope = tenancy.Enterprise(by.enterprise_id)
    try_id = _count_try(engines, scope, by.username, at)
    with tenancy.open_session(engines, scope) as session:
        stored = queries.user(session, enterprise_id=by.enterprise_id, user_id=by.id).password_hash
    if not check_password(password, stored):
        raise wrong
    with tenancy.open_session(engines, scope, write=True) as session:
        tries.succeeded(session, try_id)


def _check_new(password: str, username: str) -> None:
    if len(password) < PASSWORD_LENGTH:
        raise Invalid(
            "password.short",
            Text(
                f"密码至少 {PASSWORD_LENGTH} 个字符，可以是一句话",
                f"A password has at least {PASSWORD_LENGTH} characters; a sentence will do",
            ),
            field="new",
        )
    if normal_username(password) == username:
        raise Invalid("password.username", Text("密码不能与用户名相同", "Not the username, please"), field="new")


def _count_try(engines: Engines, scope: tenancy.Enterprise, username: str, at: datetime) -> UUID:
    minutes = int(TRIES_WITHIN.total_seconds()) // 60
    return tries.begin(
        engines,
        scope,
        username,
        at=at,
        limits=((TRIES, TRIES_WITHIN),),
        over=tries.TooMany(
            "sign_in.too_many",
            Text(
                f"这个用户名试错太多次，请 {minutes} 分钟后再试，或请管理员重置密码",
                f"Too many wrong tries for this username; wait {minutes} minutes, or ask your admin for a new password",
            ),
        ),
    )


def _active(session: Session, user_id: UUID) -> User | None:
    query = select(User).join(Enterprise, Enterprise.enterprise_id == User.enterprise_id)
    return session.scalars(
        query.where(User.id == user_id, User.disabled_at.is_(None), Enterprise.closed_at.is_(None))
    ).one_or_none()


def _start(session: Session, *, user_id: UUID, at: datetime) -> str:
    own = tenancy.own_id(session)
    for old in session.scalars(select(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at < at)):
        directory.remove(session, directory.Kind.SESSION, ref=old.id)
        session.delete(old)
    token, session_id = new_token(), new_id()
    expires_at = at + timedelta(hours=SESSION_HOURS)
    session.add(UserSession(enterprise_id=own, id=session_id, user_id=user_id, created_at=at, expires_at=expires_at))
    session.flush()
    directory.add(session, directory.Kind.SESSION, token, enterprise_id=own, ref=session_id)
    return token


def _running(session: Session, user_id: UUID) -> list[UserSession]:
    query = select(UserSession).where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
    return list(session.scalars(query))


def _end(session: Session, row: UserSession, at: datetime) -> None:
    row.revoked_at = at
    session.flush()
    directory.remove(session, directory.Kind.SESSION, ref=row.id)
