"""What a phone could not settle by itself is told in words, with what to do."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.accounts import desks
from gatekeeper.accounts.models import Desk
from gatekeeper.visits.models import Visit
from tests.browser.desk import ACT, ARRIVE
from tests.browser.shift import go, on_duty, opened, prepare, second_model
from tests.factories import World

REFUSED = {"zh": "记录的格式不对", "en": "The entry has the wrong shape"}
LONG_AGO = """async () => {
  const visit = crypto.randomUUID(), body = { kind: "truck", plates: [{ subject: "tractor", written: "浙A11111" }] };
  await model.act("arrive", visit, body, { happened: model.at() - 73 * 3600 * 1e6 });
  return visit;
}"""


@pytest.fixture
def page(world: World, phone: BrowserContext, address: str) -> Iterator[Page]:
    prepare(world)
    page = opened(phone, address)
    on_duty(page, world)
    second_model(page)
    yield page


def test_entries_that_wait_are_counted_with_their_age_and_the_last_try(page: Page, phone: BrowserContext) -> None:
    go(page, "attention")
    expect(page.locator("main")).to_contain_text("全部已上传")
    phone.set_offline(True)
    for plate in ("浙A11111", "浙A22222"):
        page.evaluate(ARRIVE, plate)
    for told in ("2 条", "最早一条", "没有连上服务器", "不会丢"):
        expect(page.locator("main")).to_contain_text(told)
    phone.set_offline(False)
    expect(page.locator("main")).to_contain_text("全部已上传")


def test_a_refused_entry_says_why_and_what_to_do_until_it_was_seen(page: Page) -> None:
    def refuse(route: Route) -> None:
        events = json.loads(route.request.post_data or "{}")["events"]
        told = [{"id": one["id"], "state": "refused", "code": "event.shape", "text": REFUSED} for one in events]
        route.fulfill(json={"outcomes": told, "revoked": False})

    page.route("**/desk/sync", refuse)
    visit = page.evaluate(ARRIVE, "浙A11111")
    go(page, "attention")
    row = page.locator(".conflict")
    expect(row).to_contain_text("服务器不收这条到达登记：记录的格式不对")
    expect(row).to_contain_text("重新写一次")
    expect(row.get_by_role("link", name="打开来访")).to_have_attribute("href", f"#/v/{visit}")
    row.get_by_role("button", name="知道了").click()
    expect(row).to_have_count(0)


def test_a_decision_that_differs_is_told_with_both_verdicts(page: Page) -> None:
    def differ(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        for one in told["outcomes"]:
            one["outcome"].setdefault("decision", {})["verdict"] = "refuse"
        route.fulfill(response=answer, json=told)

    page.route("**/desk/sync", differ)
    page.evaluate(ARRIVE, "浙A11111")
    go(page, "attention")
    expect(page.locator(".conflict")).to_contain_text("手机判定待定，服务器判定劝返")
    expect(page.locator(".conflict .plate")).to_have_text("浙A11111")


def test_what_waited_for_three_days_is_warned_of_and_carried_in_a_sealed_file(
    page: Page, phone: BrowserContext
) -> None:
    phone.set_offline(True)
    visit = page.evaluate(LONG_AGO)
    page.evaluate(ACT, ["note", visit, {"text": "备注"}])
    go(page, "attention")
    expect(page.locator("main")).to_contain_text("超过 72 小时没有传上去")
    page.get_by_label("口令").fill("short")
    page.get_by_role("button", name="导出加密文件").click()
    expect(page.get_by_role("alert")).to_contain_text("口令至少 8 个字")
    page.get_by_label("口令").fill("铁观音 19 斤半")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出加密文件").click()
    expect(page.get_by_role("status").filter(has_text="已导出")).to_be_visible()
    file = json.loads(download.value.path().read_text(encoding="utf-8"))
    salt, iv, box = (base64.b64decode(file[name]) for name in ("salt", "iv", "box"))
    key = PBKDF2HMAC(SHA256(), 32, salt, file["rounds"]).derive("铁观音 19 斤半".encode())
    held = json.loads(AESGCM(key).decrypt(iv, box, file["format"].encode()))
    assert [one["kind"] for one in held["events"]] == ["arrive", "note"]
    expect(page.locator("main")).to_contain_text("2 条")  # they are still here


def test_a_phone_out_of_service_says_so_hands_over_what_it_has_and_is_wiped(
    page: Page, world: World, phone: BrowserContext
) -> None:
    phone.set_offline(True)
    page.evaluate(ARRIVE, "浙A11111")
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        desk = session.scalars(select(Desk)).one()
        desks.revoke(session, desk_id=desk.id, by=world.own.admin, at=clock.now())
    page.route("**/desk/sync", lambda route: route.abort())
    phone.set_offline(False)
    go(page, "attention")
    expect(page.get_by_role("alert").first).to_contain_text("已被停用：不能再登记")
    expect(page.locator(".head__line")).to_contain_text("已停用")
    page.unroute("**/desk/sync")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("main")).to_contain_text("这台手机已被管理员停用")
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert [row.plate for row in session.scalars(select(Visit))] == ["浙A11111"]
