"""A draft is tried on visits whose temperatures have had their time."""

from __future__ import annotations

from gatekeeper import clock, tenancy
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.values import Owner
from gatekeeper.visits import trying
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.trying import Place
from tests.factories import World
from tests.retention.given import Later
from tests.rules.made import rule, temperature
from tests.visits.gate import FEVER, AtGate, publish
from tests.visits.test_dry_run import draft_of

HOT = {**FEVER, "consequence": "refuse"}
SEAL = rule("seal")


def a_hot_driver(world: World) -> None:
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.answer("seal", "confirm", {"ok": False})
    gate.temperature(380)
    gate.turn_away()


def tried(world: World) -> dict:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        draft = rulebooks.draft(session, enterprise_id=world.own.id)
        assert draft is not None
        session.expunge(draft)
    place = Place(world.own.id, lambda: tenancy.open_session(world.engines, world.own.scope))
    return trying.run(draft, owner=Owner.ENTERPRISE, places=[place], days=30, at=clock.now())


def test_another_limit_cannot_be_tried_on_a_temperature_that_is_gone(world: World, later: Later) -> None:
    publish(world, world.own, HOT)
    a_hot_driver(world)
    draft_of(world, world.own, temperature(max=380))
    assert (tried(world)["judged"], tried(world)["erased"]) == (1, 0)
    later.run(20)
    found = tried(world)
    assert (found["visits"], found["judged"], found["erased"]) == (1, 0, 1)
    assert (found["moves"], found["asked"]) == ([], [])


def test_a_rule_that_stays_as_it_is_stands_by_its_stored_finding(world: World, later: Later) -> None:
    publish(world, world.own, HOT, SEAL)
    a_hot_driver(world)
    later.run(20)
    draft_of(world, world.own, HOT, {**SEAL, "consequence": "refuse"})
    found = tried(world)
    assert (found["judged"], found["erased"], found["moves"]) == (1, 0, [])


def test_without_the_stored_finding_the_same_visit_would_move(world: World, later: Later) -> None:
    publish(world, world.own, {**HOT, "consequence": "note"}, SEAL)
    a_hot_driver(world)
    later.run(20)
    draft_of(world, world.own, {**HOT, "consequence": "note"}, {**SEAL, "consequence": "refuse"})
    assert tried(world)["moves"] == [["arrival", "hold", "refuse", 1]]


def test_a_rule_that_came_after_the_visit_cannot_lean_on_what_was_stored(world: World, later: Later) -> None:
    publish(world, world.own, HOT, SEAL)
    a_hot_driver(world)
    later.run(20)
    publish(world, world.own, temperature(max=370), SEAL, at=clock.now())
    draft_of(world, world.own, temperature(max=370), {**SEAL, "consequence": "refuse"})
    assert tried(world)["erased"] == 1


def test_a_frame_number_goes_with_the_plates(world: World, later: Later) -> None:
    frame = rule("frame", "text", params={"format": "vin"})
    publish(world, world.own, frame)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    answer = {"question": "frame", "subject": "visit", "kind": "text", "unit": "vin"}
    gate.send(EventKind.ANSWER, {"answers": [{**answer, "value": {"text": "LFV2A21K8G4000001"}}]})
    draft_of(world, world.own, {**frame, "consequence": "refuse"})
    later.run(20)
    assert (tried(world)["judged"], tried(world)["moves"]) == (1, [])
    later.run(200)
    assert tried(world)["erased"] == 1
