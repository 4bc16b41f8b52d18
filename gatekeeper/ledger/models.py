"""The book: entries that are only ever added, their head, and their encrypted parts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow


class LedgerEntry(TenantRow, Base):
    """One entry; ``bytes`` is the canonical JSON that was hashed, stored as hashed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        UniqueConstraint("enterprise_id", "event_id"),
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
    """The personal values of one entry in one retention class, encrypted; gone after ``expires_on``."""

    __tablename__ = "ledger_part"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id", "seq"], ["ledger_entry.enterprise_id", "ledger_entry.seq"]),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)
    cls: Mapped[str] = mapped_column("class", String(12), primary_key=True, sort_order=-1)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    expires_on: Mapped[date]
