"""The plan of one day at one gate: who comes when, from where, and how it goes. The same seed, the same day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import uuid5

from gatekeeper.clock import MICRO, micros, start_of
from gatekeeper.demo import invented
from gatekeeper.demo.script import HOUR, Planned
from gatekeeper.demo.world import Place
from gatekeeper.formats.region_table import Level, level_of, table

HOURLY = (14, 11, 9, 9, 12, 18, 27, 34, 38, 37, 34, 30, 26, 31, 35, 36, 34, 31, 28, 26, 24, 22, 20, 17)
"""Arrivals by hour of a day and night gate, in proportion."""

FATES = (
    ("ordinary", 9205), ("old_test", 170), ("no_test", 60), ("fever", 35), ("yellow_code", 30), ("red_code", 10),
    ("no_clothing", 20), ("left_cab", 40), ("unattested", 150), ("stays_long", 90),
    ("against", 15), ("not_left", 40), ("denied", 30), ("corrected", 40), ("wrong_entry", 30),
)  # fmt: skip
"""How visits go, in ten thousand."""

CEMENT_ZONES = {
    "cement_bulk": "silo", "cement_bagged": "bagging", "limestone": "raw", "gypsum": "raw", "fly_ash": "raw",
    "coal": "fuel",
}  # fmt: skip
"""Where a load goes at the cement plant, as its rules say."""

NEAR = (("33", 60), ("32", 11), ("34", 9), ("36", 6), ("35", 4), ("31", 3), ("41", 3), ("37", 3), ("44", 1))


@dataclass(frozen=True, slots=True)
class Change:
    """A county whose level changed between two lists of the day, at ``at`` (microseconds UTC)."""

    code: str
    at: int


def of_day(
    place: Place,
    day: date,
    *,
    count: int,
    seed: int,
    risky: Sequence[str],
    changes: Sequence[Change],
    zones: Sequence[str],
) -> list[Planned]:
    """Exactly ``count`` arrivals of ``day`` in order of time.

    About four in a hundred come from ``risky`` counties; of every county in ``changes`` one truck comes before and one
    after the list changed, so that both lists judge.
    """
    rng = random.Random(f"{seed}/{place.slug}/{day.isoformat()}")
    start = micros(start_of(day))
    weights = [HOURLY[hour] for hour in range(24)]
    times = [start + h * HOUR + rng.randrange(HOUR // MICRO) * MICRO for h in rng.choices(range(24), weights, k=count)]
    fixed = [(c.code, max(start, c.at - 40 * 60 * MICRO)) for c in changes]
    fixed += [(c.code, min(start + 24 * HOUR - MICRO, c.at + 40 * 60 * MICRO)) for c in changes]
    fixed = fixed[: min(count, 24)]
    planned = [_visit(place, day, n, at, code, rng, zones, "ordinary") for n, (code, at) in enumerate(fixed)]
    for n, at in enumerate(times[len(fixed) :], len(fixed)):
        origin = rng.choice(risky) if risky and rng.random() < 0.04 else _origin(rng)
        fate = invented.weighted(rng, FATES)
        if fate in ("wrong_entry",) and not place.walk_ins:
            fate = "ordinary"
        planned.append(_visit(place, day, n, at, origin, rng, zones, fate))
    return sorted(planned, key=lambda visit: (visit.at, visit.id))


def _origin(rng: random.Random) -> str:
    """A county or district of the region table, mostly near."""
    province = invented.weighted(rng, NEAR)
    return rng.choice(_counties(province))


@cache
def _counties(province: str) -> list[str]:
    names, retired = table().names, table().retired
    return [c for c in names if c.startswith(province) and c not in retired and level_of(c) == Level.COUNTY]


def _visit(
    place: Place, day: date, number: int, at: int, origin: str, rng: random.Random, zones: Sequence[str], fate: str
) -> Planned:
    on_foot = rng.random() * 100 < place.walk_ins
    plate = None if on_foot else invented.plate(rng, origin)
    people = 1 + (rng.random() < 0.12) + (rng.random() < 0.02)
    cargo = invented.weighted(rng, place.cargo)
    return Planned(
        id=uuid5(place.id, f"{day.isoformat()}/{number}"),
        at=at,
        plate=plate,
        trailer=invented.trailer(rng, plate) if plate and rng.random() < 0.3 else None,
        people=tuple((invented.name(rng), invented.phone(rng)) for _ in range(people)),
        origin=origin,
        cargo=cargo,
        zone=CEMENT_ZONES.get(cargo) or (rng.choice(zones) if zones else ""),
        fate=fate,
        seed=rng.randrange(2**40),
    )
