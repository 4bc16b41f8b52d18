"""What a phone needs to judge without a network: the place, its people, the rules now and soon, the list, trucks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gatekeeper.accounts import pins
from gatekeeper.accounts.desks import KEEPERS
from gatekeeper.accounts.models import User
from gatekeeper.clock import day_of
from gatekeeper.crypto import key_hash
from gatekeeper.desk import books, levels, trucks
from gatekeeper.desk.kept import kept
from gatekeeper.desk.stamp import Heads
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import Enterprise, Gate, Township
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.registrations import queries as registrations
from gatekeeper.registrations.models import Registration
from gatekeeper.visits import ground as known
from gatekeeper.visits.history import CARE
from gatekeeper.visits.judge import LOGISTICS, PEOPLE
from gatekeeper.watched import queries as watched
from gatekeeper.watched.models import WatchedPlate

SHAPE = 2
"""Goes up when a phone must get its ground anew because the program sends it otherwise."""


class Key(NamedTuple):
    """Everything that decides what the ground holds; all processes say the same of it."""

    act: int
    office: tuple[object, ...]
    judging: known.Stamp
    inside: frozenset[str]
    day: int
    trucks: int

    @property
    def tag(self) -> str:
        return key_hash(repr((SHAPE, *self._replace(inside=sorted(self.inside)))))[:16]  # type: ignore[arg-type]


def key(session: Session, enterprise_id: UUID, *, heads: Heads, inside: frozenset[str], at: datetime) -> Key:
    """What the ground is made of at ``at``; ``inside``: the rulebooks that judge who is inside."""
    judging = known.stamp(session, enterprise_id, at=at)
    shelf = inside - {str(version) for version in books.order(judging)}
    act, day = _act(session, enterprise_id, heads.seq), day_of(at).toordinal()
    return Key(act, heads.office, judging, shelf, day, trucks.stamp(session, enterprise_id, at=at))


def _act(session: Session, enterprise_id: UUID, seq: int) -> int:
    """The last act in the book, looked up once for each entry."""
    acts: dict[UUID, tuple[int, int]] = kept(session, "acts")
    seen, found = acts.get(enterprise_id, (None, 0))
    if seen != seq:
        kind = bindparam("act_kind", "act", literal_execute=True)  # in the statement itself, so that its index is taken
        query = select(LedgerEntry.seq).where(LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.kind == kind)
        found = session.scalar(query.order_by(LedgerEntry.seq.desc()).limit(1)) or 0
        acts[enterprise_id] = seq, found
    return found


def sent(session: Session, enterprise_id: UUID, gate_id: UUID, *, key: Key, at: datetime) -> orjson.Fragment:
    """``ground`` as in docs/desk.md; made once in a process for each key."""
    made: dict[UUID, tuple[str, orjson.Fragment]] = kept(session, "ground")
    tag, found = made.get(gate_id, (None, None))
    if found is None or tag != key.tag:
        found = orjson.Fragment(orjson.dumps(_ground(session, enterprise_id, gate_id, key, at)))
        made[gate_id] = key.tag, found
    return found


def _ground(session: Session, enterprise_id: UUID, gate_id: UUID, key: Key, at: datetime) -> dict[str, Any]:
    place = enterprises.enterprise(session, enterprise_id=enterprise_id)
    township = session.get(Township, place.township_id) if place.township_id else None
    gates = enterprises.gates(session, enterprise_id=enterprise_id)
    return {
        "enterprise": _place(place, township),
        "gate": _gate(enterprises.gate(session, enterprise_id=enterprise_id, gate_id=gate_id)),
        "gates": [_gate(gate) for gate in gates],
        "zones": [
            {"code": zone.code, "name": zone.name} for zone in enterprises.zones(session, enterprise_id=enterprise_id)
        ],
        "people": _people(session, enterprise_id),
        "seal": pins.seal(),
        **_rules(session, enterprise_id, key, at),
        "alert_level": key.judging.alert_level,
        "list": levels.sent(session, key.judging.list_hash),
        "registrations": [
            _registration(row)
            for day in (day_of(at), day_of(at) + timedelta(days=1))
            for row in reversed(registrations.announced(session, enterprise_id=enterprise_id, day=day))
        ],
        "trucks": trucks.sent(session, enterprise_id, stamp=key.trucks, at=at),
        "watched": [
            _watched(row, enterprise_id)
            for row in watched.standing(session, enterprise_id=enterprise_id, day=day_of(at))
        ],
        "care": [{"code": code, "zh": name.zh, "en": name.en} for code, name in CARE.items()],
    }


def _place(place: Enterprise, township: Township | None) -> dict[str, Any]:
    return {
        "id": str(place.enterprise_id),
        "slug": place.slug,
        "name": place.name,
        "township": township.name if township else "",
        "demo": bool(township and township.demo),
        "exporter": place.exporter,
        "cluster": place.cluster,
    }


def _gate(gate: Gate) -> dict[str, Any]:
    takes_trucks = not gate.accepts or "truck" in gate.accepts.split(",")
    return {"id": str(gate.id), "name": gate.name, "kind": LOGISTICS if takes_trucks else PEOPLE}


def _people(session: Session, enterprise_id: UUID) -> list[dict[str, Any]]:
    query = select(User.id, User.name, User.role, User.pin_hash).where(
        User.enterprise_id == enterprise_id, User.disabled_at.is_(None), User.role.in_(KEEPERS)
    )
    rows = session.execute(query.order_by(User.name, User.id))
    return [{"id": str(who), "name": name, "role": role, "pin": pin is not None} for who, name, role, pin in rows]


def _rules(session: Session, enterprise_id: UUID, key: Key, at: datetime) -> dict[str, Any]:
    now = books.order(key.judging)
    ahead = books.coming(session, enterprise_id, at=at, now=key.judging)
    others = [version for _, then in ahead for version in books.order(then) if version not in now]
    shelf = books.sent(session, [*(UUID(version) for version in sorted(key.inside)), *others])
    return {
        "books": list(books.sent(session, now).values()),
        "coming": [
            {
                "from": moment,
                "books": [str(version) for version in books.order(then)],
                "switches": [str(version) for version in then.switches],
                "alert_level": then.alert_level,
            }
            for moment, then in ahead
        ],
        "shelf": {str(version): made for version, made in shelf.items()},
    }


STATES = {"declined": "declined", "approved": "approved"}


def _registration(row: Registration) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "plate": row.plate,
        "day": row.day.isoformat(),
        "fact": registrations.fact(row),
        "state": STATES.get(registrations.state(row), "waiting"),
        "company": None,
        "cargo": row.cargo,
        "origin": row.origin,
        "driver": None,
    }


def _watched(row: WatchedPlate, enterprise_id: UUID) -> dict[str, Any]:
    return {
        "plate": row.plate,
        "what": row.what,
        "why": row.why,
        "by": "enterprise" if row.enterprise_id == enterprise_id else "township",
        "until": row.until.isoformat() if row.until else None,
    }
