"""The blank paper form of a gate, for a power cut: what is asked of who arrives, as numbered columns."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.questions import Question, needs, questions
from gatekeeper.rules.values import Evidence, Rulebook, Stage, Text
from gatekeeper.visits.history import CORRECTED
from gatekeeper.visits.shown import hint

CREW = ("visit", "tractor", "trailer:1", "occupant:1")
"""A visit to which every rule applies."""
ROWS, MOST_SHEETS = 12, 20
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without what is taken for something else when it is read off paper."""

FACTS = {name: CORRECTED[name] for name in ("origin", "cargo", "zone", "purpose")}
"""What is asked of a visit besides its questions and fits a column."""
EACH = {
    "tractor": Text("车辆", "vehicle"),
    "trailer:1": Text("挂车", "trailer"),
    "occupant:1": Text("每人", "each person"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One column: the question, of whom it is asked, what it wants (in the reader's language, empty: it is plain)."""

    title: Text
    whom: Text | None
    wants: str
    leaving: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What is printed: ``facts`` and ``checks`` are columns, ``numbers`` one for each sheet."""

    facts: Sequence[Text]
    checks: Sequence[Check]
    numbers: Sequence[str]


def form(session: Session, *, at: datetime, day: date, sheets: int) -> Form:
    """The form of the rules that hold at ``at``, with new numbers for ``sheets`` sheets."""
    books = rulebooks.in_force(session, at=at)
    known = needs(books)
    return Form(
        facts=[name for fact, name in FACTS.items() if fact in known],
        checks=list(_checks(books)),
        numbers=[number(day) for _ in range(min(max(1, sheets), MOST_SHEETS))],
    )


def number(day: date) -> str:
    """A sheet's number, such as 0418-K7QW2."""
    return f"{day:%m%d}-{''.join(secrets.choice(SIGNS) for _ in range(5))}"


def _checks(books: Sequence[Rulebook]) -> Iterable[Check]:
    """What every rule asks at arrival and at the exit, once each, whomever it concerns."""
    always = [replace(book, rules=tuple(replace(rule, when=()) for rule in book.rules)) for book in books]
    seen: set[str] = set()
    asked = questions(always, Evidence(facts={}, subjects=CREW), Stage.EXIT)
    for one in sorted(asked, key=lambda question: question.stage == Stage.EXIT):
        if one.stage in (Stage.ARRIVAL, Stage.EXIT) and one.code not in seen and not one.alternative:
            seen.add(one.code)
            yield _check(one)


def _check(question: Question) -> Check:
    return Check(question.title, EACH.get(question.subject), hint(question), question.stage == Stage.EXIT)
