"""Everybody can use the desk: axe finds nothing serious on any screen, in any state, theme, language or size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.accounts import desks
from gatekeeper.accounts.models import Desk
from gatekeeper.visits.models import Visit, VisitState
from tests.browser.axe import severe, too_wide
from tests.browser.desk import ARRIVE, HEALTHY
from tests.browser.shift import go, inside, on_duty, opened, prepare, second_model
from tests.factories import World
from tests.visits.gate import AtGate

SCREENS = ("", "inside", "queue", "duty", "handover", "evacuation", "attention", "late", "settings")
LOOKS = (("sun", "zh", "100"), ("night", "en", "200"))
SHOWN = """([theme, lang, size]) => import("/static/desk/say.js").then(({ set }) => set({ theme, lang, size }))"""


@pytest.fixture
def page(world: World, phone: BrowserContext, address: str) -> Iterator[Page]:
    prepare(world)
    yield opened(phone, address)


def findings(page: Page, *screens: str, looks: tuple[tuple[str, str, str], ...] = LOOKS) -> str:
    """What is wrong on these screens, looked at in each way; a line each."""
    found = []
    for look in looks:
        page.evaluate(SHOWN, list(look))
        for screen in screens:
            go(page, screen)
            page.wait_for_timeout(100)
            wrong = [*severe(page, enhanced=True), *too_wide(page)]
            found += [f"{screen or 'gate'} {'/'.join(look)}: {one}" for one in wrong]
    return "\n".join(found)


def visits(world: World, state: VisitState) -> list[str]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return [str(one) for one in session.scalars(select(Visit.id).where(Visit.state == state))]


def test_a_key_without_a_name_and_a_pale_text_would_be_found(page: Page) -> None:
    page.evaluate("""() => {
      document.querySelector("main").append(document.createElement("button"));
      document.styleSheets[0].insertRule("h1 { color: #777 !important; }", document.styleSheets[0].cssRules.length);
    }""")
    found = severe(page, enhanced=True)
    assert {one.split(" ")[0] for one in found} == {"button-name", "color-contrast-enhanced"}


def test_a_desk_that_is_empty(page: Page, world: World) -> None:
    assert findings(page, *SCREENS) == ""


def test_a_desk_that_is_full(page: Page, world: World) -> None:
    inside(world, "浙A11111", "沪AD12345")
    AtGate(world.engines, world.own, at=clock.now()).arrive("苏B33333")
    on_duty(page, world)
    page.locator(".tab b").nth(1).get_by_text("2").wait_for()
    each = [f"v/{visits(world, state)[0]}" for state in (VisitState.AT_GATE, VisitState.INSIDE)]
    assert findings(page, *SCREENS, *each) == ""


def test_a_desk_without_a_network_with_entries_that_wait(page: Page, world: World, phone: BrowserContext) -> None:
    on_duty(page, world)
    second_model(page)
    phone.set_offline(True)
    visit = page.evaluate(ARRIVE, "浙A11111")
    page.evaluate(HEALTHY, visit)
    go(page, "duty")
    assert findings(page, *SCREENS, f"v/{visit}") == ""


def test_a_desk_on_which_something_fails(page: Page, world: World) -> None:
    go(page, "duty")
    page.locator(".person").first.click()
    expect(page.locator("#pin")).to_be_focused()
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    found = findings(page, "duty")
    page.locator("[data-back]").click()
    page.locator(".keys--stacked .key").first.click()
    on_duty(page, world)
    second_model(page)
    text = {"zh": "记录的格式不对", "en": "The entry has the wrong shape"}
    page.route(
        "**/desk/sync",
        lambda route: route.fulfill(
            json={
                "revoked": False,
                "outcomes": [
                    {"id": one["id"], "state": "refused", "code": "event.shape", "text": text}
                    for one in route.request.post_data_json["events"]
                ],
            }
        ),
    )
    visit = page.evaluate(ARRIVE, "浙A11111")
    go(page, "attention")
    page.locator(".conflict").wait_for()
    go(page, "late")
    page.locator(".bar .key--go").click()
    page.locator(".wrong").first.wait_for()
    assert found + findings(page, "attention", "late", "", f"v/{visit}") == ""


def test_a_desk_that_was_taken_out_of_service(page: Page, world: World) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        desk = session.scalars(select(Desk)).one()
        desks.revoke(session, desk_id=desk.id, by=world.own.admin, at=clock.now())
    page.locator(".alone").wait_for()
    assert findings(page, "", "attention") == ""


def test_a_desk_on_a_large_screen(page: Page, world: World) -> None:
    inside(world, "浙A11111")
    page.set_viewport_size({"width": 1280, "height": 800})
    on_duty(page, world)
    assert findings(page, *SCREENS, looks=(("sun", "en", "100"),)) == ""
