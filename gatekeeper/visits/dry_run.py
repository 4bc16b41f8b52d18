"""Trying a draft on visits that were judged already: what more would have been held or refused, and by which rule.

Each visit is judged twice from what is stored of it, as it stood when a stage was last judged: with the rules in force
now, and with the draft in place of one of them. All other books (the township's, its switched packs) stay on both
sides. Only what comes out differently counts, once a visit, at the first stage where it does.

**Questions nobody was asked.** A rule of the draft whose question no rule asked then is "missing" for every visit, and
would hold all of them. That is no news about the visits, so such a finding is set apart: the visit is judged as if that
rule had been met, and the question is counted as asked so many times more. What was asked then and stayed open holds,
now as then. So "more held" means: held by what was known. A fact that only the program knows cannot be asked: a
rule that waits for one that a place never has does hold, and that is news.

**Values that had their time.** An answer whose personal value was erased cannot be judged again. Where the rule is the
one that judged it then, the finding stored with the visit stands; where it is not, the visit is counted as one that
could not be judged. Waivers stay: an exception that was made is not unmade.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from gatekeeper.rules.clauses import to_ask
from gatekeeper.rules.compiled import compile_rulebook
from gatekeeper.rules.decide import decide
from gatekeeper.rules.values import Consequence, Evidence, Finding, Owner, Rule, Rulebook, Stage, State, Verdict

EXAMPLES = 200
RUNNING = "disinfection.contact_running"
"""Missing, but time and no answer is what lacks: the truck would have waited."""

Asked = tuple[str, str]
"""(question, subject); a fact is asked of the visit."""
Stored = Callable[[Owner, Rule, str], Finding | None]
"""The finding stored then for a subject, where this very rule made it; else None."""

_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
_LEADS_TO = {Consequence.HOLD: Verdict.HOLD, Consequence.REFUSE: Verdict.REFUSE}
ADMIT, MET, MISSING, WAIVED = Verdict.ADMIT, State.MET, State.MISSING, State.WAIVED


class Seen(NamedTuple):
    """What was known of a visit when ``stage`` was last judged, at ``at`` (microseconds UTC).

    ``open``: what had been asked and was not answered; ``erased``: answers whose personal value is gone.
    """

    stage: Stage
    at: int
    evidence: Evidence
    open: frozenset[Asked]
    erased: frozenset[Asked]
    stored: Stored


class Erased(Exception):
    """What a rule would have to look at is gone."""


class Stand(NamedTuple):
    """What books make of a visit: (what it leads to, rule) of each finding that counts, and what nobody asked."""

    verdict: Verdict
    reasons: tuple[tuple[Verdict, str], ...]
    unasked: tuple[tuple[str, tuple[Asked, ...]], ...]
    open: frozenset[Asked]


NOTHING = Stand(ADMIT, (), (), frozenset())


class Move(NamedTuple):
    """A verdict that comes out otherwise; ``rules`` of the draft made it so, or (to a lesser one) of today's book."""

    stage: Stage
    was: Verdict
    now: Verdict
    rules: tuple[str, ...]


class Side:
    """Books that judge together, and their rules with every parameter."""

    def __init__(self, books: Sequence[Rulebook]) -> None:
        self.books = tuple(books)
        self._rules = {
            (book.owner, book.version, ready.rule.code): ready.rule
            for book in books
            for ready in compile_rulebook(book).upto[Stage.EXIT]
        }

    @property
    def is_empty(self) -> bool:
        return not self._rules

    def rule_of(self, finding: Finding) -> Rule:
        return self._rules[finding.owner, finding.version, finding.rule]


class Trial:
    """``now`` against ``draft``, beside the books that stay. ``now`` None: nothing is in force yet.

    Rules are judged one by one, so those that are the same in both are judged once, with the books that stay.
    """

    def __init__(self, *, beside: Sequence[Rulebook], now: Rulebook | None, draft: Rulebook) -> None:
        old = now or replace(draft, rules=())
        same = tuple(rule for rule in old.rules if rule in draft.rules)
        self.rest = Side([*beside, replace(old, version="same", rules=same)])
        self.now = Side([_without(old, same, "now")])
        self.draft = Side([_without(draft, same, "draft")])

    def judge(self, stages: Iterable[Seen]) -> tuple[Move | None, Mapping[str, int]]:
        """(what moved at the first stage where anything did, or None; questions of the draft asked more, by rule).

        ``stages`` in the order of a visit. Raises ``Erased``.
        """
        asked: dict[str, set[Asked]] = {}
        moved: Move | None = None
        for seen in stages:
            today, then = stand(self.now, seen), stand(self.draft, seen)
            if today.verdict is then.verdict and not then.unasked:
                continue
            rest = stand(self.rest, seen)
            known = rest.open | today.open
            for rule, questions in then.unasked:
                asked.setdefault(rule, set()).update(one for one in questions if one not in known)
            if moved is None:
                moved = _moved(seen.stage, rest, today, then)
        return moved, {rule: len(questions) for rule, questions in asked.items() if questions}


def _without(book: Rulebook, same: tuple[Rule, ...], version: str) -> Rulebook:
    """What differs, as a book of another name: the whole one stays compiled under its own."""
    return replace(book, version=version, rules=tuple(rule for rule in book.rules if rule not in same))


def _moved(stage: Stage, rest: Stand, today: Stand, then: Stand) -> Move | None:
    was, now = _severest(rest.verdict, today.verdict), _severest(rest.verdict, then.verdict)
    if was is now:
        return None
    behind, at = (then, now) if _RANK[now] > _RANK[was] else (today, was)
    return Move(stage, was, now, tuple(dict.fromkeys(rule for leads_to, rule in behind.reasons if leads_to is at)))


def _severest(one: Verdict, other: Verdict) -> Verdict:
    return one if _RANK[one] >= _RANK[other] else other


def stand(side: Side, seen: Seen) -> Stand:
    """What the books of one side alone make of a visit; raises ``Erased``."""
    if side.is_empty:
        return NOTHING
    reasons: list[tuple[Verdict, str]] = []
    unasked: list[tuple[str, tuple[Asked, ...]]] = []
    worst = ADMIT
    decision = decide(side.books, seen.evidence, seen.stage, seen.at)
    for finding in decision.findings:
        if seen.erased:
            finding = _as_known(finding, side.rule_of(finding), seen)
        if finding.state is MET or finding.state is WAIVED:
            continue
        if finding.state is MISSING:
            questions = _questions(finding, side.rule_of(finding))
            if questions and seen.open.isdisjoint(questions):
                unasked.append((finding.rule, questions))
                continue
        leads_to = _LEADS_TO.get(finding.consequence)
        if leads_to is not None:
            reasons.append((leads_to, finding.rule))
            worst = _severest(worst, leads_to)
    opened = frozenset((one.question, one.subject) for one in decision.open)
    return Stand(worst, tuple(reasons), tuple(unasked), opened)


def _questions(finding: Finding, rule: Rule) -> tuple[Asked, ...]:
    """What has to be answered before a missing finding is none; () where an answer cannot help."""
    if finding.reason == "fact.missing":
        return tuple((fact, "visit") for fact in to_ask(finding.data["facts"]))
    if finding.reason == "people.missing":
        return (("people", "visit"),)
    if finding.reason == RUNNING or rule.question is None:
        return ()
    if finding.reason == "stay_in_cab.unattested":
        return tuple((f"{rule.question}.{stage}", finding.subject) for stage in finding.data["at"])
    if finding.reason == "test.alternative_missing":
        return ((rule.params["alternative_question"], finding.subject),)
    return ((rule.question, finding.subject),)


def _as_known(finding: Finding, rule: Rule, seen: Seen) -> Finding:
    """The finding itself, or the stored one where this one rests on an answer that was erased; raises ``Erased``."""
    if finding.state not in (MISSING, MET) or rule.question is None:
        return finding
    looked_at = {(rule.question, finding.subject), (rule.params.get("alternative_question"), finding.subject)}
    if seen.erased.isdisjoint(looked_at) or (finding.state is MET and rule.kind != "test"):
        return finding
    stored = seen.stored(finding.owner, rule, finding.subject)
    if stored is None:
        raise Erased
    return stored


@dataclass
class Tally:
    """What a run came to. ``moves`` by (stage, was, now), ``rules`` by (rule, was, now), ``asked`` by rule."""

    visits: int = 0
    erased: int = 0
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rules: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    examples: list[list[Any]] = field(default_factory=list)

    def add(self, where: str, visit: str, trial: Trial, stages: Iterable[Seen]) -> None:
        """Judge one visit of the enterprise ``where`` and count it."""
        self.visits += 1
        try:
            move, asked = trial.judge(stages)
        except Erased:
            self.erased += 1
            return
        self.asked.update(asked)
        if move is None:
            return
        was, now = move.was.value, move.now.value
        self.moves[move.stage.value, was, now] += 1
        self.rules.update((rule, was, now) for rule in move.rules)
        if len(self.examples) < EXAMPLES:
            self.examples.append([where, visit, move.stage.value, was, now, list(move.rules)])

    def to_data(self) -> dict[str, Any]:
        """As JSON, without a personal value: ``judged`` and ``erased`` are the two parts of ``visits``."""
        return {
            "visits": self.visits,
            "judged": self.visits - self.erased,
            "erased": self.erased,
            "moves": [[*move, count] for move, count in sorted(self.moves.items())],
            "rules": [[*rule, count] for rule, count in self.rules.most_common()],
            "asked": [[rule, count] for rule, count in self.asked.most_common()],
            "examples": self.examples,
        }
