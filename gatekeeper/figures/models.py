"""Roll-ups: what the visits of an enterprise and day add up to, and how far in the book that is so."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from gatekeeper.db import Base, TenantRow


class RolledBook(TenantRow, Base):
    """Up to which entry of the book the days are in step, and by which definition they were counted.

    An enterprise without this row has no roll-ups. A day without a row under it had no visits.
    """

    __tablename__ = "day_figures_head"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    seq: Mapped[int]
    definition: Mapped[int]


class RolledDay(TenantRow, Base):
    """The sums of one day as docs/figures.md defines them; ``held`` and ``refused`` are verdicts at arrival.

    ``nested``: what is no single number, canonical JSON in the shape of ``figures/tally.py``.
    """

    __tablename__ = "day_figures"
    __table_args__ = (ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),)

    day: Mapped[date] = mapped_column(primary_key=True, sort_order=-1)
    visits: Mapped[int]
    voided: Mapped[int]
    people: Mapped[int]
    admitted: Mapped[int]
    turned_away: Mapped[int]
    at_gate: Mapped[int]
    inside: Mapped[int]
    overdue: Mapped[int]
    counted: Mapped[int]
    compliant: Mapped[int]
    unanswered: Mapped[int]
    not_followed: Mapped[int]
    against_verdict: Mapped[int]
    overridden: Mapped[int]
    corrected: Mapped[int]
    late: Mapped[int]
    attention: Mapped[int]
    over_limit: Mapped[int]
    held: Mapped[int]
    refused: Mapped[int]
    nested: Mapped[str] = mapped_column(Text)
