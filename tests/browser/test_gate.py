"""The plate first: what the desk says of it at once, and what one press then writes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.registrations import service as registrations
from gatekeeper.visits.models import Visit
from tests.browser.hand import Guard, drawn, enrolled, on_duty
from tests.factories import World
from tests.rules.made import rule
from tests.visits.gate import BRIEFING, FEVER, AtGate, publish

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])

KEPT = """async () => {
  const { base } = await import("/static/desk/base.js");
  const { open } = await import("/static/desk/model.js");
  const model = await open(), [visit] = model.visits();
  model.stop();
  return Object.entries(visit.plates).map(([subject, plate]) => ({ subject, written: plate.written }));
}"""
PASTE = """(text) => {
  const copied = new DataTransfer();
  copied.setData("text", text);
  document.getElementById("plate").dispatchEvent(new ClipboardEvent("paste", { clipboardData: copied, bubbles: true }));
}"""
CARGO = rule("seal", when=[{"fact": "cargo", "op": "eq", "value": "clinker"}])
"""A seal that only clinker needs: so every truck's cargo is asked for."""


def came(world: World, plate: str, *, leaves: bool = True, turned_away: bool = False, **body: object) -> AtGate:
    """A truck that was here yesterday."""
    truck = AtGate(world.engines, world.own)
    truck.arrive(plate, **body)
    if turned_away:
        truck.turn_away()
        return truck
    truck.temperature(366)
    truck.admit()
    if leaves:
        truck.leave()
    return truck


def announced(world: World, plate: str, *, declined: bool = False, **more: object) -> None:
    at = clock.now()
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        given = {"plate": plate, "day": clock.today(), "by": world.own.admin, "at": at - timedelta(hours=1), **more}
        row = registrations.announce(session, **given)  # type: ignore[arg-type]
        if declined:
            registrations.decline(session, row, reason="没有订单", by=world.own.admin, at=at)
        else:
            registrations.approve(session, row, by=world.own.admin, at=at)


def stored(world: World, plate: str) -> list[Visit]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        query = select(Visit).where(Visit.plate == plate).order_by(Visit.arrived_at)
        found = list(session.scalars(query))
        session.expunge_all()
        return found


def sent(guard: Guard) -> None:
    """Everything written on the phone has reached the server."""
    expect(guard.page.locator(".head__count")).to_have_count(0)
    expect(guard.page.locator(".head__line--online")).to_be_visible()


@pytest.fixture
def factory(world: World) -> World:
    publish(world, world.own, FEVER, BRIEFING, CARGO)
    return world


def test_a_known_truck_goes_from_its_plate_to_the_verdict_with_at_most_four_taps(
    factory: World, phone: BrowserContext, address: str
) -> None:
    """Its rules ask for cargo and people, confirmed with one key, for a temperature and for a briefing."""
    came(factory, "浙A1D345", facts={"cargo": "cement_bulk"})
    announced(factory, "浙A1D345")
    guard = on_duty(factory, phone, address)
    guard.tap(guard.page.locator(".gate .row", has_text="1D345"), "the row of what is expected")
    guard.see(["今天报备✓", "散装水泥", "待确认"])
    guard.press("都对，到了")
    guard.tap(guard.page.get_by_role("button", name="36.6"), "36.6")
    guard.press("是")
    guard.see("放行")
    assert len(guard.taps) == 4
    sent(guard)
    [_, now] = stored(factory, "浙A1D345")
    assert (now.state, now.verdict, now.cargo, now.people) == ("at_gate", "admit", "cement_bulk", 1)
    assert now.registration_id is not None


def test_what_is_known_is_taken_over_only_where_the_guard_says_that_it_is_right(
    factory: World, phone: BrowserContext, address: str
) -> None:
    came(factory, "浙A1D345", facts={"cargo": "cement_bulk"})
    guard = on_duty(factory, phone, address)
    guard.plate("浙A1")
    guard.tap(guard.page.locator(".gate .row", has_text="1D345"), "the truck that fits")
    guard.see(["来过", "张**"])
    guard.press("不对，逐项问")
    guard.asked()
    sent(guard)
    assert [(visit.cargo, visit.people) for visit in stored(factory, "浙A1D345")] == [("cement_bulk", 1), (None, 0)]


def test_a_truck_is_found_by_any_beginning_after_its_province_and_by_its_end(
    factory: World, phone: BrowserContext, address: str
) -> None:
    came(factory, "沪B7K3P2")
    guard = on_duty(factory, phone, address)
    rows = guard.page.locator(".gate .row")
    for signs, found in (("7K3", 1), ("B7K", 1), ("3P2", 1), ("K3P", 0), ("7K4", 0)):
        guard.page.keyboard.press("Escape")
        guard.plate(signs)
        expect(rows).to_have_count(found)


def test_an_unknown_plate_that_looks_like_a_known_one_is_asked_about(
    factory: World, phone: BrowserContext, address: str
) -> None:
    came(factory, "浙A1D345")
    guard = on_duty(factory, phone, address)
    guard.plate("浙A10345")
    guard.see("是不是")
    guard.tap(guard.page.locator(".card button", has_text="1D345"), "the one that looks like it")
    expect(guard.page.locator("#plate")).to_have_value("浙A1D345")
    guard.see("来过")


@pytest.mark.parametrize(
    ("choice", "before"),
    [("上次出门漏记了，没有看见", "left"), ("看见它出去，现在又来了", "left"), ("那一辆的车牌当时记错了", "inside")],
)
def test_who_is_inside_already_is_asked_what_happened(
    factory: World, phone: BrowserContext, address: str, choice: str, before: str
) -> None:
    came(factory, "浙A12345", leaves=False)
    guard = on_duty(factory, phone, address)
    guard.plate("浙A12345")
    guard.press("已在厂内：怎么回事？")
    guard.press(choice)
    guard.asked()
    sent(guard)
    assert [visit.state for visit in stored(factory, "浙A12345")] == [before, "at_gate"]


def test_a_wrong_plate_is_corrected_and_nothing_is_written(factory: World, phone: BrowserContext, address: str) -> None:
    came(factory, "浙A12345", leaves=False)
    guard = on_duty(factory, phone, address)
    guard.plate("浙A12345")
    guard.press("已在厂内：怎么回事？")
    guard.press("车牌输错了，改一下")
    guard.tap(guard.page.get_by_role("button", name="退一格"), "back")
    guard.plate("6")
    guard.see("第一次来")
    assert len(stored(factory, "浙A12345")) == 1


def test_the_desk_says_that_a_truck_was_sent_away_or_that_its_registration_was_declined(
    factory: World, phone: BrowserContext, address: str
) -> None:
    came(factory, "浙A11111", turned_away=True)
    announced(factory, "浙A22222", declined=True)
    guard = on_duty(factory, phone, address)
    expect(guard.page.locator(".gate .row")).to_have_count(0)
    guard.plate("浙A11111")
    guard.see("上次被劝返")
    guard.page.keyboard.press("Escape")
    guard.plate("浙A22222")
    guard.see("今天的报备被退回")
    guard.press("到了")
    guard.asked()


def test_nobody_is_refused_for_the_plate(factory: World, phone: BrowserContext, address: str) -> None:
    guard = on_duty(factory, phone, address)
    guard.plate("1234")
    guard.press("按所写登记")
    guard.asked()
    guard.page.goto(f"{address}/desk#/")
    guard.page.locator("#plate").fill("浙A1O345")
    guard.see(["号牌不用字母 I 和 O", "是不是"])
    guard.press("按所写登记")
    guard.asked()
    guard.page.goto(f"{address}/desk#/")
    guard.press("无牌")
    guard.see("没有号牌的车")
    guard.press("到了")
    guard.asked()
    guard.page.goto(f"{address}/desk#/")
    guard.press("步行")
    guard.asked()
    sent(guard)
    assert [(visit.kind, visit.people) for visit in stored(factory, "1234")] == [("truck", 0)]
    assert [visit.plate_class for visit in stored(factory, "浙A1O345")] == ["other"]
    assert [visit.kind for visit in stored(factory, "无牌")] == ["truck"]


def test_a_trailer_has_a_plate_of_its_own_that_ends_by_itself(
    factory: World, phone: BrowserContext, address: str
) -> None:
    guard = on_duty(factory, phone, address)
    guard.plate("浙A12345挂浙A1234")
    expect(guard.page.locator("#trailer")).to_have_value("浙A1234挂")
    guard.press("到了")
    guard.asked()
    told = guard.page.evaluate(KEPT)
    assert [(plate["subject"], plate["written"]) for plate in told] == [
        ("tractor", "浙A12345"), ("trailer:1", "浙A1234挂"),
    ]  # fmt: skip


def test_a_plate_comes_from_a_keyboard_a_scanner_or_what_was_copied(
    factory: World, phone: BrowserContext, address: str
) -> None:
    guard = on_duty(factory, phone, address)
    field, keyboard = guard.page.locator("#plate"), guard.page.keyboard
    keyboard.type("a1")
    expect(field).to_have_value("A1")
    keyboard.press("Escape")
    expect(field).to_have_value("")
    guard.page.evaluate(PASTE, "车牌：浙F·8K3P2，水泥")
    expect(field).to_have_value("浙F8K3P2")
    keyboard.press("Escape")
    keyboard.insert_text("https://pass.example/?p=%E6%B2%AAB7K3P2&d=1")
    expect(field).to_have_value("沪B7K3P2")
    keyboard.press("Enter")
    guard.asked()
    assert guard.page.url.split("#/")[1].startswith("v/")


def test_a_picture_stands_beside_the_keys_and_is_kept_with_the_visit(
    factory: World, phone: BrowserContext, address: str
) -> None:
    guard = on_duty(factory, phone, address)
    with guard.page.expect_file_chooser() as chooser:
        guard.page.get_by_text("拍照").click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": drawn()})
    guard.see("不会自动识别")
    expect(guard.page.get_by_alt_text("刚拍的照片")).to_be_visible()
    guard.plate("浙A12345")
    guard.press("到了")
    guard.asked()
    sent(guard)
    with tenancy.open_session(factory.engines, factory.own.scope) as session:
        [photo] = [part for part in session.scalars(select(LedgerPart)) if part.cls == "photo"]
    assert photo is not None


def test_two_guards_at_one_truck_see_each_other_in_the_queue(
    factory: World, phone: BrowserContext, address: str, chromium: Browser
) -> None:
    first = on_duty(factory, phone, address)
    first.plate("浙A12345")
    first.press("到了")
    first.asked()
    other = enrolled(factory, chromium, address, "2号手机")
    second = on_duty(factory, other, address)
    expect(second.page.locator(".gate .row", has_text="12345")).to_contain_text(factory.own.guard.name)
    other.close()


def test_a_wide_desk_is_worked_by_keys_alone(factory: World, phone: BrowserContext, address: str) -> None:
    for plate in ("浙A11111", "浙A22222", "浙A33333"):
        announced(factory, plate)
    guard = on_duty(factory, phone, address)
    guard.page.set_viewport_size({"width": 1280, "height": 800})
    keyboard, rows = guard.page.keyboard, guard.page.locator(".desk__side .row")
    expect(rows).to_have_count(3)
    keyboard.press("F2")
    expect(rows.nth(0)).to_be_focused()
    keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    assert [row.get_attribute("tabindex") for row in rows.all()] == ["-1", "0", "-1"]
    keyboard.press("Enter")
    guard.see("今天报备✓")
    keyboard.press("/")
    expect(guard.page.locator("#plate")).to_be_focused()
    keyboard.press("Enter")
    guard.asked()
