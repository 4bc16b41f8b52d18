"""S3: one decision over 30 rules in both languages, beside a floor that looks up as many answers and makes nothing of
them.

Prints JSON for Python and for the desk's interpreter in V8, the engine of Chromium: microseconds for a visit where all
is answered, where nothing is, and where every rule is broken. The planted fault: rulebooks compiled anew for every
decision, which must show as a slower one.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from timeit import repeat
from typing import Any

from gatekeeper.rules import codec
from gatekeeper.rules.compiled import Compiled
from gatekeeper.rules.decide import decide, evidence_to_data
from gatekeeper.rules.values import (
    Answer,
    Clause,
    Consequence,
    Evidence,
    Owner,
    Rule,
    Rulebook,
    Stage,
    SubjectKind,
    Text,
)

LIMIT_US, DESK_LIMIT_US = 100, 50
TIMING = Path(__file__).parent / "judging" / "timing.mjs"
HOUR = 3_600_000_000
AT = 1_650_247_200_000_000
SAID = Text("规则", "rule")


def books(seed: int, size: int) -> list[Rulebook]:
    """A township's and an enterprise's book with ``size`` rules of all kinds between them."""
    chance = random.Random(seed)
    rules = [_rule(index, chance) for index in range(size)]
    return [
        Rulebook(owner, f"{owner.value}-1", SAID, tuple(rules[half::2]))
        for half, owner in enumerate((Owner.TOWNSHIP, Owner.ENTERPRISE))
    ]


def _rule(index: int, chance: random.Random) -> Rule:
    kind, subject, params = (
        ("confirm", SubjectKind.VISIT, {}),
        ("number", SubjectKind.OCCUPANT, {"unit": "celsius", "max": 373, "max_inclusive": False}),
        ("code_check", SubjectKind.OCCUPANT, {"accepted": ("green",)}),
        ("test", SubjectKind.OCCUPANT, {"within_hours": 48}),
        ("registered", SubjectKind.VISIT, {"lead": 24}),
        ("disinfection", SubjectKind.TRACTOR, {"contact_minutes": 20, "protective_clothing": True}),
    )[index % 6]
    clauses = (Clause("visitor_kind", "eq", "truck"), Clause("risk_level", "at_least", "medium"))
    question = None if kind == "registered" else f"q{index}"
    return Rule(
        f"r{index}", Stage.ARRIVAL, kind, subject, SAID, SAID,
        when=clauses[: chance.randint(0, 2)], question=question, params=params,
        consequence=chance.choice((Consequence.HOLD, Consequence.REFUSE)),
    )  # fmt: skip


def evidence(rulebooks: list[Rulebook], how: str) -> Evidence:
    """What is known of a truck with one driver: ``good``, ``empty`` or ``bad`` answers."""
    good = how == "good"
    values = {
        "confirm": {"ok": good},
        "number": {"n": 366 if good else 381},
        "code_check": {"colour": "green" if good else "red", "valid_until": None},
        "test": {"result": "negative" if good else "positive", "sampled_at": AT - HOUR},
        "disinfection": {"started_at": AT - (HOUR if good else 1), "operator": "x", "protective_clothing": True},
    }
    where = {SubjectKind.VISIT: "visit", SubjectKind.OCCUPANT: "occupant:1", SubjectKind.TRACTOR: "tractor"}
    answers = {
        (rule.question, where[rule.subject]): Answer(values[rule.kind], AT)
        for book in rulebooks
        for rule in book.rules
        if rule.question and how != "empty"
    }
    announced = AT - (48 * HOUR if good else HOUR)
    registration = {"announced_at": announced, "day": "2022-04-18", "enterprise_approved": True}
    facts = {"visitor_kind": "truck", "risk_level": "high", "arrived_at": AT, "registration": registration}
    return Evidence(facts, ("visit", "tractor", "occupant:1"), answers)


def _micros(call: object, number: int) -> float:
    return round(min(repeat(call, number=number, repeat=40)) / number * 1e6, 2)  # type: ignore[arg-type]


def _desk(rulebooks: list[Rulebook], seen: dict[str, Evidence], keys: list[Any], number: int) -> dict[str, Any]:
    """What the desk's interpreter takes for the same: ``took``, ``verdicts``, ``floor``, ``planted``."""
    given = {
        "rulebooks": [
            {"owner": book.owner, "version": book.version, "document": codec.to_document(book)} for book in rulebooks
        ],
        "evidence": {how: evidence_to_data(one) for how, one in seen.items()},
        "keys": keys, "stage": "arrival", "at": AT, "number": number,
    }  # fmt: skip
    said = subprocess.run(["node", str(TIMING)], input=json.dumps(given), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def main(seed: int = 1, size: int = 30, number: int = 200) -> int:
    """Print the results; 1 when a decision takes longer than its limit or a planted fault is not seen."""
    rulebooks = books(seed, size)
    seen = {how: evidence(rulebooks, how) for how in ("good", "empty", "bad")}
    took = {how: _micros(lambda given=given: decide(rulebooks, given, Stage.ARRIVAL, AT), number)
            for how, given in seen.items()}  # fmt: skip
    keys = [(rule.question, "visit") for book in rulebooks for rule in book.rules]
    answers = seen["good"].answers
    floor = _micros(lambda: [answers.get(key) for key in keys], number)
    planted = _micros(lambda: [Compiled(book) for book in rulebooks], 20) + took["good"]
    verdicts = {how: decide(rulebooks, given, Stage.ARRIVAL, AT).verdict.value for how, given in seen.items()}
    desk = _desk(rulebooks, seen, keys, number)
    passed = True
    for language, limit, found in (
        ("Python", LIMIT_US, {"took": took, "verdicts": verdicts, "floor": floor, "planted": planted}),
        ("JavaScript", DESK_LIMIT_US, desk),
    ):
        slower, good = found["planted"], found["took"]["good"]
        caught = slower > limit
        right = max(found["took"].values()) < limit and caught and found["verdicts"] == verdicts
        passed = passed and right
        result = {
            "id": "S3", "language": language, "seed": seed, "size": size, "microseconds": found["took"],
            "floor_us": found["floor"], "limit_us": limit, "ratio": round(good / found["floor"], 1),
            "planted_us": round(slower, 1), "planted_caught": caught, "verdicts": found["verdicts"], "pass": right,
        }  # fmt: skip
        print(json.dumps(result))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
