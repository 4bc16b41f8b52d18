"""Announced visits: which plate comes on which day, from where, and who approved it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow, new_id


class Registration(TenantRow, Base):
    """An announcement of one plate for one day; approvals are times, None until given.

    ``township_asked``: whoever announced it wants the township's approval, whatever the rules say (None: written by an
    older program); ``needs_township``: they or the rules do. ``risk_level`` is that of the origin on ``risk_list``
    (content hash; None: no list), as last judged. ``plate`` is empty once erased; ``declined_seq`` is the entry of the
    book whose part holds the reason.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_registrations_plate_day", "enterprise_id", "plate", "day"),
        Index("ix_registrations_day", "enterprise_id", "day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    plate: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    origin: Mapped[str | None] = mapped_column(String(9))
    cargo: Mapped[str | None] = mapped_column(String(20))
    announced_at: Mapped[datetime]
    announced_by: Mapped[UUID]
    needs_township: Mapped[bool] = mapped_column(default=False)
    township_asked: Mapped[bool | None]
    enterprise_approved_at: Mapped[datetime | None]
    enterprise_approved_by: Mapped[UUID | None]
    township_approved_at: Mapped[datetime | None]
    township_approved_by: Mapped[UUID | None]
    declined_at: Mapped[datetime | None]
    declined_seq: Mapped[int | None]
    risk_level: Mapped[str | None] = mapped_column(String(8))
    risk_list: Mapped[str | None] = mapped_column(String(64))
