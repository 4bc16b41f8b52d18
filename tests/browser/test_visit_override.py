"""A lead lets through what the rules let a lead let through: by a PIN, without a network, until the server has it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gatekeeper import clock, tenancy
from gatekeeper.accounts import pins
from tests.browser.guard import CODE, FEVER, RED, Begins, Guard
from tests.factories import World

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])

PIN = "4917"


def with_pins(world: World) -> None:
    """The lead and the admin have a PIN."""
    given = [(person, pins.NewPin(PIN)) for person in (world.own.lead, world.own.admin)]
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        for person, pin in given:
            pins.give(session, user_id=person.id, pin=pin, by=world.own.admin, at=clock.now())


def override(guard: Guard, role: str, pin: str) -> None:
    guard.press("班长放行")
    guard.key(role, exact=False).click()
    guard.press("已当面核实，情况属实")
    pad = guard.page.locator(".pin")
    for digit in pin:
        pad.get_by_role("button", name=digit, exact=True).click()
    guard.press("确认放行")


def test_an_override_without_a_network_is_unconfirmed_until_the_server_has_it(world: World, begins: Begins) -> None:
    with_pins(world)
    guard = begins(CODE)
    guard.online(False)
    guard.arrive()
    guard.press("黄码")
    guard.title("待定")
    guard.press("班长放行")
    guard.key("shift_lead", exact=False).click()
    guard.press("确认放行")
    guard.sees("请写明原因", "密码为 4 到 6 位数字")
    guard.press("返回")
    override(guard, "shift_lead", PIN)
    guard.title("放行")
    guard.sees("班长放行 · 未确认")
    guard.press("放行")
    guard.sees("已存在手机上")
    guard.press("下一辆")
    guard.sent()
    assert guard.kinds() == ["arrive", "answer", "override", "admit"]
    assert [state for _, _, state in guard.events()] == ["applied"] * 4
    body = guard.events()[2][1]
    assert "pin" not in body and body["reason"] == "已当面核实，情况属实"
    assert [(one["rule"], one["subject"]) for one in body["findings"]] == [("code", "occupant:1")]
    guard.go(f"v/{guard.visits[-1]}")
    guard.title("在厂内")


def test_a_wrong_pin_is_told_and_the_verdict_stands(world: World, begins: Begins) -> None:
    with_pins(world)
    guard = begins(CODE)
    guard.online(False)
    visit = guard.arrive()
    guard.press("黄码")
    override(guard, "shift_lead", "5028")
    guard.title("放行")
    guard.sent()
    guard.title("待定")
    guard.sees("密码不对，放行不算数")
    guard.press("知道了")
    expect(guard.page.locator(".conflict")).to_have_count(0)
    assert [(kind, state) for kind, _, state in guard.events(visit)][-1] == ("override", "attention")


def test_who_may_not_waive_a_finding_cannot_choose_it(world: World, begins: Begins) -> None:
    with_pins(world)
    guard = begins(FEVER, CODE, {**RED, "overridable_by": ["enterprise_admin"]})
    guard.arrive()
    guard.press("36.6", "红码")
    guard.title("劝返")
    guard.press("班长放行")
    guard.key("shift_lead", exact=False).click()
    expect(guard.key("司机 · 不是红码", exact=False)).to_be_disabled()
    guard.key("enterprise_admin", exact=False).click()
    expect(guard.key("司机 · 不是红码", exact=False)).to_be_enabled()
    guard.press("返回")
    override(guard, "enterprise_admin", PIN)
    guard.title("放行")
    guard.sent()
    guard.sees("班长放行 · 已确认")
