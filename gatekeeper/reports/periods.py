"""The days of a report: a closed enterprise has its time until then, a range that is too long its parts."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.clock import day_of
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import Invalid
from gatekeeper.figures.values import LONGEST_PERIOD
from gatekeeper.rules.values import Text

MOST_PARTS = 12


def closed_on(session: Session, *, enterprise_id: UUID) -> date | None:
    """The last day of an enterprise that was closed; None while it is open."""
    closed_at = enterprises.enterprise(session, enterprise_id=enterprise_id).closed_at
    return day_of(closed_at) if closed_at else None


def until_closed(first: date, last: date, closed: date | None) -> date:
    """The last day to count; raises ``Invalid`` (``period.closed``) for days after the enterprise was closed."""
    if closed is None or last <= closed:
        return last
    if first > closed:
        raise Invalid(
            "period.closed",
            Text(
                f"企业已于 {closed.isoformat()} 停用，最晚可选这一天",
                f"The enterprise was closed on {closed.isoformat()}; choose days up to then",
            ),
            field="first",
        )
    return closed


def parts(first: date | None, last: date | None, *, today: date) -> list[tuple[date, date]]:
    """A range that is too long as calendar years, none after ``today``, the latest ``MOST_PARTS``; else empty."""
    if first is None or last is None or (last - first).days < LONGEST_PERIOD:
        return []
    found, start, last = [], first, min(last, today)
    while start <= last:
        end = min(start.replace(month=12, day=31), last)
        found.append((start, end))
        start = end + timedelta(days=1)
    return found[-MOST_PARTS:]
