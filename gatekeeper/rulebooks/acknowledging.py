"""Who has acknowledged an order of the township, and what an order changes at one enterprise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import day_of
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import NotFound
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks import switch_queries as queries
from gatekeeper.rulebooks.context import Place
from gatekeeper.rulebooks.models import Acknowledgement
from gatekeeper.rulebooks.reading import StageOfBook, by_stage
from gatekeeper.rulebooks.switch_queries import Order
from gatekeeper.rules import packs
from gatekeeper.rules.idle import without_effect
from gatekeeper.rules.values import Rule, Text


@dataclass(frozen=True, slots=True)
class Told:
    """An enterprise that an order is for; ``seen`` None: it has not acknowledged it yet."""

    place: Enterprise
    seen: Acknowledgement | None


@dataclass(frozen=True, slots=True)
class Board:
    """An order and everybody it is for, who has not acknowledged it first, then by name."""

    order: Order
    told: tuple[Told, ...]

    @property
    def seen(self) -> int:
        return sum(one.seen is not None for one in self.told)


@dataclass(frozen=True, slots=True)
class Line:
    """An order of the list: how many it is for, how many of these acknowledged it."""

    order: Order
    places: int
    seen: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A pack that may be switched on; ``ended``: its duty is over for good."""

    code: str
    title: Text
    purpose: Text
    rules: int
    ended: bool


def board(session: Session, *, switch_id: UUID, office_id: UUID, at: datetime) -> Board:
    """The board of one order of an office; raises ``NotFound``. Four statements, however many enterprises."""
    order = queries.order(session, switch_id=switch_id, at=at)
    if order.switch.enterprise_id != office_id:
        raise NotFound("switch.unknown", Text("没有这个镇街指令", "There is no such order of the township"))
    rows = session.scalars(select(Acknowledgement).where(Acknowledgement.switch_id == switch_id))
    seen = {row.enterprise_id: row for row in rows}
    places = _told(order, enterprises.gate_keepers(session))
    told = [Told(place, seen.get(place.enterprise_id)) for place in places]
    return Board(order, tuple(sorted(told, key=lambda one: (one.seen is not None, one.place.name))))


def _told(order: Order, places: Sequence[Enterprise]) -> list[Enterprise]:
    """Whom an order is for; who closed before it began, or before it is looked at, keeps no gate any more."""
    return [place for place in places if place.closed_at is None and order.reaches(place)]


def overview(session: Session, *, office_id: UUID, at: datetime) -> list[Line]:
    """Every order of an office with its counts, the newest first."""
    places = enterprises.gate_keepers(session)
    query = select(Acknowledgement.switch_id, func.count()).group_by(Acknowledgement.switch_id)
    seen = {switch: count for switch, count in session.execute(query)}
    found = queries.orders(session, at=at, office_id=office_id)
    return [Line(order, len(_told(order, places)), seen.get(order.switch.id, 0)) for order in found]


def offered(*, at: datetime) -> list[Offer]:
    """The packs of the program, as the township may switch them on."""
    made = []
    for code in packs.codes():
        document, ended = packs.load(code), packs.ended(code)
        title, purpose = Text(**document["title"]), Text(**document["purpose"])
        over = ended is not None and day_of(at) >= ended
        made.append(Offer(code, title, purpose, len(document["rules"]), over))
    return made


@dataclass(frozen=True, slots=True)
class Changes:
    """What an order changes at one enterprise: its rules in sentences, and those that change nothing there.

    ``covered`` are (rule of the order, the enterprise's own rule that demands as much whenever it applies).
    """

    order: Order
    stages: tuple[StageOfBook, ...]
    covered: tuple[tuple[Rule, Rule], ...]
    seen: Acknowledgement | None


def changes(session: Session, *, place: Enterprise, names: Place, at: datetime) -> list[Changes]:
    """The orders of one enterprise: those in force, those to come, those that ended; of each the newest first."""
    version = rulebooks.of_enterprise(session, enterprise_id=place.enterprise_id, at=at)
    own: Any = rulebooks.rulebook_of(version) if version else None
    seen = queries.acknowledged(session, enterprise_id=place.enterprise_id)
    made = []
    for order in queries.for_enterprise(session, place=place, at=at):
        pairs = ((rule, without_effect(rule, own)) for rule in order.book.rules) if own else ()
        covered = tuple((rule, mine) for rule, mine in pairs if mine is not None)
        made.append(Changes(order, tuple(by_stage(order.book, names)), covered, seen.get(order.switch.id)))
    ranks = (queries.ON, queries.COMING, queries.ENDED)
    return sorted(made, key=lambda one: ranks.index(one.order.standing))
