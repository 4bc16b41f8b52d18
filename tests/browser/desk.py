"""The desk's model in a real browser, before a server that answers as docs/desk.md has it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import BrowserContext, Page, Route

from gatekeeper import clock, tenancy
from tests import told
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
    """Answers of the state and of duty as the contract has them; ``up`` False: no network."""

    world: World
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    up: bool = True
    revoked: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    duty: list[dict[str, Any]] = field(default_factory=list)

    def state(self, route: Route) -> None:
        self.asked.append(json.loads(route.request.post_data or "{}"))
        if not self.up:
            return route.abort()
        at = clock.now()
        if self.revoked:
            return route.fulfill(json={"at": clock.micros(at), "revoked": True})
        with tenancy.open_session(self.world.engines, self.world.own.scope) as session:
            ground, now = told.ground(session, self.world.own, at=at), told.now(session, self.world.own, at=at)
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ground["seal"] = {"id": "1", "key": base64.b64encode(public).decode()}
        answer: dict[str, Any] = {"at": clock.micros(at), "revoked": False, "ground_tag": "g1"}
        answer |= {"now_tag": f"n{now['seq']}"}
        if self.asked[-1]["ground"] != "g1":
            answer["ground"] = ground
        if self.asked[-1]["now"] != answer["now_tag"]:
            answer["now"] = now
        return route.fulfill(json=answer)

    def line(self, route: Route) -> None:
        return route.continue_() if self.up else route.abort()

    def on_duty(self, route: Route) -> None:
        """Takes the entries of a shift; every PIN but 1234 is wrong."""
        if not self.up:
            return route.abort()
        entries = json.loads(route.request.post_data or "{}")["entries"]
        outcomes = []
        for entry in entries:
            pin = entry["body"].get("pin")
            right = pin is None or self.opened(pin, f"{entry['id']}|{entry['by']}") == "1234"
            outcomes.append({"id": entry["id"], "state": "confirmed" if right else "unconfirmed", "replayed": False})
        self.duty += entries
        return route.fulfill(json={"outcomes": outcomes, "revoked": False})

    def opened(self, sealed: dict[str, str], bound: str) -> str:
        """A sealed PIN, opened as the server opens it."""
        theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64.b64decode(sealed["key"]))
        shared = self.key.exchange(ECDH(), theirs)
        key = HKDF(SHA256(), 32, salt=b"", info=b"gate pin").derive(shared)
        parts = (base64.b64decode(sealed[name]) for name in ("iv", "box"))
        return AESGCM(key).decrypt(*parts, bound.encode()).decode()


def tab(server: Server, phone: BrowserContext, address: str) -> Page:
    page = phone.new_page()
    page.route("**/desk/state", server.state)
    page.route("**/desk/sync", server.line)
    page.route("**/desk/photos", server.line)
    page.route("**/desk/duty", server.on_duty)
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
