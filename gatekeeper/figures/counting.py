"""The days of one enterprise: counted from its visits, or taken from the roll-ups that are in step."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.figures import queries, rolled
from gatekeeper.figures.tally import Day, kept


def of_visits(session: Session, *, enterprise_id: UUID, first: date, last: date) -> dict[date, Day]:
    """Every day of the period on which a visit arrived, from the visits themselves."""
    found: defaultdict[date, Day] = defaultdict(Day)
    for seen in queries.visits(session, enterprise_id=enterprise_id, first=first, last=last):
        found[seen.day].add(seen)
    voided = queries.voided_by_day(session, enterprise_id=enterprise_id, first=first, last=last)
    for day, count in voided.items():
        found[day].sums["voided"] = count
    return dict(found)


def days(session: Session, *, enterprise_id: UUID, first: date, last: date) -> dict[date, Day]:
    """The same, from roll-ups where they are in step with the book."""
    stale = rolled.out_of_step(session, enterprise_id=enterprise_id, first=first, last=last)
    if stale is None:
        return of_visits(session, enterprise_id=enterprise_id, first=first, last=last)
    rows = rolled.rows(session, enterprise_id=enterprise_id, first=first, last=last)
    found = {row.day: kept(rolled.values(row)) for row in rows if row.day not in stale}
    for day in sorted(stale):
        found |= of_visits(session, enterprise_id=enterprise_id, first=day, last=day)
    return found
