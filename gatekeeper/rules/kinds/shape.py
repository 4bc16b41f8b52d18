"""What a rule kind is made of: parameters, answer fields, and how a judgement looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gatekeeper.rules.values import Evidence, Rule, Stage, State, SubjectKind, Text
from gatekeeper.rules.vocabulary import Choice

MICRO = 1_000_000
MINUTE = 60 * MICRO
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MET_STATE, VIOLATED_STATE, MISSING_STATE = State.MET, State.VIOLATED, State.MISSING


class Judged(NamedTuple):
    """One rule judged for one subject: the parts of its finding, and (question, stage) pairs still to be answered."""

    state: State
    reason: str
    data: Mapping[str, Any]
    open: tuple[tuple[str, Stage], ...] = ()


NOTHING: Mapping[str, Any] = {}
BARE: dict[str, Judged] = {}
"""Violations without numbers, by reason: made once."""
MET = Judged(MET_STATE, "met", NOTHING)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a kind, for the codec and for edit forms.

    ``type``: int, bool, choice (one of ``choices``), choices (a list of them), code, codes (a list), options (a list of
    ``{"code", "zh", "en"}``), text (a ``{"zh", "en"}`` pair). Of an int ``minimum`` and ``maximum`` bound the value,
    of a list ``minimum`` the length.
    ``unit`` names what an int counts; ``by_unit``: it counts in the unit that the rule names, within its limits.
    ``merge``: what holds when several rules ask one question - first, min, max, any, all, union, common (empty: any).
    """

    name: str
    type: str
    label: Text
    default: Any = None
    required: bool = False
    unit: str | None = None
    by_unit: bool = False
    minimum: int = 0
    maximum: int = 1_000_000
    choices: tuple[Choice, ...] = ()
    merge: str = "first"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an answer. ``type``: bool, int, choice, choices, time (microseconds UTC), text, sha256.

    ``personal``: None, or the retention class of its value: health, contact, photo, plate, note.
    """

    name: str
    type: str
    label: Text
    optional: bool = False
    unit: str | None = None
    minimum: int = 0
    maximum: int = 1_000_000
    choices: tuple[Choice, ...] = ()
    personal: str | None = None


Judge = Callable[[Rule, str, Evidence, Stage, int], Judged]


def _never(params: Mapping[str, Any]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rule: what it is called, asks and takes, and the function that judges it.

    ``asks``: whether its rules have a question. ``fields_of`` gives the answer fields where they depend on the
    parameters. ``reasons``: every reason code it may give besides ``met``. ``subjects`` and ``stages`` are those its
    rules may have. ``check`` gives (parameter, fault) pairs for parameters that are each right but not together.
    ``facts``: those that it is judged from besides its conditions. ``seconds``: what a guard with gloves needs for one
    answer, an estimate, waiting not counted. ``records``: whether no answer can break a rule with these parameters;
    it is met by any and missing without one.
    """

    code: str
    label: Text
    asks: bool
    judge: Judge
    params: tuple[Param, ...] = ()
    fields: tuple[Field, ...] = ()
    reasons: tuple[str, ...] = ()
    fields_of: Callable[[Mapping[str, Any]], tuple[Field, ...]] | None = None
    check: Callable[[Mapping[str, Any]], tuple[tuple[str, Text], ...]] | None = None
    subjects: tuple[SubjectKind, ...] = tuple(SubjectKind)
    stages: tuple[Stage, ...] = tuple(Stage)
    facts: tuple[str, ...] = ()
    seconds: int = 0
    records: Callable[[Mapping[str, Any]], bool] = _never

    @property
    def defaults(self) -> dict[str, Any]:
        """Every parameter with the value it has when a document leaves it out."""
        return {param.name: param.default for param in self.params}

    def answer_fields(self, params: Mapping[str, Any]) -> tuple[Field, ...]:
        """The fields of an answer to a question with these parameters."""
        return self.fields_of({**self.defaults, **params}) if self.fields_of else self.fields


def unanswered(rule: Rule, reason: str = "answer.missing", data: Mapping[str, Any] = NOTHING) -> Judged:
    """The rule's own question is open."""
    return Judged(MISSING_STATE, reason, data, ((rule.question or "", rule.stage),))


def violated(reason: str, data: Mapping[str, Any] = NOTHING) -> Judged:
    """The rule is broken, whatever else is answered."""
    if not data:
        return BARE.get(reason) or BARE.setdefault(reason, Judged(VIOLATED_STATE, reason, NOTHING))
    return Judged(VIOLATED_STATE, reason, data)


def codes_in(value: Any) -> tuple[str, ...]:
    """The strings of a list; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, (list, tuple)) else ()


def moment(rule: Rule, evidence: Evidence, at: int) -> int:
    """The time an arrival is judged at: its admission once it was admitted, so that a test does not grow old inside."""
    if rule.stage in (Stage.ARRIVAL, Stage.BEFORE_ARRIVAL):
        admitted = evidence.facts.get("admitted_at")
        if type(admitted) is int and admitted < at:
            return admitted
    return at
