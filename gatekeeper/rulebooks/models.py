"""Rulebooks: one draft per enterprise, its published versions, and the packs that a township switches on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
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
    origin: Mapped[str | None] = mapped_column(Text)
    """Where it came from when it was taken over from elsewhere, JSON; None: written here."""


class RulebookDraft(TenantRow, Base):
    """The draft an admin works on; ``based_on`` is the version it began from, ``origin`` as that of a version."""

    __tablename__ = "rulebook_drafts"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    document: Mapped[str] = mapped_column(Text)
    based_on: Mapped[UUID | None]
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID]
    origin: Mapped[str | None] = mapped_column(Text)


class DraftStep(TenantRow, Base):
    """The draft as it stood at ``revision``, before it was changed; ``what``: the change, in words."""

    __tablename__ = "rulebook_draft_steps"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["rulebook_drafts.enterprise_id"]),)

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)
    document: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(String(200))


class Reach(StrEnum):
    """Whom a pack is switched on for."""

    ALL = "all"
    CLUSTER = "cluster"
    NAMED = "named"


class PackSwitch(Published, Base):
    """A township puts the rules of a pack on enterprises from ``holds_from`` until ``holds_until`` (None: no end yet).

    ``document`` is the pack as switched on, canonical JSON: later files of the program change nothing in it. A row
    never changes; an early end is a row of its own.
    """

    __tablename__ = "pack_switches"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_pack_switches_holds_from", "enterprise_id", "holds_from"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    pack: Mapped[str] = mapped_column(String(40))
    reach: Mapped[str] = mapped_column(String(10))
    cluster: Mapped[str | None] = mapped_column(String(40))
    holds_from: Mapped[datetime]
    holds_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    made_by_name: Mapped[str] = mapped_column(String(40))


def _of_switch(owner: str = "enterprise_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint([owner, "switch_id"], ["pack_switches.enterprise_id", "pack_switches.id"])


class SwitchTarget(Published, Base):
    """An enterprise that a switch names."""

    __tablename__ = "pack_switch_targets"
    __table_args__ = (_of_switch(), ForeignKeyConstraint(["target_id"], ["enterprises.enterprise_id"]))

    switch_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    target_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


class SwitchEnd(Published, Base):
    """A switch ended before its time."""

    __tablename__ = "pack_switch_ends"
    __table_args__ = (_of_switch(),)

    switch_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    ended_at: Mapped[datetime]
    ended_by: Mapped[UUID]
    ended_by_name: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(200))


class AlertLevel(Published, Base):
    """The township's alert level, 0 (none) to 10, in force from ``holds_from`` until the next."""

    __tablename__ = "alert_levels"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_alert_levels_holds_from", "enterprise_id", "holds_from"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    level: Mapped[int]
    holds_from: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    made_by_name: Mapped[str] = mapped_column(String(40))


class Acknowledgement(TenantRow, Base):
    """An enterprise has seen what a switch changes for it."""

    __tablename__ = "acknowledgements"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        _of_switch("owner_enterprise_id"),
    )

    owner_enterprise_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    switch_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    at: Mapped[datetime]
    by: Mapped[UUID]
    by_name: Mapped[str] = mapped_column(String(40))
