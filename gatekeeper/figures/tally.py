"""Adding visits up: a day at a time, so that a day that was added up once can be kept. Pure."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from gatekeeper.clock import local
from gatekeeper.figures.seen import Seen
from gatekeeper.figures.values import DayFigures, Dwell, Figures, Origin, RuleFigures, Verdicts, days_between
from gatekeeper.ledger.chain import canonical

DEFINITION = 1
"""Of what a kept day holds: to be raised with every change of what is counted, or how."""

OVER_LIMIT = "dwell.over"
"""The reason code of a violated dwell limit."""

VERDICTS = ("admit", "hold", "refuse")
STATES = ("met", "violated", "missing", "waived")
NAMED = (
    *("visits", "people", "admitted", "turned_away", "at_gate", "inside", "overdue", "counted", "compliant"),
    *("unanswered", "not_followed", "against_verdict", "overridden", "corrected", "late", "attention"),
)
SUMS = (*NAMED, "voided", "over_limit")
"""The single numbers of a day, under the names of their columns."""


def over_limit(seen: Seen) -> bool:
    """Whether the visit stayed, or stays, longer than a rule allows."""
    return any(finding.reason == OVER_LIMIT and finding.state == "violated" for finding in seen.findings)


class Day:
    """What the visits of one day add up to; days add up to periods."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.hours: Counter[tuple[int, str]] = Counter()
        self.rules: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.origins: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.used: dict[str, Counter[str]] = {name: Counter() for name in USED}
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
        self.hours[local(seen.arrived_at).hour, seen.arrival_verdict] += 1
        if seen.risk_level in ("high", "medium"):
            self.origins[f"{seen.origin[:2]}0000" if seen.origin else ""][seen.risk_level] += 1
        if seen.state == "left" and seen.admitted_at is not None and seen.closed_at is not None:
            self.stays.append(int((seen.closed_at - seen.admitted_at).total_seconds()))
        for name, codes in _used(seen).items():
            self.used[name].update(codes)
        if counted:
            for finding in seen.findings:
                if not (seen.verdict == "refuse" and finding.state == "missing"):
                    self.rules[finding.owner, finding.rule][finding.state] += 1

    def verdicts(self) -> Verdicts:
        """Visits by the verdict at arrival."""
        return Verdicts(**{v: sum(n for (_, w), n in self.hours.items() if w == v) for v in VERDICTS})

    def join(self, other: Day) -> None:
        """Add what another day adds up to."""
        self.sums.update(other.sums)
        self.hours.update(other.hours)
        for key, states in other.rules.items():
            self.rules[key].update(states)
        for province, levels in other.origins.items():
            self.origins[province].update(levels)
        for name, codes in other.used.items():
            self.used[name].update(codes)
        self.stays += other.stays

    def row(self) -> dict[str, Any]:
        """As it is kept: the columns of its roll-up without the key."""
        verdicts = self.verdicts()
        nested = {
            "hours": [[hour, verdict, n] for (hour, verdict), n in sorted(self.hours.items()) if n],
            "rules": [[*key, *(states[state] for state in STATES)] for key, states in sorted(self.rules.items())],
            "origins": [[place, n["high"], n["medium"]] for place, n in sorted(self.origins.items())],
            "stays": sorted(self.stays),
            **{name: [[code, n] for code, n in sorted(codes.items())] for name, codes in self.used.items()},
        }
        sums = {name: int(self.sums[name]) for name in SUMS}
        return {**sums, "held": verdicts.hold, "refused": verdicts.refuse, "nested": canonical(nested)}


USED = ("kinds", "townships", "enterprises", "lists", "switches")
"""What is told apart by a code alone: kinds of visitor, versions of both owners, risk lists, packs."""


def _used(seen: Seen) -> dict[str, Iterable[str]]:
    def one(used: Any) -> Iterable[str]:
        return () if used is None else (str(used),)

    return {
        "kinds": (seen.kind or "other",),
        "townships": one(seen.township_version),
        "enterprises": one(seen.enterprise_version),
        "lists": one(seen.risk_list),
        "switches": seen.switches.split(",") if seen.switches else (),
    }


def kept(row: Mapping[str, Any]) -> Day:
    """The day that ``Day.row`` made ``row`` of."""
    day, nested = Day(), json.loads(row["nested"])
    day.sums.update({name: row[name] for name in SUMS})
    day.hours.update({(hour, verdict): n for hour, verdict, n in nested["hours"]})
    day.rules.update(_rules(nested))
    for place, high, medium in nested["origins"]:
        day.origins[place].update({"high": high, "medium": medium})
    for name in USED:
        day.used[name].update(dict(nested[name]))
    day.stays = nested["stays"]
    return day


def rules_kept(nested: str) -> dict[tuple[str, str], Counter[str]]:
    """The rules alone of what ``Day.row`` keeps as ``nested``."""
    return _rules(json.loads(nested))


def _rules(nested: Mapping[str, Any]) -> dict[tuple[str, str], Counter[str]]:
    return {
        (owner, code): Counter(dict(zip(STATES, numbers, strict=True))) for owner, code, *numbers in nested["rules"]
    }


class Tally:
    """Adds visits one by one, so that whoever lists them too reads them once; or whole days."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.days: defaultdict[date, Day] = defaultdict(Day)

    def add(self, seen: Seen) -> None:
        self.days[seen.day].add(seen)

    def figures(self, *, voided: int | None = None) -> Figures:
        """``voided`` where the days were not told of those."""
        whole = Day()
        for day in self.days.values():
            whole.join(day)
        sums, used = whole.sums, {name: _ranked(codes) for name, codes in whole.used.items()}
        return Figures(
            first=self.first,
            last=self.last,
            voided=sums["voided"] if voided is None else voided,
            by_kind=used["kinds"],
            verdicts=whole.verdicts(),
            rules=tuple(
                RuleFigures(owner, code, *(n[state] for state in STATES))
                for (owner, code), n in sorted(
                    whole.rules.items(), key=lambda item: (item[0][0] != "township", item[0])
                )
            ),
            origins=tuple(
                Origin(province, n["high"], n["medium"])
                for province, n in sorted(whole.origins.items(), key=lambda item: (-item[1].total(), item[0]))
            ),
            hours=tuple(Verdicts(**{v: whole.hours[hour, v] for v in VERDICTS}) for hour in range(24)),
            days=tuple(self._of(day) for day in days_between(self.first, self.last)),
            dwell=Dwell(len(whole.stays), *_ranks(whole.stays, 50, 90), sums["over_limit"]),
            township_versions=used["townships"],
            enterprise_versions=used["enterprises"],
            risk_lists=used["lists"],
            switches=used["switches"],
            **{name: int(sums[name]) for name in NAMED},
        )

    def _of(self, day: date) -> DayFigures:
        found = self.days.get(day)
        if found is None:
            return DayFigures(day, Verdicts(), 0, 0)
        return DayFigures(day, found.verdicts(), found.sums["compliant"], found.sums["counted"])


def _ranked(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Most frequent first; equal ones by name, so that the same book always gives the same report."""
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _ranks(values: Iterable[int], *percents: int) -> tuple[int | None, ...]:
    """Percentiles by nearest rank: the smallest value that at least so many percent do not exceed."""
    ranked = sorted(values)
    return tuple(ranked[-(-len(ranked) * p // 100) - 1] if ranked else None for p in percents)
