"""Events that were put off: a person applies them after all, or sets them aside; the book knows what became of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.db import new_id
from gatekeeper.errors import Invalid
from gatekeeper.visits import proof
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.models import Visit, VisitEvent
from gatekeeper.visits.record import NothingToResolve, Outcome, StillImpossible
from tests.factories import World
from tests.visits.gate import FEVER, AtGate, publish


@pytest.fixture
def gate(world: World) -> AtGate:
    publish(world, world.own, FEVER)
    return AtGate(world.engines, world.own)


def resolve(gate: AtGate, how: str, *events: Outcome) -> Outcome:
    named = [str(event.event_id) for event in events]
    return gate.send(EventKind.RESOLVE, {"events": named, "how": how, "reason": "已核对"}, by=gate.place.lead)


def states(gate: AtGate) -> list[tuple[str, str]]:
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        assert isinstance(proof.verify(session, enterprise_id=gate.place.id), proof.Sound)
        _, first = proof.tally(proof.replay(session, enterprise_id=gate.place.id))
        assert first is None
        return [(row.kind, row.state) for row in session.scalars(select(VisitEvent).order_by(VisitEvent.seq))]


def test_what_could_not_be_applied_is_applied_once_it_can_be(gate: AtGate) -> None:
    gate.arrive()
    left = gate.leave()
    with pytest.raises(StillImpossible):
        resolve(gate, "apply", left)
    gate.temperature(366)
    gate.admit()
    outcome = resolve(gate, "apply", left)
    assert (outcome.visit.status, outcome.visit.attention) == ("left", ())
    assert ("leave", "applied") in states(gate)
    with pytest.raises(NothingToResolve):
        resolve(gate, "apply", left)


def test_what_is_set_aside_stays_in_the_book_and_asks_for_nothing_more(gate: AtGate) -> None:
    gate.arrive()
    left = gate.leave()
    assert resolve(gate, "set_aside", left).visit.attention == ()
    assert ("leave", "resolved") in states(gate)
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        assert session.get(Visit, (gate.place.id, gate.visit_id)).attention == 0


def test_an_event_whose_predecessor_never_comes_is_applied_by_a_person(gate: AtGate) -> None:
    gate.arrive()
    given = {
        "question": "temperature",
        "subject": "occupant:1",
        "kind": "number",
        "unit": "celsius",
        "value": {"n": 366},
    }
    late = gate.send(EventKind.ANSWER, {"answers": [given]}, after=new_id(), device="desk", n=2)
    behind = gate.send(EventKind.NOTE, {"text": "司机在车上"}, after=late.event_id, device="desk", n=3)
    assert (late.state, behind.state) == ("waiting", "waiting")
    outcome = resolve(gate, "apply", late)
    assert [item["event"] for item in outcome.data["released"]] == [str(late.event_id), str(behind.event_id)]
    assert outcome.visit.verdict == "admit"
    assert states(gate).count(("note", "applied")) == 1


def test_an_event_behind_one_that_could_not_be_applied_does_not_wait_for_ever(gate: AtGate) -> None:
    gate.arrive()
    left = gate.leave()
    assert gate.send(EventKind.NOTE, {"text": "在等"}, after=left.event_id).state == "applied"


def test_entries_of_a_visit_that_never_arrived_can_be_set_aside(gate: AtGate) -> None:
    lone = gate.send(EventKind.NOTE, {"text": "没有登记过的车"})
    assert (lone.state, lone.visit) == ("attention", None)
    with pytest.raises(StillImpossible):
        resolve(gate, "apply", lone)
    resolve(gate, "set_aside", lone)
    assert states(gate) == [("note", "resolved"), ("resolve", "applied")]


def test_the_book_makes_the_same_rows_anew(gate: AtGate) -> None:
    gate.arrive()
    first, second = gate.leave(), gate.leave()
    resolve(gate, "set_aside", first)
    before = states(gate)
    with tenancy.open_session(gate.engines, gate.place.scope, write=True) as session:
        proof.rebuild(session, enterprise_id=gate.place.id)
    assert states(gate) == before
    assert before[2] == ("leave", "attention")
    assert second.visit.attention == (str(first.event_id), str(second.event_id))


def test_resolving_wants_a_reason_and_something_to_resolve(gate: AtGate) -> None:
    gate.arrive()
    with pytest.raises(Invalid):
        gate.send(EventKind.RESOLVE, {"events": [], "how": "apply", "reason": "x"})
    with pytest.raises(Invalid):
        gate.send(EventKind.RESOLVE, {"events": [str(new_id())], "how": "apply"})
