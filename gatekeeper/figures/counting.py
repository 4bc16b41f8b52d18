"""The days of one enterprise: counted from its visits, or taken from the roll-ups that are in step."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.figures import queries, rolled
from gatekeeper.figures.tally import Day, kept, rules_kept

Rules = dict[tuple[str, str], Counter[str]]
"""How often each rule (owner, code) was met, violated, missing or waived."""


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


def rules(session: Session, *, first: date, last: date) -> dict[UUID, Rules]:
    """What each rule came to in a period at every enterprise of the session's scope; a few statements for all of them.

    From roll-ups where they are in step with their book.
    """
    found: defaultdict[UUID, Rules] = defaultdict(lambda: defaultdict(Counter))
    books = rolled.books(session)
    without = {book.enterprise_id for book in books if not book.rolled}
    stale = {pair for pair in rolled.changed(session, books) if first <= pair[1] <= last}
    for place, day, nested in rolled.nested(session, first=first, last=last):
        if place not in without and (place, day) not in stale:
            _join(found[place], rules_kept(nested))
    for place in without:
        for each in of_visits(session, enterprise_id=place, first=first, last=last).values():
            _join(found[place], each.rules)
    for place, day in sorted(stale):
        for each in of_visits(session, enterprise_id=place, first=day, last=day).values():
            _join(found[place], each.rules)
    return dict(found)


def _join(sums: Rules, more: Rules) -> None:
    for rule, states in more.items():
        sums[rule].update(states)
