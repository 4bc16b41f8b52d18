"""What the visit page shows: the verdict with its reasons, the open questions, what may be done, what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import Actor, Role
from gatekeeper.clock import from_micros, micros
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules import words
from gatekeeper.rules.decide import Question, decide, decision_from_data, needs, questions
from gatekeeper.rules.values import Decision, Finding, Owner, Rule, Rulebook, Stage, State as FindingState, Text
from gatekeeper.tenancy import Enterprise, scope_of
from gatekeeper.visits import book, judge
from gatekeeper.visits.override import may_override
from gatekeeper.visits.state import INSIDE, Recorded, State

OWNERS = {Owner.TOWNSHIP: Text("镇街规定", "Township rule"), Owner.ENTERPRISE: Text("企业规定", "Enterprise rule")}


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding that stands in the way, in words."""

    text: Text
    detail: Text
    owner: Text
    why: Text
    finding: Finding
    overridable: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the visit's history."""

    at: datetime
    kind: str
    by: str
    state: str
    reason: str | None
    text: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Everything of one visit at one minute; ``unknown`` are the facts a guard is still asked for."""

    state: State
    decision: Decision
    reasons: tuple[Reason, ...]
    next_step: Text
    asked: tuple[Question, ...]
    unknown: frozenset[str]
    answered: int
    total: int
    history: tuple[Line, ...]
    titles: Mapping[tuple[Owner, str], Text]

    @property
    def checking(self) -> bool:
        """Whether questions are still open and nothing is refused: the screen says 在查 n/m instead of a verdict."""
        return bool(self.decision.open) and self.decision.verdict != "refuse"

    @property
    def exit_asked(self) -> tuple[Question, ...]:
        return tuple(q for q in self.asked if q.stage == Stage.EXIT)

    @property
    def overridable(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.overridable)


def stage_now(state: State) -> Stage:
    """The stage whose questions the page shows."""
    if state.closed:
        return Stage(state.stage)
    return Stage.EXIT if state.status == INSIDE else Stage.ARRIVAL


def page(session: Session, *, enterprise_id: UUID, visit_id: UUID, by: Actor, at: datetime) -> Page | None:
    """The page of one visit; None while it has not arrived.

    An open visit is judged as of ``at`` without writing (contact minutes run on); a closed one, and one read from
    above, shows its stored decision.
    """
    lines = book.entries_of(session, enterprise_id=enterprise_id, visit_id=visit_id)
    state = book.fold(str(visit_id), lines).state
    if state is None:
        return None
    live = isinstance(scope_of(session), Enterprise) and not state.closed
    books = _books(session, state, live=live, at=at)
    facts = judge.gather(session, state, at=at, books=books)[0] if live else dict(state.judged_facts)
    evidence = judge.evidence(state, facts)
    stored = decision_from_data(state.decisions[state.stage])
    verdict_stage = Stage.ON_SITE if state.status == INSIDE else stage_now(state)
    decision = decide(books, evidence, verdict_stage, micros(at)) if live else stored
    asked = questions(books, evidence, stage_now(state)) if live else ()
    rules = {(b.owner, r.code): r for b in books for r in b.rules}
    return Page(
        state=state,
        decision=decision,
        reasons=tuple(_reasons(decision, rules, by.role)),
        next_step=words.next_step(decision),
        asked=asked,
        unknown=needs(books) & frozenset(item.question for item in decision.open if item.kind == "fact"),
        answered=sum(q.answered for q in asked if q.stage != Stage.EXIT),
        total=sum(q.stage != Stage.EXIT and not q.alternative for q in asked),
        history=tuple(_history(lines)),
        titles={key: rule.title for key, rule in rules.items()},
    )


def _books(session: Session, state: State, *, live: bool, at: datetime) -> Sequence[Rulebook]:
    if live:
        return rulebooks.in_force(session, at=at)
    found = rulebooks.rulebooks(session, ids=list(state.versions.values()))
    return [found[v] for _, v in sorted(state.versions.items(), reverse=True) if v in found]


def _reasons(decision: Decision, rules: Mapping[tuple[Owner, str], Rule], role: Role) -> list[Reason]:
    found = []
    severity = {"refuse": 0, "hold": 1, "note": 2}
    for finding in sorted(decision.findings, key=lambda f: (severity[f.consequence], f.state != "violated")):
        rule = rules.get((finding.owner, finding.rule))
        if finding.state in (FindingState.MET, FindingState.WAIVED) or rule is None:
            continue
        found.append(
            Reason(
                text=rule.title,
                detail=words.reason(finding, rule),
                owner=OWNERS[finding.owner],
                why=rule.why,
                finding=finding,
                overridable=may_override(rule, finding.owner, finding.consequence, role),
            )
        )
    return found


def _history(lines: Sequence[Recorded]) -> list[Line]:
    made = []
    for line in lines:
        outcome: Mapping[str, Any] = line.outcome
        made.append(
            Line(
                at=from_micros(line.at),
                kind=line.kind,
                by=line.by["name"],
                state=outcome["state"],
                reason=outcome.get("reason"),
                text=line.body.get("reason") or line.body.get("text"),
                verdict=(outcome.get("decision") or {}).get("verdict"),
            )
        )
    return made
