"""The visits of some days as a draft is tried on them: what was known when each of their stages was last judged.

Entries and parts come as the driver gives them, some hundred visits at a time, and of the parts only those are opened
that a rule looks at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import LargeBinary, String, Uuid, bindparam, cast, select
from sqlalchemy.orm import Session

from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.prepared import Prepared, own, table_of
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.compiled import compile_rulebook
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.stored import decision_from_data
from gatekeeper.rules.values import Decision, Evidence, Finding, Owner, Rule, Rulebook, Stage
from gatekeeper.visits import book
from gatekeeper.visits.dry_run import Asked, Seen
from gatekeeper.visits.folding import ABOUT, RESOLVE, in_order
from gatekeeper.visits.judge import HISTORY_DAYS
from gatekeeper.visits.models import Visit, VisitEvent, VisitState
from gatekeeper.visits.projection import AS_WRITTEN
from gatekeeper.visits.skimming import skimmed
from gatekeeper.visits.state import Recorded, State, applied, grown
from gatekeeper.visits.whole import dashed

BATCH = 200
HISTORY = "visits_of_plate_in_days"
CLASSES = ("plate", "contact", "identity", "health", "photo", "note")
_VISITS = [f"visit_{number}" for number in range(BATCH)]
_KINDS = [f"class_{number}" for number in range(len(CLASSES))]
_event, _entry, _part = map(table_of, (VisitEvent, LedgerEntry, LedgerPart))
_of_visits = _event.c.visit_id.in_([bindparam(name, type_=Uuid()) for name in _VISITS])


def _entries(visit: Any, text: Any) -> Prepared:
    here = (_entry.c.enterprise_id == _event.c.enterprise_id) & (_entry.c.seq == _event.c.seq)
    wanted = select(visit, _entry.c.seq, text).select_from(_event.join(_entry, here))
    of_gate = [_event.c.kind != kind for kind in ABOUT]
    return Prepared(wanted.where(own(_event), _of_visits, *of_gate).order_by(_entry.c.seq))


_ENTRIES = {
    "sqlite": _entries(_event.c.visit_id, cast(_entry.c.bytes, LargeBinary)),
    "postgresql": _entries(cast(_event.c.visit_id, String), _entry.c.bytes),
}
_seqs = select(_event.c.seq).where(own(_event), _of_visits)
_PARTS = Prepared(
    select(_part.c.seq, _part.c["class"], _part.c.ciphertext, _part.c.expires_on, _part.c.hold_id).where(
        own(_part), _part.c.seq.in_(_seqs), _part.c["class"].in_([bindparam(name, type_=String()) for name in _KINDS])
    )
)


def visits_of(session: Session, *, enterprise_id: UUID, first: date, last: date) -> list[UUID]:
    """The visits that arrived on these days, the newest first; voided ones were a mistake and are left out."""
    query = select(Visit.id).where(
        Visit.enterprise_id == enterprise_id,
        Visit.day >= first,
        Visit.day <= last,
        Visit.state != VisitState.VOID.value,
    )
    return list(session.scalars(query.order_by(Visit.arrived_at.desc(), Visit.id.desc())))


def classes_of(kind: str, params: Mapping[str, Any]) -> frozenset[str]:
    """The retention classes of what a rule of ``kind`` looks at; what may be left out is judged by nobody."""
    known = KINDS.get(kind)
    if known is None:
        return frozenset(CLASSES)
    fields = known.answer_fields(params)
    return frozenset(field.personal for field in fields if field.personal and not field.optional)


class Reading:
    """Reads visits of one enterprise that came on ``first`` or later, for the rules of ``books``."""

    def __init__(self, session: Session, enterprise_id: UUID, books: Iterable[Rulebook], *, first: date) -> None:
        self._session, self._enterprise_id = session, enterprise_id
        rules = [rule for each in books for rule in each.rules]
        self._classes = sorted({cls for rule in rules for cls in classes_of(rule.kind, rule.params)})
        asked = any(map(_asks_history, rules))
        self._counted = earlier_visits(session, enterprise_id=enterprise_id, first=first) if asked else {}
        self._then: dict[str, dict[str, Rule]] = {}

    def visits(self, ids: Sequence[UUID]) -> Iterator[tuple[UUID, list[Seen]]]:
        """(visit, what was known at each of its stages in their order) of at most ``BATCH`` visits."""
        lines = self._lines(ids)
        for visit in ids:
            yield visit, self._seen(lines[str(visit)], self._counted.get(visit, 0))

    def _lines(self, ids: Sequence[UUID]) -> dict[str, list[Recorded]]:
        sqlite = self._session.get_bind().dialect.name == "sqlite"
        padded = [*ids, *([ids[-1]] * (BATCH - len(ids)))]
        binds: dict[str, Any] = dict(zip(_VISITS, padded, strict=True))
        parts = self._parts(binds)
        lines: dict[str, list[Recorded]] = defaultdict(list)
        statement = _ENTRIES["sqlite" if sqlite else "postgresql"]
        for visit, seq, text in statement.plain(self._session, self._enterprise_id, **binds):
            written = skimmed(text if isinstance(text, bytes) else text.encode())
            lines[dashed(visit)].append(book.recorded_from(written, parts.get(seq, ()))[1])
        return lines

    def _parts(self, binds: Mapping[str, Any]) -> dict[int, list[book.PartRow]]:
        found: dict[int, list[book.PartRow]] = defaultdict(list)
        if not self._classes:
            return found
        padded = [*self._classes, *([self._classes[-1]] * (len(_KINDS) - len(self._classes)))]
        classes = dict(zip(_KINDS, padded, strict=True))
        for row in _PARTS.plain(self._session, self._enterprise_id, **binds, **classes):
            part = book.part_row(self._enterprise_id, row)
            found[part.seq].append(part)
        return found

    def _seen(self, lines: list[Recorded], earlier: int) -> list[Seen]:
        """What stood at the last decision of each stage: exactly what that decision had before it.

        ``earlier`` visits of the plate are put in where none were counted, since no rule asked for them then.
        """
        state: State | None = None
        erased: frozenset[Asked] = frozenset()
        found: dict[str, tuple[Evidence, Recorded, frozenset[Asked]]] = {}
        for line in in_order(lines):
            outcome = line.outcome
            if outcome["state"] != "applied" or line.kind == RESOLVE:
                continue
            state = applied(state, line, grown)
            if line.body.get("answers"):
                erased = _erased(line, erased)
            if "decision" in outcome:
                evidence = Evidence(outcome["facts"], state.subjects, state.answers, state.waivers)
                found[outcome["decision"]["stage"]] = evidence, line, erased
        return [self._at(stage, *found[stage], earlier) for stage in Stage if stage in found]

    def _at(self, stage: Stage, evidence: Evidence, line: Recorded, erased: frozenset[Asked], earlier: int) -> Seen:
        decision, facts = line.outcome["decision"], dict(evidence.facts)
        if earlier and not facts.get(HISTORY):
            facts[HISTORY] = earlier
        opened = frozenset((one[0], one[1]) for one in decision["open"])
        found: list[Decision] = []

        def stored(owner: Owner, rule: Rule, subject: str) -> Finding | None:
            if not found:
                whole = orjson.loads(decision[AS_WRITTEN]) if AS_WRITTEN in decision else decision
                found.append(decision_from_data(whole))
            return self._stored(found[0], owner, rule, subject)

        return Seen(stage, line.at, replace(evidence, facts=facts), opened, erased, stored)

    def _stored(self, decision: Decision, owner: Owner, rule: Rule, subject: str) -> Finding | None:
        """The finding of the decision where the rule that made it is this one."""
        for finding in decision.findings:
            if (finding.owner, finding.rule, finding.subject) == (owner, rule.code, subject):
                return finding if self._rules_of(finding.version).get(rule.code) == rule else None
        return None

    def _rules_of(self, version: str) -> dict[str, Rule]:
        """The rules of a version with every parameter; none where the version is not known here."""
        if version not in self._then:
            found = rulebooks.rulebooks(self._session, ids=[version]).get(version)
            ready = compile_rulebook(found).upto[Stage.EXIT] if found else ()
            self._then[version] = {one.rule.code: one.rule for one in ready}
        return self._then[version]


def _erased(line: Recorded, before: frozenset[Asked]) -> frozenset[Asked]:
    """The answers whose value is gone after ``line``, whose answers take the place of earlier ones."""
    gone = {cls for _, cls in line.missing} | set(line.outcome.get("dropped", ()))
    if not gone and not before:
        return before
    now = set(before)
    for answer in line.body["answers"]:
        at = answer["question"], answer["subject"]
        unit = answer.get("unit")  # the number's unit, or the text's format; as when the answer was taken apart
        lost = gone & classes_of(answer["kind"], {"unit": unit or "celsius", **({"format": unit} if unit else {})})
        (now.add if lost else now.discard)(at)
    return frozenset(now)


def _asks_history(rule: Rule) -> bool:
    return rule.kind == "visit_limit" or any(clause.fact == HISTORY for clause in rule.when)


def earlier_visits(session: Session, *, enterprise_id: UUID, first: date) -> dict[UUID, int]:
    """How many visits of its plate came in the seven days before each visit, as far as plates are still known."""
    query = select(Visit.id, Visit.plate, Visit.arrived_at).where(
        Visit.enterprise_id == enterprise_id,
        Visit.day >= first - timedelta(days=HISTORY_DAYS + 1),
        Visit.plate.is_not(None),
        Visit.state != VisitState.VOID.value,
    )
    came: dict[str, list[datetime]] = defaultdict(list)
    found = {}
    for visit, plate, arrived in session.execute(query.order_by(Visit.arrived_at)):
        before = came[plate]
        found[visit] = bisect_left(before, arrived) - bisect_left(before, arrived - timedelta(days=HISTORY_DAYS))
        before.append(arrived)
    return found
