"""A phone enrols itself with the code on the admin's screen, and what it signs then is believed."""

from __future__ import annotations

import json

from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.access import Role
from gatekeeper.accounts.models import Desk
from tests.browser.test_whole_way import does_not_scroll_sideways, sign_in
from tests.factories import World
from tests.phone import Phone

SEND = """async (body) => {
  const { self, signature } = await import("/static/desk/key.js");
  const phone = await self(), bytes = new TextEncoder().encode(body);
  const answer = await fetch("/desk/sync", {
    method: "POST", body: bytes, headers: { "Content-Type": "application/json",
      "X-Gate-Desk": phone.desk, "X-Gate-Signature": await signature(phone.key, bytes) },
  });
  return { extractable: phone.key.extractable, answer: await answer.json() };
}"""


def test_a_phone_reads_the_code_and_signs_its_entries(
    world: World, address: str, context: BrowserContext, chromium: Browser
) -> None:
    admin = context.new_page()
    sign_in(admin, address, world.own.people[Role.ENTERPRISE_ADMIN])
    admin.goto(f"{address}/e/{world.own.slug}/desks")
    admin.get_by_role("link", name="登记手机").click()
    admin.get_by_label("手机名称").fill("1号门手机")
    admin.get_by_role("button", name="显示二维码").click()
    does_not_scroll_sideways(admin)
    expect(admin.get_by_alt_text("登记二维码")).to_be_visible()
    code = "#" + (admin.locator("#address").get_attribute("href") or "").split("#")[1]

    phone = chromium.new_context(viewport={"width": 360, "height": 640}, locale="zh-CN").new_page()
    phone.goto(f"{address}/desk/enrol{code}")
    phone.get_by_role("button", name="登记这台手机").click()
    expect(phone.get_by_text("已登记：1号门手机")).to_be_visible()
    does_not_scroll_sideways(phone)
    assert "#" not in phone.url

    with tenancy.open_session(world.engines, world.own.scope) as session:
        desk = session.scalars(select(Desk)).one()
    writes = Phone(desk.id, world.own.guard.id, key=None)  # type: ignore[arg-type]
    for number in range(20):  # a signature's numbers are now and then a byte shorter, or begin with a high bit
        event = writes.arrival(f"浙A{10000 + number}", visit=None)
        body = json.dumps({"sent_at": clock.micros(clock.now()), "events": [event]})
        told = phone.evaluate(SEND, body)
        assert told["extractable"] is False
        assert [outcome["state"] for outcome in told["answer"]["outcomes"]] == ["applied"]

    again = chromium.new_context(locale="zh-CN").new_page()
    again.goto(f"{address}/desk/enrol{code}")
    again.get_by_role("button", name="登记这台手机").click()
    expect(again.get_by_text("这个登记码已用过或已过期")).to_be_visible()
    phone.context.close()
    again.context.close()
