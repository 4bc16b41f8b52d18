"""What could not be carried out stays until a person looks: carried out, set aside, or told why not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.access import Actor
from gatekeeper.db import new_id
from gatekeeper.ledger.queries import Fault
from gatekeeper.visits import admission, book, proof, tray
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.models import Visit, VisitEvent
from tests.factories import World, client_for
from tests.visits.gate import FEVER, AtGate, publish


@pytest.fixture
def gate(world: World) -> AtGate:
    publish(world, world.own, FEVER)
    return AtGate(world.engines, world.own)


def page(app: Flask, gate: AtGate, who: Actor) -> str:
    answer = client_for(app, who).get(f"/e/{gate.place.slug}/tray")
    assert answer.status_code == 200
    return answer.text


def resolve(app: Flask, gate: AtGate, event: UUID, how: str, reason: str = "看过监控", who: Actor | None = None) -> Any:
    data = {f"{event}-event_id": str(new_id()), f"{event}-how": how, f"{event}-reason": reason}
    client = client_for(app, who or gate.place.lead)
    return client.post(f"/e/{gate.place.slug}/tray/{event}", data=data, follow_redirects=True)


def state_of(gate: AtGate, event: UUID) -> str:
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        return session.scalars(select(VisitEvent.state).where(VisitEvent.event_id == event)).one()


def sound(gate: AtGate) -> bool:
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        return not isinstance(proof.verify(session, enterprise_id=gate.place.id), Fault)


def left_too_early(gate: AtGate) -> UUID:
    """A truck that left before it was admitted."""
    gate.arrive()
    gate.temperature(366)
    outcome = gate.leave()
    assert outcome.state == "attention"
    return outcome.event_id


def test_an_empty_tray_says_what_would_be_here(app: Flask, gate: AtGate) -> None:
    assert "没有要核对的记录" in page(app, gate, gate.place.lead)


def test_what_could_not_be_carried_out_is_told_in_words(app: Flask, gate: AtGate) -> None:
    left_too_early(gate)
    text = page(app, gate, gate.place.lead)
    for said in ("离场", gate.place.guard.name, "没有执行：车辆不在厂内", "1号门", "12345"):
        assert said in text, said


def test_it_is_carried_out_once_it_can_be(app: Flask, gate: AtGate) -> None:
    event = left_too_early(gate)
    gate.admit()
    answer = resolve(app, gate, event, "apply")
    assert "已执行" in answer.text and state_of(gate, event) == "applied"
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        row = session.get(Visit, (gate.place.id, gate.visit_id))
        assert row is not None and (row.state, row.attention) == ("left", 0)
    assert sound(gate)


def test_what_still_cannot_be_says_why_and_keeps_what_was_typed(app: Flask, gate: AtGate) -> None:
    event = left_too_early(gate)
    answer = resolve(app, gate, event, "apply", reason="门卫说已离场")
    assert answer.status_code == 409 and "仍然不能执行：车辆不在厂内" in answer.text
    assert "门卫说已离场" in answer.text and state_of(gate, event) == "attention"


def test_set_aside_it_stays_in_the_book_and_leaves_the_tray(app: Flask, gate: AtGate) -> None:
    event = left_too_early(gate)
    assert "已核对，不执行" in resolve(app, gate, event, "set_aside").text
    assert state_of(gate, event) == "resolved" and "没有要核对的记录" in page(app, gate, gate.place.lead)
    assert sound(gate)


def test_one_that_was_dealt_with_meanwhile_says_so(app: Flask, gate: AtGate) -> None:
    event = left_too_early(gate)
    resolve(app, gate, event, "set_aside")
    again = resolve(app, gate, event, "apply", who=gate.place.admin)
    assert again.status_code == 200 and "已经处理过了" in again.text and state_of(gate, event) == "resolved"


@pytest.mark.parametrize(("how", "reason", "said"), [("", "x", "请选择执行或不执行"), ("apply", "", "请写明原因")])
def test_a_choice_and_a_reason_are_needed(app: Flask, gate: AtGate, how: str, reason: str, said: str) -> None:
    event = left_too_early(gate)
    answer = resolve(app, gate, event, how, reason)
    assert answer.status_code == 422 and said in answer.text and state_of(gate, event) == "attention"


def test_what_waits_is_here_after_ten_minutes_and_not_before(app: Flask, gate: AtGate) -> None:
    gate.at = clock.now() - timedelta(minutes=9)
    event = gate.send(EventKind.NOTE, {"text": "货单已收"}, after=new_id()).event_id
    assert "没有要核对的记录" in page(app, gate, gate.place.lead)
    other = AtGate(gate.engines, gate.place, at=clock.now() - timedelta(minutes=11))
    other.send(EventKind.NOTE, {"text": "门口等人"}, after=new_id())
    text = page(app, gate, gate.place.lead)
    assert "门口等人" in text and "货单已收" not in text and "还没有到达登记" in text
    assert state_of(gate, event) == "waiting"


def test_a_visit_that_never_arrived_can_be_set_aside_but_not_carried_out(app: Flask, gate: AtGate) -> None:
    event = gate.send(EventKind.ADMIT, after=new_id()).event_id
    assert "仍然不能执行：来访还没有登记" in resolve(app, gate, event, "apply").text
    assert "已核对，不执行" in resolve(app, gate, event, "set_aside").text
    assert sound(gate)


def test_one_that_was_released_by_itself_leaves_the_tray(app: Flask, gate: AtGate) -> None:
    first = new_id()
    gate.send(EventKind.NOTE, {"text": "先到的备注"}, after=first)
    assert "先到的备注" in page(app, gate, gate.place.lead)
    gate.arrive()
    gate.send(EventKind.NOTE, {"text": "后到的"}, id=first)
    assert "没有要核对的记录" in page(app, gate, gate.place.lead)


def test_the_office_reads_and_decides_nothing_a_guard_is_told_the_count(app: Flask, world: World, gate: AtGate) -> None:
    event = left_too_early(gate)
    above = page(app, gate, world.towns[0].inspector)
    assert "没有执行" in above and "记下处理" not in above
    assert resolve(app, gate, event, "set_aside", who=world.towns[0].inspector).status_code == 403
    queue = client_for(app, gate.place.guard).get(f"/e/{gate.place.slug}/gate").text
    assert re.search(r"待核对 1", queue) and "请告诉班长" in queue and f"/e/{gate.place.slug}/tray" not in queue
    assert f"/e/{gate.place.slug}/tray" in client_for(app, gate.place.lead).get(f"/e/{gate.place.slug}/gate").text
    assert "待核对记录" in client_for(app, gate.place.admin).get(f"/e/{gate.place.slug}/").text


def test_a_neighbours_entry_is_not_found(app: Flask, world: World, gate: AtGate) -> None:
    event = left_too_early(gate)
    data = {f"{event}-how": "set_aside", f"{event}-reason": "x"}
    answer = client_for(app, world.neighbour.lead).post(f"/e/{world.neighbour.slug}/tray/{event}", data=data)
    assert answer.status_code == 404 and state_of(gate, event) == "attention"


def test_the_count_equals_what_is_listed(gate: AtGate) -> None:
    first = left_too_early(gate)
    for _ in range(3):
        AtGate(gate.engines, gate.place).send(EventKind.NOTE, {"text": "早"}, after=new_id())
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        at = clock.now()
        found = tray.items(session, enterprise_id=gate.place.id, at=at, notes=True)
        assert tray.count(session, enterprise_id=gate.place.id, at=at) == len(found) == 4
        assert found[0].event_id == first


def test_who_admits_second_reads_who_was_first_and_when(app: Flask, gate: AtGate) -> None:
    gate.arrive()
    gate.temperature(366)
    at = clock.local(gate.at).strftime("%H:%M")
    gate.admit()
    gate.admit(by=gate.place.lead)
    page = client_for(app, gate.place.lead).get(f"/e/{gate.place.slug}/visits/{gate.visit_id}").text
    assert f"{gate.place.guard.name} {at} 已先放行</p>" in page


def test_the_first_admission_is_the_one_that_counted(gate: AtGate) -> None:
    gate.arrive()
    late = gate.send(EventKind.ADMIT, after=new_id(), by=gate.place.lead)
    assert late.state == "waiting"
    gate.temperature(366)
    gate.admit()
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        lines = book.entries_of(session, enterprise_id=gate.place.id, visit_id=gate.visit_id)
    found = admission.first(lines)
    assert found is not None and found.name == gate.place.guard.name
    assert admission.first(lines[:2]) is None


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_index_over_what_was_put_off_is_taken(database: str, world: World) -> None:
    seen: list[tuple[str, Any]] = []

    @sa.event.listens_for(world.engines.read, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, text: str, given: Any, *_: Any) -> None:
        seen.append((text, given))

    with tenancy.open_session(world.engines, world.own.scope) as session:
        tray.count(session, enterprise_id=world.own.id, at=clock.now())
    text, given = seen[-1]
    with world.engines.read.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given).all()
    assert "ix_visit_events_put_off" in str(plan)
