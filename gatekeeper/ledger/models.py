"""The book: entries that are only ever added, their head, and their encrypted parts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow, new_id


class LedgerEntry(TenantRow, Base):
    """One entry; ``bytes`` is the canonical JSON that was hashed, stored as hashed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        UniqueConstraint("enterprise_id", "event_id"),
        Index(
            "ix_ledger_entry_reveals",
            "enterprise_id",
            "received_at",
            postgresql_where=column("kind") == "reveal",
            sqlite_where=column("kind") == "reveal",
        ),
        Index(
            "ix_ledger_entry_acts",
            "enterprise_id",
            "seq",
            postgresql_where=column("kind") == "act",
            sqlite_where=column("kind") == "act",
        ),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)
    event_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime]
    bytes: Mapped[str] = mapped_column(Text)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class LedgerHead(TenantRow, Base):
    """Where a book stands; locked last in every writing transaction."""

    __tablename__ = "ledger_head"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class LedgerPart(TenantRow, Base):
    """The personal values of one entry in one retention class, encrypted; gone after ``expires_on``.

    ``hold_id``: the legal hold under whose key it is encrypted, None for the key of its day.
    """

    __tablename__ = "ledger_part"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id", "seq"], ["ledger_entry.enterprise_id", "ledger_entry.seq"]),
        ForeignKeyConstraint(["enterprise_id", "hold_id"], ["legal_holds.enterprise_id", "legal_holds.id"]),
        Index("ix_ledger_part_expires_on", "enterprise_id", "expires_on"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)
    cls: Mapped[str] = mapped_column("class", String(12), primary_key=True, sort_order=-1)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    expires_on: Mapped[date]
    hold_id: Mapped[UUID | None]


class LegalHold(TenantRow, Base):
    """Why parts are kept past their time: an authority's order, until it ends. Its reason is a part of its entry.

    ``visits``: ids of the visits it covers, a JSON list; what is written of them later falls under it too.
    """

    __tablename__ = "legal_holds"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    begun_at: Mapped[datetime]
    begun_by: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    visits: Mapped[str] = mapped_column(Text)


class LedgerCheckpoint(TenantRow, Base):
    """A signed statement over all heads. The platform's row holds every head, an enterprise's the proof of its own.

    ``statement`` is the canonical JSON that was signed, ``signature`` Ed25519 in hex; ``heads`` is JSON
    ``[[book, seq, hash], ...]`` by book (the platform's row only), ``proof`` JSON (an enterprise's row only).
    """

    __tablename__ = "ledger_checkpoints"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)
    at: Mapped[datetime]
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(128))
    heads: Mapped[str | None] = mapped_column(Text)
    proof: Mapped[str | None] = mapped_column(Text)
