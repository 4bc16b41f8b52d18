"""A rule while it is written: its sentence, the guard's questions with it, and what is odd about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gatekeeper.errors import Invalid
from gatekeeper.rulebooks import reading
from gatekeeper.rulebooks.checking import RulebookRefused, checked
from gatekeeper.rulebooks.context import Place, Surroundings
from gatekeeper.rules import codec, words
from gatekeeper.rules.sentences import concerned
from gatekeeper.rules.values import Rule, Rulebook, SubjectKind, Text
from gatekeeper.rules.warnings import Warned, warnings

EMPTY = {"schema": codec.SCHEMA, "title": {"zh": "草稿", "en": "draft"}}
MENDING = Text("请改其中一条", "Change one of them")


@dataclass(frozen=True, slots=True)
class Glimpse:
    """``sentence`` and ``chips`` (whom it concerns, one by one) are None and empty where the rule cannot be read yet;
    ``waiting`` then says what is to be filled in."""

    sentence: Text | None
    chips: tuple[Text, ...]
    steps: list[reading.Step]
    pace: reading.Pace
    warned: tuple[Warned, ...]
    waiting: Text | None = None


def glimpse(rule: Mapping[str, Any] | Text, draft: Rulebook, around: Surroundings, place: Place) -> Glimpse:
    """The ``draft`` as it would be with ``rule`` (a Text: why it cannot be read)."""
    made = rule if isinstance(rule, Text) else _read(rule, around)
    if isinstance(made, Text):
        return Glimpse(None, (), *_shown(draft, around, place), warned=(), waiting=made)
    codes = [other.code for other in draft.rules]
    at = codes.index(made.code) if made.code in codes else len(codes)
    book = replace(draft, rules=(*draft.rules[:at], made, *draft.rules[at + 1 :]))
    whom = () if made.when and made.subject is SubjectKind.VISIT else (concerned(replace(made, when=()), place=place),)
    return Glimpse(
        words.sentence(made, place=place),
        (*whom, *(words.phrase(clause, place=place) for clause in made.when)),
        *_shown(book, around, place),
        warned=_about(made, book, around, place),
    )


def _read(rule: Mapping[str, Any], around: Surroundings) -> Rule | Text:
    try:
        return checked({**EMPTY, "rules": [rule]}, owner=around.owner).rules[0]
    except RulebookRefused as wrong:
        return wrong.faults[0].text
    except Invalid as wrong:
        return wrong.text


def _shown(book: Rulebook, around: Surroundings, place: Place) -> tuple[list[reading.Step], reading.Pace]:
    books = [around.township, book] if around.township else [book]
    return reading.steps(books, place), reading.pace(books)


def _about(rule: Rule, book: Rulebook, around: Surroundings, place: Place) -> tuple[Warned, ...]:
    """Warnings that name the rule, contradictions first."""
    clashes = [
        Warned("rules.contradict", codes, why, MENDING, blocks=True)
        for codes, why in codec.contradictions(book)
        if rule.code in codes
    ]
    found = warnings(book, around.here, township=around.township, place=place)
    return (*clashes, *(one for one in found if rule.code in one.rules))
