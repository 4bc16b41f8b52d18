"""Events that come shuffled, again and again, over lines that break, from phones whose clocks are days off."""

from __future__ import annotations

from flask import Flask

from bench import desk
from tests.factories import World


def test_shuffled_replays_lose_nothing_double_nothing_and_list_every_conflict(app: Flask, world: World) -> None:
    places = [world.own, world.neighbour, *world.towns[1].factories]
    found = desk.experiment(app, world.engines, places, events=160, seed=4)
    assert (found["lost"], found["duplicated"], found["unknown"], found["conflicts_not_listed"]) == (0, 0, 0, 0), found
    assert found["planted"]["new_ids_duplicates"] > 0 and found["planted"]["forgetting_lost"] > 0, found
    assert found["deliveries_cut"] > 0 and found["answers_lost"] > 0 and found["conflicts"] > 0, found
    assert found["pass"], found
