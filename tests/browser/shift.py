"""A phone at a gate before the real server: people with PINs, visits inside, the screens around a shift."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from gatekeeper import clock, tenancy
from gatekeeper.access import Role
from gatekeeper.accounts import pins
from gatekeeper.visits.events import EventKind
from tests.browser.desk import OPEN
from tests.factories import World
from tests.visits.gate import BRIEFING, FEVER, PAPERS, AtGate, publish

PINS = {Role.GUARD: "4071", Role.SHIFT_LEAD: "918273"}


def prepare(world: World) -> None:
    """Rules in force, and PINs for the guard and the lead; the admin has none."""
    publish(world, world.own, FEVER, BRIEFING, PAPERS)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        for role, pin in PINS.items():
            who = {"user_id": world.own.people[role].id, "by": world.own.admin, "at": clock.now()}
            pins.give(session, pin=pins.NewPin(pin), **who)


def inside(world: World, *plates: str, zone: str | None = "A") -> None:
    """Trucks that were let in, each with a driver."""
    for plate in plates:
        gate = AtGate(world.engines, world.own, at=clock.now())
        gate.arrive(plate)
        gate.temperature(366)
        gate.answer("briefing", "confirm", {"ok": True})
        gate.admit()
        if zone:
            gate.send(EventKind.MOVE, {"zone": zone})


def opened(phone: BrowserContext, address: str) -> Page:
    """The desk on its first screen, told of its gate."""
    page = phone.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{address}/desk")
    page.locator(".head__duty").wait_for()
    go(page, "duty")
    page.locator(".person").first.wait_for()
    return page


def go(page: Page, screen: str) -> None:
    page.evaluate("(screen) => { location.hash = `#/${screen}`; }", screen)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def type_pin(page: Page, name: str, pin: str) -> None:
    """One tap on a name, the PIN, the key."""
    page.locator(".person", has_text=name).click()
    for digit in pin:
        page.locator(".pinpad").get_by_role("button", name=digit, exact=True).click()
    page.locator(".pinpad .key--go").click()


def on_duty(page: Page, world: World, role: Role = Role.GUARD) -> None:
    """Somebody is on duty and confirmed; the desk shows the gate."""
    go(page, "duty")
    type_pin(page, world.own.people[role].name, PINS[role])
    expect(page.locator(".head__duty")).to_have_text(world.own.people[role].name)


def second_model(page: Page) -> None:
    """`model` in the page: another one over the same disk, to write with."""
    page.evaluate(OPEN)
