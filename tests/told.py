"""What a phone is told of its gate, for tests: the ground and what is now, from the same rows as the server has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.accounts.models import User
from gatekeeper.clock import day_of, micros
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.registrations import queries as registrations
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rulebooks.models import PackSwitch, RulebookVersion
from gatekeeper.visits import book
from gatekeeper.visits.ground import Stamp, stamp
from gatekeeper.visits.models import Visit
from gatekeeper.visits.state import State
from tests.factories import Factory


def ground(session: Session, place: Factory, *, at: datetime, changes: Sequence[datetime] = ()) -> dict[str, Any]:
    """What judges at this factory's gate at a minute, and what will after ``changes`` that are known already."""
    known = stamp(session, place.id, at=at)
    own = enterprises.enterprise(session, enterprise_id=place.id)
    gate = enterprises.gate(session, enterprise_id=place.id, gate_id=place.gate_id)
    kind = "logistics" if not gate.accepts or "truck" in gate.accepts.split(",") else "people"
    people = session.scalars(select(User).where(User.enterprise_id == place.id).order_by(User.name))
    days = (day_of(at), day_of(at) + timedelta(days=1))
    announced = [row for day in days for row in registrations.announced(session, enterprise_id=place.id, day=day)]
    books = [_book(session, version) for version in _order(known)]
    then = [(moment, stamp(session, place.id, at=moment)) for moment in changes if moment > at]
    return {
        "enterprise": {"id": str(place.id), "name": place.name, "exporter": own.exporter, "cluster": own.cluster},
        "gate": {"id": str(gate.id), "name": gate.name, "kind": kind},
        "gates": [{"id": str(gate.id), "name": gate.name}],
        "people": [{"id": str(user.id), "name": user.name, "role": user.role, "pin": True} for user in people],
        "books": books,
        "coming": [
            {"from": micros(moment), "books": [str(v) for v in _order(then)], "alert_level": then.alert_level}
            for moment, then in then
        ],
        "shelf": {str(v): _book(session, v) for _, then in then for v in _order(then)},
        "alert_level": known.alert_level,
        "list": _list(session, known.list_hash),
        "registrations": [_registration(row) for row in announced],
        "trucks": _trucks(session, place, at),
    }


def _order(known: Stamp) -> list[UUID]:
    return [version for version in (known.above, *known.switches, known.own) if version is not None]


def _book(session: Session, version: Any) -> dict[str, Any]:
    row = session.scalars(select(RulebookVersion).where(RulebookVersion.id == version)).one_or_none()
    pack = None if row else session.scalars(select(PackSwitch).where(PackSwitch.id == version)).one()
    switch, owner = pack is not None, row.owner if row else "township"
    document = json.loads(row.document if row else pack.document)
    return {"owner": owner, "version": str(version), "title": document["title"], "switch": switch, "document": document}


def _list(session: Session, list_hash: str | None) -> dict[str, Any] | None:
    if list_hash is None:
        return None
    index = risk_areas.index(session, list_hash)
    listed = {code for level in ("low", "medium", "high") for code in index.codes(level)}
    levels = {code: [index.level(code).level, list(index.level(code).names)[:5]] for code in listed}
    return {"hash": list_hash, "updated_at": 0, "levels": levels}


def _registration(row: Any) -> dict[str, Any]:
    state = registrations.state(row)
    return {
        "id": str(row.id),
        "plate": row.plate,
        "day": row.day.isoformat(),
        "fact": registrations.fact(row),
        "state": state if state in ("approved", "declined") else "waiting",
    }


def _trucks(session: Session, place: Factory, at: datetime) -> list[dict[str, Any]]:
    query = select(Visit.plate, Visit.arrived_at).where(Visit.enterprise_id == place.id, Visit.state != "void")
    found: dict[str, list[int]] = {}
    for plate, arrived_at in session.execute(query.where(Visit.plate.is_not(None), Visit.arrived_at < at)):
        found.setdefault(plate, []).append(micros(arrived_at))
    return [{"plate": plate, "recent": sorted(times), "last": max(times)} for plate, times in found.items()]


def now(session: Session, place: Factory, *, at: datetime) -> dict[str, Any]:
    """The open visits of this factory, up to its book's last entry."""
    seq = session.scalar(select(LedgerEntry.seq).order_by(LedgerEntry.seq.desc()).limit(1)) or 0
    visits = select(Visit.id).where(Visit.enterprise_id == place.id, Visit.state.in_(("at_gate", "inside")))
    states = [
        book.folded(session, enterprise_id=place.id, visit_id=visit).state
        for visit in session.scalars(visits.order_by(Visit.arrived_at))
    ]
    return {
        "seq": seq,
        "at": micros(at),
        "visits": [row(state) for state in states if state],
        "desks": [],
        "duty": {},
        "attention": 0,
        "today": {"arrived": 0, "turned_away": 0},
    }


def row(state: State) -> dict[str, Any]:
    """One visit as a phone is told of it."""
    same = ("gate", "arrived_at", "admitted_at", "closed_at", "due_at", "stage", "verdict", "facts", "judged_facts")
    return {
        "id": state.visit_id,
        "seq": state.last_seq,
        "state": state.status,
        **{name: getattr(state, name) for name in same},
        "open": state.open_count,
        "plates": [
            {"subject": subject, "class": plate.cls, "written": plate.written, "plate": plate.plate}
            for subject, plate in state.plates.items()
        ],
        "people": [
            {"subject": subject, "role": person.role, "name": person.name, "phone": person.phone}
            for subject, person in state.people.items()
        ],
        "present": sorted(state.present),
        "answers": [
            {"question": question, "subject": subject, "value": dict(answer.value), "at": answer.at}
            for (question, subject), answer in state.answers.items()
        ],
        "waivers": sorted(
            ([w.owner.value, w.rule, w.subject] for w in state.waivers), key=lambda w: (w[0], w[1], w[2] or "")
        ),
        "versions": dict(state.versions),
        "switches": list(state.switches),
        "list": state.risk_list,
        "guard": state.guard["name"],
        "attention": bool(state.attention),
        "against": state.against_verdict,
        "registration": state.registration,
    }
