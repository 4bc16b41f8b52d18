"""How long a guard needs for a vehicle, estimated from what is asked: each kind's seconds, and those of the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gatekeeper.rules import questions
from gatekeeper.rules.clauses import FACTS, test_of
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.questions import needs
from gatekeeper.rules.values import Evidence, Rule, Rulebook, Stage, Text
from gatekeeper.rules.vocabulary import VISITOR_KINDS

LIMIT = 144
"""Seconds a vehicle on arrival: one gate with 600 trucks a day (domain: 日均物流车辆超过 600 辆) has 86,400 / 600."""

FACT_SECONDS: Mapping[str, int] = {"bool": 3, "choice": 3, "code": 3, "int": 4, "region": 6, "regions": 6}
"""Seconds to note a fact on arrival, by its type. Estimates, not measurements, after the keystroke-level model (Card,
Moran and Newell 1980: 1.35 s to decide, 1.1 s to point, 0.28 s a key, doubled for gloves): one key for a choice, two
for a number, the initials and a pick for a place. Those of questions stand at their kinds."""

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
    concerned = _about(books, visitor)
    made = dict.fromkeys(Stage, 0)
    made[Stage.ARRIVAL] = sum(FACT_SECONDS[FACTS[name].type] for name in needs(concerned))
    for stage, (_, total) in questions.seconds(concerned, SUBJECTS.get(visitor, IN_A_VEHICLE)).items():
        made[Stage.ARRIVAL if stage is Stage.BEFORE_ARRIVAL else stage] += total
    return made


def longest(books: Sequence[Rulebook], visitor: str) -> list[tuple[Text, int, tuple[str, ...]]]:
    """(title, seconds, codes of the rules) of every question on arrival, the longest first."""
    always = [
        replace(book, rules=tuple(replace(rule, when=()) for rule in book.rules)) for book in _about(books, visitor)
    ]
    evidence = Evidence(facts={}, subjects=SUBJECTS.get(visitor, IN_A_VEHICLE))
    asked = [one for one in questions.questions(always, evidence, Stage.ARRIVAL) if not one.alternative]
    asked.sort(key=lambda one: KINDS[one.kind].seconds, reverse=True)
    return [(one.title, KINDS[one.kind].seconds, tuple(code for _, code in one.rules)) for one in asked]


def _about(books: Sequence[Rulebook], visitor: str) -> list[Rulebook]:
    """The rules that may concern a kind of visitor; they are no version of a book, so none is taken for them."""
    return [
        replace(book, version="", rules=tuple(rule for rule in book.rules if _concerns(rule, visitor)))
        for book in books
    ]


def _concerns(rule: Rule, visitor: str) -> bool:
    return all(test_of(clause)(visitor) for clause in rule.when if clause.fact == "visitor_kind")
