"""What is written on a phone arrives once, whatever happens to the line, the tab, the clock."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.queries import Fault
from gatekeeper.visits import proof
from gatekeeper.visits.models import Visit
from tests.factories import World

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])

WRITE = """async ([visits, by]) => {
  const { write, uuid7 } = await import("/static/desk/outbox.js");
  for (const plate of visits) {
    const visit = uuid7();
    const item = { subject: "tractor", written: plate };
    const driver = { subject: "occupant:1", role: "driver", name: "张伟强", phone: "19900001234" };
    await write("arrive", visit, { kind: "truck", plates: [item], people: [driver] }, { by });
    await write("admit", visit, {}, { by });
    await write("leave", visit, { seen: true, subjects: [] }, { by });
    window.written = (window.written ?? 0) + 1;
  }
}"""
SEND = """async () => {
  const { keepSending } = await import("/static/desk/sync.js");
  window.stop = keepSending((result) => { window.last = result; });
}"""
UNSENT = """async () => (await import("/static/desk/outbox.js")).unsent()"""
STORED = """async () => {
  const { base } = await import("/static/desk/base.js");
  const rows = await (await base()).getAll("outbox");
  return rows.map((row) => [row.n, new TextDecoder("latin1").decode(row.sealed)]);
}"""
COUNT = """async () => (await (await import("/static/desk/base.js")).base()).get("self", "count")"""

PICTURE = """async ([width, height, by]) => {
  const { write, uuid7 } = await import("/static/desk/outbox.js");
  const { keepPhoto, small } = await import("/static/desk/photos.js");
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").fillRect(0, 0, width / 2, height);
  const made = await small(await canvas.convertToBlob());
  const shown = await createImageBitmap(made), file = await keepPhoto(made), visit = uuid7();
  await write("arrive", visit, { kind: "truck", plates: [{ subject: "tractor", written: "浙A12345" }] }, { by });
  const answer = { question: "seal", subject: "visit", kind: "photo", value: { file } };
  await write("answer", visit, { answers: [answer] }, { by });
  return [shown.width, shown.height];
}"""
PHOTOS = """async () => (await (await import("/static/desk/base.js")).base()).count("photos")"""


class Line:
    """The network between a phone and the server, as bad as ``chance`` has it."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.up, self.sent, self.answers_lost = chance, True, 0, 0

    def __call__(self, route: Route) -> None:
        self.sent += 1
        if not self.up or self.chance.random() < 0.2:
            route.abort()
        elif self.chance.random() < 0.3:
            route.fetch()  # it arrives, and the answer is lost on its way back
            self.answers_lost += 1
            route.abort()
        else:
            route.continue_()


def tab(phone: BrowserContext, address: str, line: Line | None = None) -> Page:
    page = phone.new_page()
    if line is not None:
        page.route("**/desk/sync", line)
    page.goto(f"{address}/desk/enrol")
    return page


def plates(count: int, first: int = 10000) -> list[str]:
    return [f"浙A{first + number}" for number in range(count)]


def stored(world: World) -> tuple[Counter[str], Counter[str]]:
    """(how often each plate came, how many entries of each kind the book has); it must be sound."""
    with tenancy.open_session(world.engines, world.own.scope) as session:
        found = proof.verify(session, enterprise_id=world.own.id)
        assert not isinstance(found, Fault), found
        came = Counter(plate or "" for plate in session.scalars(select(Visit.plate)))
        bodies = [json.loads(text)["body"] for text in session.scalars(select(LedgerEntry.bytes))]
    return came, Counter(body["event"]["kind"] for body in bodies if "event" in body)


def drained(page: Page) -> dict[str, Any]:
    """Wait until the phone has nothing left to send."""
    for _ in range(600):
        left: dict[str, Any] = page.evaluate(UNSENT)
        if not left["waiting"]:
            return left
        page.wait_for_timeout(100)
    raise AssertionError(f"{left} are left, the last try said {page.evaluate('window.last')}")


def test_a_bad_line_loses_and_doubles_nothing(world: World, address: str, phone: BrowserContext) -> None:
    line = Line(Random(1))
    page = tab(phone, address, line)
    page.evaluate(SEND)
    line.up = False
    page.evaluate(WRITE, [plates(10), str(world.own.guard.id)])
    assert page.evaluate(UNSENT)["waiting"] == 30
    line.up = True
    page.evaluate(WRITE, [plates(15, 20000), str(world.own.guard.id)])
    assert drained(page)["refused"] == []
    came, kinds = stored(world)
    assert came == Counter([*plates(10), *plates(15, 20000)])
    assert {kind: kinds[kind] for kind in ("arrive", "admit", "leave")} == {"arrive": 25, "admit": 25, "leave": 25}
    assert line.answers_lost > 0


def test_a_killed_tab_and_two_tabs_at_once_lose_and_double_nothing(
    world: World, address: str, phone: BrowserContext
) -> None:
    chance, begun = Random(2), 0
    line = Line(chance)
    for _ in range(10):
        first, second = tab(phone, address, line), tab(phone, address, line)
        for page in (first, second):
            page.evaluate(SEND)
            # not waited for: the tab dies in the middle of it
            page.evaluate(
                f"(given) => {{ ({WRITE})(given); }}", [plates(3, 10000 + 10 * begun), str(world.own.guard.id)]
            )
            begun += 1
        first.wait_for_timeout(chance.randrange(20, 300))
        for page in (first, second):
            page.close()
    last = tab(phone, address)
    last.evaluate(SEND)
    assert drained(last)["refused"] == []
    written = last.evaluate(COUNT)
    came, kinds = stored(world)
    assert sum(kinds[kind] for kind in ("arrive", "admit", "leave")) == written > begun
    assert set(came.values()) == {1}
    assert 0 <= kinds["arrive"] - kinds["leave"] <= 2 * 10  # a tab's last truck may have been cut short


def test_a_clock_two_days_off_moves_no_visit(world: World, address: str, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.clock.install(time=clock.now().timestamp() - 2 * 86400)
    page.goto(f"{address}/desk/enrol")
    page.evaluate(WRITE, [plates(1), str(world.own.guard.id)])
    page.evaluate("async () => (await import('/static/desk/sync.js')).upload()")
    assert drained(page)["refused"] == []
    with tenancy.open_session(world.engines, world.own.scope) as session:
        visit = session.scalars(select(Visit)).one()
    assert (visit.plate, visit.day) == (plates(1)[0], clock.today())


def test_what_waits_on_the_phone_is_sealed(world: World, address: str, phone: BrowserContext) -> None:
    page = tab(phone, address)
    page.evaluate(WRITE, [plates(1), str(world.own.guard.id)])
    rows = page.evaluate(STORED)
    assert [n for n, _ in rows] == [1, 2, 3]
    assert not any(word in text for _, text in rows for word in ("19900001234", "10000", "arrive"))


def test_an_entry_that_the_server_refuses_stays_and_lets_the_others_pass(
    world: World, address: str, phone: BrowserContext
) -> None:
    page = tab(phone, address)
    page.evaluate(WRITE, [plates(1), str(world.own.guard.id)])
    page.evaluate(WRITE, [plates(1, 30000), str(world.stranger.guard.id)])  # nobody of this factory
    page.evaluate(WRITE, [plates(1, 20000), str(world.own.guard.id)])
    page.evaluate(SEND)
    refused = drained(page)["refused"]
    assert [(row["n"], row["refused"]["code"]) for row in refused] == [(n, "event.by") for n in (4, 5, 6)]
    assert stored(world)[0] == Counter([*plates(1), *plates(1, 20000)])


def test_a_picture_is_made_small_and_goes_before_its_entry(world: World, address: str, phone: BrowserContext) -> None:
    line = Line(Random(3))
    page = tab(phone, address, line)
    page.route("**/desk/photos", line)
    line.up = False
    assert page.evaluate(PICTURE, [4000, 3000, str(world.own.guard.id)]) == [1600, 1200]
    page.evaluate(SEND)
    assert (page.evaluate(PHOTOS), page.evaluate(UNSENT)["waiting"]) == (1, 2)
    line.up = True
    page.evaluate("dispatchEvent(new Event('online'))")
    assert drained(page)["refused"] == []
    assert page.evaluate(PHOTOS) == 0
    came, kinds = stored(world)
    assert (came, kinds["answer"]) == (Counter(plates(1, 12345)), 1)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert {part.cls for part in session.scalars(select(LedgerPart))} == {"plate", "photo"}
