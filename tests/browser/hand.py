"""A guard with the desk in hand: presses what is on the screen, and counts it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from gatekeeper import clock, tenancy
from gatekeeper.accounts import invitations
from tests.factories import World

DUTY = """async (by) => {
  const { base } = await import("/static/desk/base.js");
  await (await base()).put("kept", { entry: "x", n: 0, kind: "duty", by, since: 0, state: "on" }, "duty");
}"""


@dataclass
class Guard:
    """``taps``: what was pressed, in order; plate keys as their sign."""

    page: Page
    taps: list[str] = field(default_factory=list)

    def plate(self, signs: str) -> None:
        """Type a plate on the desk's own keys."""
        for sign in signs:
            self.tap(self.page.locator(f'.pk__key[data-sign="{sign}"]').first, sign)

    def tap(self, what: Locator, name: str) -> None:
        what.click()
        self.taps.append(name)

    def press(self, name: str) -> None:
        """A key by what stands on it."""
        self.tap(self.page.locator("main").get_by_role("button", name=name, exact=True), name)

    def see(self, words: str | Sequence[str]) -> None:
        for one in (words,) if isinstance(words, str) else words:
            self.page.locator("main").get_by_text(one).first.wait_for()

    def asked(self) -> None:
        """The visit is open, with its first question."""
        self.page.locator("main .asked").wait_for()


def on_duty(world: World, phone: BrowserContext, address: str) -> Guard:
    """The desk with the factory's guard on duty, told once how things stand."""
    page = phone.new_page()
    page.set_default_timeout(8_000)
    page.goto(f"{address}/desk/enrol")
    page.evaluate(DUTY, str(world.own.guard.id))
    page.goto(f"{address}/desk")
    page.locator(".head__gate", has_text="1号门").wait_for()
    return Guard(page)


def enrolled(world: World, chromium: Browser, address: str, name: str) -> BrowserContext:
    """Another phone at the factory's gate."""
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        given = {"gate_id": world.own.gate_id, "name": name, "by": world.own.admin, "at": clock.now()}
        token = invitations.invite(session, **given)[1]
    context = chromium.new_context(viewport={"width": 360, "height": 640}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/desk/enrol#{token}")
    page.get_by_role("button", name="登记这台手机").click()
    page.get_by_text("已登记").wait_for()
    page.close()
    return context


def drawn(width: int = 8, height: int = 8) -> bytes:
    """A grey picture."""
    rows = (b"\0" + b"\x80" * width) * height

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
