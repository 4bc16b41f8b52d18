"""``record`` is the only way into the book: what it keeps, decides, and refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.access import Role
from gatekeeper.clock import day_of
from gatekeeper.db import new_id
from gatekeeper.enterprises import service as enterprises
from gatekeeper.errors import Forbidden
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner
from gatekeeper.visits import queries, sweep
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.models import Visit
from gatekeeper.visits.record import SameIdOtherBody
from tests.factories import MORNING, World
from tests.rules.made import document, rule
from tests.visits.gate import BRIEFING, FEVER, PAPERS, AtGate, publish


@pytest.fixture
def gate(world: World) -> AtGate:
    publish(world, world.own, FEVER, PAPERS)
    return AtGate(world.engines, world.own)


def test_a_truck_is_held_until_every_question_is_answered(gate: AtGate) -> None:
    assert gate.arrive().visit.verdict == "hold"
    outcome = gate.temperature(366)
    assert outcome.visit.verdict == "admit"
    assert outcome.visit.open_count == 0


def test_a_fever_holds_and_the_finding_does_not_tell_the_temperature(gate: AtGate) -> None:
    gate.arrive()
    outcome = gate.temperature(381)
    assert outcome.visit.verdict == "hold"
    assert "381" not in str(outcome.data["decision"])
    assert outcome.data["decision"]["findings"][0][4:6] == ["violated", "number.above"]


def test_a_second_reading_counts_and_the_first_stays_in_the_book(gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(375)
    assert gate.temperature(368).visit.verdict == "admit"
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        kinds = [e.kind for e in session.query(LedgerEntry).order_by(LedgerEntry.seq) if e.kind != "act"]
    assert kinds == ["arrive", "answer", "answer"]


def test_admitting_on_admit_follows_the_decision_and_leaving_closes(gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(366)
    admitted = gate.admit().visit
    assert (admitted.status, admitted.act_followed, admitted.against_verdict) == ("inside", True, False)
    gate.answer("papers", "confirm", {"ok": True}, stage="exit")
    left = gate.leave().visit
    assert (left.status, left.stage, left.verdict, left.present) == ("left", "exit", "admit", frozenset())


def test_reality_can_be_written_against_the_verdict(gate: AtGate) -> None:
    gate.arrive()
    admitted = gate.admit().visit
    assert (admitted.status, admitted.act_followed, admitted.against_verdict) == ("inside", False, True)


def test_turning_away_on_hold_follows_the_decision(gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(385)
    assert gate.turn_away().visit.act_followed is True


def test_leaving_with_an_open_exit_step_is_written_and_stays_missing(gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    left = gate.leave().visit
    assert (left.status, left.verdict, left.open_count) == ("left", "hold", 1)


def test_the_same_event_sent_twice_is_one_entry(gate: AtGate) -> None:
    event_id = new_id()
    first = gate.send(EventKind.ARRIVE, {"kind": "walk_in", "plates": []}, id=event_id)
    event = Event(
        event_id, gate.visit_id, EventKind.ARRIVE, MORNING, gate.place.gate_id, {"kind": "walk_in", "plates": []}
    )
    again = gate.receive(event)
    assert (again.replayed, again.seq, again.data) == (True, first.seq, first.data)
    with pytest.raises(SameIdOtherBody):
        gate.receive(replace(event, body={"kind": "car", "plates": []}))


def test_the_same_id_with_another_phone_is_another_event(gate: AtGate) -> None:
    gate.arrive()
    person = {"subject": "occupant:2", "role": "passenger", "name": "李明", "phone": "19900005678"}
    event_id = new_id()
    gate.send(EventKind.JOIN, {"people": [person]}, id=event_id)
    other = Event(
        event_id,
        gate.visit_id,
        EventKind.JOIN,
        gate.at,
        gate.place.gate_id,
        {"people": [{**person, "phone": "19900005679"}]},
    )
    with pytest.raises(SameIdOtherBody):
        gate.receive(other)


def test_an_event_that_cannot_be_applied_is_kept_and_needs_attention(gate: AtGate) -> None:
    gate.arrive()
    outcome = gate.leave()
    assert (outcome.state, outcome.reason) == ("attention", "visit.not_inside")
    assert outcome.visit.attention == (str(outcome.event_id),)
    assert outcome.visit.status == "at_gate"


def test_the_second_to_admit_is_kept_as_also(gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(366)
    first = gate.admit()
    second = gate.admit(by=gate.place.lead)
    assert (first.data["act"], second.data["act"]) == ("followed", "also")
    assert second.visit.admitted_at == first.visit.admitted_at


def test_an_event_waits_for_the_one_it_came_after_and_is_applied_when_that_arrives(gate: AtGate) -> None:
    gate.arrive()
    missing = new_id()
    late = gate.send(
        EventKind.ANSWER,
        {"answers": [{"question": "temperature", "subject": "occupant:1", "kind": "number", "unit": "celsius",
                      "value": {"n": 366}}]},
        after=missing, device="desk", n=2,
    )  # fmt: skip
    assert late.state == "waiting"
    outcome = gate.send(EventKind.NOTE, {"text": "司机在车上等"}, id=missing, device="desk", n=1)
    assert [item["event"] for item in outcome.data["released"]] == [str(late.event_id)]
    assert outcome.visit.verdict == "admit"


def test_a_shift_lead_overrides_a_hold_and_a_guard_does_not(gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(375)
    finding = {"owner": "enterprise", "rule": "temperature", "subject": "occupant:1", "consequence": "hold"}
    body = {"findings": [finding], "reason": "复测三次均正常，枪式体温计误差"}
    with pytest.raises(Forbidden) as refused:
        gate.send(EventKind.OVERRIDE, body)
    assert refused.value.code == "override.not_allowed"
    outcome = gate.send(EventKind.OVERRIDE, body, by=gate.place.lead)
    assert (outcome.visit.verdict, outcome.visit.overridden) == ("admit", True)


def test_a_shift_lead_never_overrides_a_refusal_the_admin_does(world: World) -> None:
    both = ["shift_lead", "enterprise_admin"]
    publish(world, world.own, rule("clothing", consequence="refuse", overridable_by=both))
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    assert gate.answer("clothing", "confirm", {"ok": False}).visit.verdict == "refuse"
    body = {
        "findings": [{"owner": "enterprise", "rule": "clothing", "subject": "visit", "consequence": "hold"}],
        "reason": "已更换防护服",
    }
    with pytest.raises(Forbidden):
        gate.send(EventKind.OVERRIDE, body, by=world.own.lead)
    assert gate.send(EventKind.OVERRIDE, body, by=world.own.people[Role.ENTERPRISE_ADMIN]).visit.verdict == "admit"


def test_an_enterprise_cannot_weaken_a_township_rule_both_are_judged(world: World) -> None:
    publish(world, world.towns[0].office, {**FEVER, "params": {"unit": "celsius", "max": 370, "max_inclusive": False}})
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    outcome = gate.temperature(371)
    states = {(f[0], f[4] if len(f) > 4 else "met") for f in outcome.data["decision"]["findings"]}
    assert outcome.visit.verdict == "hold"
    assert {state for _, state in states} == {"met", "violated"}


def test_the_township_next_door_judges_nobody_here(world: World) -> None:
    publish(world, world.towns[1].office, rule("theirs"))
    gate = AtGate(world.engines, world.own)
    assert gate.arrive().visit.verdict == "admit"


def test_a_rule_published_while_a_truck_is_inside_does_not_reach_back(world: World) -> None:
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    publish(world, world.own, FEVER, BRIEFING, at=gate.at)
    gate.at += timedelta(minutes=5)
    assert gate.leave().visit.verdict == "admit"


def test_an_overdue_visit_gets_a_stored_decision_by_the_sweep_once(gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    late = gate.at + timedelta(hours=13)
    with tenancy.open_session(gate.engines, gate.place.scope, write=True) as session:
        assert sweep.overdue(session, at=late) == 1
    with tenancy.open_session(gate.engines, gate.place.scope, write=True) as session:
        assert sweep.overdue(session, at=late + timedelta(minutes=1)) == 0
        row = session.get(Visit, (gate.place.id, gate.visit_id))
        assert (row.overdue, row.state, row.stage) == (True, "inside", "on_site")


def test_a_corrected_plate_is_found_and_the_old_one_is_not(gate: AtGate) -> None:
    gate.arrive("浙A12345")
    plate = {"subject": "tractor", "written": "浙A12346", "plate": "浙A12346", "class": "ordinary"}
    gate.send(EventKind.CORRECT, {"plates": [plate], "reason": "看错一位"})
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        found = queries.still_here(session, enterprise_id=gate.place.id, plate="浙A12346")
        assert found is not None
        assert found.corrected
        assert queries.still_here(session, enterprise_id=gate.place.id, plate="浙A12345") is None


def test_no_name_phone_plate_or_reading_stands_in_an_entry(gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(381)
    gate.send(EventKind.NOTE, {"text": "司机张伟强说昨天打过疫苗"})
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        texts = [e.bytes for e in session.query(LedgerEntry) if e.kind != "act"]
    for secret in ("张伟强", "19900001234", "浙A12345", '"n":381', "疫苗"):
        assert not any(secret in text for text in texts), secret


def test_what_arrives_past_its_time_is_judged_and_written_without_its_personal_values(gate: AtGate) -> None:
    gate.at -= timedelta(days=40)
    outcome = gate.arrive()
    assert outcome.data["dropped"] == ["contact"]
    assert outcome.visit.people["occupant:1"].name is None
    assert outcome.visit.plates["tractor"].plate == "浙A12345"


def test_a_truck_at_a_gate_for_people_is_held_and_at_one_for_trucks_is_not(world: World) -> None:
    one_entrance = rule("entrance", "gate_allowed", params={"gates": [], "gate_kinds": ["logistics"]})
    publish(world, world.own, one_entrance)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        narrow = enterprises.add_gate(session, name="人行门", by=world.own.admin, at=MORNING, accepts=["walk_in"])
    assert AtGate(world.engines, world.own).arrive().visit.verdict == "admit"
    beside = replace(world.own, gate_id=narrow.id)
    assert AtGate(world.engines, beside).arrive("浙A54321").visit.verdict == "hold"


def test_values_are_kept_as_long_as_the_rulebooks_that_judge_say(world: World) -> None:
    long = {**document(FEVER), "retention": {"contact": 60}}
    moment = MORNING - timedelta(days=2)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        by = world.own.admin
        rulebooks.publish_document(session, long, owner=Owner.ENTERPRISE, by=by, at=moment, holds_from=moment)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.admit()
    gate.send(EventKind.NOTE, {"text": "司机在车上等"})
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        days = {(p.cls, (p.expires_on - day_of(MORNING)).days) for p in session.scalars(select(LedgerPart))}
    assert days == {("contact", 60), ("plate", 183), ("note", 183)}


def test_the_second_to_admit_is_told_who_was_first_and_when(gate: AtGate) -> None:
    gate.arrive()
    first = gate.admit(by=gate.place.lead)
    told = gate.admit().data["first"]
    assert (told["by"]["name"], told["at"]) == (gate.place.lead.name, first.data["at"])
