"""How long a guard needs for a vehicle, estimated from what is asked.

A question takes the seconds of its fields on the phone and of what the guard does besides. The figures are estimates,
not measurements: on the phone after the keystroke-level model (Card, Moran and Newell 1980: 1.35 s to decide, 1.1 s to
point, 0.28 s a key), keys doubled for gloves; beside the phone, what a guard needs to look, measure or be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gatekeeper.rules.clauses import FACTS, test_of
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.questions import Question, needs, questions
from gatekeeper.rules.values import Evidence, Rule, Rulebook, Stage, Text
from gatekeeper.rules.vocabulary import VISITOR_KINDS

LIMIT = 144
"""Seconds a vehicle on arrival: one gate with 600 trucks a day (domain: 日均物流车辆超过 600 辆) has 86,400 / 600."""

TYPED: Mapping[str, int] = {
    "bool": 3,
    "choice": 3,
    "choices": 5,
    "int": 5,
    "time": 7,
    "text": 12,
    "sha256": 6,
    "region": 6,
    "regions": 6,
}
"""Seconds on the phone by type of field; ``code`` and whatever is new: those of a choice."""

BESIDE: Mapping[str, int] = {
    "confirm": 2,
    "number": 4,
    "code_check": 5,
    "test": 5,
    "certificate": 4,
    "text": 4,
    "disinfection": 8,
    "document_handoff": 8,
    "photo": 2,
}
"""Seconds beside the phone by kind of question: measuring a temperature, looking at a code, walking round a truck.
Waiting for a disinfectant is no work of the guard. Kinds that are not named need none."""

USUAL = 3
SUBJECTS = {"walk_in": ("visit", "occupant:1")}
IN_A_VEHICLE = ("visit", "tractor", "occupant:1")


def slowest(books: Sequence[Rulebook]) -> str:
    """The kind of visitor that takes longest on arrival; trucks where all take as long."""
    kinds = [choice.code for choice in VISITOR_KINDS]
    return max(kinds, key=lambda kind: seconds(books, kind)[Stage.ARRIVAL])


def seconds(books: Sequence[Rulebook], visitor: str) -> Mapping[Stage, int]:
    """Seconds by stage for one vehicle (or person on foot) of a kind, with one person, to whom every condition applies.

    What comes before arrival is asked on arrival, with the facts that the rules need.
    """
    made = dict.fromkeys(Stage, 0)
    made[Stage.ARRIVAL] = sum(TYPED.get(FACTS[name].type, USUAL) for name in needs(_about(books, visitor)))
    for question in _asked(books, visitor):
        made[Stage.ARRIVAL if question.stage is Stage.BEFORE_ARRIVAL else question.stage] += of_question(question)
    return made


def longest(books: Sequence[Rulebook], visitor: str) -> list[tuple[Text, int, tuple[str, ...]]]:
    """(title, seconds, codes of the rules) of every question on arrival, the longest first."""
    early = [one for one in _asked(books, visitor) if one.stage in (Stage.BEFORE_ARRIVAL, Stage.ARRIVAL)]
    early.sort(key=of_question, reverse=True)
    return [(one.title, of_question(one), tuple(code for _, code in one.rules)) for one in early]


def of_question(question: Question) -> int:
    """Seconds for one question to one subject."""
    fields = KINDS[question.kind].answer_fields(question.params)
    return BESIDE.get(question.kind, 0) + sum(TYPED.get(field.type, USUAL) for field in fields if not field.optional)


def _asked(books: Sequence[Rulebook], visitor: str) -> list[Question]:
    always = [
        replace(book, version="", rules=tuple(replace(rule, when=()) for rule in book.rules))
        for book in _about(books, visitor)
    ]
    evidence = Evidence(facts={}, subjects=SUBJECTS.get(visitor, IN_A_VEHICLE))
    return [question for question in questions(always, evidence, Stage.EXIT) if not question.alternative]


def _about(books: Sequence[Rulebook], visitor: str) -> list[Rulebook]:
    """The rules that may concern a kind of visitor."""
    return [replace(book, rules=tuple(rule for rule in book.rules if _concerns(rule, visitor))) for book in books]


def _concerns(rule: Rule, visitor: str) -> bool:
    return all(test_of(clause)(visitor) for clause in rule.when if clause.fact == "visitor_kind")
