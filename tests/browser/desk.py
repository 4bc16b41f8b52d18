"""The desk's model in a real browser, before the real server, on a line that may be cut."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page, Route

from tests.factories import World

OPEN = """async () => {
  const { open } = await import("/static/desk/model.js");
  window.model = await open();
}"""
DUTY = """async (by) => {
  const { base } = await import("/static/desk/base.js");
  await (await base()).put("kept", { entry: "x", n: 0, kind: "duty", by, since: 0, state: "on" }, "duty");
}"""
ARRIVE = """async (plate) => model.arrive({
  plates: [{ subject: "tractor", written: plate }],
  people: [{ subject: "occupant:1", role: "driver", name: "张伟强", phone: "19900001234" }],
})"""
HEALTHY = """async (visit) => model.answer(visit, [
  { question: "temperature", subject: "occupant:1", kind: "number", unit: "celsius", value: { n: 366 } }])"""
ACT = "async ([kind, visit, body]) => model.act(kind, visit, body ?? {})"
VISITS = """() => model.visits().map(
  ({ status, verdict, unsent, plates }) => [plates.tractor.plate, status, verdict, unsent])"""


@dataclass
class Server:
    """The real server behind a line; ``up`` False: no network."""

    world: World
    up: bool = True

    def line(self, route: Route) -> None:
        return route.continue_() if self.up else route.abort()


def tab(server: Server, phone: BrowserContext, address: str) -> Page:
    page = phone.new_page()
    for path in ("state", "sync", "photos", "duty"):
        page.route(f"**/desk/{path}", server.line)
    page.goto(f"{address}/desk/enrol")
    return page


def until(page: Page, holds: str) -> None:
    """Wait until an expression holds; the page lets nothing be evaluated by itself."""
    for _ in range(200):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {holds}; {page.evaluate('JSON.stringify([model.line(), model.visits()])')}")


def back(server: Server, page: Page) -> None:
    """The network is there again, and everything goes out."""
    server.up = True
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, "model.line().waiting === 0")
