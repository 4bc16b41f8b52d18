"""A draft is tried on the visits that came: what it would have held or refused, by what was known then."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks import service
from gatekeeper.rules import codec
from gatekeeper.rules.decide import decide
from gatekeeper.rules.values import Evidence, Owner, Stage
from gatekeeper.visits import book, trying
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.folding import fold
from gatekeeper.visits.models import Visit
from gatekeeper.visits.trying import Place
from tests.factories import MORNING, Factory, World
from tests.rules.made import document, rule, temperature
from tests.visits.gate import BRIEFING, FEVER, PAPERS, AtGate, publish


def draft_of(world: World, place: Factory, *rules: dict[str, Any]) -> None:
    """The draft of ``place`` has these rules and no others."""
    by, at = next(iter(place.people.values())), clock.now()
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        draft = service.draft(session, by=by, at=at)
        draft.document = codec.canonical(document(*rules)).decode()


def tried(world: World, place: Factory, *, days: int = 30, over: list[Factory] | None = None) -> dict[str, Any]:
    def opened(each: Factory) -> Any:
        return lambda: tenancy.open_session(world.engines, each.scope)

    with tenancy.open_session(world.engines, place.scope) as session:
        draft = rulebooks.draft(session, enterprise_id=place.id)
        assert draft is not None
        session.expunge(draft)
    office = place in [town.office for town in world.towns]
    return trying.run(
        draft,
        owner=Owner.TOWNSHIP if office else Owner.ENTERPRISE,
        places=[Place(each.id, opened(each)) for each in over or [place]],
        days=days,
        at=clock.now(),
    )


def came(world: World, tenths: int, *, place: Factory | None = None, admit: bool = True) -> AtGate:
    """A truck whose driver has this temperature; it goes in and leaves where it may."""
    gate = AtGate(world.engines, place or world.own)
    gate.arrive()
    gate.temperature(tenths)
    if admit:
        gate.admit()
        gate.leave()
    return gate


def test_a_stricter_limit_holds_those_whose_stored_reading_breaks_it(world: World) -> None:
    publish(world, world.own, FEVER)
    cool, warm = came(world, 365), came(world, 371)
    draft_of(world, world.own, temperature(max=370))
    found = tried(world, world.own)
    assert (found["visits"], found["judged"], found["erased"]) == (2, 2, 0)
    assert found["moves"] == [["arrival", "admit", "hold", 1]]
    assert found["rules"] == [["temperature", "admit", "hold", 1]]
    assert found["examples"] == [[str(world.own.id), str(warm.visit_id), "arrival", "admit", "hold", ["temperature"]]]
    assert found["titles"] == {"temperature": ["规则 temperature", "Rule temperature"]}
    assert cool.visit_id != warm.visit_id


def test_a_draft_equal_to_what_is_in_force_moves_nothing(world: World) -> None:
    publish(world, world.own, FEVER, BRIEFING, PAPERS)
    for tenths in (365, 380):
        came(world, tenths)
    draft_of(world, world.own, FEVER, BRIEFING, PAPERS)
    found = tried(world, world.own)
    assert found["judged"] == 2
    assert (found["moves"], found["rules"], found["asked"], found["examples"]) == ([], [], [], [])


def test_a_lighter_draft_lets_in_and_names_the_rule_of_today_that_held(world: World) -> None:
    publish(world, world.own, {**FEVER, "consequence": "refuse"})
    came(world, 380)
    draft_of(world, world.own)
    found = tried(world, world.own)
    assert found["rules"] == [["temperature", "refuse", "admit", 1]]


def test_a_question_that_nobody_was_asked_is_counted_apart_and_holds_nobody(world: World) -> None:
    publish(world, world.own, FEVER)
    came(world, 365)
    came(world, 380)
    draft_of(world, world.own, FEVER, BRIEFING)
    found = tried(world, world.own)
    assert found["moves"] == []
    assert found["asked"] == [["briefing", 2]]


def test_what_was_asked_then_and_stayed_open_holds(world: World) -> None:
    publish(world, world.own, {**BRIEFING, "consequence": "note"})
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.admit()
    draft_of(world, world.own, BRIEFING)
    found = tried(world, world.own)
    assert found["moves"] == [["arrival", "admit", "hold", 1]]
    assert found["asked"] == []


def test_a_question_of_the_township_is_not_asked_once_more(world: World) -> None:
    publish(world, world.own, FEVER)
    came(world, 365)
    publish(world, world.towns[0].office, BRIEFING)
    draft_of(world, world.own, FEVER, BRIEFING)
    assert tried(world, world.own)["asked"] == []


def test_the_townships_rules_stay_on_both_sides(world: World) -> None:
    publish(world, world.towns[0].office, temperature(max=373))
    publish(world, world.own, {**FEVER, "consequence": "refuse"})
    came(world, 380)
    draft_of(world, world.own)
    assert tried(world, world.own)["moves"] == [["arrival", "refuse", "hold", 1]]


def test_a_fact_that_no_guard_was_asked_for_is_a_question_too(world: World) -> None:
    publish(world, world.own, FEVER)
    came(world, 365)
    draft_of(world, world.own, {**FEVER, "when": [{"fact": "cargo", "op": "eq", "value": "clinker"}]})
    found = tried(world, world.own)
    assert (found["moves"], found["asked"]) == ([], [["temperature", 1]])


def test_a_fact_that_nobody_can_be_asked_for_does_hold(world: World) -> None:
    publish(world, world.own, FEVER)
    came(world, 365)
    clause = {"fact": "cluster", "op": "eq", "value": "textile"}
    draft_of(world, world.own, {**FEVER, "when": [clause]})
    assert tried(world, world.own)["moves"] == [["arrival", "admit", "hold", 1]]


def test_the_exit_is_tried_as_well_and_a_visit_counts_once(world: World) -> None:
    publish(world, world.own, {**PAPERS, "consequence": "note"})
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.admit()
    gate.leave()
    draft_of(world, world.own, PAPERS)
    assert tried(world, world.own)["moves"] == [["exit", "admit", "hold", 1]]


def test_earlier_visits_are_counted_where_no_rule_asked_for_them(world: World) -> None:
    publish(world, world.own, BRIEFING)
    for minutes in (0, 30):
        gate = AtGate(world.engines, world.own, at=MORNING + timedelta(minutes=minutes))
        gate.arrive()
        gate.answer("briefing", "confirm", {"ok": False})
        gate.admit()
        gate.leave()
    often = {"fact": "visits_of_plate_in_days", "op": "at_least", "value": 1}
    again = rule("again", question="briefing", when=[often], consequence="refuse")
    draft_of(world, world.own, BRIEFING, again)
    found = tried(world, world.own)
    assert found["rules"] == [["again", "hold", "refuse", 1]]


def test_a_voided_visit_and_one_of_other_days_are_left_out(world: World) -> None:
    publish(world, world.own, FEVER)
    came(world, 371)
    came(world, 371, admit=False).send(EventKind.VOID, {"reason": "登记错了"})
    draft_of(world, world.own, temperature(max=370))
    assert tried(world, world.own)["visits"] == 1
    assert tried(world, world.own, days=1)["visits"] == 0


def test_a_township_draft_is_tried_on_each_enterprise_beside_its_own_rules(world: World) -> None:
    office = world.towns[0].office
    publish(world, world.own, FEVER)
    publish(world, world.neighbour, {**FEVER, "params": {**FEVER["params"], "max": 400}})
    for place in (world.own, world.neighbour):
        came(world, 380, place=place)
    draft_of(world, office, temperature(max=370))
    found = tried(world, office, over=[world.own, world.neighbour])
    assert found["judged"] == 2
    assert [row[0] for row in found["examples"]] == [str(world.neighbour.id)]


def by_hand(world: World, draft: dict[str, Any]) -> Counter[tuple[str, str]]:
    """The moves of ``draft`` recounted visit by visit from its events, where every question was asked."""
    new = codec.parse(draft, owner=Owner.ENTERPRISE, version="draft")
    moves: Counter[tuple[str, str]] = Counter()
    with tenancy.open_session(world.engines, world.own.scope) as session:
        old = rulebooks.in_force(session, at=clock.now())
        for visit_id in session.scalars(select(Visit.id)):
            lines = book.entries_of(session, enterprise_id=world.own.id, visit_id=visit_id)
            arrival = max(line.seq for line in lines if line.outcome.get("decision", {}).get("stage") == "arrival")
            until = [line for line in lines if line.seq <= arrival]
            state = fold(str(visit_id), until).state
            assert state is not None
            evidence = Evidence(state.judged_facts, state.subjects, state.answers, state.waivers)
            was, now = (decide(books, evidence, Stage.ARRIVAL, until[-1].at).verdict for books in (old, [new]))
            if was is not now:
                moves[was.value, now.value] += 1
    return moves


def test_the_numbers_are_those_of_a_slow_recount(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "BATCH", 3)
    publish(world, world.own, FEVER)
    for tenths in (362, 366, 369, 370, 371, 372, 373, 374, 381):
        gate = AtGate(world.engines, world.own)
        gate.arrive()
        gate.temperature(390)
        gate.temperature(tenths)
        if tenths == 374:
            finding = {"owner": "enterprise", "rule": "temperature", "subject": "occupant:1"}
            gate.send(EventKind.OVERRIDE, {"findings": [finding], "reason": "复测正常"}, by=world.own.lead)
        gate.admit()
        gate.temperature(400)
    draft = document({**temperature(max=370), "consequence": "refuse"})
    draft_of(world, world.own, *draft["rules"])
    found = tried(world, world.own)
    arrival = Counter({(was, now): n for stage, was, now, n in found["moves"] if stage == "arrival"})
    assert arrival == by_hand(world, draft)
    assert arrival == {("admit", "refuse"): 3, ("hold", "refuse"): 2}
