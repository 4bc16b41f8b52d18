"""The payload as canonical JSON and as CSV: the program and ``scripts/verify-report`` write them alike."""

from __future__ import annotations

import json
import random

from gatekeeper.ledger.chain import canonical
from gatekeeper.reports.payload import Payload
from tests.reports import attacks


def test_nothing_in_the_attached_csv_is_a_formula() -> None:
    text = json.dumps({"a": ["=1+1", "@x", "+1", "-1", "\tx", "ok"], "n": -1, "none": None, "yes": True})
    rows = Payload(text, "").csv.decode("utf-8-sig").split("\r\n")
    assert rows == ["path,value", "a.0,'=1+1", "a.1,'@x", "a.2,'+1", "a.3,'-1", "a.4,'\tx", "a.5,ok", "n,-1", "none,",
                    "yes,true", ""]  # fmt: skip
    assert attacks.script().as_csv(json.loads(text)) == Payload(text, "").csv


def test_both_write_canonical_json_alike_whatever_people_typed() -> None:
    rng = random.Random(3)
    ranges = (range(1, 128), range(128, 0x3000), range(0x4E00, 0x9FFF), range(0xE000, 0xFFFF), range(0x10000, 0x10FFFF))
    for _ in range(300):
        text = "".join(chr(rng.choice(rng.choice(ranges))) for _ in range(20))
        value = {"b": [text, 1, None, True, {"z": -(2**53) + 1, "a": text}], "a": text}
        assert attacks.script().canonical(value) == canonical(value)
        assert attacks.script().as_csv(value) == Payload(canonical(value), "").csv
