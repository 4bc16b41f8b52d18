"""What the phone keeps: over a new version, a full disk, a clock that is set, and until it is taken out of service."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.accounts import desks
from gatekeeper.visits.models import Visit
from tests.browser.desk import ACT, ARRIVE, DUTY, HEALTHY, OPEN, VISITS, Server, back, tab, until
from tests.browser.test_outbox import stored

FORMER = """async ([by]) => {
  const ask = (made) => new Promise((done, fail) => { made.onsuccess = () => done(made.result); made.onerror = fail; });
  const two = await ask(indexedDB.open("gate"));
  const phone = await ask(two.transaction("self").objectStore("self").get("desk"));
  two.close();
  await ask(indexedDB.deleteDatabase("gate"));
  const opening = indexedDB.open("gate", 1);
  opening.onupgradeneeded = () => {
    for (const name of ["self", "visits", "answers", "photos"]) opening.result.createObjectStore(name);
    opening.result.createObjectStore("outbox", { keyPath: "n" });
  };
  const one = await ask(opening), visit = "01a20d76-3fd9-7096-b4e2-9510c3c836c1", id = visit.replace(/1$/, "2");
  const body = { kind: "truck", plates: [{ subject: "tractor", written: "浙A10001" }] };
  const event = { id, visit, kind: "arrive", by, at: Date.now() * 1000, n: 1, after: null, seen: {}, body };
  const iv = crypto.getRandomValues(new Uint8Array(12)), additionalData = new TextEncoder().encode("entry 1");
  const bytes = new TextEncoder().encode(JSON.stringify(event));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, phone.sealing, bytes);
  const change = one.transaction(["self", "outbox", "visits", "answers"], "readwrite");
  change.objectStore("self").put(phone, "desk");
  change.objectStore("self").put(1, "count");
  change.objectStore("visits").put({ last: id }, visit);
  change.objectStore("answers").put({ visit, n: 1 }, id);
  await ask(change.objectStore("outbox").add({ n: 1, id, visit, iv, sealed }));
  one.close();
}"""
KEPT = """async () => {
  const { base } = await import("/static/desk/base.js"), open = await base(), found = {};
  for (const name of open.objectStoreNames) found[name] = await open.getAllKeys(name);
  return found;
}"""
FULL = """(times) => {
  const real = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...given) {
    if (times-- > 0) throw new DOMException("full", "QuotaExceededError");
    return real.apply(this, given);
  };
}"""
PHOTO = """async (visit) => {
  const canvas = new OffscreenCanvas(40, 30);
  canvas.getContext("2d").fillRect(0, 0, 20, 15);
  const file = await model.photo(await canvas.convertToBlob());
  await model.answer(visit, [{ question: "seal", subject: "visit", kind: "photo", value: { file } }]);
}"""
CARRIED = "async (words) => JSON.parse(await (await model.exportUnsent(words)).text())"
SAID = """async ([run, ...given]) => {
  try {
    await model[run](...given);
    return null;
  } catch (fault) {
    return [fault.zh ?? String(fault), fault.en ?? null];
  }
}"""


def test_what_waited_on_an_older_version_is_sent_by_the_new_one(
    server: Server, phone: BrowserContext, address: str
) -> None:
    page = phone.new_page()
    page.goto(f"{address}/static/desk/package.json")
    page.evaluate(FORMER, [str(server.world.own.guard.id)])
    page.close()
    server.up = False
    page = tab(server, phone, address)
    page.evaluate(OPEN)
    assert page.evaluate(VISITS) == [["浙A10001", "at_gate", "hold", 1]]
    back(server, page)
    assert stored(server.world)[0] == {"浙A10001": 1}


def test_what_the_server_tells_of_is_kept_no_longer(server: Server, desk: Page) -> None:
    visit = desk.evaluate(ARRIVE, "浙A10001")
    desk.evaluate(PHOTO, visit)
    desk.evaluate(ACT, ["admit", visit])
    desk.evaluate(ACT, ["leave", visit, {"seen": True, "subjects": []}])
    back(server, desk)
    until(desk, "model.now.seq > 0 && model.visits().length === 0")
    until(desk, f"({KEPT})().then((kept) => kept.held.length === 0)")
    kept = desk.evaluate(KEPT)
    assert {name: kept[name] for name in ("outbox", "held", "photos", "visits", "conflicts")} == {
        "outbox": [], "held": [], "photos": [], "visits": [], "conflicts": [],
    }  # fmt: skip


def test_on_a_full_disk_room_is_made_and_else_it_is_said_and_nothing_unsent_goes(server: Server, desk: Page) -> None:
    server.up = False
    visit = desk.evaluate(ARRIVE, "浙A10001")
    desk.evaluate(FULL, 1)
    desk.evaluate(HEALTHY, visit)  # the second time it fits
    desk.evaluate(FULL, 2)
    said = desk.evaluate(SAID, ["act", "admit", visit])
    assert said[0].startswith("手机存储已满") and said[1].startswith("This phone is full")
    assert desk.evaluate(VISITS) == [["浙A10001", "at_gate", "hold", 2]]
    desk.evaluate(ACT, ["admit", visit])
    back(server, desk)
    kinds = stored(server.world)[1]
    assert (kinds["arrive"], kinds["answer"], kinds["admit"]) == (1, 1, 1)


def test_a_phone_out_of_service_hands_over_what_it_has_and_forgets_everything(server: Server, desk: Page) -> None:
    server.up = False
    visit = desk.evaluate(ARRIVE, "浙A10001")
    desk.evaluate(PHOTO, visit)
    place, phone = server.world.own, desk.evaluate("model.phone.desk")
    with tenancy.open_session(server.world.engines, place.scope, write=True) as session:
        desks.revoke(session, desk_id=UUID(phone), by=place.admin, at=clock.now() - timedelta(minutes=1))
    server.up = True
    desk.evaluate("dispatchEvent(new Event('online'))")
    until(desk, "model.phone === null")
    assert desk.evaluate("model.line().revoked")
    kept = desk.evaluate(KEPT)
    assert kept.pop("self") == ["revoked"] and not any(kept.values())
    came, kinds = stored(server.world)
    assert (came, kinds["answer"]) == ({"浙A10001": 1}, 1)
    assert desk.evaluate(SAID, ["act", "admit", visit])[0].startswith("这台手机没有登记")


def opened(file: dict[str, Any], words: str) -> dict[str, Any]:
    """A carried file, as docs/desk.md says how to read it."""
    salt, iv, box = (base64.b64decode(file[name]) for name in ("salt", "iv", "box"))
    key = PBKDF2HMAC(SHA256(), 32, salt, file["rounds"]).derive(words.encode())
    found: dict[str, Any] = json.loads(AESGCM(key).decrypt(iv, box, file["format"].encode()))
    return found


def test_what_is_not_sent_can_be_carried_in_a_sealed_file(server: Server, desk: Page) -> None:
    server.up = False
    visit = desk.evaluate(ARRIVE, "浙A10001")
    desk.evaluate(PHOTO, visit)
    file = desk.evaluate(CARRIED, "四个中文词语")
    assert not any(word in json.dumps(file, ensure_ascii=False) for word in ("10001", "19900001234", "arrive"))
    found = opened(file, "四个中文词语")
    assert [(event["kind"], event["n"], event["visit"]) for event in found["events"]] == [
        ("arrive", 1, visit), ("answer", 2, visit),
    ]  # fmt: skip
    (photo,) = found["photos"].values()
    assert base64.b64decode(photo).startswith(b"\xff\xd8\xff")
    assert found["desk"] == desk.evaluate("model.phone.desk")


def with_a_clock(server: Server, phone: BrowserContext, address: str, off: timedelta) -> Page:
    page = phone.new_page()
    page.clock.install(time=(clock.now() + off).timestamp())
    page.close()
    page = tab(server, phone, address)
    page.clock.install(time=(clock.now() + off).timestamp())
    page.goto(f"{address}/desk/enrol")
    page.evaluate(DUTY, str(server.world.own.guard.id))
    page.evaluate(OPEN)
    until(page, "model.now !== null")
    return page


def test_a_clock_that_is_off_and_is_set_in_the_middle_moves_no_visit(
    server: Server, phone: BrowserContext, address: str
) -> None:
    page = with_a_clock(server, phone, address, timedelta(days=-2))

    def off() -> float:
        return abs(page.evaluate("model.at()") - clock.micros(clock.now())) / 1e6

    assert off() < 5
    server.up = False
    page.evaluate(ARRIVE, "浙A10001")
    page.clock.set_system_time((clock.now() + timedelta(days=2)).timestamp())
    assert off() < 5
    page.evaluate(ARRIVE, "浙A10002")
    assert all(
        abs(at - clock.micros(clock.now())) < 30e6 for at in page.evaluate("model.visits().map((v) => v.arrived_at)")
    )
    back(server, page)
    with tenancy.open_session(server.world.engines, server.world.own.scope) as session:
        rows = session.scalars(select(Visit)).all()
    assert len(rows) == 2
    assert all(abs(row.arrived_at - clock.now()) < timedelta(seconds=60) for row in rows)
    page.evaluate("model.stop()")


def test_a_clock_that_was_set_while_the_page_was_closed_moves_no_visit(
    server: Server, phone: BrowserContext, address: str
) -> None:
    page = with_a_clock(server, phone, address, timedelta(days=2))
    server.up = False
    page.evaluate(ARRIVE, "浙A10001")
    page.close()
    server.up = True
    page = with_a_clock(server, phone, address, timedelta(0))
    back(server, page)
    with tenancy.open_session(server.world.engines, server.world.own.scope) as session:
        row = session.scalars(select(Visit)).one()
    assert abs(row.arrived_at - clock.now()) < timedelta(seconds=60)
    page.evaluate("model.stop()")


def test_entries_that_wait_for_three_days_are_told(server: Server, phone: BrowserContext, address: str) -> None:
    page = with_a_clock(server, phone, address, timedelta(0))
    server.up = False
    page.evaluate(ARRIVE, "浙A10001")
    assert not page.evaluate("model.line().stale")
    page.clock.fast_forward(73 * 3600 * 1000)
    assert page.evaluate("[model.line().stale, model.line().waiting]") == [True, 1]
    page.evaluate("model.stop()")
