"""What the gate events of a visit add up to: projections, made anew from the book at any time."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, column, false
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow

_PUT_OFF = column("state").in_(("waiting", "attention"))


class VisitState(StrEnum):
    AT_GATE = "at_gate"
    INSIDE = "inside"
    LEFT = "left"
    TURNED_AWAY = "turned_away"
    VOID = "void"


class Visit(TenantRow, Base):
    """One arrival of one tractor or one walk-in group.

    ``plate`` is the tractor's, normalised and searchable; ``day`` is that of the arrival. ``verdict`` and
    ``open_count`` are those of the last stored decision; ``switches`` are the packs that judged besides the rulebooks,
    ids in their order with commas between, None: none. ``due_at``: when it counts as overdue, None once closed.
    ``late``: written in afterwards from a paper form.
    """

    __tablename__ = "visits"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        ForeignKeyConstraint(["enterprise_id", "gate_id"], ["gates.enterprise_id", "gates.id"]),
        Index("ix_visits_day", "enterprise_id", "day", "arrived_at"),
        Index("ix_visits_state", "enterprise_id", "state", "arrived_at"),
        Index("ix_visits_plate", "enterprise_id", "plate"),
        Index("ix_visits_due_at", "enterprise_id", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    gate_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(12))
    verdict: Mapped[str] = mapped_column(String(8))
    stage: Mapped[str] = mapped_column(String(16))
    open_count: Mapped[int]
    kind: Mapped[str | None] = mapped_column(String(12))
    plate: Mapped[str | None] = mapped_column(String(20))
    plate_class: Mapped[str | None] = mapped_column(String(20))
    trailers: Mapped[str] = mapped_column(String(80), default="")
    origin: Mapped[str | None] = mapped_column(String(9))
    risk_level: Mapped[str | None] = mapped_column(String(8))
    cargo: Mapped[str | None] = mapped_column(String(20))
    zone: Mapped[str | None] = mapped_column(String(20))
    people: Mapped[int]
    day: Mapped[date]
    arrived_at: Mapped[datetime]
    admitted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    overdue: Mapped[bool]
    guard_id: Mapped[UUID]
    guard_name: Mapped[str] = mapped_column(String(40))
    against_verdict: Mapped[bool]
    overridden: Mapped[bool]
    act_followed: Mapped[bool | None]
    corrected: Mapped[bool]
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    attention: Mapped[int]
    registration_id: Mapped[UUID | None]
    township_version: Mapped[UUID | None]
    enterprise_version: Mapped[UUID | None]
    risk_list: Mapped[str | None] = mapped_column(String(64))
    switches: Mapped[str | None] = mapped_column(Text)
    alert_level: Mapped[int | None]
    last_seq: Mapped[int]


class VisitOccupant(TenantRow, Base):
    """A person of a visit, masked; ``subject`` as in the rules (``occupant:1``)."""

    __tablename__ = "visit_occupants"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id", "visit_id"], ["visits.enterprise_id", "visits.id"]),
        Index("ix_visit_occupants_phone", "enterprise_id", "phone_index"),
    )

    visit_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    subject: Mapped[str] = mapped_column(String(20), primary_key=True, sort_order=-1)
    role: Mapped[str] = mapped_column(String(12))
    name_mask: Mapped[str | None] = mapped_column(String(40))
    phone_mask: Mapped[str | None] = mapped_column(String(20))
    phone_index: Mapped[str | None] = mapped_column(String(64))
    inside: Mapped[bool]


class VisitStage(TenantRow, Base):
    """The last stored decision of one stage of a visit; ``findings`` and ``open`` as in the entry, JSON."""

    __tablename__ = "visit_stages"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id", "visit_id"], ["visits.enterprise_id", "visits.id"]),)

    visit_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    stage: Mapped[str] = mapped_column(String(16), primary_key=True, sort_order=-1)
    verdict: Mapped[str] = mapped_column(String(8))
    decided_at: Mapped[datetime]
    seq: Mapped[int]
    decision: Mapped[str] = mapped_column(Text)


class VisitEvent(TenantRow, Base):
    """Which entry of the book belongs to which visit, and whether it was applied, waits, or needs attention.

    An event may be here before its visit: it waits for the one it came after.
    """

    __tablename__ = "visit_events"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id", "seq"], ["ledger_entry.enterprise_id", "ledger_entry.seq"]),
        Index("ix_visit_events_seq", "enterprise_id", "seq"),
        Index(
            "ix_visit_events_put_off",
            *("enterprise_id", "state", "seq"),
            postgresql_where=_PUT_OFF,
            sqlite_where=_PUT_OFF,
        ),
    )

    visit_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)
    event_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(20))
    after: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(10))
