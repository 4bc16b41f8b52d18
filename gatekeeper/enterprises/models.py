"""Townships, and the enterprises that keep gates: factories, the office, checkpoints, the platform."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow, new_id


class EnterpriseKind(StrEnum):
    FACTORY = "factory"
    TOWNSHIP_OFFICE = "township_office"
    CHECKPOINT = "checkpoint"
    SERVICE_STATION = "service_station"
    PLATFORM = "platform"


class Size(StrEnum):
    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"


class Township(Base):
    """A township; its office is an enterprise of its own. ``demo``: everything in it is invented."""

    __tablename__ = "townships"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    office_id: Mapped[UUID]
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Enterprise(TenantRow, Base):
    """The tenant; its own id is the tenant column. ``township_id`` is None for the platform only."""

    __tablename__ = "enterprises"

    township_id: Mapped[UUID | None] = mapped_column(ForeignKey("townships.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    credit_code: Mapped[str | None] = mapped_column(String(18))
    cluster: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[str] = mapped_column(String(10), default=Size.SMALL)
    exporter: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    previous_id: Mapped[UUID | None]


class Gate(TenantRow, Base):
    """An entrance. ``accepts`` limits the kinds of visitor (comma-separated codes; empty: all)."""

    __tablename__ = "gates"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    name: Mapped[str] = mapped_column(String(40))
    accepts: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Zone(TenantRow, Base):
    """A part of the site that a visit is sent to; ``code`` is what rules name."""

    __tablename__ = "zones"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        UniqueConstraint("enterprise_id", "code"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    closed_at: Mapped[datetime | None]
