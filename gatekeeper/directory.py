"""Before a scope exists: which enterprise a slug, username or token belongs to. Holds digests, nothing else."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from gatekeeper.crypto import key_hash
from gatekeeper.db import Base


class Kind(StrEnum):
    SLUG = "slug"
    USERNAME = "username"
    SESSION = "session"
    DESK = "desk"
    INVITATION = "invitation"
    KEYSTORE = "keystore"
    REPORT = "report"


class DirectoryRow(Base):
    """One key of one kind; unique over the whole installation."""

    __tablename__ = "directory"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    enterprise_id: Mapped[UUID]
    ref: Mapped[UUID]


class Taken(Exception):
    """This slug or username belongs to somebody else."""


def find(session: Session, kind: Kind, key: str) -> tuple[UUID, UUID] | None:
    """(enterprise_id, ref) of a key, or None."""
    query = select(DirectoryRow.enterprise_id, DirectoryRow.ref)
    row = session.execute(query.where(DirectoryRow.kind == kind, DirectoryRow.key_hash == key_hash(key))).one_or_none()
    return None if row is None else (row[0], row[1])


def add(session: Session, kind: Kind, key: str, *, enterprise_id: UUID, ref: UUID) -> None:
    """Enter a key; raises ``Taken`` and leaves the rest of the transaction whole."""
    try:
        with session.begin_nested():
            session.add(DirectoryRow(kind=kind, key_hash=key_hash(key), enterprise_id=enterprise_id, ref=ref))
    except IntegrityError:
        raise Taken from None


def only(session: Session, kind: Kind) -> str | None:
    """The digest of the one key of a kind that an installation has once, such as its keystore; None before it has."""
    return session.scalar(select(DirectoryRow.key_hash).where(DirectoryRow.kind == kind))


def remove(session: Session, kind: Kind, *, ref: UUID) -> None:
    """Forget every key of this kind that leads to ``ref``, as when a session is revoked."""
    session.execute(delete(DirectoryRow).where(DirectoryRow.kind == kind, DirectoryRow.ref == ref))
