"""One visit with a canary in every personal field, and where a canary may be heard."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from pathlib import Path

from PIL import Image

from gatekeeper import files
from gatekeeper.clock import day_of, micros, start_of
from gatekeeper.ledger.service import RETENTION_DAYS, keystore
from gatekeeper.visits.events import EventKind
from tests.factories import World
from tests.rules.made import rule, temperature
from tests.visits.gate import AtGate, publish

NAME, PHONE, OPERATOR = "卫霁澜", "18612345678", "消杀员荀彧"
NOTE, CAB, AWAY = "便条金丝雀甲", "下车金丝雀乙", "作废金丝雀丙"
READING, VALID, SAMPLED = "38.7", "2031-07-09", "2025-02-03"
OVERRIDE = "例外金丝雀丁"

CONTACT = ("霁澜", "186123", "2345678", "荀彧")
HEALTH = (READING, VALID, SAMPLED)
NOTES = (NOTE, CAB, AWAY)

RULES = (
    temperature(),
    rule("code", "code_check", subject="occupant", params={"accepted": ["green"], "valid_until_required": True}),
    rule("test", "test", subject="occupant", params={"within_hours": 48}),
    rule("wash", "disinfection", params={"operator": True}),
    rule("cab", "stay_in_cab"),
    rule("seal", "photo"),
)


def picture() -> bytes:
    """A small photo, grey as no other."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (90, 91, 92)).save(out, "JPEG")
    return out.getvalue()


def moment(day: str) -> int:
    """Ten in the morning of a day, as answers hold times."""
    return micros(start_of(date.fromisoformat(day)) + timedelta(hours=10))


def play(world: World, folder: Path) -> AtGate:
    """A truck whose driver has a fever, a red code and a positive test; held, overridden in part, and noted."""
    publish(world, world.own, *RULES)
    gate = AtGate(world.engines, world.own)
    driver = {"subject": "occupant:1", "role": "driver", "name": NAME, "phone": PHONE}
    gate.arrive("浙A77777", people=[driver])
    gate.temperature(387)
    gate.answer("code", "code_check", {"colour": "red", "valid_until": moment(VALID)}, "occupant:1")
    gate.answer("test", "test", {"result": "positive", "sampled_at": moment(SAMPLED)}, "occupant:1")
    gate.answer("wash", "disinfection", {"operator": OPERATOR, "protective_clothing": True})
    gate.answer("cab", "stay_in_cab", {"stayed": False, "reason": CAB})
    expires = day_of(gate.at) + timedelta(days=RETENTION_DAYS["photo"])
    name = files.store(folder / "photos", keystore(), picture(), enterprise=gate.place.id, expires_on=expires)
    gate.answer("seal", "photo", {"file": name})
    gate.send(EventKind.NOTE, {"text": NOTE})
    gate.send(EventKind.CORRECT, {"facts": {"cargo": "cement_bulk"}, "reason": AWAY}, by=gate.place.lead)
    return gate


def heard(text: str, canaries: tuple[str, ...]) -> list[str]:
    """Which of the canaries are in a text; a number counts only where it stands by itself."""
    found = []
    for canary in canaries:
        pattern = rf"(?<![\d.]){re.escape(canary)}(?!\d)" if canary == READING else re.escape(canary)
        if re.search(pattern, text):
            found.append(canary)
    return found
