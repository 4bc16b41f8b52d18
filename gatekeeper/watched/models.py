"""Watched plates: what a gate is told at once when one of them comes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, Published, new_id


class What(StrEnum):
    """What the guard does when the plate comes: not admit it and tell the lead; call somebody before anything else."""

    REFUSE = "refuse"
    TELL = "tell"


class WatchedPlate(Published, Base):
    """A plate on the list of an enterprise, or of a township's office for all its enterprises.

    ``until`` is its last day (None: until it is lifted); ``plate`` and ``why`` are empty once erased.
    """

    __tablename__ = "watched_plates"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_watched_plates_plate", "enterprise_id", "plate"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    plate: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(String(6))
    why: Mapped[str] = mapped_column(String(200))
    until: Mapped[date | None]
    added_at: Mapped[datetime]
    added_by: Mapped[UUID]
    added_by_name: Mapped[str] = mapped_column(String(40))
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None]
    lifted_by_name: Mapped[str | None] = mapped_column(String(40))
