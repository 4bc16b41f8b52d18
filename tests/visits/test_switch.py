"""A pack that the township switches on judges who waits and who comes, never who is inside; it ends and is proved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.clock import micros
from gatekeeper.errors import Forbidden
from gatekeeper.ledger.chain import entry_of
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks import reach
from gatekeeper.rules import packs
from gatekeeper.visits import proof, rejudge
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.models import Visit
from gatekeeper.visits.record import Outcome
from tests.factories import MORNING, Factory, World
from tests.risk_areas.conftest import MakeList, make_list
from tests.risk_areas.test_in_force import BEILUN, load
from tests.rulebooks.switched import alert, switch_off, switch_on
from tests.visits.gate import BRIEFING, FEVER, AtGate, publish

__all__ = ["make_list"]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CODE = "epidemic_2022__temperature"


def at_gate(world: World, place: Factory | None = None, **more: Any) -> AtGate:
    gate = AtGate(world.engines, place or world.own, **more)
    gate.arrive()
    return gate


def row(gate: AtGate) -> Visit:
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        return session.scalars(select(Visit).where(Visit.id == gate.visit_id)).one()


def sound(world: World, place: Factory | None = None) -> dict[str, int]:
    """The book is whole, its projections made anew are equal; how its decisions came out when judged again."""
    place = place or world.own
    with tenancy.open_session(world.engines, place.scope) as session:
        found = proof.verify(session, enterprise_id=place.id)
        counts, _ = proof.tally(proof.replay(session, enterprise_id=place.id))
    assert isinstance(found, proof.Sound), found
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        proof.rebuild(session, enterprise_id=place.id)
    with tenancy.open_session(world.engines, place.scope) as session:
        assert isinstance(proof.verify(session, enterprise_id=place.id), proof.Sound)
    return dict(counts)


def findings(outcome: Outcome) -> set[str]:
    return {finding[1] for finding in outcome.data["decision"]["findings"]}


def test_a_waiting_truck_is_held_from_that_minute_and_may_go_in_when_it_is_over(world: World) -> None:
    gate = at_gate(world)
    assert row(gate).verdict == "admit"
    switch = switch_on(world.engines, world.towns[0], at=gate.at)
    assert rejudge.everywhere(world.engines, at=gate.at) == 1
    held = row(gate)
    assert (held.verdict, held.switches, held.open_count > 0) == ("hold", str(switch), True)
    assert rejudge.everywhere(world.engines, at=gate.at + MINUTE) == 0
    switch_off(world.engines, world.towns[0], switch, at=gate.at + HOUR)
    assert rejudge.everywhere(world.engines, at=gate.at + HOUR) == 1
    free = row(gate)
    assert (free.verdict, free.switches) == ("admit", None)
    gate.at += HOUR + MINUTE
    assert gate.admit().data["act"] == "followed"
    assert sound(world) == {"equal": 4}


def test_it_ends_by_itself_at_its_time(world: World) -> None:
    gate = at_gate(world)
    switch_on(world.engines, world.towns[0], at=gate.at, holds_until=gate.at + HOUR)
    rejudge.everywhere(world.engines, at=gate.at)
    assert row(gate).verdict == "hold"
    assert rejudge.everywhere(world.engines, at=gate.at + HOUR - MINUTE) == 0
    assert rejudge.everywhere(world.engines, at=gate.at + HOUR) == 1
    assert row(gate).verdict == "admit"


def test_one_that_begins_later_reaches_nobody_before(world: World) -> None:
    gate = at_gate(world)
    switch_on(world.engines, world.towns[0], at=gate.at, holds_from=gate.at + HOUR)
    assert rejudge.everywhere(world.engines, at=gate.at + HOUR - MINUTE) == 0
    assert rejudge.everywhere(world.engines, at=gate.at + HOUR) == 1


def test_who_is_inside_is_judged_by_what_let_them_in(world: World) -> None:
    before = at_gate(world)
    before.admit()
    switch = switch_on(world.engines, world.towns[0], at=before.at)
    under = at_gate(world, at=before.at + MINUTE)
    assert findings(under.temperature(366)) >= {CODE}
    under.admit()
    assert rejudge.everywhere(world.engines, at=under.at) == 0
    assert not findings(before.send(EventKind.MOVE, {"zone": "A"}))
    switch_off(world.engines, world.towns[0], switch, at=under.at + MINUTE)
    under.at = before.at = under.at + HOUR
    assert rejudge.everywhere(world.engines, at=under.at) == 0
    assert findings(under.leave()) >= {CODE}
    assert row(under).switches == str(switch)
    assert "switches" not in before.leave().data
    assert sound(world) == {"equal": 8}


def test_township_pack_and_enterprise_are_all_judged_and_the_severest_wins(world: World) -> None:
    own = {**FEVER, "params": {"unit": "celsius", "max": 370, "max_inclusive": False}, "consequence": "refuse"}
    publish(world, world.towns[0].office, FEVER)
    publish(world, world.own, own)
    switch_on(world.engines, world.towns[0])
    gate = at_gate(world, at=MORNING + MINUTE)
    outcome = gate.temperature(372)
    books = [
        (owner, code)
        for book, code, *_ in outcome.data["decision"]["findings"]
        for owner, _ in [outcome.data["decision"]["books"][book]]
        if code.endswith("temperature")
    ]
    assert books == [("township", "temperature"), ("township", CODE), ("enterprise", "temperature")]
    assert outcome.data["decision"]["verdict"] == "refuse"
    with tenancy.open_session(world.engines, world.own.scope) as session:
        in_force = [(book.owner, len(book.rules)) for book in rulebooks.in_force(session, at=gate.at)]
    assert in_force == [("township", 1), ("township", len(packs.load("epidemic_2022")["rules"])), ("enterprise", 1)]


def test_a_waiver_of_the_townships_rule_does_not_waive_the_pack(world: World) -> None:
    publish(world, world.towns[0].office, FEVER)
    switch_on(world.engines, world.towns[0])
    gate = at_gate(world, at=MORNING + MINUTE)
    gate.temperature(380)
    finding = {"owner": "township", "rule": "temperature", "subject": "occupant:1"}
    outcome = gate.send(EventKind.OVERRIDE, {"findings": [finding], "reason": "复测正常"}, by=world.own.lead)
    states = {f[1]: f[4] for f in outcome.data["decision"]["findings"] if f[1].endswith("temperature")}
    assert states == {"temperature": "waived", CODE: "violated"}
    with pytest.raises(Forbidden):
        gate.send(EventKind.OVERRIDE, {"findings": [finding | {"rule": CODE}], "reason": "x"}, by=world.own.guard)


def test_only_those_it_reaches_are_judged_by_it(world: World) -> None:
    town = world.towns[0]
    switch = switch_on(world.engines, town, reach="named", named=[world.own.id])
    for place, wanted in ((world.own, (switch,)), (world.neighbour, ()), (world.stranger, ()), (town.office, ())):
        with tenancy.open_session(world.engines, place.scope) as session:
            assert reach.here(session, at=MORNING + MINUTE) == wanted
    gates = [at_gate(world, place, at=MORNING + MINUTE) for place in (world.own, world.neighbour, world.stranger)]
    assert [row(gate).verdict for gate in gates] == ["hold", "admit", "admit"]


def test_the_alert_level_is_a_fact_and_a_change_of_it_judges_again(world: World) -> None:
    only = {**FEVER, "when": [{"fact": "alert_level", "op": "at_least", "value": 2}]}
    publish(world, world.own, only)
    gate = at_gate(world)
    assert (row(gate).verdict, row(gate).alert_level) == ("admit", 0)
    alert(world.engines, world.towns[0], 2, at=gate.at, holds_from=gate.at + HOUR)
    assert rejudge.everywhere(world.engines, at=gate.at) == 0
    assert rejudge.everywhere(world.engines, at=gate.at + HOUR) == 1
    assert (row(gate).verdict, row(gate).alert_level) == ("hold", 2)
    assert sound(world) == {"equal": 2}


def test_a_new_rulebook_of_either_judges_who_waits_again(world: World) -> None:
    gate = at_gate(world)
    publish(world, world.own, FEVER, at=gate.at)
    assert rejudge.everywhere(world.engines, at=gate.at) == 1
    publish(world, world.towns[0].office, FEVER, at=gate.at + MINUTE)
    assert rejudge.everywhere(world.engines, at=gate.at + MINUTE) == 1
    assert row(gate).verdict == "hold"


def test_a_new_list_judges_again_who_said_where_they_come_from(world: World, make_list: MakeList) -> None:
    risky = {**BRIEFING, "when": [{"fact": "risk_level", "op": "at_least", "value": "high"}]}
    publish(world, world.own, risky)
    there, elsewhere, unknown = (AtGate(world.engines, world.own) for _ in range(3))
    there.arrive(facts={"origin": BEILUN})
    elsewhere.arrive(facts={"origin": "440904"})
    unknown.arrive()
    assert [row(gate).verdict for gate in (there, elsewhere, unknown)] == ["admit", "admit", "hold"]
    raw = make_list("2026-04-18 8时", high=[("浙江省", "宁波市", "北仑区", "甲社区")])
    load(world.engines, world, raw, at=there.at)
    assert rejudge.everywhere(world.engines, at=there.at) == 2
    assert [row(gate).verdict for gate in (there, elsewhere, unknown)] == ["hold", "admit", "hold"]
    assert row(there).risk_level == "high"
    assert rejudge.everywhere(world.engines, at=there.at + MINUTE) == 0
    assert sound(world) == {"equal": 5}


def test_more_waiting_trucks_than_one_transaction_takes_are_all_judged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejudge, "TOGETHER", 2)
    gates = [at_gate(world) for _ in range(5)]
    switch_on(world.engines, world.towns[0], at=gates[0].at)
    assert rejudge.everywhere(world.engines, at=gates[0].at) == 5
    assert {row(gate).verdict for gate in gates} == {"hold"}


def test_what_was_phoned_in_late_is_judged_by_what_held_when_it_happened(world: World) -> None:
    switch = switch_on(world.engines, world.towns[0], at=MORNING)
    switch_off(world.engines, world.towns[0], switch, at=MORNING + HOUR)
    for minutes, wanted in ((30, [str(switch)]), (90, None)):
        with tenancy.open_session(world.engines, world.own.scope) as session:
            assert (reach.here(session, at=MORNING + minutes * MINUTE) != ()) == (wanted is not None)


def test_an_entry_without_a_switch_is_written_as_before(world: World) -> None:
    at_gate(world)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        text = session.scalars(select(LedgerEntry.bytes).where(LedgerEntry.kind == "arrive")).one()
    outcome = entry_of(text.encode())["body"]["outcome"]
    assert set(outcome) == {"at", "decision", "due_at", "facts", "list", "state", "versions"}


def test_the_judgement_says_why_it_was_made(world: World) -> None:
    gate = at_gate(world)
    switch_on(world.engines, world.towns[0], at=gate.at)
    rejudge.everywhere(world.engines, at=gate.at)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        text = session.scalars(select(LedgerEntry.bytes).where(LedgerEntry.kind == "judge")).one()
    event = entry_of(text.encode())["body"]["event"]
    assert (event["body"], event["by"]["role"], event["at"]) == ({"why": "rules"}, "server", micros(gate.at))
