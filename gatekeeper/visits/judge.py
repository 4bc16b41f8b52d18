"""Judging a visit: the facts are gathered, the rules in force decide, and what they used is stored with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import day_of, from_micros
from gatekeeper.registrations import queries as registrations
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.decide import decide, decision_to_data
from gatekeeper.rules.values import Evidence, Rulebook, Stage
from gatekeeper.tenancy import own_id
from gatekeeper.visits.due import due_at
from gatekeeper.visits.ground import Ground, Known
from gatekeeper.visits.models import Visit
from gatekeeper.visits.state import INSIDE, Recorded, State

SILENT = ("note", "care", "void")
"""Kinds of event that change nothing a rule looks at."""

HISTORY_DAYS = 7

LOGISTICS, PEOPLE = "logistics", "people"
"""The fact ``gate_kind``: a gate that accepts trucks, and one that does not."""


def stage_of(before: State | None, entry: Recorded) -> Stage:
    """The stage at which the event of ``entry`` is judged."""
    if entry.body.get("stage") == Stage.EXIT and before is not None and before.admitted_at is not None:
        return Stage.EXIT
    if before is None or before.admitted_at is None:
        return Stage.ARRIVAL
    if entry.kind == "leave" or before.closed:
        return Stage(before.stage) if before.closed else Stage.EXIT
    return Stage.ON_SITE


def outcome(ground: Ground, before: State | None, state: State, entry: Recorded) -> dict[str, Any]:
    """What the book keeps beside an applied event: facts, decision, versions used, due time, and how the act stood."""
    if entry.kind in SILENT:
        return {"due_at": state.due_at if not state.closed else None}
    books = books_for(ground, before, state, at=from_micros(entry.at))
    facts, used_list = gather(ground, state, at=from_micros(entry.at), books=books)
    switches = switches_for(ground, before, state, at=from_micros(entry.at))
    stage = stage_of(before, entry)
    decision = decide(books, evidence(state, facts), stage, entry.at)
    made: dict[str, Any] = {
        "facts": facts,
        "versions": {book.owner.value: book.version for book in books if book.version not in switches},
        "list": used_list,
        "decision": decision_to_data(decision),
        "due_at": due_at(books, state, facts),
    }
    if switches:
        made["switches"] = list(switches)
    if entry.kind == "judge" and entry.body.get("why") == "overdue":
        made["overdue"] = True
    if entry.kind == "admit":
        if before is not None and before.status == INSIDE:
            made["act"], made["first"] = "also", {"by": before.admitted_by, "at": before.admitted_at}
        else:
            made["act"] = _act(decision.verdict == "admit")
    elif entry.kind == "turn_away":
        made["act"] = _act(decision.verdict != "admit")
    return made


def _act(followed: bool) -> str:
    return "followed" if followed else "against"


def books_for(ground: Ground, before: State | None, state: State, *, at: datetime) -> Sequence[Rulebook]:
    """What judges a visit: the rulebooks and packs in force, and once it was admitted those that admitted it."""
    if before is None or before.admitted_at is None:
        return _known(ground, state, at).books
    return rulebooks.by_ids(ground.session, ids=[UUID(book) for book in before.book_ids])


def switches_for(ground: Ground, before: State | None, state: State, *, at: datetime) -> tuple[str, ...]:
    """The ids of those among ``books_for`` that are packs switched on by the township."""
    if before is None or before.admitted_at is None:
        return tuple(str(switch) for switch in _known(ground, state, at).switches)
    return before.switches


def _known(ground: Ground, state: State, at: datetime) -> Known:
    day = day_of(from_micros(state.arrived_at))
    return ground.at(at, gate=state.gate, plate=_plate(state), day=day)


def _plate(state: State) -> str | None:
    tractor = state.plates.get("tractor")
    return tractor.plate if tractor else None


def evidence(state: State, facts: Mapping[str, Any]) -> Evidence:
    """What the rules are given of a visit."""
    return Evidence(facts=facts, subjects=state.subjects, answers=state.answers, waivers=state.waivers)


def gather(
    ground: Ground, state: State, *, at: datetime, books: Sequence[Rulebook]
) -> tuple[dict[str, Any], str | None]:
    """(facts, content hash of the risk list used): what the guard said, and what the program knows besides.

    What was looked up at the admission stays as it was then: a list, an approval or a rule that comes later does not
    reach back to a truck that is already inside.
    """
    facts = {**(_looked_up(ground, state, at, books) if state.admitted_at is None else state.judged_facts)}
    facts.update(state.facts)
    for name, moment in (("admitted_at", state.admitted_at), ("left_at", state.closed_at)):
        if moment is not None:
            facts[name] = moment
    if state.people:
        facts["people"] = len(state.people)
    tractor = state.plates.get("tractor")
    if tractor is not None:
        facts["plate_class"] = tractor.cls
    places = [facts["origin"], *facts.get("stops", [])] if facts.get("origin") else []
    known = state.judged_facts
    if state.admitted_at is not None and places == [known.get("origin"), *known.get("stops", [])]:
        return facts, state.risk_list
    if not places:
        return facts, None
    if state.admitted_at is not None:
        risk = risk_areas.level(ground.session, places=places, at=from_micros(state.admitted_at))
    else:
        risk = risk_areas.level_on(ground.session, _known(ground, state, at).list_hash, places=places)
    facts["risk_level"], facts["risk_places"] = risk.level, list(risk.names)[:5]
    return facts, risk.list_hash


def _looked_up(ground: Ground, state: State, at: datetime, books: Sequence[Rulebook]) -> dict[str, Any]:
    """What the program knows of the enterprise and the plate before a visit goes in."""
    known, session = _known(ground, state, at), ground.session
    facts: dict[str, Any] = {
        "gate": state.gate,
        "exporter": known.exporter,
        "alert_level": known.alert_level,
        "arrived_at": state.arrived_at,
        "registration": None,
    }
    if known.cluster:
        facts["cluster"] = known.cluster
    if known.accepts is not None:
        facts["gate_kind"] = LOGISTICS if not known.accepts or "truck" in known.accepts.split(",") else PEOPLE
    if known.registration is not None:
        announced = registrations.get(session, enterprise_id=own_id(session), registration_id=known.registration)
        facts["registration"], facts["registration_id"] = registrations.fact(announced), str(announced.id)
    facts["visits_of_plate_in_days"] = _history(session, own_id(session), state, _plate(state), books)
    return facts


def _history(session: Session, enterprise_id: UUID, state: State, plate: str | None, books: Sequence[Rulebook]) -> int:
    """Earlier visits of this plate in the last seven days; counted only where a rule asks."""
    rules = [rule for book in books for rule in book.rules]
    asked = any(r.kind == "visit_limit" or any(c.fact == "visits_of_plate_in_days" for c in r.when) for r in rules)
    if plate is None or not asked:
        return 0
    arrived = from_micros(state.arrived_at)
    query = select(func.count(Visit.id)).where(
        Visit.enterprise_id == enterprise_id,
        Visit.plate == plate,
        Visit.arrived_at < arrived,
        Visit.arrived_at >= arrived - timedelta(days=HISTORY_DAYS),
        Visit.state != "void",
    )
    return session.scalar(query) or 0
