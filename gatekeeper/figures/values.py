"""The numbers of a period as plain values: integers only, defined in docs/figures.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from gatekeeper.errors import Invalid
from gatekeeper.rules.values import Text

DAY_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")

LONGEST_PERIOD = 400
"""Days; a year and a month."""

ATTENTION_BELOW = 950
"""Tenths of a percent of gate compliance under which an enterprise needs attention."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``met`` of ``of``."""

    met: int
    of: int

    @property
    def tenths(self) -> int | None:
        """Tenths of a percent, rounded down so that 1000 is said of all only; None with nothing to divide by."""
        return self.met * 1000 // self.of if self.of else None

    @property
    def share(self) -> float | None:
        """0 to 1 for the length of a bar; None with nothing to divide by."""
        return self.met / self.of if self.of else None

    @property
    def percent(self) -> str:
        """``98.4 %``, or a dash with nothing to divide by."""
        return "—" if self.tenths is None else f"{self.tenths // 10}.{self.tenths % 10} %"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Visits by the verdict at arrival."""

    admit: int = 0
    hold: int = 0
    refuse: int = 0

    @property
    def total(self) -> int:
        return self.admit + self.hold + self.refuse


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How one rule stood over all visits and subjects; ``owner`` is township or enterprise."""

    owner: str
    code: str
    met: int
    violated: int
    missing: int
    waived: int

    @property
    def rate(self) -> Rate:
        return Rate(self.met, self.met + self.violated + self.missing)


@dataclass(frozen=True, slots=True)
class Origin:
    """Visits of risk from one province (code of six digits; empty where no origin was entered)."""

    province: str
    high: int
    medium: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    day: date
    verdicts: Verdicts
    compliant: int
    counted: int

    @property
    def rate(self) -> Rate:
        return Rate(self.compliant, self.counted)


@dataclass(frozen=True, slots=True)
class Dwell:
    """Seconds from admission to leaving of ``stays`` visits; None where nobody left."""

    stays: int
    median: int | None
    ninetieth: int | None
    over_limit: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Every figure of one enterprise and period; docs/figures.md says what each counts."""

    first: date
    last: date
    visits: int
    voided: int
    people: int
    by_kind: tuple[tuple[str, int], ...]
    verdicts: Verdicts
    admitted: int
    turned_away: int
    at_gate: int
    inside: int
    overdue: int
    counted: int
    compliant: int
    unanswered: int
    not_followed: int
    against_verdict: int
    overridden: int
    corrected: int
    late: int
    attention: int
    rules: tuple[RuleFigures, ...]
    origins: tuple[Origin, ...]
    hours: tuple[Verdicts, ...]
    days: tuple[DayFigures, ...]
    dwell: Dwell
    township_versions: tuple[tuple[str, int], ...]
    enterprise_versions: tuple[tuple[str, int], ...]
    risk_lists: tuple[tuple[str, int], ...]
    switches: tuple[tuple[str, int], ...]

    @property
    def compliance(self) -> Rate:
        return Rate(self.compliant, self.counted)

    def to_data(self) -> dict[str, Any]:
        """As JSON: days as text, everything else integers, strings and lists of these."""
        data: dict[str, Any] = plain(self)
        return data


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """One enterprise on the township's board; ``days`` has a rate for every day of the period."""

    enterprise_id: UUID
    slug: str
    name: str
    visits: int
    compliant: int
    counted: int
    held: int
    refused: int
    against_verdict: int
    overdue: int
    days: tuple[Rate, ...]

    @property
    def compliance(self) -> Rate:
        return Rate(self.compliant, self.counted)

    @property
    def shares(self) -> list[float | None]:
        """Of each day, for a line."""
        return [day.share for day in self.days]

    @property
    def percents(self) -> list[str]:
        """Of each day, in words."""
        return [day.percent for day in self.days]

    @property
    def needs_attention(self) -> bool:
        tenths = self.compliance.tenths
        return bool(self.against_verdict or self.overdue or (tenths is not None and tenths < ATTENTION_BELOW))


def plain(value: Any) -> Any:
    """Dataclasses as dictionaries, tuples as lists, days as ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day of the period, both ends included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def checked_period(first: date, last: date, *, today: date) -> tuple[date, date]:
    """The period; raises ``Invalid`` (codes ``period.reversed``, ``period.future``, ``period.too_long``)."""
    if first > last:
        raise Invalid(
            "period.reversed",
            Text("开始日期晚于结束日期，请对调", "The first day is after the last one; swap them"),
            field="first",
        )
    if last > today:
        raise Invalid(
            "period.future",
            Text(
                f"结束日期还没有到，最晚可选今天（{today.isoformat()}）",
                f"The last day has not come yet; the latest is today ({today.isoformat()})",
            ),
            field="last",
        )
    if (last - first).days >= LONGEST_PERIOD:
        raise Invalid(
            "period.too_long",
            Text(
                f"一次最多 {LONGEST_PERIOD} 天，请分段查看",
                f"At most {LONGEST_PERIOD} days at a time; split the period",
            ),
            field="first",
        )
    return first, last


def parse_day(text: str, *, field: str) -> date:
    """A day as YYYY-MM-DD; raises ``Invalid`` (``period.unreadable``) for anything else."""
    written = DAY_PATTERN.fullmatch(text)
    try:
        year, month, day = (int(part) for part in written.groups()) if written else (0, 0, 0)
        return date(year, month, day)
    except ValueError:
        raise Invalid(
            "period.unreadable",
            Text("日期请写成 2022-04-18 这样", "Write the day like 2022-04-18"),
            field=field,
        ) from None


def usual_periods(today: date) -> list[tuple[Text, date, date]]:
    """Today, yesterday, the last seven days, last week (Monday to Sunday), this month, last month."""
    day = timedelta(days=1)
    monday = today - day * today.weekday()
    month = today.replace(day=1)
    before = (month - day).replace(day=1)
    return [
        (Text("今天", "Today"), today, today),
        (Text("昨天", "Yesterday"), today - day, today - day),
        (Text("近 7 天", "Last 7 days"), today - 6 * day, today),
        (Text("上周", "Last week"), monday - 7 * day, monday - day),
        (Text("本月", "This month"), month, today),
        (Text("上月", "Last month"), before, month - day),
    ]
