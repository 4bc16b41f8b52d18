"""Which rulebook versions and switched packs are in force, and the rules they hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.errors import NotFound
from gatekeeper.rulebooks import reach
from gatekeeper.rulebooks.models import PackSwitch, RulebookDraft, RulebookVersion
from gatekeeper.rules import codec
from gatekeeper.rules.values import Owner, Rulebook, Text
from gatekeeper.tenancy import own_id

MOST_READ = 5000


def in_force(session: Session, *, at: datetime) -> list[Rulebook]:
    """What judges an enterprise at a minute: the township's rulebook, the packs it switched on, then its own.

    Under the scope of one enterprise, of which that is its own rows and those its office published.
    """
    latest = (
        select(RulebookVersion.enterprise_id, func.max(RulebookVersion.number).label("number"))
        .where(RulebookVersion.holds_from <= at)
        .group_by(RulebookVersion.enterprise_id)
        .subquery()
    )
    query = (
        select(RulebookVersion.id, RulebookVersion.owner, RulebookVersion.document)
        .join(
            latest,
            (latest.c.enterprise_id == RulebookVersion.enterprise_id) & (latest.c.number == RulebookVersion.number),
        )
        .order_by(RulebookVersion.owner.desc())  # township before enterprise
    )
    books = [_parsed(version, owner, document) for version, owner, document in session.execute(query)]
    switched = by_ids(session, ids=reach.here(session, at=at))
    above = sum(book.owner == Owner.TOWNSHIP for book in books)
    return [*books[:above], *switched, *books[above:]]


@lru_cache(maxsize=2000)
def _parsed(version: UUID, owner: str, document: str) -> Rulebook:
    """A version never changes, so it is read once a process."""
    return codec.parse(json.loads(document), owner=Owner(owner), version=str(version))


def rulebook_of(row: RulebookVersion) -> Rulebook:
    """The rules of a stored version."""
    return _parsed(row.id, row.owner, row.document)


def switched_book(row: PackSwitch) -> Rulebook:
    """The rules of a pack as it was switched on: the township's, their version is the switch."""
    return _parsed(row.id, Owner.TOWNSHIP, row.document)


def version(session: Session, *, version_id: UUID) -> RulebookVersion:
    """A version that the session may see: its own or its office's; raises ``NotFound``."""
    row = session.scalars(select(RulebookVersion).where(RulebookVersion.id == version_id)).one_or_none()
    if row is None:
        raise NotFound("rulebook.unknown", Text("没有这个规则版本", "There is no such rulebook version"))
    return row


def versions(session: Session, *, enterprise_id: UUID) -> Sequence[RulebookVersion]:
    """Every version of one enterprise, newest first."""
    query = select(RulebookVersion).where(RulebookVersion.enterprise_id == enterprise_id)
    return session.scalars(query.order_by(RulebookVersion.number.desc())).all()


def last(session: Session, *, enterprise_id: UUID) -> RulebookVersion | None:
    """The newest version of one enterprise, whether it holds already or not; None before the first."""
    query = select(RulebookVersion).where(RulebookVersion.enterprise_id == enterprise_id)
    return session.scalars(query.order_by(RulebookVersion.number.desc()).limit(1)).one_or_none()


def of_enterprise(session: Session, *, enterprise_id: UUID, at: datetime) -> RulebookVersion | None:
    """The version of one enterprise that is in force at a minute; None where none is."""
    query = select(RulebookVersion).where(
        RulebookVersion.enterprise_id == enterprise_id, RulebookVersion.holds_from <= at
    )
    return session.scalars(query.order_by(RulebookVersion.number.desc()).limit(1)).one_or_none()


def draft(session: Session, *, enterprise_id: UUID) -> RulebookDraft | None:
    """The draft of one enterprise, as the database has it now; None where nobody works on one."""
    query = select(RulebookDraft).where(RulebookDraft.enterprise_id == enterprise_id)
    return session.scalars(query).one_or_none()


def rulebooks(session: Session, *, ids: Sequence[str]) -> dict[str, Rulebook]:
    """Rulebooks by the id of a version or a switch, of those that the session may see; for reading stored decisions."""
    wanted = {UUID(name) for name in ids}
    versions = session.scalars(select(RulebookVersion).where(RulebookVersion.id.in_(wanted)))
    found = {str(row.id): rulebook_of(row) for row in versions}
    if len(found) < len(wanted):
        switches = session.scalars(select(PackSwitch).where(PackSwitch.id.in_(wanted)))
        found.update({str(row.id): switched_book(row) for row in switches})
    return found


_read: dict[tuple[UUID, UUID], Rulebook] = {}
"""Rulebooks by (enterprise that may see it, version): a version never changes."""


def by_ids(session: Session, *, ids: Sequence[UUID]) -> list[Rulebook]:
    """The rulebooks and switched packs of ``ids``, in their order; read once a process for each who sees them."""
    here = own_id(session)
    missing = [version for version in ids if (here, version) not in _read]
    if missing:
        if len(_read) > MOST_READ:
            _read.clear()
        found = rulebooks(session, ids=[str(version) for version in missing])
        _read.update({(here, version): found[str(version)] for version in missing})
    return [_read[here, version] for version in ids]
