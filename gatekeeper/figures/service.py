"""Counting: the figures of one enterprise, and the board of a township. Definitions: docs/figures.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.clock import local
from gatekeeper.figures import queries
from gatekeeper.figures.queries import Seen
from gatekeeper.figures.values import (
    DayFigures,
    Dwell,
    EnterpriseRow,
    Figures,
    Origin,
    Rate,
    RuleFigures,
    Verdicts,
    days_between,
)

OVER_LIMIT = "dwell.over"
"""The reason code of a violated dwell limit."""


def count(session: Session, *, enterprise_id: UUID, first: date, last: date) -> Figures:
    """Every figure of one enterprise from ``first`` to ``last``, both included; reads only."""
    tally = Tally(first, last)
    for seen in queries.visits(session, enterprise_id=enterprise_id, first=first, last=last):
        tally.add(seen)
    return tally.figures(voided=queries.voided(session, enterprise_id=enterprise_id, first=first, last=last))


def period_before(session: Session, *, enterprise_id: UUID, first: date, last: date) -> Rate:
    """Gate compliance of as many days immediately before the period."""
    before = first - timedelta(days=1)
    start = before - (last - first)
    rows = queries.day_sums(session, first=start, last=before, enterprise_id=enterprise_id)
    return Rate(sum(row.compliant for row in rows), sum(row.counted for row in rows))


def board(session: Session, *, first: date, last: date) -> list[EnterpriseRow]:
    """Every open enterprise that keeps a gate, those that need attention first, then by name.

    Under the scope of a township; two statements whatever the number of enterprises.
    """
    by_enterprise: dict[UUID, dict[date, queries.DaySum]] = defaultdict(dict)
    for row in queries.day_sums(session, first=first, last=last):
        by_enterprise[row.enterprise_id][row.day] = row
    days = list(days_between(first, last))
    rows = [
        _row(*enterprise, by_enterprise.get(enterprise[0], {}), days) for enterprise in queries.gate_keepers(session)
    ]
    return sorted(rows, key=lambda row: (not row.needs_attention, row.name))


def _row(
    enterprise_id: UUID, slug: str, name: str, sums: dict[date, queries.DaySum], days: list[date]
) -> EnterpriseRow:
    def total(field: str) -> int:
        return sum(getattr(row, field) for row in sums.values())

    return EnterpriseRow(
        enterprise_id=enterprise_id,
        slug=slug,
        name=name,
        **{
            field: total(field)
            for field in ("visits", "compliant", "counted", "held", "refused", "against_verdict", "overdue")
        },
        days=tuple(Rate(sums[day].compliant, sums[day].counted) if day in sums else Rate(0, 0) for day in days),
    )


class Tally:
    """Adds visits one by one, so that whoever lists them too reads them once."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.sums: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.hours: Counter[tuple[int, str]] = Counter()
        self.days: Counter[tuple[date, str]] = Counter()
        self.rules: dict[tuple[str, str], Counter[str]] = {}
        self.origins: dict[str, Counter[str]] = {}
        self.townships: Counter[str] = Counter()
        self.enterprises: Counter[str] = Counter()
        self.lists: Counter[str] = Counter()
        self.switches: Counter[str] = Counter()
        self.stays: list[int] = []

    def add(self, seen: Seen) -> None:
        counted = seen.counted
        told = dict(
            visits=1,
            people=seen.people,
            admitted=seen.admitted_at is not None,
            turned_away=seen.state == "turned_away",
            at_gate=seen.state == "at_gate",
            inside=seen.state == "inside",
            overdue=seen.overdue,
            counted=counted,
            compliant=seen.compliant,
            unanswered=counted and seen.unanswered,
            not_followed=counted and not seen.act_followed,
            against_verdict=seen.against_verdict,
            overridden=seen.overridden,
            corrected=seen.corrected,
            late=seen.late,
            attention=seen.attention > 0,
            over_limit=over_limit(seen),
        )
        self.sums.update({name: int(value) for name, value in told.items()})
        self.kinds[seen.kind or "other"] += 1
        self.hours[local(seen.arrived_at).hour, seen.arrival_verdict] += 1
        self.days.update({(seen.day, seen.arrival_verdict): 1, (seen.day, "counted"): int(counted)})
        self.days[seen.day, "compliant"] += seen.compliant
        if seen.risk_level in ("high", "medium"):
            province = f"{seen.origin[:2]}0000" if seen.origin else ""
            self.origins.setdefault(province, Counter())[seen.risk_level] += 1
        if seen.state == "left" and seen.admitted_at is not None and seen.closed_at is not None:
            self.stays.append(int((seen.closed_at - seen.admitted_at).total_seconds()))
        for used, counter in (
            (seen.township_version, self.townships),
            (seen.enterprise_version, self.enterprises),
            (seen.risk_list, self.lists),
        ):
            if used is not None:
                counter[str(used)] += 1
        self.switches.update(seen.switches.split(",") if seen.switches else ())
        if counted:
            self._add_rules(seen)

    def _add_rules(self, seen: Seen) -> None:
        refused = seen.verdict == "refuse"
        for finding in seen.findings:
            if not (refused and finding.state == "missing"):
                self.rules.setdefault((finding.owner, finding.rule), Counter())[finding.state] += 1

    def figures(self, *, voided: int) -> Figures:
        sums = self.sums
        named = (
            "visits", "people", "admitted", "turned_away", "at_gate", "inside", "overdue", "counted", "compliant",
            "unanswered", "not_followed", "against_verdict", "overridden", "corrected", "late",
            "attention",
        )  # fmt: skip
        return Figures(
            first=self.first,
            last=self.last,
            voided=voided,
            by_kind=_ranked(self.kinds),
            verdicts=_verdicts({v: sum(n for (_, w), n in self.hours.items() if w == v) for v in VERDICTS}),
            rules=tuple(
                RuleFigures(owner, code, n["met"], n["violated"], n["missing"], n["waived"])
                for (owner, code), n in sorted(self.rules.items(), key=lambda item: (item[0][0] != "township", item[0]))
            ),
            origins=tuple(
                Origin(province, n["high"], n["medium"])
                for province, n in sorted(self.origins.items(), key=lambda item: (-item[1].total(), item[0]))
            ),
            hours=tuple(_verdicts({v: self.hours[hour, v] for v in VERDICTS}) for hour in range(24)),
            days=tuple(
                DayFigures(
                    day,
                    _verdicts({v: self.days[day, v] for v in VERDICTS}),
                    self.days[day, "compliant"],
                    self.days[day, "counted"],
                )
                for day in days_between(self.first, self.last)
            ),
            dwell=Dwell(len(self.stays), *_ranks(self.stays, 50, 90), sums["over_limit"]),
            township_versions=_ranked(self.townships),
            enterprise_versions=_ranked(self.enterprises),
            risk_lists=_ranked(self.lists),
            switches=_ranked(self.switches),
            **{name: int(sums[name]) for name in named},
        )


VERDICTS = ("admit", "hold", "refuse")


def over_limit(seen: Seen) -> bool:
    """Whether the visit stayed, or stays, longer than a rule allows."""
    return any(finding.reason == OVER_LIMIT and finding.state == "violated" for finding in seen.findings)


def _verdicts(numbers: dict[str, int]) -> Verdicts:
    return Verdicts(**numbers)


def _ranked(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Most frequent first; equal ones by name, so that the same book always gives the same report."""
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _ranks(values: Iterable[int], *percents: int) -> tuple[int | None, ...]:
    """Percentiles by nearest rank: the smallest value that at least so many percent do not exceed."""
    ranked = sorted(values)
    return tuple(ranked[-(-len(ranked) * p // 100) - 1] if ranked else None for p in percents)
