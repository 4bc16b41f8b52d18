"""Judging a visit: the facts are gathered, the rules in force decide, and what they used is stored with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import day_of, from_micros
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.registrations import queries as registrations
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.decide import decide, decision_to_data
from gatekeeper.rules.values import Evidence, Rulebook, Stage
from gatekeeper.tenancy import PLATFORM_ID, own_id
from gatekeeper.visits.due import due_at
from gatekeeper.visits.models import Visit
from gatekeeper.visits.state import INSIDE, Recorded, State

SERVER = {"id": str(PLATFORM_ID), "name": "系统", "role": "server"}
"""Who stands in entries that the server makes by itself."""

SILENT = ("note", "care", "void")
"""Kinds of event that change nothing a rule looks at."""

HISTORY_DAYS = 7


def stage_of(before: State | None, entry: Recorded) -> Stage:
    """The stage at which the event of ``entry`` is judged."""
    if entry.body.get("stage") == Stage.EXIT and before is not None and before.admitted_at is not None:
        return Stage.EXIT
    if before is None or before.admitted_at is None:
        return Stage.ARRIVAL
    if entry.kind == "leave" or before.closed:
        return Stage(before.stage) if before.closed else Stage.EXIT
    return Stage.ON_SITE


def outcome(session: Session, before: State | None, state: State, entry: Recorded) -> dict[str, Any]:
    """What the book keeps beside an applied event: facts, decision, versions used, due time, and how the act stood."""
    at = from_micros(entry.at)
    if entry.kind in SILENT:
        return {"due_at": state.due_at if not state.closed else None}
    books = rulebooks.in_force(session, at=at)
    facts, used_list = gather(session, state, at=at, books=books)
    stage = stage_of(before, entry)
    decision = decide(books, evidence(state, facts), stage, entry.at)
    made: dict[str, Any] = {
        "facts": facts,
        "versions": {book.owner.value: book.version for book in books},
        "list": used_list,
        "decision": decision_to_data(decision),
        "due_at": due_at(books, state, facts),
    }
    if entry.kind == "judge" and entry.body.get("why") == "overdue":
        made["overdue"] = True
    if entry.kind == "admit":
        also = before is not None and before.status == INSIDE
        made["act"] = "also" if also else _act(decision.verdict == "admit")
    elif entry.kind == "turn_away":
        made["act"] = _act(decision.verdict != "admit")
    return made


def _act(followed: bool) -> str:
    return "followed" if followed else "against"


def evidence(state: State, facts: Mapping[str, Any]) -> Evidence:
    """What the rules are given of a visit."""
    return Evidence(facts=facts, subjects=state.subjects, answers=state.answers, waivers=state.waivers)


def gather(
    session: Session, state: State, *, at: datetime, books: Sequence[Rulebook]
) -> tuple[dict[str, Any], str | None]:
    """(facts, content hash of the risk list used): what the guard said, and what the program knows besides."""
    enterprise_id = own_id(session)
    row = session.get(Enterprise, enterprise_id)
    facts: dict[str, Any] = dict(state.facts)
    facts.update(gate=state.gate, exporter=bool(row and row.exporter), alert_level=0, arrived_at=state.arrived_at)
    if row is not None and row.cluster:
        facts["cluster"] = row.cluster
    if state.admitted_at is not None:
        facts["admitted_at"] = state.admitted_at
    if state.closed_at is not None:
        facts["left_at"] = state.closed_at
    if state.people:
        facts["people"] = len(state.people)
    tractor = state.plates.get("tractor")
    if tractor is not None:
        facts["plate_class"] = tractor.cls
    plate = tractor.plate if tractor else None
    known = _registration(session, enterprise_id, state, plate)
    facts["registration"] = registrations.fact(known)
    if known is not None:
        facts["registration_id"] = str(known.id)
    facts["visits_of_plate_in_days"] = _history(session, enterprise_id, state, plate, books)
    if not facts.get("origin"):
        return facts, None
    places = [facts["origin"], *facts.get("stops", [])]
    risk = risk_areas.level(session, places=places, at=at)
    facts["risk_level"], facts["risk_places"] = risk.level, list(risk.names)[:5]
    return facts, risk.list_hash


def _registration(session: Session, enterprise_id: UUID, state: State, plate: str | None) -> Any:
    if plate is None:
        return None
    day = day_of(from_micros(state.arrived_at))
    return registrations.for_plate(session, enterprise_id=enterprise_id, plate=plate, day=day)


def _history(session: Session, enterprise_id: UUID, state: State, plate: str | None, books: Sequence[Rulebook]) -> int:
    """Earlier visits of this plate in the last seven days; counted only where a rule asks."""
    asked = any(c.fact == "visits_of_plate_in_days" for book in books for rule in book.rules for c in rule.when)
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
