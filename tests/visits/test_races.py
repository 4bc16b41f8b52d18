"""Two or many at once: what comes out is what one after the other would have given. ``bench/races.py`` in small."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bench import races
from gatekeeper.visits.events import EventKind
from tests.factories import World

GUARDS = 6


@pytest.fixture
def place(world: World) -> races.Place:
    found = races.Place(world.engines, world.own)
    races.publish_nothing(found)
    return found


def test_of_many_who_admit_one_visit_exactly_one_does_and_all_are_kept(place: races.Place) -> None:
    visit = place.arrival()
    with ThreadPoolExecutor(GUARDS) as pool:
        list(pool.map(lambda _: place.event(visit, EventKind.ADMIT), range(GUARDS)))
    assert races.admitted(place, visit) == {"followed": 1, "also": GUARDS - 1}
    assert place.sound()


def test_an_admission_that_looks_first_and_locks_later_is_caught(place: races.Place) -> None:
    assert races.admitted_too_often(place, guards=4) > 1


@pytest.mark.parametrize("pair", races.PAIRS)
def test_conflicting_acts_come_out_as_one_after_the_other(place: races.Place, pair: str) -> None:
    assert all(races.PAIRS[pair](place) for _ in range(5))
    assert place.sound()


def test_pairs_that_look_first_and_lock_later_are_caught(place: races.Place) -> None:
    assert races.violations_without_locks(place, pairs=2) == 2
