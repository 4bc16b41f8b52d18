"""A visit that goes as chance has it: what may happen next at a gate, in a shape that a desk sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from gatekeeper.rules.values import Rule, Rulebook
from gatekeeper.rules.vocabulary import CARGO, PURPOSES
from gatekeeper.visits.state import State
from tests.rules.made import AT
from tests.rules.proving import BY_FACTS, SUBJECT, prove

PLATES = ("浙A12345", "沪B·6D888", "粤B12345挂", "无牌", "浙AD12345", "浙a 1234o", "奇怪的牌")
PLACES = ("330206", "330200", "310101", "440904", "330206001", "110000")
YEARS_AGO = 10**15
"""No number of an answer is as large as a moment."""


def arrival(chance: Random) -> dict[str, Any]:
    """The body of an arrival: sometimes nearly nothing is known."""
    body: dict[str, Any] = {"plates": []}
    kind = chance.choice(["truck", "truck", "truck", "van", "car", "walk_in", "other"])
    if chance.random() < 0.9:
        body["kind"] = kind
    if kind != "walk_in":
        body["plates"].append({"subject": "tractor", "written": chance.choice(PLATES)})
    if kind == "truck" and chance.random() < 0.4:
        body["plates"].append({"subject": "trailer:1", "written": "浙A1234挂"})
    if chance.random() < 0.8:
        body["people"] = people(chance, chance.randint(1, 2))
    if chance.random() < 0.6:
        body["facts"] = facts(chance)
    if chance.random() < 0.1:
        body["already"] = "came_back"
    return body


def people(chance: Random, count: int) -> list[dict[str, Any]]:
    names = [{"name": "张伟强", "phone": "19900001234"}, {"name": "李四"}, {"phone": ""}, {}]
    role = ("driver", "passenger", "passenger")
    return [
        {"subject": f"occupant:{number + 1}", "role": role[number], **chance.choice(names)} for number in range(count)
    ]


def facts(chance: Random) -> dict[str, Any]:
    known = {
        "origin": chance.choice(PLACES),
        "stops": chance.sample(PLACES, chance.randint(0, 2)),
        "cargo": chance.choice(CARGO).code,
        "cold_chain": chance.random() < 0.5,
        "zone": "A",
        "purpose": chance.choice(PURPOSES).code,
    }
    names = chance.sample(sorted(known), chance.randint(1, 4))
    if "stops" in names and "origin" not in names:
        names.append("origin")
    return {name: known[name] for name in names}


def answers(chance: Random, books: Sequence[Rulebook], state: State, at: int) -> list[dict[str, Any]]:
    """What a guard may answer now: right, wrong or without sense, to some of the questions."""
    rules = [rule for book in books for rule in book.rules if rule.kind not in BY_FACTS]
    given = [one for rule in rules if chance.random() < 0.4 for one in _answers(chance, rule, state, at)]
    found = {(one["question"], one["subject"]): one for one in given}
    return list(found.values())


def _answers(chance: Random, rule: Rule, state: State, at: int) -> list[dict[str, Any]]:
    try:
        proved = prove(rule, "violated" if chance.random() < 0.2 else "met")
    except AssertionError:  # nothing breaks it
        proved = prove(rule, "met")
    found = []
    for (question, subject), answer in proved.answers.items():
        subjects = [each for each in state.subjects if each.partition(":")[0] == subject.partition(":")[0]]
        unit = {"number": "unit", "text": "format"}.get(rule.kind)
        more = {"unit": rule.params[unit]} if unit else {}
        value = {} if chance.random() < 0.05 else _moved(answer.value, at)
        found += [
            {"question": question, "subject": each, "kind": rule.kind, "value": value, **more}
            for each in subjects
            if SUBJECT[rule.subject].partition(":")[0] == each.partition(":")[0]
        ]
    return found


def _moved(value: Mapping[str, Any], at: int) -> dict[str, Any]:
    """The times of an answer brought to the minute at which the visit is."""
    return {name: v + at - AT if type(v) is int and v > YEARS_AGO else v for name, v in value.items()}


def happens(chance: Random, books: Sequence[Rulebook], state: State, at: int) -> tuple[str, dict[str, Any]]:
    """What happens next, often what makes sense: (kind, body)."""
    kinds = {
        "answer": 8, "admit": 3, "turn_away": 1, "leave": 2, "override": 2, "join": 1, "move": 1, "correct": 1,
        "void": 0.2, "note": 1, "photo": 0.3, "care": 0.5, "arrive": 0.2,
    }  # fmt: skip
    kind = chance.choices(list(kinds), list(kinds.values()))[0]
    return kind, _body(chance, kind, books, state, at)


def _body(chance: Random, kind: str, books: Sequence[Rulebook], state: State, at: int) -> dict[str, Any]:
    if kind == "answer":
        body: dict[str, Any] = {"answers": answers(chance, books, state, at)}
        if chance.random() < 0.3:
            body["facts"] = facts(chance)
        if chance.random() < 0.2:
            body["people"] = people(chance, chance.randint(1, 3))
        return body | ({"stage": "exit"} if chance.random() < 0.3 else {})
    if kind == "override":
        standing = state.decisions[state.stage]
        rows = [row for row in standing["findings"] if len(row) > 4]
        chosen = chance.sample(rows, min(len(rows), chance.randint(1, 2)))
        found = [{"owner": standing["books"][b][0], "rule": rule, "subject": s} for b, rule, s, *_ in chosen]
        return {"findings": found, "reason": "班长同意"}
    bodies: dict[str, dict[str, Any]] = {
        "arrive": arrival(chance),
        "turn_away": {"reason": "证件不全"},
        "leave": {"seen": True, "subjects": chance.choice([[], [], ["occupant:2"], ["tractor", "occupant:1"]])},
        "join": {"people": people(chance, 2)},
        "move": {"zone": chance.choice("AB")},
        "correct": {"plates": [{"subject": "tractor", "written": chance.choice(PLATES)}], "reason": "看错了"},
        "void": {"reason": "重复登记"},
        "note": {"text": "等待"},
        "care": {"item": "water"},
    }
    return bodies.get(kind, {})
