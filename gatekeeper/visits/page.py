"""What the visit page shows: the verdict with its reasons, the open questions, what may be done, what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import Actor, Role
from gatekeeper.clock import MICRO, micros
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules import words
from gatekeeper.rules.decide import Question, decide, decision_from_data, needs, questions
from gatekeeper.rules.values import Consequence, Decision, Evidence, Finding, Open, Owner, Rule, Rulebook, Stage, Text
from gatekeeper.rules.values import State as FindingState
from gatekeeper.tenancy import Enterprise, scope_of
from gatekeeper.visits import book, history, judge
from gatekeeper.visits.ground import Ground
from gatekeeper.visits.history import Line
from gatekeeper.visits.override import may_override
from gatekeeper.visits.state import INSIDE, Recorded, State, judging_order

OWNERS = {Owner.TOWNSHIP: Text("镇街规定", "Township rule"), Owner.ENTERPRISE: Text("企业规定", "Enterprise rule")}
ORDER = Text("镇街指令", "Township order")


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding that stands in the way, in words; ``until``: the microsecond at which it ends by itself."""

    text: Text
    detail: Text
    owner: Text
    why: Text
    finding: Finding
    overridable: bool
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Everything of one visit at one minute.

    ``due`` are the questions to be answered now, ``exit_due`` those of the exit, ``done`` those that were answered and
    may be answered anew; ``unknown`` the facts a guard is still asked for; ``still_open`` what stands in the way of
    closing the visit. ``answered`` of ``total`` steps before the verdict are done. ``facts`` are those of the verdict.
    """

    state: State
    decision: Decision
    reasons: tuple[Reason, ...]
    next_step: Text
    due: tuple[Question, ...]
    exit_due: tuple[Question, ...]
    done: tuple[Question, ...]
    unknown: frozenset[str]
    still_open: tuple[Open, ...]
    history: tuple[Line, ...]
    titles: Mapping[str, Text]
    facts: Mapping[str, Any]
    at: int

    @property
    def checking(self) -> bool:
        """Whether questions are still open and nothing is refused: the screen says 在查 n/m instead of a verdict."""
        return bool(self.decision.open) and self.decision.verdict != "refuse" and not self.state.closed

    @property
    def answered(self) -> int:
        return sum(question.stage != Stage.EXIT for question in self.done)

    @property
    def total(self) -> int:
        return self.answered + len(self.decision.open)

    @property
    def against(self) -> tuple[Reason, ...]:
        """The reasons that no open question will settle: what is known to be wrong already."""
        asked = {(item.question, item.subject) for item in self.decision.open}
        return tuple(r for r in self.reasons if r.finding.state == FindingState.VIOLATED or not asked)

    @property
    def overridable(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.overridable)


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
    ground = Ground(session)
    books = judge.books_for(ground, state, state, at=at) if live else _stored(session, state)
    switches = judge.switches_for(ground, state, state, at=at) if live else state.switches
    facts = judge.gather(ground, state, at=at, books=books)[0] if live else dict(state.judged_facts)
    decision, asked, still_open = _standing(books, state, judge.evidence(state, facts), live=live, at=micros(at))
    rules = {(b.owner, r.code): r for b in books for r in b.rules}
    titles = {r.question: r.title for r in reversed(rules.values()) if r.question}  # the first rule names a question
    to_answer = {(item.question, item.subject) for item in (*decision.open, *still_open) if item.kind != "fact"}
    due = [question for question in asked if (question.code, question.subject) in to_answer]
    return Page(
        state=state,
        decision=decision,
        reasons=tuple(_reasons(decision, rules, _owners(books, switches), by.role, at=micros(at))),
        next_step=words.next_step(decision),
        due=tuple(question for question in due if question.stage != Stage.EXIT),
        exit_due=tuple(question for question in due if question.stage == Stage.EXIT),
        done=tuple(question for question in asked if question.answered and question not in due),
        unknown=needs(books) & frozenset(item.question for item in decision.open if item.kind == "fact"),
        still_open=still_open,
        history=tuple(
            history.lines(lines, titles, _ever(session, lines, books), notes=by.enterprise_id == enterprise_id)
        ),
        titles=titles,
        facts=facts,
        at=micros(at),
    )


def _standing(
    books: Sequence[Rulebook], state: State, evidence: Evidence, *, live: bool, at: int
) -> tuple[Decision, tuple[Question, ...], tuple[Open, ...]]:
    """(verdict to show, questions of the visit so far, what is open before it may close)."""
    if not live:
        return decision_from_data(state.decisions[state.stage]), (), ()
    if state.status != INSIDE:
        return decide(books, evidence, Stage.ARRIVAL, at), questions(books, evidence, Stage.ARRIVAL), ()
    leaving = decide(books, evidence, Stage.EXIT, at)
    on_site = leaving if state.stage == Stage.EXIT else decide(books, evidence, Stage.ON_SITE, at)
    return on_site, questions(books, evidence, Stage.EXIT), leaving.open


def _ever(session: Session, lines: Sequence[Recorded], books: Sequence[Rulebook]) -> Mapping[str, Text]:
    """Titles of rules by code: of all that judged the visit at any time, and before these of ``books``."""
    known = {book.version for book in books}
    judged = (judging_order(o.get("versions", {}), o.get("switches", ())) for o in (line.outcome for line in lines))
    earlier = {book for ids in judged for book in ids} - known
    read = rulebooks.rulebooks(session, ids=sorted(earlier)).values() if earlier else ()
    return {rule.code: rule.title for book in (*read, *books) for rule in book.rules}


def _stored(session: Session, state: State) -> Sequence[Rulebook]:
    """What the stored decision was made with, as far as it may be read."""
    found = rulebooks.rulebooks(session, ids=state.book_ids)
    return [found[book] for book in state.book_ids if book in found]


def _owners(books: Sequence[Rulebook], switches: Sequence[str]) -> Mapping[str, Text]:
    """Who wants it, by the version of the rulebook: for a switched pack with its name."""
    return {b.version: order_of(b) if b.version in switches else OWNERS[b.owner] for b in books}


def order_of(pack: Rulebook) -> Text:
    """A pack that the township switched on, as the reasons and the facts of a visit name it."""
    return Text(f"{ORDER.zh}：{pack.title.zh}", f"{ORDER.en}: {pack.title.en}")


def _reasons(
    decision: Decision,
    rules: Mapping[tuple[Owner, str], Rule],
    owners: Mapping[str, Text],
    role: Role,
    *,
    at: int,
) -> list[Reason]:
    found = []
    severity = {Consequence.REFUSE: 0, Consequence.HOLD: 1, Consequence.NOTE: 2}
    for finding in sorted(decision.findings, key=lambda f: (severity[f.consequence], f.state != FindingState.VIOLATED)):
        rule = rules.get((finding.owner, finding.rule))
        if finding.state in (FindingState.MET, FindingState.WAIVED) or rule is None:
            continue
        running = finding.reason == "disinfection.contact_running"
        found.append(
            Reason(
                text=rule.title,
                detail=words.reason(finding),
                owner=owners.get(finding.version, OWNERS[finding.owner]),
                why=rule.why,
                finding=finding,
                overridable=may_override(rule, finding.owner, finding.consequence, role),
                until=at + finding.data["remaining_s"] * MICRO if running else None,
            )
        )
    return found
