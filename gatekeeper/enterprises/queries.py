"""Finding enterprises, gates and zones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import directory, tenancy
from gatekeeper.access import Role, Tenant
from gatekeeper.db import Engines
from gatekeeper.enterprises.models import Enterprise, EnterpriseKind, Gate, Township, Zone
from gatekeeper.errors import NotFound
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.rules.values import Text

GATE_KEEPERS = (EnterpriseKind.FACTORY, EnterpriseKind.CHECKPOINT, EnterpriseKind.SERVICE_STATION)
"""The kinds of enterprise that a township admin adds, changes and closes."""


def find_tenant(engines: Engines, key: str | UUID) -> Tenant | None:
    """The enterprise of a slug or an id, or None; closed ones are found too, their history stays readable."""
    if isinstance(key, str):
        with tenancy.open_session(engines, tenancy.Unscoped()) as session:
            found = directory.find(session, directory.Kind.SLUG, key)
        if found is None:
            return None
        key = found[0]
    with tenancy.open_session(engines, tenancy.Enterprise(key)) as session:
        row = session.get(Enterprise, key)
        return None if row is None else _tenant(session, row)


def _tenant(session: Session, row: Enterprise) -> Tenant:
    township = session.get(Township, row.township_id) if row.township_id else None
    return Tenant(
        id=row.enterprise_id,
        slug=row.slug,
        name=row.name,
        kind=row.kind,
        township_id=row.township_id,
        township_name=township.name if township else "",
        demo=township.demo if township else False,
    )


def enterprise(session: Session, *, enterprise_id: UUID) -> Enterprise:
    """One enterprise; raises ``NotFound`` where the scope covers none of this id."""
    found = session.get(Enterprise, enterprise_id)
    if found is None:
        raise NotFound("enterprise.unknown", Text("没有这家企业", "There is no such enterprise"))
    return found


def gate_keepers(session: Session) -> Sequence[Enterprise]:
    """The enterprises that keep gates - all but offices and the platform -, open ones first, then by name."""
    query = select(Enterprise).where(Enterprise.kind.in_(GATE_KEEPERS))
    return session.scalars(query.order_by(Enterprise.closed_at.is_not(None), Enterprise.name)).all()


def gate_keeper(session: Session, *, enterprise_id: UUID) -> Enterprise:
    """One enterprise that keeps gates; raises ``NotFound`` for an office too."""
    found = enterprise(session, enterprise_id=enterprise_id)
    if found.kind not in GATE_KEEPERS:
        raise NotFound("enterprise.unknown", Text("没有这家企业", "There is no such enterprise"))
    return found


def townships(session: Session) -> Sequence[tuple[Enterprise, Township]]:
    """(office, township) of every township the scope covers, by name."""
    query = select(Enterprise, Township).join(Township, Township.office_id == Enterprise.enterprise_id)
    return [(office, township) for office, township in session.execute(query.order_by(Township.name))]


def with_township(session: Session) -> Sequence[tuple[Enterprise, str]]:
    """(enterprise, name of its township) of all that the scope covers, offices too, by township and slug."""
    query = select(Enterprise, Township.name).join(Township, Township.id == Enterprise.township_id)
    return [(row, name) for row, name in session.execute(query.order_by(Township.name, Enterprise.slug))]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What a new enterprise has done on the way to its first visit."""

    gate: bool
    zones: bool
    people: bool
    rules: bool
    visit: bool


def first_steps(session: Session, *, enterprise_id: UUID) -> FirstSteps:
    """Read from the book, which knows what features to the right did; all done once somebody arrived."""
    book = select(LedgerEntry.seq).where(LedgerEntry.enterprise_id == enterprise_id).order_by(LedgerEntry.seq).limit(1)
    if session.scalar(book.where(LedgerEntry.kind == "arrive")) is not None:
        return FirstSteps(gate=True, zones=True, people=True, rules=True, visit=True)
    acts = select(LedgerEntry.bytes).where(LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.kind == "act")
    bodies = [json.loads(text)["body"] for text in session.scalars(acts.order_by(LedgerEntry.seq.desc()).limit(500))]
    done = {body["act"] for body in bodies}
    roles = {body["values"].get("role") for body in bodies if body["act"] == "user.added"}
    return FirstSteps(
        gate=bool(gates(session, enterprise_id=enterprise_id)),
        zones=bool(zones(session, enterprise_id=enterprise_id)),
        people=bool(roles & {Role.GUARD, Role.SHIFT_LEAD}),
        rules="rulebook.published" in done,
        visit=False,
    )


def gates(session: Session, *, enterprise_id: UUID, closed: bool = False) -> Sequence[Gate]:
    """The gates of one enterprise, oldest first; closed ones only where asked for."""
    query = select(Gate).where(Gate.enterprise_id == enterprise_id).order_by(Gate.created_at, Gate.id)
    return session.scalars(query if closed else query.where(Gate.closed_at.is_(None))).all()


def gate(session: Session, *, enterprise_id: UUID, gate_id: UUID) -> Gate:
    """One gate; raises ``NotFound`` where the enterprise has none of this id."""
    found = session.get(Gate, (enterprise_id, gate_id))
    if found is None:
        raise NotFound("gate.unknown", Text("没有这个门岗", "There is no such gate"))
    return found


def zones(session: Session, *, enterprise_id: UUID) -> Sequence[Zone]:
    """The open zones of one enterprise, by code."""
    query = select(Zone).where(Zone.enterprise_id == enterprise_id, Zone.closed_at.is_(None))
    return session.scalars(query.order_by(Zone.code)).all()


def zone(session: Session, *, enterprise_id: UUID, zone_id: UUID) -> Zone:
    """One zone; raises ``NotFound`` where the enterprise has none of this id."""
    found = session.get(Zone, (enterprise_id, zone_id))
    if found is None:
        raise NotFound("zone.unknown", Text("没有这个分区", "There is no such zone"))
    return found
