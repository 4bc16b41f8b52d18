"""Counting: the figures of one enterprise, and the board of a township. Definitions: docs/figures.md."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.figures import counting, queries
from gatekeeper.figures.tally import Tally
from gatekeeper.figures.tally import over_limit as over_limit
from gatekeeper.figures.values import EnterpriseRow, Figures, Rate, days_between

Sums = dict[date, queries.DaySum]
NOTHING = Rate(0, 0)


def count(session: Session, *, enterprise_id: UUID, first: date, last: date) -> Figures:
    """Every figure of one enterprise from ``first`` to ``last``, both included; reads only."""
    tally = Tally(first, last)
    tally.days.update(counting.days(session, enterprise_id=enterprise_id, first=first, last=last))
    return tally.figures()


def period_before(session: Session, *, enterprise_id: UUID, first: date, last: date) -> Rate:
    """Gate compliance of as many days immediately before the period."""
    before = first - timedelta(days=1)
    start = before - (last - first)
    rows = queries.day_sums(session, first=start, last=before, enterprise_id=enterprise_id)
    return Rate(sum(row.compliant for row in rows), sum(row.counted for row in rows))


def board(session: Session, *, first: date, last: date) -> list[EnterpriseRow]:
    """Every open enterprise that keeps a gate, those that need attention first, then by name.

    Under the scope of a township; a few statements whatever the number of enterprises and visits.
    """
    by_enterprise: dict[UUID, Sums] = defaultdict(dict)
    for row in queries.day_sums(session, first=first, last=last):
        by_enterprise[row.enterprise_id][row.day] = row
    days = list(days_between(first, last))
    rows = [
        _row(*enterprise, by_enterprise.get(enterprise[0], {}), days) for enterprise in queries.gate_keepers(session)
    ]
    return sorted(rows, key=lambda row: (not row.needs_attention, row.name))


def _row(enterprise_id: UUID, slug: str, name: str, sums: Sums, days: list[date]) -> EnterpriseRow:
    totals = [sum(column) for column in zip(*(row[2:] for row in sums.values()), strict=True)]
    named = dict(zip(queries.DaySum._fields[2:], totals or [0] * 7, strict=True))
    shown = tuple(Rate(sums[day].compliant, sums[day].counted) if day in sums else NOTHING for day in days)
    return EnterpriseRow(enterprise_id=enterprise_id, slug=slug, name=name, days=shown, **named)
