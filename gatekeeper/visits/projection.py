"""From a folded visit to its rows: masks, searchable plate, indexes. Disposable; the book is the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import MICRO, day_of, from_micros
from gatekeeper.formats.people import mask_name, mask_phone
from gatekeeper.ledger.chain import recoded
from gatekeeper.ledger.service import keystore
from gatekeeper.visits.models import Visit, VisitOccupant, VisitStage
from gatekeeper.visits.state import State


@dataclass(frozen=True, slots=True)
class Rows:
    """What a visit looks like in the projections, as plain values by column."""

    visit: dict[str, Any]
    occupants: dict[str, dict[str, Any]]
    stages: dict[str, dict[str, Any]]


HOUR = 3600 * MICRO
AS_WRITTEN = "as_written"
"""In a decision that was only skimmed: its canonical text, as bytes."""


class Values(NamedTuple):
    """How ids and times of the book become values of a row: by default as Python has them."""

    id: Callable[[str], Any] = lru_cache(10_000)(UUID)  # gates, guards and rulebooks come again and again
    time: Callable[[int], Any] = from_micros


PYTHON = Values()


@lru_cache(10_000)
def _day_of_hour(hour: int) -> date:
    """The gate's clock is whole hours away from UTC: every moment of an hour belongs to the same day."""
    return day_of(from_micros(hour * HOUR))


def rows(enterprise_id: UUID, state: State, values: Values = PYTHON) -> Rows:
    """The rows of a folded visit. Needs the keystore for the phone index only where a phone is known."""
    visit = visit_row(state, values)
    occupants = {subject: _occupant(enterprise_id, state, subject) for subject in state.people}
    stages = {stage: _stage(decision, values) for stage, decision in state.decisions.items()}
    return Rows(visit, occupants, stages)


def visit_row(state: State, values: Values = PYTHON) -> dict[str, Any]:
    """The row of a folded visit in ``visits``, without its key."""
    tractor = state.plates.get("tractor")
    uid, time = values
    facts, versions = state.facts.get, state.versions.get
    registration = state.judged_facts.get("registration_id") or state.registration
    township, enterprise = versions("township"), versions("enterprise")
    return {
        "gate_id": uid(state.gate),
        "state": state.status,
        "verdict": state.verdict,
        "stage": state.stage,
        "open_count": state.open_count,
        "kind": facts("visitor_kind"),
        "plate": tractor.plate if tractor else None,
        "plate_class": tractor.cls if tractor else None,
        "trailers": " ".join(p.plate or "" for s, p in state.plates.items() if s != "tractor").strip(),
        "origin": facts("origin"),
        "risk_level": state.judged_facts.get("risk_level"),
        "cargo": facts("cargo"),
        "zone": facts("zone"),
        "people": len(state.people),
        "day": _day_of_hour(state.arrived_at // HOUR),
        "arrived_at": time(state.arrived_at),
        "admitted_at": None if state.admitted_at is None else time(state.admitted_at),
        "closed_at": None if state.closed_at is None else time(state.closed_at),
        "due_at": None if state.due_at is None else time(state.due_at),
        "overdue": state.overdue,
        "guard_id": uid(state.guard["id"]),
        "guard_name": state.guard["name"],
        "against_verdict": state.against_verdict,
        "overridden": state.overridden,
        "act_followed": state.act_followed,
        "corrected": state.corrected,
        "late": state.late,
        "attention": len(state.attention),
        "registration_id": None if registration is None else uid(registration),
        "township_version": None if township is None else uid(township),
        "enterprise_version": None if enterprise is None else uid(enterprise),
        "risk_list": state.risk_list,
        "switches": ",".join(state.switches) or None,
        "alert_level": state.judged_facts.get("alert_level"),
        "last_seq": state.last_seq,
    }


def _occupant(enterprise_id: UUID, state: State, subject: str) -> dict[str, Any]:
    person = state.people[subject]
    phone = person.phone
    return {
        "role": person.role,
        "name_mask": mask_name(person.name) if person.name else None,
        "phone_mask": mask_phone(phone) if phone else None,
        "phone_index": keystore().index(phone, enterprise=enterprise_id, field="phone") if phone else None,
        "inside": subject in state.present,
    }


def _stage(decision: Mapping[str, Any], values: Values = PYTHON) -> dict[str, Any]:
    written = decision.get(AS_WRITTEN)
    return {
        "verdict": decision["verdict"],
        "decided_at": values.time(decision["at"]),
        "seq": decision["seq"],
        "decision": written.decode()
        if written is not None
        else recoded({key: value for key, value in decision.items() if key not in ("seq", "at")}),
    }


@dataclass(frozen=True, slots=True)
class Change:
    """What an event changes in the rows of one visit: whole rows by table (visit, occupants, stages)."""

    added: dict[str, list[dict[str, Any]]]
    changed: dict[str, list[dict[str, Any]]]


def change(enterprise_id: UUID, before: State | None, after: State) -> Change:
    """The rows that bring the projections from ``before`` (None: there are none) to ``after``."""
    found = Change({"visit": [], "occupants": [], "stages": []}, {"visit": [], "occupants": [], "stages": []})
    visit_id = UUID(after.visit_id)
    (found.added if before is None else found.changed)["visit"].append({"id": visit_id, **visit_row(after)})
    people = before.people if before else {}
    for subject, person in after.people.items():
        known = people.get(subject)
        if before is not None and known == person and (subject in before.present) == (subject in after.present):
            continue
        row = {"visit_id": visit_id, "subject": subject, **_occupant(enterprise_id, after, subject)}
        (found.added if known is None else found.changed)["occupants"].append(row)
    stages = before.decisions if before else {}
    for stage, decision in after.decisions.items():
        if stages.get(stage) is not decision:
            row = {"visit_id": visit_id, "stage": stage, **_stage(decision)}
            (found.changed if stage in stages else found.added)["stages"].append(row)
    return found


def write(session: Session, enterprise_id: UUID, state: State, *, row: Visit | None) -> Visit:
    """Bring the projections of one visit in line with ``state``; ``row`` is its locked row, None for a new visit."""
    made = rows(enterprise_id, state)
    visit_id = UUID(state.visit_id)
    if row is None:
        row = Visit(enterprise_id=enterprise_id, id=visit_id, **made.visit)
        session.add(row)
        session.flush()
    else:
        _assign(row, made.visit)
    _children(session, VisitOccupant, "subject", enterprise_id, visit_id, made.occupants)
    _children(session, VisitStage, "stage", enterprise_id, visit_id, made.stages)
    return row


def _assign(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _children(
    session: Session, cls: Any, key: str, enterprise_id: UUID, visit_id: UUID, wanted: dict[str, dict[str, Any]]
) -> None:
    query = select(cls).where(cls.enterprise_id == enterprise_id, cls.visit_id == visit_id)
    known = {getattr(child, key): child for child in session.scalars(query)} if wanted else {}
    for name, values in wanted.items():
        if name in known:
            _assign(known[name], values)
        else:
            session.add(cls(enterprise_id=enterprise_id, visit_id=visit_id, **{key: name}, **values))
