"""The phone reads plates as the server does."""

from __future__ import annotations

import json
import subprocess
from random import Random
from typing import Any

from gatekeeper.config import ROOT
from gatekeeper.formats.plates import lookalikes, parse
from tests.formats.test_plates import CYRILLIC, GOOD, GREEK, JUNK, TRADITIONAL
from tests.formats.vectors import rows

READ = """
import { lookalikes, parse } from "./static/desk/plates.js";
let text = "";
for await (const piece of process.stdin) text += piece;
console.log(JSON.stringify(JSON.parse(text).map((plate) => [parse(plate), lookalikes(plate)])));
"""
ODD = [
    "",
    "\x00",
    "浙",
    "ﷺ" * 9,
    "ß浙A",
    "𬭎A12345",
    "浙A1234५",
    "浙A१२३४५",
    "ŉ浙A1",
    "㋀",
    "浙A12345" * 9,
    "Ⅳ浙A12",
    "浙Å12345",
]


def in_javascript(plates: list[str]) -> list[list[Any]]:
    command = ["node", "--input-type=module", "--eval", READ]
    ran = subprocess.run(command, input=json.dumps(plates), capture_output=True, text=True, check=True, cwd=ROOT)
    found: list[list[Any]] = json.loads(ran.stdout)
    return found


def in_python(plate: str) -> list[Any]:
    read = parse(plate)
    note = read.note._asdict() if read.note else None
    return [
        {"written": read.written, "plate": read.plate, "class": read.cls.value, "note": note},
        list(lookalikes(plate)),
    ]


def disguised(chance: Random) -> str:
    written = []
    for sign in chance.choice(GOOD):
        forms = [sign, sign.lower(), *(book.get(sign, sign) for book in (CYRILLIC, GREEK, TRADITIONAL))]
        if sign.isascii():
            forms.append(chr(ord(sign) + 0xFEE0))
        if sign.isdigit():
            forms += [chr(0x660 + int(sign)), chr(0x1D7CE + int(sign)), chr(0x1D7F6 + int(sign))]
        written += [chance.choice(JUNK), chance.choice(forms)]
    if chance.random() < 0.3:  # not every plate is a good one
        written[chance.randrange(len(written))] = chance.choice("IO0?浙学一A")
    return "".join(written)


def test_both_languages_read_the_shared_plates_and_their_disguises_alike() -> None:
    chance = Random(1)
    plates = [row["written"] for row in rows("plates")] + ODD + [disguised(chance) for _ in range(4000)]
    found = in_javascript(plates)
    assert [(plate, made) for plate, made in zip(plates, found, strict=True) if made != in_python(plate)] == []
    assert {made[0]["class"] for made in found} == {row["class"] for row in rows("plates")}
    assert sum(bool(made[1]) for made in found) > 1000
