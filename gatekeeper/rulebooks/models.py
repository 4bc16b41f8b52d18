"""Rulebooks: one draft per enterprise, and its published versions, which never change."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, Published, TenantRow, new_id


class RulebookVersion(Published, Base):
    """A published rulebook, in force from ``holds_from`` until the next one. ``document`` is canonical JSON."""

    __tablename__ = "rulebook_versions"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        UniqueConstraint("enterprise_id", "number"),
        Index("ix_rulebook_versions_holds_from", "enterprise_id", "holds_from"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    number: Mapped[int]
    owner: Mapped[str] = mapped_column(String(12))
    document: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    holds_from: Mapped[datetime]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID]
    published_by_name: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200), default="")


class RulebookDraft(TenantRow, Base):
    """The draft an admin works on; ``based_on`` is the version it began from."""

    __tablename__ = "rulebook_drafts"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    document: Mapped[str] = mapped_column(Text)
    based_on: Mapped[UUID | None]
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID]
