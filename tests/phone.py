"""An enrolled phone in a test or an experiment: it has a key of its own, counts its events and signs what it sends."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.access import Actor
from gatekeeper.accounts import desks
from gatekeeper.db import Engines, new_id
from gatekeeper.formats import plates
from tests.factories import Factory


@dataclass
class Phone:
    """A desk that is enrolled; ``by`` is on duty on it."""

    id: UUID
    by: UUID
    key: EllipticCurvePrivateKey
    n: int = 0
    last: dict[UUID, str] = field(default_factory=dict)

    def event(self, kind: str, visit: UUID, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """An event as the phone keeps it: made now, after the visit's last one on this phone."""
        self.n += 1
        made = {
            "id": str(new_id()),
            "visit": str(visit),
            "kind": kind,
            "by": str(self.by),
            "at": clock.micros(clock.now()),
            "n": self.n,
            "after": self.last.get(visit),
            "seen": {},
            "body": body or {},
            **more,
        }
        self.last[visit] = made["id"]
        return made

    def arrival(self, plate: str = "浙A12345", *, visit: UUID | None = None, **body: Any) -> dict[str, Any]:
        found = plates.parse(plate)
        item = {"subject": "tractor", "written": plate, "plate": found.plate, "class": found.cls.value}
        driver = {"subject": "occupant:1", "role": "driver", "name": "张伟强", "phone": "19900001234"}
        return self.event("arrive", visit or new_id(), {"kind": "truck", "plates": [item], "people": [driver], **body})

    def batch(self, *events: dict[str, Any], sent_at: int | None = None) -> bytes:
        sent = {"sent_at": clock.micros(clock.now()) if sent_at is None else sent_at, "events": list(events)}
        return json.dumps(sent, ensure_ascii=True).encode()

    def headers(self, body: bytes) -> dict[str, str]:
        signature = base64.b64encode(self.key.sign(body, ECDSA(SHA256()))).decode()
        return {"X-Gate-Desk": str(self.id), "X-Gate-Signature": signature}

    def post(self, app: Flask, *events: dict[str, Any], path: str = "/desk/sync", **more: Any) -> Any:
        """Send a batch (or ``raw`` bytes, a photo's with its ``visit``) and give the answer."""
        shows = {"X-Gate-Visit": str(more.pop("visit"))} if "visit" in more else {}
        body = more.pop("raw", None) or self.batch(*events, **more)
        kind = "image/jpeg" if path == "/desk/photos" else "application/json"
        return app.test_client().post(path, data=body, headers={**self.headers(body), **shows}, content_type=kind)

    def sync(self, app: Flask, *events: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """The outcomes of a batch that is taken."""
        answer = self.post(app, *events, **more)
        assert answer.status_code == 200, answer.text
        outcomes: list[dict[str, Any]] = answer.json["outcomes"]
        return outcomes

    def tell(self, app: Flask, path: str, data: dict[str, Any], *, status: int = 200) -> Any:
        """The answer to any other signed request, as JSON."""
        answer = self.post(app, raw=json.dumps(data, ensure_ascii=True).encode(), path=path)
        assert answer.status_code == status, answer.text
        return answer.json

    def state(self, app: Flask, **data: Any) -> Any:
        """How things stand, as the server tells this phone."""
        sent = {"sent_at": clock.micros(clock.now()), "ground": None, "now": None, "by": str(self.by), "visit": None}
        return self.tell(app, "/desk/state", {**sent, **data})


def sealed(pin: str, entry_id: str, user_id: str, *, to: dict[str, str]) -> dict[str, str]:
    """A PIN as a phone seals it for one entry and person; ``to`` is the ``seal`` of its ground."""
    own, public = generate_private_key(SECP256R1()), load_der_public_key(base64.b64decode(to["key"]))
    assert isinstance(public, EllipticCurvePublicKey)
    shared = own.exchange(ECDH(), public)
    key = HKDF(algorithm=SHA256(), length=32, salt=b"", info=b"gate pin").derive(shared)
    raw, iv = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), new_id().bytes[-12:]
    box = AESGCM(key).encrypt(iv, pin.encode(), f"{entry_id}|{user_id}".encode())
    named = {"key": raw, "iv": iv, "box": box}
    return {"seal": to["id"], **{name: base64.b64encode(value).decode() for name, value in named.items()}}


def enrol(engines: Engines, place: Factory, by: Actor, *, at: datetime | None = None) -> Phone:
    """A new phone at the gate of ``place``, with ``by`` on duty."""
    key = generate_private_key(SECP256R1())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert place.gate_id is not None
    with tenancy.open_session(engines, tenancy.Enterprise(place.id), write=True) as session:
        desk = desks.enrol(
            session, gate_id=place.gate_id, name="1号门手机", public_key=public, by=by, at=at or clock.now()
        )
    return Phone(desk.id, by.id, key)
