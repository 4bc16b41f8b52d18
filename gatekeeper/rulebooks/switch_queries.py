"""Reading what the township switched on: what is on and what was, whom it reaches, who has seen it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import micros
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import NotFound
from gatekeeper.ledger.chain import content_hash
from gatekeeper.rulebooks.models import Acknowledgement, AlertLevel, PackSwitch, SwitchEnd, SwitchTarget
from gatekeeper.rulebooks.queries import switched_book
from gatekeeper.rulebooks.reach import reaches
from gatekeeper.rules.values import Rulebook, Text
from gatekeeper.tenancy import own_id

COMING, ON, ENDED = "coming", "on", "ended"


@dataclass(frozen=True, slots=True)
class Order:
    """A switch as it stands at one minute; ``end`` None: nobody ended it early. ``named``: its targets."""

    switch: PackSwitch
    end: SwitchEnd | None
    named: frozenset[UUID]
    at: datetime

    @property
    def until(self) -> datetime | None:
        """When it stops, or stopped; None: no end yet."""
        ends = [moment for moment in (self.switch.holds_until, self.end and self.end.ended_at) if moment]
        return min(ends, default=None)

    @property
    def standing(self) -> str:
        """``coming``, ``on`` or ``ended``."""
        if self.until is not None and self.until <= self.at:
            return ENDED
        return ON if self.switch.holds_from <= self.at else COMING

    @property
    def book(self) -> Rulebook:
        """The rules of the pack as switched on."""
        return switched_book(self.switch)

    @property
    def title(self) -> Text:
        return self.book.title

    def reaches(self, place: Enterprise) -> bool:
        """Whether it is for this enterprise, whenever."""
        return reaches(
            self.switch,
            named=self.named,
            enterprise_id=place.enterprise_id,
            cluster=place.cluster,
            kind=place.kind,
        )


def orders(session: Session, *, at: datetime, office_id: UUID | None = None) -> list[Order]:
    """Every switch of the session's township, the newest first; ``office_id`` where the scope covers several."""
    query = select(PackSwitch).order_by(PackSwitch.holds_from.desc(), PackSwitch.id.desc())
    if office_id is not None:
        query = query.where(PackSwitch.enterprise_id == office_id)
    return _orders(session, session.scalars(query).all(), at)


def order(session: Session, *, switch_id: UUID, at: datetime) -> Order:
    """One switch; raises ``NotFound`` where the session sees none of this id."""
    row = session.scalars(select(PackSwitch).where(PackSwitch.id == switch_id)).one_or_none()
    if row is None:
        raise NotFound("switch.unknown", Text("没有这个镇街指令", "There is no such order of the township"))
    return _orders(session, [row], at)[0]


def of(session: Session, *, ids: Collection[UUID], at: datetime) -> list[Order]:
    """The orders of these ids that the session sees, by when they began."""
    query = select(PackSwitch).where(PackSwitch.id.in_(ids)).order_by(PackSwitch.holds_from, PackSwitch.id)
    return _orders(session, session.scalars(query).all(), at) if ids else []


def _orders(session: Session, rows: Sequence[PackSwitch], at: datetime) -> list[Order]:
    ids = [row.id for row in rows]
    ends = {end.switch_id: end for end in session.scalars(select(SwitchEnd).where(SwitchEnd.switch_id.in_(ids)))}
    named = targets(session, ids=ids)
    return [Order(row, ends.get(row.id), frozenset(named.get(row.id, ())), at) for row in rows]


def targets(session: Session, *, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The enterprises that these switches name, in the order of their ids; a switch that names none is not there."""
    found: dict[UUID, list[UUID]] = {}
    query = select(SwitchTarget.switch_id, SwitchTarget.target_id).where(SwitchTarget.switch_id.in_(ids))
    for switch_id, target_id in session.execute(query.order_by(SwitchTarget.target_id)):
        found.setdefault(switch_id, []).append(target_id)
    return found


def said(switch: PackSwitch, named: Iterable[UUID]) -> dict[str, Any]:
    """What the book says of a switch: everything that decides whom it judges, when, and by which rules."""
    return {
        "pack": switch.pack,
        "content_hash": content_hash(switch.document.encode()),
        "reach": switch.reach,
        "cluster": switch.cluster,
        "targets": [str(target) for target in sorted(named)],
        "holds_from": micros(switch.holds_from),
        "holds_until": micros(switch.holds_until) if switch.holds_until else None,
        "reason": switch.reason,
    }


def place(session: Session) -> Enterprise:
    """The session's enterprise."""
    return enterprises.enterprise(session, enterprise_id=own_id(session))


def for_enterprise(session: Session, *, place: Enterprise, at: datetime) -> list[Order]:
    """The orders that are, were or will be for one enterprise, the newest first."""
    return [order for order in orders(session, at=at) if order.reaches(place)]


def acknowledged(session: Session, *, enterprise_id: UUID) -> Mapping[UUID, Acknowledgement]:
    """What one enterprise has acknowledged, by switch."""
    query = select(Acknowledgement).where(Acknowledgement.enterprise_id == enterprise_id)
    return {row.switch_id: row for row in session.scalars(query)}


def waiting_for(session: Session, *, place: Enterprise, at: datetime) -> list[Order]:
    """The orders that stand before one enterprise and that it has not acknowledged yet."""
    seen = acknowledged(session, enterprise_id=place.enterprise_id)
    found = for_enterprise(session, place=place, at=at)
    return [order for order in found if order.standing != ENDED and order.switch.id not in seen]


def levels(session: Session, *, at: datetime, office_id: UUID | None = None) -> list[AlertLevel]:
    """The alert levels of the township, that which counts last first; those still to come stand before it."""
    query = select(AlertLevel).order_by(AlertLevel.holds_from.desc(), AlertLevel.id.desc())
    if office_id is not None:
        query = query.where(AlertLevel.enterprise_id == office_id)
    return list(session.scalars(query.limit(50)))


def level(session: Session, *, at: datetime, office_id: UUID | None = None) -> AlertLevel | None:
    """The alert level that counts at ``at``; None where none was ever set."""
    query = select(AlertLevel).where(AlertLevel.holds_from <= at)
    if office_id is not None:
        query = query.where(AlertLevel.enterprise_id == office_id)
    return session.scalars(query.order_by(AlertLevel.holds_from.desc(), AlertLevel.id.desc()).limit(1)).one_or_none()
