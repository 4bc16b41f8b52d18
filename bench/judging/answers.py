"""Random answers to the questions of given rules."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bench.judging.facts import JUNK, MOODS, Value, near
from gatekeeper.rules.decide import subjects_of
from gatekeeper.rules.kinds.answers import LATEST
from gatekeeper.rules.kinds.shape import DAY, HOUR, MINUTE
from gatekeeper.rules.values import Rule, Rulebook
from gatekeeper.rules.vocabulary import AGENTS, COLOURS, DOCUMENTS, METHODS

VIN = "LZGJDR459NX012345"
TEXTS = {
    "vin": (VIN, VIN.lower()),
    "engine_no": ("WP10", "1A2B-3C4D-5E6F-7G8H9", "b-77"),
    "free": ("x", "卸货", "😀"),
}
WRONG = {
    "vin": (VIN[:-1], VIN + "1", VIN[:-1] + "O", VIN[:-1] + "q", VIN[:-1] + "I", VIN[:-1] + "\u0131", "ſ" * 17),
    "engine_no": ("ABC", "A" * 21, "AB_CD", "ABCD\n", "WP１０"),
    "free": ("卸 货", "😀" * 3, "=1+1"),
}
BLANK = ("", " ", "\u3000\u2028", "\x1f", "\ufeff")


def answers_for(books: list[Rulebook], subjects: list[str], at: int, chance: Random, mood: str) -> list[Value]:
    """Answers as rows; a question answered twice counts as answered last."""
    rows: list[Value] = []
    for rule in (rule for book in books for rule in book.rules if rule.question):
        for question in _asked(rule, chance):
            for subject in subjects_of(rule.subject, subjects):
                value = _value(rule, question, at, chance, chance.random() < MOODS[mood])
                if value is not None:
                    rows.append({"question": question, "subject": subject, "value": value, "at": at - MINUTE})
    return rows


def _asked(rule: Rule, chance: Random) -> list[str]:
    if rule.kind == "stay_in_cab":
        return [f"{rule.question}.{stage}" for stage in rule.params["at"]]
    other = rule.params.get("alternative_question")
    return [str(rule.question), other] if other and chance.random() < 0.6 else [str(rule.question)]


def _value(rule: Rule, question: str, at: int, chance: Random, good: bool) -> Value | None:
    """What is answered; None for nothing."""
    if not good and chance.random() < 0.2:
        return None
    made = ANSWERS[rule.kind](rule, at, chance, good)
    if not good and made and chance.random() < 0.2:
        made = {**made, chance.choice(sorted(made)): chance.choice(JUNK)}
    return made


def _confirm(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    return {"ok": good}


def _number(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    low, high = rule.params["min"], rule.params["max"]
    if good:
        return {"n": low + 1 if low is not None else high - 1}
    return {"n": chance.choice([limit for limit in (low, high) if limit is not None]) + chance.choice((-1, 0, 1))}


def _choice(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    accepted = rule.params["accepted"] if good else ()
    return {"choice": chance.choice(accepted or [option["code"] for option in rule.params["options"]])}


def _photo(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    name = f"{chance.getrandbits(256):064x}"
    return {
        "file": name if good else chance.choice((name.upper(), name[1:], name + "a", f"{name[1:]}g", f"{name[1:]}\n"))
    }


def _text(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    if good:
        return {"text": chance.choice(TEXTS[rule.params["format"]])}
    wrong = WRONG[rule.params["format"]]
    return {"text": chance.choice((*wrong, *wrong, *BLANK, "货" * (rule.params["longest"] + 1)))}


def _certificate(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    last = at + rule.params["spare_days"] * DAY
    return {"valid_until": chance.choice((last, last + 1, LATEST)) if good else near(last - 1, chance)}


def _code_check(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    if good:
        return {
            "colour": chance.choice(rule.params["accepted"]),
            "valid_until": chance.choice((at + 1, at + DAY, LATEST)),
        }
    return {"colour": chance.choice(COLOURS).code, "valid_until": chance.choice((None, near(at, chance), at - DAY))}


def _test(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    hours = rule.params[chance.choice(("within_hours", "within_hours", "alternative_within_hours"))]
    sampled = at - hours * HOUR
    if good:
        return {"result": "negative", "sampled_at": chance.choice((sampled, sampled + 1, at, at - HOUR))}
    result = chance.choice(("negative", "negative", "negative", "positive", "pending", "none"))
    return {"result": result, "sampled_at": chance.choice((near(sampled - 1, chance), near(at, chance), at + 1))}


def _stay(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    return {"stayed": good or chance.random() < 0.3}


def _disinfection(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    params, needed = rule.params, rule.params["contact_minutes"] * MINUTE
    ended = chance.choice((None, None, at, at - MINUTE))
    started = (at if ended is None else ended) - needed
    right = {
        "agent": chance.choice(params["agents"] or ("iodophor",)),
        "dilution": params["dilution"] or 5,
        "started_at": started,
        "finished_at": ended,
        "operator": "甲",
        "protective_clothing": True,
    }
    if good:
        return right
    wrong = {
        "agent": chance.choice((AGENTS[3].code, AGENTS[0].code, None, None)),
        "dilution": chance.choice((0, None, 1, 99, 101, 10_001)),
        "started_at": chance.choice((near(started, chance), started + 1, at + 1, None)),
        "operator": chance.choice((*BLANK, None)),
        "protective_clothing": chance.choice((False, None, None)),
    }
    return {**right, **{name: wrong[name] for name in chance.sample(sorted(wrong), chance.choice((1, 2, 2, 3)))}}


def _handoff(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    documents, methods = list(rule.params["documents"]), list(rule.params["methods"])
    if good:
        return {"documents": documents, "method": chance.choice(methods or ["box"]), "given": True, "received": True}
    given = chance.sample([choice.code for choice in DOCUMENTS[:3]], chance.randint(0, 3))
    sides = {side: chance.choice((True, True, False)) for side in ("given", "received")}
    return {"documents": given, "method": chance.choice(METHODS).code if chance.random() < 0.5 else "box", **sides}


ANSWERS: dict[str, Callable[[Rule, int, Random, bool], Value]] = {
    "confirm": _confirm, "number": _number, "choice": _choice, "photo": _photo, "text": _text,
    "certificate": _certificate, "code_check": _code_check, "test": _test, "stay_in_cab": _stay,
    "disinfection": _disinfection, "document_handoff": _handoff,
}  # fmt: skip
