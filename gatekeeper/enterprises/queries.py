"""Finding enterprises, gates and zones."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import directory, tenancy
from gatekeeper.access import Tenant
from gatekeeper.db import Engines
from gatekeeper.enterprises.models import Enterprise, EnterpriseKind, Gate, Township, Zone
from gatekeeper.errors import NotFound
from gatekeeper.rules.values import Text


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


def all_of_township(session: Session, *, kind: EnterpriseKind | None = None) -> Sequence[Enterprise]:
    """Every enterprise the session's scope covers, by name; only those of ``kind`` where it is given."""
    query = select(Enterprise).order_by(Enterprise.name)
    if kind is not None:
        query = query.where(Enterprise.kind == kind)
    return session.scalars(query).all()


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
