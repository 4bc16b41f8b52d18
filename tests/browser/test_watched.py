"""A watched plate on the desk: said as it is typed, in the queue, on the visit, and without a network."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from gatekeeper import clock, tenancy
from gatekeeper.watched import service
from tests.browser.axe import severe, too_wide
from tests.browser.hand import Guard, on_duty
from tests.browser.test_desk_axe import LOOKS, SHOWN
from tests.browser.test_whole_way import sign_in
from tests.factories import World
from tests.visits.gate import FEVER, publish


def watch(world: World, plate: str, what: str, why: str, **more: Any) -> None:
    town = world.towns[0]
    place, by = (town.office, town.admin) if more.pop("town", False) else (world.own, world.own.admin)
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        service.add(session, plate=plate, what=what, why=why, by=by, **{"at": clock.now(), **more})


@pytest.fixture
def guard(world: World, phone: BrowserContext, address: str) -> Guard:
    publish(world, world.own, FEVER)
    watch(world, "浙A12345", "refuse", "上次拒绝过磅")
    watch(world, "浙A54321", "tell", "公安在找，先打电话", town=True)
    days = {"at": clock.now() - timedelta(days=2), "until": clock.today() - timedelta(days=1)}
    watch(world, "浙A77777", "refuse", "已经到期", **days)
    return on_duty(world, phone, address)


def test_a_watched_plate_is_said_as_soon_as_it_is_typed_and_on_its_visit(guard: Guard) -> None:
    page, warning = guard.page, guard.page.locator("main [role=alert]")
    guard.plate("浙A12345")
    expect(warning).to_have_text("浙A12345 不予进厂，报告班长上次拒绝过磅")
    expect(warning.locator("svg")).to_be_visible()
    guard.press("到了")
    guard.asked()
    expect(warning).to_contain_text("不予进厂，报告班长")
    page.goto(f"{page.url.split('#')[0]}#/queue")
    expect(page.locator("main .row", has_text="A12345")).to_contain_text("关注")


def test_without_a_network_the_townships_plate_is_said_and_what_is_over_is_not(guard: Guard) -> None:
    page = guard.page
    page.context.set_offline(True)
    page.reload()
    guard.plate("浙A54321")
    expect(page.locator("main [role=alert]")).to_have_text("浙A54321 先报告，再处理公安在找，先打电话（镇街）")
    page.locator(".pk__key[data-sign='1']").first.wait_for()
    page.reload()
    guard.plate("浙A77777")
    guard.see("第一次来")
    expect(page.locator("main [role=alert]")).to_have_count(0)


def test_the_warning_is_read_in_both_themes_and_the_list_on_any_screen(
    guard: Guard, world: World, context: BrowserContext, address: str
) -> None:
    for plate, look in (("浙A12345", LOOKS[0]), ("浙A54321", LOOKS[1])):
        guard.page.reload()
        guard.page.evaluate(SHOWN, list(look))
        guard.plate(plate)
        guard.page.locator("main [role=alert]").wait_for()
        assert [*severe(guard.page, enhanced=True), *too_wide(guard.page)] == []
    page = context.new_page()
    sign_in(page, address, world.own.admin)
    page.goto(f"{address}/e/{world.own.slug}/watched")
    page.get_by_text("English").click()
    page.get_by_role("button", name="Watch it").click()
    page.get_by_text("Please correct and send again").wait_for()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert [*severe(page), *too_wide(page)] == []
