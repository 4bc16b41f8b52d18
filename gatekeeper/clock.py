"""The only place that reads the clock. Everything else is told the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
AHEAD = 8
"""Hours by which that clock is ahead of UTC, the whole year round."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = 1_000_000
"""A second in the microseconds of stored times."""


def now() -> datetime:
    """This moment, aware, UTC."""
    return datetime.now(UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC; refuses a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


def local(moment: datetime) -> datetime:
    """The same moment on the gate's wall clock (Asia/Shanghai)."""
    return moment.astimezone(ZONE)


def day_of(moment: datetime) -> date:
    """The day a moment belongs to at the gate (Asia/Shanghai)."""
    return local(moment).date()


def start_of(day: date) -> datetime:
    """Midnight at the gate when ``day`` begins, as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def today() -> date:
    return day_of(now())
