"""Desks that upload: each plays trucks with photos, and sends what was not acknowledged again until it is."""

from __future__ import annotations

import io
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import UUID

from PIL import Image

from bench.crashing.serving import PORT, House
from gatekeeper.db import new_id
from tests.phone import Phone

PATIENCE = 90
"""Seconds after which what is still not acknowledged is a fault."""

RETRIED = (503, 507)
CUT = 0.02
"""How often the line is cut after a request was sent and before its answer comes."""

NORMAL = {"n": 366}


@dataclass
class Tally:
    """What the desks were told. ``taken`` maps an event's id to (factory, seq); ``photos`` are (factory, name)."""

    taken: dict[str, tuple[UUID, int]] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    photos: set[tuple[UUID, str]] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    replayed: int = 0
    faults: list[str] = field(default_factory=list)
    last: float = 0.0
    """When something was acknowledged last, monotonic."""


def photo(chance: random.Random, side: int) -> bytes:
    """A picture that no other desk takes, of about ``side`` squared bytes."""
    image = Image.frombytes("RGB", (side, side), chance.randbytes(side * side * 3))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


class Desk(threading.Thread):
    """One desk; ``reuses`` False plants the fault: what is sent again gets a new id."""

    def __init__(self, phone: Phone, factory: UUID, tally: Tally, stop: threading.Event, *, seed: int, side: int = 24,
                 reuses: bool = True, cut: float = CUT) -> None:  # fmt: skip
        super().__init__(daemon=True)
        self.phone, self.factory, self.tally, self.over = phone, factory, tally, stop
        self.chance, self.side, self.reuses, self.cut = random.Random(seed), side, reuses, cut
        self.number = seed * 10_000
        self.http: HTTPConnection | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self.number += 1
                self._truck()
        except Exception as fault:
            self.tally.faults.append(f"{type(fault).__name__}: {fault}")
        finally:
            if self.http is not None:
                self.http.close()

    def _truck(self) -> None:
        visit = new_id()
        picture = self._photo()
        if picture is None:
            return
        given = [
            {"question": "seal", "subject": "visit", "kind": "photo", "value": {"file": picture}},
            {
                "question": "temperature",
                "subject": "occupant:1",
                "kind": "number",
                "unit": "celsius",
                "value": {"n": 366},
            },
        ]
        papers = [{"question": "papers", "subject": "visit", "kind": "confirm", "value": {"ok": True}}]
        life: list[tuple[str, dict[str, Any]]] = [
            ("arrive", {}),
            ("answer", {"answers": given}),
            ("admit", {}),
            ("answer", {"answers": papers, "stage": "exit"}),
            ("leave", {"seen": True, "subjects": []}),
        ]
        while life:
            size = 1 if not self.reuses else self.chance.randint(1, 3)
            now, life = life[:size], life[size:]
            if not self._batch([self._event(kind, visit, body) for kind, body in now]):
                return

    def _event(self, kind: str, visit: UUID, body: dict[str, Any]) -> dict[str, Any]:
        if kind == "arrive":
            made = self.phone.arrival(f"浙A{10000 + self.number % 90000}", visit=visit)
        else:
            made = self.phone.event(kind, visit, body)
        return made if self.reuses else {**made, "after": None}

    def _batch(self, events: list[dict[str, Any]]) -> bool:
        """Send until it is acknowledged; False when the desk gave up."""
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            self.tally.sent.update(event["id"] for event in events)
            status, answer = self._post("/desk/sync", self.phone.batch(*events), "application/json")
            if status == 200:
                return self._acknowledged(events, json.loads(answer)["outcomes"])
            if not self._again(status, answer):
                return False
            if not self.reuses:
                events = [{**event, "id": str(new_id())} for event in events]
        self.tally.faults.append(f"not acknowledged in {PATIENCE} s")
        return False

    def _acknowledged(self, events: list[dict[str, Any]], outcomes: list[dict[str, Any]]) -> bool:
        for event, outcome in zip(events, outcomes, strict=True):
            if outcome.get("state") not in ("applied", "waiting", "attention"):
                self.tally.faults.append(f"{event['kind']} {outcome.get('state')} {outcome.get('code')}")
                return False
            self.tally.taken[event["id"]] = (self.factory, outcome["seq"])
            self.tally.replayed += bool(outcome.get("replayed"))
        self.tally.last = time.monotonic()
        return True

    def _photo(self) -> str | None:
        raw = photo(self.chance, self.side)
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            status, answer = self._post("/desk/photos", raw, "image/jpeg")
            if status == 200:
                name: str = json.loads(answer)["name"]
                self.tally.photos.add((self.factory, name))
                return name
            if not self._again(status, answer):
                return None
        self.tally.faults.append(f"a photo not taken in {PATIENCE} s")
        return None

    def _again(self, status: int, answer: bytes) -> bool:
        """Whether to send it again; an answer that a desk cannot understand is a fault."""
        if status and status not in RETRIED:
            self.tally.faults.append(f"answer {status}: {answer[:200]!r}")
            return False
        time.sleep(0.05 + self.chance.random() * 0.1)
        return not (self.over.is_set() and status == 507)

    def _post(self, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
        """(status, body) of the answer; status 0 when the connection broke before it came whole."""
        headers = {"Content-Type": kind, "Accept": "application/json", **self.phone.headers(body)}
        try:
            if self.http is None:
                self.http = HTTPConnection("127.0.0.1", PORT, timeout=60)
            self.http.request("POST", path, body, headers)
            if self.chance.random() < self.cut:
                time.sleep(self.chance.random() * 0.05)
                raise OSError("cut")
            answer = self.http.getresponse()
            got = answer.read()
        except (OSError, HTTPException):
            self.tally.broken += 1
            if self.http is not None:
                self.http.close()
            self.http = None
            return 0, b""
        self.tally.answers[answer.status] += 1
        return answer.status, got


def open_desks(house: House, tally: Tally, stop: threading.Event, *, seed: int, **how: Any) -> list[Desk]:
    """All desks of a house, at work."""
    desks = [
        Desk(phone, house.places[number % len(house.places)].id, tally, stop, seed=seed + number, **how)
        for number, phone in enumerate(house.phones)
    ]
    for desk in desks:
        desk.start()
    return desks
