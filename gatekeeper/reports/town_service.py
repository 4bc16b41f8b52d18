"""Making the report of a township from the figures of its enterprises. Definitions: docs/figures.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import Tenant
from gatekeeper.clock import day_of
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.figures import counting, in_force
from gatekeeper.figures import queries as figure_queries
from gatekeeper.figures import service as figures
from gatekeeper.figures.values import DayFigures, Rate, Verdicts, days_between
from gatekeeper.reports import town_queries as queries
from gatekeeper.reports.town_values import (
    FEWEST,
    WORST,
    Group,
    PlaceFigures,
    Sums,
    TownFigures,
    TownReport,
    WorstRule,
)
from gatekeeper.rules.values import Text

SATURDAY = 5
SIZES = ("large", "medium", "small")


def build(session: Session, *, office: Tenant, first: date, last: date, at: datetime) -> TownReport:
    """The report of ``office``'s township from ``first`` to ``last``, both included; reads only, under its scope."""
    seq = queries.position(session)
    places = [place for place in enterprises.gate_keepers(session) if _kept_gates(place, first, last)]
    sums = _sums(session, first, last)
    length = last - first + timedelta(days=1)
    before = _sums(session, first - length, last - length)
    reported = queries.reported(session, first=first, last=last)
    silent = _silent(places, sums, first, min(last, day_of(at) - timedelta(days=1)))
    made = [_place(place, sums[place.enterprise_id], before[place.enterprise_id], silent, reported) for place in places]
    groups = _groups(made)
    counted = TownFigures(
        first=first,
        last=last,
        now=_total(place.now for place in made),
        before=_total(_total(before[place.enterprise_id].values()) for place in places),
        days=_days([sums[place.enterprise_id] for place in places], first, last),
        groups=groups,
        worst=_worst(session, places, first, last),
    )
    one_day, names = first == last, {place.enterprise_id: place.name for place in places}
    return TownReport(
        number=f"{office.slug.upper()}-{first:%Y%m%d}-{last:%Y%m%d}-{seq}",
        township=office.township_name,
        office=office.name,
        demo=office.demo,
        first=first,
        last=last,
        seq=seq,
        made_at=at,
        figures=counted,
        orders=queries.open_orders(session, office_id=office.id, at=at) if one_day else (),
        unkept=queries.unkept(session, day=first, names=names) if one_day else (),
    )


def _kept_gates(place: Enterprise, first: date, last: date) -> bool:
    """Whether it was there on a day of the period."""
    return day_of(place.created_at) <= last and (place.closed_at is None or day_of(place.closed_at) >= first)


Days = Mapping[date, Sums]


def _sums(session: Session, first: date, last: date) -> defaultdict[UUID, dict[date, Sums]]:
    found: defaultdict[UUID, dict[date, Sums]] = defaultdict(dict)
    for row in figure_queries.day_sums(session, first=first, last=last):
        counts = (row.visits, row.compliant, row.counted, row.held, row.refused, row.against_verdict, row.overdue)
        found[row.enterprise_id][row.day] = Sums(*counts)
    return found


def _total(sums: Iterable[Sums]) -> Sums:
    return sum(sums, Sums())


def _days(of_places: Sequence[Days], first: date, last: date) -> tuple[DayFigures, ...]:
    made = []
    for day in days_between(first, last):
        n = _total(days[day] for days in of_places if day in days)
        verdicts = Verdicts(n.visits - n.held - n.refused, n.held, n.refused)
        made.append(DayFigures(day, verdicts, n.compliant, n.counted))
    return tuple(made)


def _silent(
    places: Sequence[Enterprise], sums: Mapping[UUID, Days], first: date, last: date
) -> dict[UUID, tuple[date, ...]]:
    """Working days, Monday to Friday, on which an enterprise had no visit and another of its cluster had one."""
    busy: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for place in places:
        for day, of_day in sums.get(place.enterprise_id, {}).items():
            if place.cluster and of_day.visits:
                busy[place.cluster][day] += 1
    found = {}
    for place in places:
        own, others = sums.get(place.enterprise_id, {}), busy.get(place.cluster or "", {})
        closed = day_of(place.closed_at) if place.closed_at else last
        found[place.enterprise_id] = tuple(
            day
            for day in days_between(max(first, day_of(place.created_at)), min(last, closed))
            if day.weekday() < SATURDAY and others.get(day) and not (day in own and own[day].visits)
        )
    return found


def _place(
    place: Enterprise, now: Days, before: Days, silent: Mapping[UUID, tuple[date, ...]], reported: set[UUID]
) -> PlaceFigures:
    return PlaceFigures(
        slug=place.slug,
        name=place.name,
        cluster=place.cluster or "",
        size=place.size,
        now=_total(now.values()),
        before=_total(before.values()).compliance,
        place=None,
        silent=silent[place.enterprise_id],
        reported=place.enterprise_id in reported,
    )


def _groups(places: Sequence[PlaceFigures]) -> tuple[Group, ...]:
    """By cluster and size; a rate is compared exactly, not as it is printed, and equal rates share a place."""
    found: dict[tuple[str, str], list[PlaceFigures]] = defaultdict(list)
    for place in places:
        found[place.cluster, place.size].append(place)
    keys = sorted(found, key=lambda key: (not key[0], key[0], SIZES.index(key[1]) if key[1] in SIZES else len(SIZES)))
    return tuple(_group(cluster, size, found[cluster, size]) for cluster, size in keys)


def _group(cluster: str, size: str, places: list[PlaceFigures]) -> Group:
    comparable = [place for place in places if place.now.counted]
    ranked = bool(cluster) and len(comparable) >= FEWEST
    ordered = sorted(places, key=lambda place: (not place.now.counted, place.name))
    if ranked:
        ordered = sorted(ordered, key=lambda place: -(place.now.compliance.share or 0) if place.now.counted else 1)
        ordered = [_ranked(place, comparable) for place in ordered]
    met, of = sum(place.before.met for place in places), sum(place.before.of for place in places)
    return Group(cluster, size, ranked, _total(place.now for place in places), Rate(met, of), tuple(ordered))


def _ranked(place: PlaceFigures, comparable: Sequence[PlaceFigures]) -> PlaceFigures:
    if not place.now.counted:
        return place
    mine = place.now.compliance
    better = sum(
        other.now.compliance.met * mine.of > mine.met * other.now.compliance.of for other in comparable
    )  # fractions compared crosswise: whole numbers only
    return replace(place, place=better + 1)


def _worst(session: Session, places: Sequence[Enterprise], first: date, last: date) -> tuple[WorstRule, ...]:
    """The rules with the largest share of violated and missing over all enterprises; equal ones by how many."""
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    most: dict[tuple[str, str], tuple[int, UUID]] = {}
    found = counting.rules(session, first=first, last=last)
    for place in (place.enterprise_id for place in places):
        for key, n in found.get(place, {}).items():
            failed = n["violated"] + n["missing"]
            sums[key].update(places=1, violated=n["violated"], missing=n["missing"], of=n["met"] + failed)
            if failed > most.get(key, (0, place))[0]:
                most[key] = failed, place
    failing = [(key, n) for key, n in sums.items() if n["violated"] + n["missing"]]
    failing.sort(key=lambda item: (-_share(item[1]), -(item[1]["violated"] + item[1]["missing"]), item[0]))
    known: dict[UUID, in_force.InForce] = {}
    made = []
    for key, n in failing[:WORST]:
        place = most[key][1]
        if place not in known:
            counted = figures.count(session, enterprise_id=place, first=first, last=last)
            known[place] = in_force.of(session, counted)
        title: Text = known[place].title(*key)
        made.append(WorstRule(*key, title, n["places"], n["violated"], n["missing"], n["of"]))
    return tuple(made)


def _share(n: Counter[str]) -> float:
    return (n["violated"] + n["missing"]) / n["of"]
