"""Every state of a visit on the desk for who hears the screen, sees it badly, reads English, or works by keyboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guard import CAB, CLEAN, CODE, FEVER, RED, SEAL, SLIP, Begins, Guard
from tests.browser.test_visit_override import with_pins
from tests.factories import World

AXE = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"
FINDINGS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .map(({ id, nodes }) => [id, nodes.slice(0, 3).map((node) => node.html.slice(0, 200))])"""
SETTINGS = """(changes) => localStorage.setItem("gate-desk", JSON.stringify(changes))"""


def wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def look(guard: Guard, name: str, faults: list[str]) -> None:
    """Nothing serious for axe, nothing that scrolls sideways."""
    guard.page.wait_for_timeout(350)  # what grows into its place has grown
    found = guard.page.evaluate(FINDINGS)
    if found:
        faults.append(f"{name}: {json.dumps(found, ensure_ascii=False)}")
    if wide(guard.page):
        faults.append(f"{name}: scrolls sideways")


@pytest.mark.parametrize("chosen", [{"theme": "sun", "lang": "zh"}, {"theme": "night", "lang": "en", "size": "200"}])
def test_no_state_of_a_visit_has_a_serious_finding(world: World, begins: Begins, chosen: dict[str, str]) -> None:
    with_pins(world)
    guard = begins(FEVER, CODE, RED, SEAL, CLEAN, CAB, SLIP)
    guard.page.evaluate(SETTINGS, chosen)
    guard.again()
    guard.page.evaluate(AXE.read_text(encoding="utf-8"))
    faults: list[str] = []
    visit, key = guard.arrive(people=2), guard.key
    for name, press in (
        ("temperature", "36.6"), ("second", "36.6"), ("code", "绿码|Green"), ("second", "黄码|Yellow"),
    ):  # fmt: skip
        look(guard, name, faults)
        words = press.split("|")
        key(words[0] if chosen["lang"] == "zh" else words[-1]).click()
    look(guard, "photo", faults)
    guard.page.locator(".bar .key--small").click()
    look(guard, "disinfection", faults)
    guard.page.locator(".bar .key--small").click()
    look(guard, "checking", faults)
    for way in ("correct", "amend", "refuse", "override", "note"):
        guard.go(f"v/{visit}/{way}")
        look(guard, way, faults)
        if way == "override":
            key("shift_lead", exact=False).click()
            look(guard, "override of a lead", faults)
    red = guard.arrive("沪B7K3P2")
    guard.page.evaluate(
        """(visit) => model.answer(visit, [
          { question: "code", subject: "occupant:1", kind: "code_check", value: { colour: "red" } }])""",
        red,
    )
    look(guard, "refused", faults)
    for one in (visit, red):
        guard.page.evaluate("(visit) => model.act('admit', visit)", one)
    guard.page.evaluate("(visit) => model.act('care', visit, { item: 'water' })", visit)
    guard.go("inside")
    look(guard, "all inside", faults)
    for way in ("", "/care", "/move", "/join", "/part", "/leave"):
        guard.go(f"v/{visit}{way}")
        look(guard, f"inside {way}", faults)
    assert faults == []


def test_a_visit_is_checked_and_admitted_by_keyboard_alone(begins: Begins) -> None:
    guard = begins(FEVER, CODE)
    guard.page.set_viewport_size({"width": 1280, "height": 800})
    guard.arrive()
    press = guard.page.keyboard.press
    guard.title("司机 · 测体温")
    guard.page.keyboard.type("36.6")
    press("Enter")
    guard.title("司机 · 查健康码")
    press("Alt+Digit1")
    guard.title("放行")
    press("Enter")
    guard.sees("已写下：放行")
    press("Enter")
    assert guard.page.evaluate("location.hash") == "#/"


def test_two_guards_at_one_truck_see_each_other(begins: Begins) -> None:
    one = begins(FEVER)
    visit = one.arrive()
    one.sent()
    lead = one.world.own.lead
    with one.elsewhere(lead) as other:
        other.visits.append(visit)
        other.go(f"v/{visit}")
        other.title("司机 · 测体温")
        for guard in (one, other):
            guard.page.evaluate("model.stop()")  # the test's own, which shows no visit
        for guard, who in ((one, lead), (other, one.world.own.guard)):
            expect(guard.page.locator("main .notice")).to_contain_text(f"也在看这辆车：{who.name}", timeout=15_000)
        other.press("36.6", "放行")
        other.sees("已写下：放行")
        one.sees("在厂 0 分钟")
