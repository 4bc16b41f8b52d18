"""The desk's model in a real browser: what the server tells, the phone's own entries, and what becomes of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.visits.models import Visit
from tests import told
from tests.factories import World
from tests.visits.gate import BRIEFING, FEVER, publish

OPEN = """async () => {
  const { open } = await import("/static/desk/model.js");
  window.model = await open();
}"""
DUTY = """async (by) => {
  const { base } = await import("/static/desk/base.js");
  await (await base()).put("kept", { entry: "x", n: 0, kind: "duty", by, since: 0, state: "on" }, "duty");
}"""
ARRIVE = """async (plate) => model.arrive({
  plates: [{ subject: "tractor", written: plate }],
  people: [{ subject: "occupant:1", role: "driver", name: "张伟强", phone: "19900001234" }],
})"""
HEALTHY = """async (visit) => model.answer(visit, [
  { question: "temperature", subject: "occupant:1", kind: "number", unit: "celsius", value: { n: 366 } }])"""
VISITS = """() => model.visits().map(
  ({ status, verdict, unsent, plates }) => [plates.tractor.plate, status, verdict, unsent])"""


@dataclass
class Server:
    """Answers of the state and of duty as the contract has them; ``up`` False: no network."""

    world: World
    up: bool = True
    revoked: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    duty: list[dict[str, Any]] = field(default_factory=list)

    def state(self, route: Route) -> None:
        self.asked.append(json.loads(route.request.post_data or "{}"))
        if not self.up:
            return route.abort()
        at = clock.now()
        if self.revoked:
            return route.fulfill(json={"at": clock.micros(at), "revoked": True})
        with tenancy.open_session(self.world.engines, self.world.own.scope) as session:
            ground, now = told.ground(session, self.world.own, at=at), told.now(session, self.world.own, at=at)
        answer: dict[str, Any] = {"at": clock.micros(at), "revoked": False, "ground_tag": "g1"}
        answer |= {"now_tag": f"n{now['seq']}"}
        if self.asked[-1]["ground"] != "g1":
            answer["ground"] = ground
        if self.asked[-1]["now"] != answer["now_tag"]:
            answer["now"] = now
        return route.fulfill(json=answer)

    def line(self, route: Route) -> None:
        return route.continue_() if self.up else route.abort()


@pytest.fixture
def server(world: World) -> Server:
    publish(world, world.own, FEVER, BRIEFING)
    return Server(world)


@pytest.fixture
def desk(server: Server, phone: BrowserContext, address: str) -> Iterator[Page]:
    """The phone with the guard on duty, its model open and told once."""
    page = tab(server, phone, address)
    page.evaluate(DUTY, str(server.world.own.guard.id))
    page.evaluate(OPEN)
    until(page, "model.now !== null")
    yield page
    page.evaluate("model.stop()")


def tab(server: Server, phone: BrowserContext, address: str) -> Page:
    page = phone.new_page()
    page.route("**/desk/state", server.state)
    page.route("**/desk/sync", server.line)
    page.goto(f"{address}/desk/enrol")
    return page


def until(page: Page, holds: str) -> None:
    """Wait until an expression holds; the page lets nothing be evaluated by itself."""
    for _ in range(200):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {holds}; {page.evaluate('JSON.stringify([model.line(), model.visits()])')}")


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
