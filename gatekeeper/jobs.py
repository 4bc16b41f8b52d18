"""Work that is not done on the request: a row is the truth, the worker is only woken.

A job is written in the transaction of the act that wants it. Whoever runs it holds a lease; a lease that ran out,
because its worker was killed, is taken up by the next.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, column
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow, new_id

_OPEN = column("state").in_(("waiting", "running"))


class Job(TenantRow, Base):
    """One job of one enterprise (the platform's own are under its id).

    ``key`` is unique among the open jobs of a kind, so that asking twice is one job; ``arguments`` and ``result`` are
    JSON and hold no personal value; ``state``: waiting, running, done, failed or cancelled.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_jobs_key", "enterprise_id", "kind", "key", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_jobs_open", "state", "made_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(100))
    arguments: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    progress: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(String(300))
