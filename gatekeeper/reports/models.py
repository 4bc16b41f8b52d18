"""Reports that were issued: their figures for good, their files until the plates in them have had their time."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow, new_id


class IssuedReport(TenantRow, Base):
    """One report as it was handed out. ``figures`` (canonical JSON) and its SHA-256 stay when the file has expired.

    The file lies encrypted as class ``plate`` in the data folder until ``expires_on``; ``sha256`` is that of the
    plain file, ``payload_digest`` that of the JSON inside it, ``certificate`` that of what it is signed with (None:
    handed out before reports were signed). ``checkpoint`` is the number of the one it carries, None where there was
    none. ``withdrawn_why`` is a code that anybody may read. ``made_as`` names what it holds and by which definitions
    (``values.SCHEMA``), None for one of before.
    """

    __tablename__ = "issued_reports"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_issued_reports_made_at", "enterprise_id", "made_at"),
        Index("ix_issued_reports_expires_on", "enterprise_id", "expires_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    number: Mapped[str] = mapped_column(String(100))
    first: Mapped[date]
    last: Mapped[date]
    lang: Mapped[str] = mapped_column(String(2))
    seq: Mapped[int]
    figures: Mapped[str] = mapped_column(Text)
    figures_digest: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    checkpoint: Mapped[int | None]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    expires_on: Mapped[date]
    file_erased_at: Mapped[datetime | None]
    payload_digest: Mapped[str | None] = mapped_column(String(64))
    certificate: Mapped[str | None] = mapped_column(String(64))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None]
    withdrawn_why: Mapped[str | None] = mapped_column(String(20))
    made_as: Mapped[str | None] = mapped_column(String(20))


class ReportSchedule(TenantRow, Base):
    """A report that the worker issues by itself: ``every`` is day, week or month, ``hour`` of the clock at the gate.

    ``done_until`` is the last day of the last period that was asked for; what is missed is caught up once.
    """

    __tablename__ = "report_schedules"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    every: Mapped[str] = mapped_column(String(5), primary_key=True, sort_order=-1)
    hour: Mapped[int]
    lang: Mapped[str] = mapped_column(String(2))
    done_until: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
