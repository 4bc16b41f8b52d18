"""The desk's model: what the server tells, this phone's own entries on top, and what becomes of both."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.accounts import pins
from gatekeeper.db import new_id
from gatekeeper.desk.models import Duty
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.models import Visit
from gatekeeper.visits.record import record
from tests.browser.desk import ACT, ARRIVE, DUTY, HEALTHY, OPEN, VISITS, Server, back, tab, until
from tests.browser.test_outbox import stored
from tests.visits.gate import publish

LEFT = "Object.values(model.now.duty)[0].handover"


def at_another_desk(server: Server, visit: str, kind: str, body: dict[str, Any] | None = None) -> None:
    """Something that another guard does to a visit."""
    place, at = server.world.own, clock.now()
    with tenancy.open_session(server.world.engines, place.scope, write=True) as session:
        event = Event(new_id(), UUID(visit), EventKind(kind), at, place.gate_id, body or {})
        record(session, event, by=place.lead, received_at=at)


def test_an_act_is_seen_at_once_and_the_server_tells_of_it_later(server: Server, desk: Page) -> None:
    server.up = False
    visit = desk.evaluate(ARRIVE, "浙A12345")
    assert desk.evaluate(VISITS) == [["浙A12345", "at_gate", "hold", 1]]
    desk.evaluate(HEALTHY, visit)
    assert desk.evaluate("(visit) => model.judged(visit).due.map((one) => one.code)", visit) == ["briefing"]
    desk.evaluate("(visit) => model.act('admit', visit)", visit)
    assert desk.evaluate(VISITS) == [["浙A12345", "inside", "hold", 3]]
    assert desk.evaluate("model.line().waiting") == 3
    server.up = True
    desk.evaluate("dispatchEvent(new Event('online'))")
    until(desk, "model.line().waiting === 0 && model.now.visits.length === 1")
    assert desk.evaluate(VISITS) == [["浙A12345", "inside", "hold", 0]]
    assert desk.evaluate("model.conflicts()") == []
    with tenancy.open_session(server.world.engines, server.world.own.scope) as session:
        assert [row.state for row in session.scalars(select(Visit))] == ["inside"]


def test_what_the_server_saw_otherwise_is_listed_until_a_person_has_seen_it(server: Server, desk: Page) -> None:
    first, second = desk.evaluate(ARRIVE, "浙A10001"), desk.evaluate(ARRIVE, "浙A10002")
    back(server, desk)
    server.up = False
    desk.evaluate(ACT, ["admit", first])
    desk.evaluate(ACT, ["leave", second])  # the phone's own rules have nothing against it: it was never let in
    desk.evaluate(HEALTHY, second)
    at_another_desk(server, first, "admit")
    at_another_desk(server, second, "void", {"reason": "登记错误"})
    back(server, desk)
    found = desk.evaluate(
        "model.conflicts().map(({ what, kind, plate, reason }) => [what, kind, plate, reason ?? null])"
    )
    assert found == [
        ["also", "admit", "浙A10001", None],
        ["attention", "leave", "浙A10002", "visit.void"],
        ["attention", "answer", "浙A10002", "visit.void"],
    ]
    desk.evaluate("() => model.seen(model.conflicts()[0].id)")
    assert desk.evaluate("model.conflicts().length") == 2
    until(desk, "model.now.visits.length === 1")
    assert desk.evaluate(VISITS) == [["浙A10001", "inside", "hold", 0]]


def test_a_verdict_that_the_server_does_not_share_is_a_conflict(server: Server, desk: Page) -> None:
    server.up = False
    visit = desk.evaluate(ARRIVE, "浙A10001")
    desk.evaluate(HEALTHY, visit)
    publish(server.world, server.world.own, at=clock.now() - timedelta(minutes=5))  # no rules any more, unknown here
    back(server, desk)
    found = desk.evaluate("model.conflicts().map(({ what, seen, decided }) => [what, seen, decided])")
    assert found == [["differs", "hold", "admit"]] * 2


def test_two_tabs_see_each_others_entries_at_once(
    server: Server, desk: Page, phone: BrowserContext, address: str
) -> None:
    other = tab(server, phone, address)
    other.evaluate(OPEN)
    server.up = False
    visit = desk.evaluate(ARRIVE, "浙A10001")
    until(other, "model.visits().length === 1")
    other.evaluate(HEALTHY, visit)
    until(desk, "model.visits()[0].unsent === 2")
    desk.evaluate(ACT, ["admit", visit])
    until(other, "model.visits()[0].status === 'inside'")
    back(server, other)
    until(desk, "model.line().waiting === 0 && model.now.visits.length === 1")
    assert desk.evaluate(VISITS) == other.evaluate(VISITS) == [["浙A10001", "inside", "hold", 0]]
    assert stored(server.world)[1]["arrive"] == 1


def test_a_tab_killed_in_the_middle_knows_everything_that_it_showed(
    server: Server, desk: Page, phone: BrowserContext, address: str
) -> None:
    server.up = False
    chance, shown, page = Random(3), [], desk
    for number in range(5):
        page.evaluate(f"(plate) => {{ ({ARRIVE})(plate); }}", f"浙A2000{number}")  # not waited for
        page.wait_for_timeout(chance.randrange(5, 60))
        shown = page.evaluate(VISITS)
        page.close()
        page = tab(server, phone, address)
        page.evaluate(OPEN)
        assert {row[0] for row in shown} <= {row[0] for row in page.evaluate(VISITS)}
    made = {row[0] for row in page.evaluate(VISITS)}
    back(server, page)
    came, _ = stored(server.world)
    assert set(came) == made and set(came.values()) <= {1}
    page.evaluate("model.stop()")


def test_a_phone_that_never_reached_the_server_keeps_what_is_written(
    server: Server, phone: BrowserContext, address: str
) -> None:
    server.up = False
    page = tab(server, phone, address)
    page.evaluate(DUTY, str(server.world.own.guard.id))
    page.evaluate(OPEN)
    visit = page.evaluate(ARRIVE, "浙A10001")
    assert page.evaluate(VISITS) == [["浙A10001", "at_gate", "hold", 1]]
    assert page.evaluate("(visit) => model.judged(visit).blind", visit) == "no_rules"
    assert page.evaluate("model.line().state") == "offline"
    back(server, page)
    assert stored(server.world)[0] == {"浙A10001": 1}


def test_duty_goes_in_its_turn_and_a_wrong_pin_is_listed(server: Server, desk: Page) -> None:
    guard, lead = str(server.world.own.guard.id), str(server.world.own.lead.id)
    with tenancy.open_session(server.world.engines, server.world.own.scope, write=True) as session:
        who = {"user_id": server.world.own.guard.id, "by": server.world.own.admin, "at": clock.now()}
        pins.give(session, pin=pins.NewPin("4071"), **who)
    server.up = False
    desk.evaluate(ARRIVE, "浙A10001")
    desk.evaluate("(by) => model.takeDuty(by, '4071')", guard)
    assert desk.evaluate("model.duty().state") == "unconfirmed"
    desk.evaluate(ARRIVE, "浙A10002")
    desk.evaluate("() => model.handOver({ note: '冷库门口有车', supplies: { mask: 3 } })")
    assert desk.evaluate("[model.duty().state, model.duty().by]") == ["none", guard]
    desk.evaluate("(by) => model.accept(null, by, '9999')", lead)
    desk.evaluate(ARRIVE, "浙A10003")
    assert desk.evaluate("model.line().waiting") == 6
    back(server, desk)
    with tenancy.open_session(server.world.engines, server.world.own.scope) as session:
        told = [
            (row.kind, row.n, str(row.user_id), row.code) for row in session.scalars(select(Duty).order_by(Duty.seq))
        ]
    assert told == [("duty", 2, guard, None), ("handover", 4, guard, None), ("accept", 5, lead, "duty.pin")]
    until(desk, "Object.values(model.now.duty)[0].handover !== null")
    left = desk.evaluate(
        "(({ note, supplies, open }) => [note, supplies, open])(Object.values(model.now.duty)[0].handover)"
    )
    assert left == ["冷库门口有车", {"mask": 3}, 2]
    assert desk.evaluate("[model.duty().state, model.duty().by]") == ["unconfirmed", lead]
    assert desk.evaluate("model.conflicts().map(({ what, kind }) => [what, kind])") == [["unconfirmed", "accept"]]
    with tenancy.open_session(server.world.engines, server.world.own.scope) as session:
        rows = session.scalars(select(Visit).order_by(Visit.arrived_at, Visit.id)).all()
    assert [row.guard_name for row in rows] == [server.world.own.guard.name] * 2 + [server.world.own.lead.name]
