"""Who is at the gate and inside, as a phone gets it: what is needed to judge, and of people nothing but masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.desk.kept import kept
from gatekeeper.formats.people import mask_name, mask_phone
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.kinds.papers import PATTERNS
from gatekeeper.visits import book, cache
from gatekeeper.visits.models import Visit, VisitState
from gatekeeper.visits.state import State

HIDDEN = ("contact", "note")
"""Retention classes of answers that no rule looks into."""
SHOWN = frozenset(
    field.name for kind in KINDS.values() for field in kind.answer_fields({}) if field.personal not in HIDDEN
)
"""Fields of answers that are sent as they are; any other is not, or as a mask."""


class Standing(NamedTuple):
    """The open visits, ready to send, and what judges those that were admitted."""

    visits: orjson.Fragment
    books: frozenset[str]


class Sent(NamedTuple):
    """One visit as it was after entry ``seq``."""

    seq: int
    row: orjson.Fragment
    books: tuple[str, ...]


def standing(session: Session, enterprise_id: UUID) -> Standing:
    """Everybody at the gate and inside, the longest here first; a visit is read again only when it changed."""
    here = (Visit.enterprise_id == enterprise_id, Visit.state.in_((VisitState.AT_GATE, VisitState.INSIDE)))
    query = select(Visit.id, Visit.last_seq).where(*here).order_by(Visit.arrived_at, Visit.id)
    before: dict[UUID, Sent] = kept(session, "visits").get(enterprise_id, {})
    found: dict[UUID, Sent] = {}
    for visit_id, last_seq in session.execute(query).all():
        known = before.get(visit_id)
        if known is None or known.seq != last_seq:
            known = _read(session, enterprise_id, visit_id, last_seq)
        if known is not None:
            found[visit_id] = known
    kept(session, "visits")[enterprise_id] = found
    visits = orjson.Fragment(orjson.dumps([one.row for one in found.values()]))
    return Standing(visits, frozenset(version for one in found.values() for version in one.books))


def _read(session: Session, enterprise_id: UUID, visit_id: UUID, last_seq: int) -> Sent | None:
    fold = cache.find(session, enterprise_id, visit_id, last_seq=last_seq)
    fold = fold or book.folded(session, enterprise_id=enterprise_id, visit_id=visit_id)
    if fold.state is None:
        return None
    made = orjson.dumps(row(fold.state, _vehicle_questions(session, fold.state)))
    books = tuple(fold.state.book_ids) if fold.state.admitted_at is not None else ()
    return Sent(last_seq, orjson.Fragment(made), books)


def row(state: State, vehicle_questions: frozenset[str]) -> dict[str, Any]:
    """One visit as in docs/desk.md; ``vehicle_questions``: those whose text is a number of a vehicle."""
    return {
        "id": state.visit_id,
        "seq": state.last_seq,
        "state": state.status,
        "gate": state.gate,
        "arrived_at": state.arrived_at,
        "admitted_at": state.admitted_at,
        "due_at": state.due_at,
        "stage": state.stage,
        "verdict": state.verdict,
        "open": state.open_count,
        "plates": [
            {"subject": subject, "class": plate.cls, "written": plate.written, "plate": plate.plate}
            for subject, plate in state.plates.items()
        ],
        "people": [
            {
                "subject": subject,
                "role": person.role,
                "name": mask_name(person.name) if person.name else None,
                "phone": mask_phone(person.phone) if person.phone else None,
            }
            for subject, person in state.people.items()
        ],
        "present": sorted(state.present),
        "facts": state.facts,
        "judged_facts": state.judged_facts,
        "answers": [
            {
                "question": question,
                "subject": subject,
                "value": masked(answer.value, question in vehicle_questions),
                "at": answer.at,
            }
            for (question, subject), answer in state.answers.items()
        ],
        "waivers": _waivers(state),
        "versions": state.versions,
        "switches": state.switches,
        "list": state.risk_list,
        "guard": state.guard["name"],
        "attention": bool(state.attention),
        "against": state.against_verdict,
        "registration": state.judged_facts.get("registration_id") or state.registration,
    }


def _waivers(state: State) -> list[list[str | None]]:
    found = ([waiver.owner.value, waiver.rule, waiver.subject] for waiver in state.waivers)
    return sorted(found, key=lambda row: [part or "" for part in row])


def masked(value: Mapping[str, Any], vehicle: bool) -> dict[str, Any]:
    """An answer as a phone gets it: a rule finds the same in it, a reader no name and no free text."""
    found = {name: given for name, given in value.items() if name in SHOWN}
    if value.get("text"):
        found["text"] = value["text"] if vehicle else "*"
    if value.get("operator"):
        found["operator"] = mask_name(value["operator"])
    return found


def _vehicle_questions(session: Session, state: State) -> frozenset[str]:
    books = rulebooks.by_ids(session, ids=[UUID(version) for version in state.book_ids])
    asked: Sequence[Any] = [rule for one in books for rule in one.rules if rule.kind == "text" and rule.question]
    first = {rule.question: rule.params["format"] for rule in reversed(asked)}
    return frozenset(question for question, form in first.items() if form in PATTERNS)
