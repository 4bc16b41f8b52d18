"""The report of a whole township as plain frozen values. It names enterprises and gates, and no person."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from gatekeeper.figures.values import DayFigures, Rate, plain
from gatekeeper.ledger.witness import Checkpoint
from gatekeeper.rules.values import Text

SCHEMA = "gate-town/1"

FEWEST = 3
"""Enterprises of one cluster and size with visits to count that are ranked; fewer are listed without places."""

WORST = 10


@dataclass(frozen=True, slots=True)
class Sums:
    """Visits of an enterprise, or of many, in one period; each as docs/figures.md defines it."""

    visits: int = 0
    compliant: int = 0
    counted: int = 0
    held: int = 0
    refused: int = 0
    against_verdict: int = 0
    overdue: int = 0

    @property
    def compliance(self) -> Rate:
        return Rate(self.compliant, self.counted)

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Sums)))


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """One enterprise. ``place`` is its place among its like, equal rates sharing one; None where nobody is ranked.

    ``silent`` are working days without a visit while others of its cluster had some; ``reported``: a report of it
    that covers the period was issued.
    """

    slug: str
    name: str
    cluster: str
    size: str
    now: Sums
    before: Rate
    place: int | None
    silent: tuple[date, ...]
    reported: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Enterprises of one cluster and size, the best first; ``ranked`` False: too few to compare."""

    cluster: str
    size: str
    ranked: bool
    now: Sums
    before: Rate
    places: tuple[PlaceFigures, ...]


@dataclass(frozen=True, slots=True)
class WorstRule:
    """A rule over all enterprises that have it: ``failed`` (violated and missing) of ``of``."""

    owner: str
    code: str
    title: Text
    places: int
    violated: int
    missing: int
    of: int

    @property
    def failed(self) -> Rate:
        return Rate(self.violated + self.missing, self.of)


@dataclass(frozen=True, slots=True)
class TownFigures:
    """What stays the same for a number. ``days`` are the sums over all enterprises, a day each."""

    first: date
    last: date
    now: Sums
    before: Sums
    days: tuple[DayFigures, ...]
    groups: tuple[Group, ...]
    worst: tuple[WorstRule, ...]

    @property
    def visits(self) -> int:
        return self.now.visits

    @property
    def places(self) -> tuple[PlaceFigures, ...]:
        return tuple(place for group in self.groups for place in group.places)

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        return data


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order in force or to come, and the enterprises it is for that have not acknowledged it."""

    title: Text
    holds_from: datetime
    places: int
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnkeptGate:
    """A gate with a phone in service where nobody was on duty all day."""

    enterprise: str
    gate: str


@dataclass(frozen=True, slots=True)
class TownReport:
    """``seq`` is the sum of where all its books stood: they only grow, so the same sum is the same position of each.

    ``orders`` and ``unkept`` are for the bulletin of one day.
    """

    number: str
    township: str
    office: str
    demo: bool
    first: date
    last: date
    seq: int
    made_at: datetime
    figures: TownFigures
    orders: tuple[OpenOrder, ...] = ()
    unkept: tuple[UnkeptGate, ...] = ()
    checkpoint: Checkpoint | None = None

    @property
    def is_bulletin(self) -> bool:
        return self.first == self.last

    def to_data(self) -> dict[str, Any]:
        """As JSON; no personal data is in it."""
        return {
            "schema": SCHEMA,
            "number": self.number,
            "township": self.township,
            "demo": self.demo,
            "seq": self.seq,
            "made_at": self.made_at.isoformat(),
            "figures": self.figures.to_data(),
            "orders": [
                {"title": order.title.zh, "places": order.places, "waiting": list(order.waiting)}
                for order in self.orders
            ],
            "unkept": [[each.enterprise, each.gate] for each in self.unkept],
            "checkpoint": self.checkpoint and self.checkpoint.to_data(),
        }
