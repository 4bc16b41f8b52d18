"""Rulebooks made ready to be judged: defaults filled in, clauses turned into functions, rules sorted by stage."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace

from gatekeeper.rules.clauses import Test, compiled
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.values import Consequence, Finding, Open, Owner, Rule, Rulebook, Stage, State

STAGES = tuple(Stage)
KEPT = 512
"""Compiled versions kept in memory, the least recently used goes first."""
HELD = 64
"""Findings held per rule: the subjects of a few visits."""


class Ready:
    """One rule of one version, ready. Findings without numbers and open questions are immutable, so made once:
    ``met`` by subject, ``bare`` by (subject, state, reason), ``asks`` by (question, subject, stage)."""

    __slots__ = (
        "asks",
        "bare",
        "clauses",
        "judge",
        "met",
        "missing",
        "owner",
        "rule",
        "subject",
        "version",
    )

    def __init__(self, rule: Rule, owner: Owner, version: str) -> None:
        kind = KINDS[rule.kind]
        self.rule = replace(rule, params={**kind.defaults, **rule.params})
        self.owner, self.version = owner, version
        self.clauses: tuple[tuple[str, Test], ...] = compiled(rule.when)
        self.judge = kind.judge
        self.subject = rule.subject
        self.missing = Consequence.NOTE if rule.consequence is Consequence.NOTE else Consequence.HOLD
        self.met: dict[str, Finding] = {}
        self.bare: dict[tuple[str, State, str], Finding] = {}
        self.asks: dict[tuple[str, str, Stage], Open] = {}

    def met_by(self, subject: str) -> Finding:
        """The finding that ``subject`` meets this rule."""
        made = Finding(self.owner, self.version, self.rule.code, subject, State.MET, self.rule.consequence, "met")
        if len(self.met) < HELD:
            self.met[subject] = made
        return made

    def bare_of(self, subject: str, state: State, reason: str) -> Finding:
        """The finding of ``subject`` that needs no numbers."""
        made = self.bare.get((subject, state, reason))
        if made is None:
            consequence = self.missing if state is State.MISSING else self.rule.consequence
            made = Finding(self.owner, self.version, self.rule.code, subject, state, consequence, reason)
            if len(self.bare) < HELD:
                self.bare[subject, state, reason] = made
        return made

    def ask(self, question: str, subject: str, stage: Stage) -> Open:
        """The open question to ``subject``."""
        made = self.asks.get((question, subject, stage))
        if made is None:
            made = Open(question, subject, self.rule.kind, stage)
            if len(self.asks) < HELD:
                self.asks[question, subject, stage] = made
        return made


class Compiled:
    """A rulebook version, ready; ``upto`` holds its rules in order for each stage and those before it."""

    __slots__ = ("book", "upto")

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        rules = [Ready(rule, book.owner, book.version) for rule in book.rules]
        self.upto: Mapping[Stage, tuple[Ready, ...]] = {
            stage: tuple(ready for ready in rules if STAGES.index(ready.rule.stage) <= rank)
            for rank, stage in enumerate(STAGES)
        }


_compiled: OrderedDict[tuple[Owner, str], Compiled] = OrderedDict()


def compile_rulebook(book: Rulebook) -> Compiled:
    """The compiled form, kept by owner and version; an equal version with other content (a draft) is compiled anew.

    Raises ``KeyError`` for a kind or fact outside the vocabulary, which the codec never lets through.
    """
    at = (book.owner, book.version)
    found = _compiled.get(at)
    if found is not None and (found.book is book or found.book == book):
        return found
    made = Compiled(book)
    _compiled[at] = made
    _compiled.move_to_end(at)
    while len(_compiled) > KEPT:
        _compiled.popitem(last=False)
    return made
