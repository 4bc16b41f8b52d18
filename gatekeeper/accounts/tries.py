"""Tries at a password or a PIN: counted in the database before anything is compared, so that those at once count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.accounts.models import SignInTry
from gatekeeper.crypto import key_hash
from gatekeeper.db import Engines, new_id
from gatekeeper.errors import DomainError

KEPT = timedelta(days=1)

Limit = tuple[int, timedelta]
"""So many wrong tries within a time, at most ``KEPT``."""


class TooMany(DomainError):
    """The tries at one name are used up for a while."""

    status = 429


def begin(
    engines: Engines, scope: tenancy.Enterprise, name: str, *, at: datetime, limits: Iterable[Limit], over: TooMany
) -> UUID:
    """Write a try at ``name`` down as a wrong one; the id by which it is put right. Raises ``over`` beyond a limit."""
    digest, limits = key_hash(name), tuple(limits)
    with tenancy.open_session(engines, scope) as session:
        if any(_failed(session, digest, at - within) >= most for most, within in limits):
            raise over
    row = SignInTry(enterprise_id=scope.id, id=new_id(), username_hash=digest, at=at, succeeded=False)
    with tenancy.open_session(engines, scope, write=True) as session:
        session.execute(delete(SignInTry).where(SignInTry.at < at - KEPT))
        session.add(row)
    with tenancy.open_session(engines, scope) as session:
        if any(_failed(session, digest, at - within) > most for most, within in limits):
            raise over
    return row.id


def succeeded(session: Session, try_id: UUID) -> None:
    """The try was a right one: it counts no more."""
    session.execute(update(SignInTry).where(SignInTry.id == try_id).values(succeeded=True))


def _failed(session: Session, digest: str, since: datetime) -> int:
    query = select(func.count(SignInTry.id)).where(
        SignInTry.username_hash == digest, SignInTry.at > since, SignInTry.succeeded.is_(False)
    )
    return session.scalar(query) or 0
