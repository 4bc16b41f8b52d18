"""Everybody can use the pages: axe finds nothing serious on any of them, on a phone and on a large screen."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from gatekeeper import clock
from gatekeeper.access import Role
from tests.browser.axe import severe, too_wide
from tests.browser.shift import inside, prepare
from tests.browser.test_whole_way import sign_in
from tests.factories import World
from tests.visits.gate import AtGate

MOST = 45
OFF = ("sign-out", ".csv", ".xlsx", ".pdf", ".json", "/desk", "lang=", "/file", "?file=", "&file=")


def addresses(page: Page) -> list[str]:
    """Where the links of a page lead, on this site, without those that give a file or another language."""
    found = page.evaluate("() => [...document.links].map(({ href }) => href)")
    here = urlsplit(page.url).netloc
    parts = [urlsplit(one) for one in found]
    own = [one._replace(fragment="").geturl() for one in parts if one.netloc == here]
    return [one for one in dict.fromkeys(own) if not any(off in one for off in OFF)]


def shape(address: str) -> str:
    """An address without its ids: one visit stands for all."""
    path = urlsplit(address).path.split("/")
    return "/".join("*" if len(part) > 30 else part for part in path)


def walk(page: Page) -> list[str]:
    """What is wrong on this page and on every other kind of page that links lead to from it."""
    waiting, seen, found = [page.url], set[str](), []
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        if shape(address) in seen:
            continue
        seen.add(shape(address))
        answer = page.goto(address)
        if answer is None or answer.status >= 400 or "html" not in answer.headers.get("content-type", ""):
            continue
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"{shape(address)} {width}: {one}" for one in [*severe(page), *too_wide(page)]]
        waiting += addresses(page)
    assert len(seen) > 5
    return found


@pytest.mark.parametrize("role", [Role.GUARD, Role.ENTERPRISE_ADMIN, Role.INSPECTOR, Role.TOWNSHIP_ADMIN])
def test_every_page_of_somebody(world: World, context: BrowserContext, address: str, role: Role) -> None:
    prepare(world)
    inside(world, "浙A11111")
    AtGate(world.engines, world.own, at=clock.now()).arrive("苏B33333")
    people = world.own.people if role in world.own.people else world.towns[0].office.people
    page = context.new_page()
    sign_in(page, address, people[role])
    assert walk(page) == []
