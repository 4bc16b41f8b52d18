"""What a visit is asked: the questions of the rules that apply, each once, and the facts that rules need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gatekeeper.rules.clauses import FACTS, undecided
from gatekeeper.rules.compiled import STAGES, Ready, compile_rulebook
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.kinds.handling import attestations
from gatekeeper.rules.kinds.shape import Param
from gatekeeper.rules.values import Evidence, Owner, Rulebook, Stage, SubjectKind, Text


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one subject: ``params`` is what all the rules that ask it demand together.

    ``title`` and ``why`` are those of the first rule; ``rules`` names every rule behind it; ``alternative`` is True for
    a test that may stand instead of another one.
    """

    code: str
    kind: str
    subject: str
    stage: Stage
    title: Text
    why: Text
    params: Mapping[str, Any]
    answered: bool
    rules: tuple[tuple[Owner, str], ...]
    alternative: bool = False


def questions(
    rulebooks: Sequence[Rulebook], evidence: Evidence, stage: Stage, at: int | None = None
) -> tuple[Question, ...]:
    """The questions of every stage up to ``stage``, in the order of books and rules; one kind and code is asked once.

    An alternative test is asked when it is answered already or, at ``at``, stands in for the first one; without ``at``
    every alternative is listed.
    A rule whose facts are not known yet asks nothing; ``needs`` says which facts those are.
    """
    found: dict[tuple[str, str, str], Question] = {}
    for book in rulebooks:
        for ready in compile_rulebook(book).upto[stage]:
            if KINDS[ready.rule.kind].asks and undecided(ready.clauses, evidence.facts) == ():
                for code, when, alternative in _asked(ready, stage):
                    for subject in _subjects(ready.subject, evidence.subjects):
                        if alternative and at is not None and not _stands_in(ready, code, subject, evidence, stage, at):
                            continue
                        _add(found, ready, code, when, subject, evidence, alternative)
    return tuple(found.values())


def _asked(ready: Ready, stage: Stage) -> list[tuple[str, Stage, bool]]:
    rule = ready.rule
    if rule.kind == "stay_in_cab":
        limit = STAGES.index(stage)
        return [(code, when, False) for code, when in attestations(rule) if STAGES.index(when) <= limit]
    made = [(rule.question or "", rule.stage, False)]
    if rule.kind == "test" and rule.params["alternative_question"]:
        made.append((rule.params["alternative_question"], rule.stage, True))
    return made


def _stands_in(ready: Ready, code: str, subject: str, evidence: Evidence, stage: Stage, at: int) -> bool:
    if (code, subject) in evidence.answers:
        return True
    judged = ready.judge(ready.rule, subject, evidence, stage, at)
    return any(question == code for question, _ in judged.open)


def _subjects(kind: SubjectKind, subjects: Sequence[str]) -> tuple[str, ...]:
    if kind is SubjectKind.VISIT:
        return ("visit",)
    return tuple(subject for subject in subjects if subject.split(":")[0] == kind.value)


def _add(
    found: dict[tuple[str, str, str], Question],
    ready: Ready,
    code: str,
    stage: Stage,
    subject: str,
    evidence: Evidence,
    alternative: bool,
) -> None:
    rule, at = ready.rule, (code, subject, ready.rule.kind)
    before = found.get(at)
    answered = (code, subject) in evidence.answers
    here = (ready.owner, rule.code)
    title = Text(**rule.params["alternative_title"]) if alternative else rule.title
    if before is None:
        found[at] = Question(
            code, rule.kind, subject, stage, title, rule.why, rule.params, answered, (here,), alternative
        )
        return
    params = {
        param.name: merged(param, before.params[param.name], rule.params[param.name])
        for param in KINDS[rule.kind].params
    }
    earlier = min(before.stage, stage, key=STAGES.index)
    found[at] = Question(
        code,
        rule.kind,
        subject,
        earlier,
        before.title,
        before.why,
        params,
        answered,
        (*before.rules, here),
        before.alternative and alternative,
    )


def merged(param: Param, one: Any, two: Any) -> Any:
    """What holds when two rules ask with ``one`` and ``two``: the stricter."""
    if param.merge in ("min", "max"):
        given = [value for value in (one, two) if value is not None]
        return None if not given else (min if param.merge == "min" else max)(given)
    if param.merge in ("any", "all"):
        return one or two if param.merge == "any" else one and two
    if param.merge == "union":
        return (*one, *(item for item in two if item not in one))
    if param.merge == "common":
        return two if not one else one if not two else tuple(item for item in one if item in two)
    return one


def uses(rulebooks: Sequence[Rulebook]) -> tuple[str, ...]:
    """Every fact that these rules are judged from, in the order of the documentation."""
    used: set[str] = set()
    for book in rulebooks:
        for rule in book.rules:
            used.update(clause.fact for clause in rule.when)
            used.update(KINDS[rule.kind].facts)
            if rule.subject is SubjectKind.OCCUPANT:
                used.add("people")
    return tuple(name for name in FACTS if name in used)


def seconds(rulebooks: Sequence[Rulebook], crew: Sequence[str]) -> dict[Stage, tuple[int, int]]:
    """(questions, seconds) by stage for a visit of ``crew`` (its subjects) to which every rule applies.

    An estimate: each kind's ``seconds``, without waiting and without a test that stands in for another. A stage
    without questions is absent.
    """
    open_books = [replace(book, rules=tuple(replace(rule, when=()) for rule in book.rules)) for book in rulebooks]
    found: dict[Stage, tuple[int, int]] = {}
    for asked in questions(open_books, Evidence(facts={}, subjects=tuple(crew)), Stage.EXIT):
        if not asked.alternative:
            count, total = found.get(asked.stage, (0, 0))
            found[asked.stage] = (count + 1, total + KINDS[asked.kind].seconds)
    return found


def needs(rulebooks: Sequence[Rulebook]) -> frozenset[str]:
    """The facts a guard must be asked for, for these rules: of origin, stops, visitor_kind, cargo, cold_chain, people,
    zone, purpose."""
    asked: set[str] = set()
    for book in rulebooks:
        for rule in book.rules:
            for clause in rule.when:
                asked.update(FACTS[clause.fact].ask)
            if rule.subject is SubjectKind.OCCUPANT:
                asked.add("people")
    return frozenset(asked)
