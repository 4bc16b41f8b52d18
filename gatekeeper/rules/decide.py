"""The decision: every rule that applies, judged for every subject it concerns. Pure, total, deterministic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.rules.clauses import applies, to_ask, undecided
from gatekeeper.rules.compiled import Ready, compile_rulebook
from gatekeeper.rules.kinds.shape import Judged
from gatekeeper.rules.questions import Question, needs, questions
from gatekeeper.rules.stored import decision_from_data, decision_to_data, evidence_from_data, evidence_to_data
from gatekeeper.rules.values import (
    Consequence,
    Decision,
    Evidence,
    Finding,
    Open,
    Owner,
    Rulebook,
    Stage,
    State,
    SubjectKind,
    Verdict,
    Waiver,
)

__all__ = [
    "Question",
    "applies",
    "compile_rulebook",
    "decide",
    "decision_from_data",
    "decision_to_data",
    "evidence_from_data",
    "evidence_to_data",
    "needs",
    "questions",
    "subjects_of",
]

MET, MISSING, VIOLATED, WAIVED = State.MET, State.MISSING, State.VIOLATED, State.WAIVED
HOLD, REFUSE = Consequence.HOLD, Consequence.REFUSE
VISIT = ("visit",)


def subjects_of(kind: SubjectKind, subjects: Sequence[str]) -> tuple[str, ...]:
    """The subjects of ``kind`` among those of a visit; the visit itself is always there."""
    if kind is SubjectKind.VISIT:
        return VISIT
    if kind is SubjectKind.TRACTOR:
        return tuple(subject for subject in subjects if subject == "tractor")
    return tuple(subject for subject in subjects if subject.startswith(f"{kind.value}:"))


def decide(rulebooks: Sequence[Rulebook], evidence: Evidence, stage: Stage, at: int) -> Decision:
    """Judge the rules of all ``rulebooks`` of stages up to ``stage`` at ``at`` (microseconds UTC).

    Rulebooks stand side by side: each rule is judged on its own, the most severe consequence is the verdict, every
    finding is kept in the order of books, rules and subjects. What is missing holds (or only notes, where the rule
    only notes); nothing is admitted by silence. What both books ask is open once.
    """
    facts, waivers = evidence.facts, evidence.waivers
    present: dict[SubjectKind, tuple[str, ...]] = {SubjectKind.VISIT: VISIT}
    findings: list[Finding] = []
    asked: dict[tuple[str, str, str], Open] = {}
    worst = Verdict.ADMIT
    for book in rulebooks:
        for ready in compile_rulebook(book).upto[stage]:
            if ready.clauses:
                unknown = undecided(ready.clauses, facts)
                if unknown is None:
                    continue
            else:
                unknown = ()
            subjects = present.get(ready.subject)
            if subjects is None:
                subjects = present[ready.subject] = subjects_of(ready.subject, evidence.subjects)
            if unknown or (not subjects and ready.subject is SubjectKind.OCCUPANT):
                finding = _unknown(ready, unknown, waivers, asked)
                findings.append(finding)
                if finding.state is MISSING and worst is Verdict.ADMIT and finding.consequence is HOLD:
                    worst = Verdict.HOLD
                continue
            for subject in subjects:
                judged = ready.judge(ready.rule, subject, evidence, stage, at)
                if judged[0] is MET:
                    findings.append(ready.met.get(subject) or ready.met_by(subject))
                    continue
                finding = _finding(ready, subject, judged, waivers, asked)
                findings.append(finding)
                if finding.state is WAIVED:
                    continue
                consequence = finding.consequence
                if consequence is REFUSE:
                    worst = Verdict.REFUSE
                elif consequence is HOLD and worst is Verdict.ADMIT:
                    worst = Verdict.HOLD
    return Decision(worst, stage, tuple(findings), tuple(asked.values()))


def _finding(
    ready: Ready,
    subject: str,
    judged: Judged,
    waivers: frozenset[Waiver],
    asked: dict[tuple[str, str, str], Open],
) -> Finding:
    state, reason, data, questions_open = judged
    rule, owner = ready.rule, ready.owner
    if waivers and _waived(waivers, owner, rule.code, subject):
        return Finding(owner, ready.version, rule.code, subject, WAIVED, rule.consequence, reason, data)
    if questions_open:
        kind = rule.kind
        for question, stage in questions_open:
            at = (question, subject, kind)
            if at not in asked:
                asked[at] = ready.ask(question, subject, stage)
    if not data:
        return ready.bare_of(subject, state, reason)
    consequence = ready.missing if state is MISSING else rule.consequence
    return Finding(owner, ready.version, rule.code, subject, state, consequence, reason, data)


def _unknown(
    ready: Ready,
    facts: tuple[str, ...],
    waivers: frozenset[Waiver],
    asked: dict[tuple[str, str, str], Open],
) -> Finding:
    """A rule that cannot be judged yet: its facts, or the people it concerns, are not known."""
    rule = ready.rule
    data: Mapping[str, Any] = {"facts": list(facts)} if facts else {}
    reason = "fact.missing" if facts else "people.missing"
    if waivers and _waived(waivers, ready.owner, rule.code, "visit"):
        return Finding(ready.owner, ready.version, rule.code, "visit", WAIVED, rule.consequence, reason, data)
    for fact in to_ask(facts) if facts else ("people",):
        asked.setdefault((fact, "visit", "fact"), Open(fact, "visit", "fact", rule.stage))
    return Finding(ready.owner, ready.version, rule.code, "visit", MISSING, ready.missing, reason, data)


def _waived(waivers: frozenset[Waiver], owner: Owner, rule: str, subject: str) -> bool:
    return Waiver(owner, rule, subject) in waivers or Waiver(owner, rule) in waivers
