"""What a desk does besides gate events: which visit it has open, and who is on duty at its gate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow


class DeskPresence(TenantRow, Base):
    """Which visit was open on a phone at ``at``, and who was on duty on it; both None: nobody, nothing.

    Written when it changes, or once a minute while a visit is open; it is nobody's record and means nothing later.
    """

    __tablename__ = "desk_presence"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id", "desk_id"], ["desks.enterprise_id", "desks.id"]),)

    desk_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    user_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    at: Mapped[datetime]


class Duty(TenantRow, Base):
    """Somebody took a gate, handed it over, took it over from another, or went off; ``id`` was made by the phone.

    ``at``: when it happened, by the phone's clock put right. ``code`` None: confirmed; else why it is not
    (``duty.pin``, ``duty.not_on``). ``supplies``: JSON {code: how many}. ``seq``: its entry in the book, whose part
    holds the note.
    """

    __tablename__ = "duties"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id", "desk_id"], ["desks.enterprise_id", "desks.id"]),
        ForeignKeyConstraint(["enterprise_id", "gate_id"], ["gates.enterprise_id", "gates.id"]),
        ForeignKeyConstraint(["enterprise_id", "user_id"], ["users.enterprise_id", "users.id"]),
        ForeignKeyConstraint(["enterprise_id", "seq"], ["ledger_entry.enterprise_id", "ledger_entry.seq"]),
        Index("ix_duties_at", "enterprise_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    desk_id: Mapped[UUID]
    gate_id: Mapped[UUID]
    n: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[UUID]
    user_name: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    code: Mapped[str | None] = mapped_column(String(20))
    handover_id: Mapped[UUID | None]
    supplies: Mapped[str | None] = mapped_column(Text)
    open_count: Mapped[int | None]
    seq: Mapped[int]
