"""Who is on duty, the handover to the next shift, and the list of who is inside, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from gatekeeper import clock, tenancy
from gatekeeper.access import Role
from gatekeeper.desk import duty
from tests.browser.shift import PINS, go, inside, on_duty, opened, prepare, type_pin
from tests.factories import World

KEPT = """() => navigator.serviceWorker.controller !== null || new Promise((done) => {
  navigator.serviceWorker.addEventListener("controllerchange", () => done(true), { once: true });
})"""
"""Waits until the page opens without a network."""


@pytest.fixture
def page(world: World, phone: BrowserContext, address: str) -> Iterator[Page]:
    prepare(world)
    inside(world, "浙A11111", "浙A22222")
    inside(world, "浙A33333", zone=None)
    yield opened(phone, address)


def at_gate(world: World) -> duty.AtGate:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return duty.standing(session, world.own.id, at=clock.now()).get(world.own.gate_id, duty.NOBODY)


def test_a_guard_is_on_duty_after_one_tap_and_the_pin(page: Page, world: World) -> None:
    expect(page.locator("main")).to_contain_text("还没有密码")
    expect(page.locator("main")).to_contain_text(world.own.admin.name)
    expect(page.locator(".person")).to_have_count(2)
    type_pin(page, world.own.guard.name, "0000")
    expect(page.get_by_role("alert")).to_contain_text("密码不对")
    expect(page.locator("#pin")).to_be_focused()
    page.get_by_role("button", name="返回").click()
    expect(page.locator("main")).to_contain_text("密码不对")
    page.get_by_role("button", name="重新输入密码").click()
    page.locator(".person", has_text=world.own.guard.name).click()
    expect(page.locator("#pin")).to_be_focused()
    page.keyboard.type(PINS[Role.GUARD])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#/$"))
    expect(page.locator(".head__duty")).to_have_text(world.own.guard.name)
    assert at_gate(world).is_on(world.own.guard.id)
    go(page, "attention")
    expect(page.locator(".conflict")).to_have_count(0)
    go(page, "duty")
    page.get_by_role("button", name="下班").click()
    expect(page.locator(".head__duty")).to_contain_text("无人值班")
    expect(page.locator(".person").first).to_contain_text(world.own.guard.name)  # who was here last stands first


def test_a_pin_typed_offline_is_checked_when_the_network_is_back(
    page: Page, world: World, phone: BrowserContext
) -> None:
    phone.set_offline(True)
    type_pin(page, world.own.guard.name, PINS[Role.GUARD])
    expect(page.locator(".head__duty")).to_contain_text("待核")
    expect(page.locator("main")).to_contain_text("密码还没有核对")
    expect(page.locator(".head__line")).to_contain_text("1 条未传")
    phone.set_offline(False)
    expect(page.locator(".head__duty")).to_have_text(world.own.guard.name)
    assert at_gate(world).is_on(world.own.guard.id)


def test_a_wrong_pin_typed_offline_is_told_when_the_network_is_back(
    page: Page, world: World, phone: BrowserContext
) -> None:
    page.evaluate(KEPT)
    phone.set_offline(True)
    type_pin(page, world.own.guard.name, "0000")
    expect(page.locator(".head__duty")).to_contain_text("待核")
    page.reload()
    expect(page.locator(".head__duty")).to_contain_text("待核")
    phone.set_offline(False)
    go(page, "attention")
    expect(page.locator(".conflict")).to_contain_text("值班人页面重新输入密码")
    go(page, "duty")
    expect(page.locator("main")).to_contain_text("密码不对")
    assert not at_gate(world).is_on(world.own.guard.id)


def test_the_next_guard_sees_what_was_left_and_takes_over(page: Page, world: World) -> None:
    on_duty(page, world)
    go(page, "handover")
    expect(page.locator(".tally")).to_contain_text("3厂内")
    page.get_by_label("留给下一班的话").fill("西门栏杆坏了")
    page.get_by_role("button", name="口罩 加一").click(click_count=3)
    page.get_by_label("消毒液（桶）", exact=True).fill("12")
    page.get_by_role("button", name="交班").click()
    expect(page.locator(".head__duty")).to_contain_text("已交班")
    expect(page.locator("main")).to_contain_text("等下一班用密码接班")
    page.get_by_role("link", name="接班").click()
    for told in ("西门栏杆坏了", "口罩3", "消毒液（桶）12", "交班时未了 3"):
        expect(page.locator(".left")).to_contain_text(told)
    type_pin(page, world.own.lead.name, PINS[Role.SHIFT_LEAD])
    expect(page.locator(".head__duty")).to_have_text(world.own.lead.name)
    found = at_gate(world)
    assert found.is_on(world.own.lead.id) and found.handover and found.handover.open_count == 3
    assert json.loads(found.handover.supplies or "") == {"disinfectant": 12, "mask": 3}
    go(page, "duty")
    expect(page.locator(".left")).to_contain_text("西门栏杆坏了")


def test_who_is_inside_stands_by_zone_offline_and_is_ticked_off_on_the_phone(
    page: Page, world: World, phone: BrowserContext
) -> None:
    phone.set_offline(True)
    go(page, "evacuation")
    expect(page.locator(".evacuation__count")).to_contain_text("3 人 3 辆车")
    expect(page.locator(".zone h2")).to_have_text(["A 区 2 人", "未分区 1 人"])
    expect(page.locator(".zone").first).to_contain_text("张**")
    expect(page.locator(".evacuation")).to_contain_text("离线")
    page.get_by_role("checkbox").first.click()
    expect(page.get_by_role("status").filter(has_text="集合点")).to_have_text("已到集合点 1 人，还差 2 人")
    phone.set_offline(False)
    page.reload()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="结束点名").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_the_list_of_who_is_inside_is_printed_on_one_sheet_in_black_and_white(page: Page, world: World) -> None:
    inside(world, *(f"浙B{number}" for number in range(10000, 10012)))
    go(page, "evacuation")
    expect(page.locator(".evacuation__count")).to_contain_text("15 人")
    page.emulate_media(media="print")
    for gone in (".head", ".tabs", ".bar"):
        expect(page.locator(gone).first).to_be_hidden()
    plate = page.locator(".evacuation .plate").first
    colours = plate.evaluate("(one) => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1


def test_every_screen_opens_without_anything_known_yet(world: World, phone: BrowserContext, address: str) -> None:
    faults: list[str] = []
    page = phone.new_page()
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.route("**/desk/state", lambda route: route.abort())
    page.goto(f"{address}/desk")
    for screen in ("duty", "handover", "evacuation", "attention", "late", "settings"):
        go(page, screen)
        expect(page.locator("main h1")).to_be_visible()
    assert faults == []
