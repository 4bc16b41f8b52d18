"""Official risk-area lists, stored once for all, and their adoption by a township."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, Published, new_id


class RiskList(Base):
    """One official list, by the SHA-256 of its file. ``document`` is the file itself, deflated."""

    __tablename__ = "risk_lists"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    update_time: Mapped[datetime]
    high: Mapped[int]
    middle: Mapped[int]
    low: Mapped[int]
    unmatched: Mapped[int]
    document: Mapped[bytes] = mapped_column(LargeBinary)
    loaded_at: Mapped[datetime]


class Adoption(Published, Base):
    """A township puts a list in force from ``adopted_at`` on; ``enterprise_id`` is its office."""

    __tablename__ = "adoptions"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_adoptions_adopted_at", "enterprise_id", "adopted_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    list_hash: Mapped[str] = mapped_column(ForeignKey("risk_lists.hash"))
    update_time: Mapped[datetime]
    adopted_at: Mapped[datetime]
