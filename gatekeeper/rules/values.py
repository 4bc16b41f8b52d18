"""The words of the rules: immutable values, no behaviour beyond ordering.

Times are integers, microseconds UTC, so that the browser's interpreter sees the same numbers.
Subjects are strings: ``visit``, ``tractor``, ``trailer:1``, ``occupant:1`` (counted from 1 within the visit).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Text(NamedTuple):
    """One thing said in both languages of the product."""

    zh: str
    en: str


class Verdict(StrEnum):
    """What the rules say: 放行, 待定, 劝返. Severity grows in this order."""

    ADMIT = "admit"
    HOLD = "hold"
    REFUSE = "refuse"


class Stage(StrEnum):
    """When a rule is judged; in the order of a visit."""

    BEFORE_ARRIVAL = "before_arrival"
    ARRIVAL = "arrival"
    ON_SITE = "on_site"
    EXIT = "exit"


class Consequence(StrEnum):
    """What a violated rule leads to. Severity grows in this order."""

    NOTE = "note"
    HOLD = "hold"
    REFUSE = "refuse"


class State(StrEnum):
    """How one rule stands for one subject."""

    MET = "met"
    VIOLATED = "violated"
    MISSING = "missing"
    WAIVED = "waived"


class SubjectKind(StrEnum):
    VISIT = "visit"
    TRACTOR = "tractor"
    TRAILER = "trailer"
    OCCUPANT = "occupant"


class Owner(StrEnum):
    """Whose rulebook a rule stands in."""

    TOWNSHIP = "township"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition, ``fact op value``; a rule applies when all of its clauses hold."""

    fact: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a rulebook version. ``overridable_by`` holds role codes; empty means nobody.

    ``source`` says where the duty comes from; None where nobody wrote it down. No judgement looks at it.
    """

    code: str
    stage: Stage
    kind: str
    subject: SubjectKind
    title: Text
    why: Text
    when: tuple[Clause, ...] = ()
    question: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    consequence: Consequence = Consequence.HOLD
    evidence: tuple[str, ...] = ()
    overridable_by: tuple[str, ...] = ()
    source: Text | None = None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """An immutable rulebook version; ``version`` is its id (a UUID as text).

    ``retention``: for how many days personal values are kept, by class; a class not named is as usual.
    """

    owner: Owner
    version: str
    title: Text
    rules: tuple[Rule, ...]
    retention: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a question for one subject; the shape of ``value`` is its kind's."""

    value: Mapping[str, Any]
    at: int


@dataclass(frozen=True, slots=True)
class Waiver:
    """A lawful override of one finding; ``subject`` None: of the rule for every subject."""

    owner: Owner
    rule: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of a visit: facts by name, its subjects, answers by (question, subject), waivers.

    A fact that is not known is absent from ``facts``; clauses on it are then undecided, never false.
    """

    facts: Mapping[str, Any]
    subjects: tuple[str, ...]
    answers: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    waivers: frozenset[Waiver] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule judged for one subject.

    ``reason`` is a stable code (``docs/rules.md`` lists them), ``data`` the numbers its sentence needs;
    both are free of personal values.
    """

    owner: Owner
    version: str
    rule: str
    subject: str
    state: State
    consequence: Consequence
    reason: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Open:
    """Something still to be answered: a question (``kind`` names its shape) or, with kind ``fact``, a fact."""

    question: str
    subject: str
    kind: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of ``decide``: the most severe consequence, every finding, and what is still open."""

    verdict: Verdict
    stage: Stage
    findings: tuple[Finding, ...]
    open: tuple[Open, ...]
