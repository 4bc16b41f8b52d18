"""Reading roll-ups: which days are in step with their book, and what they hold.

An entry of a book has its number for good and they are committed in order, so a roll-up that was counted when the book
stood at ``seq`` is right until a later entry tells of a visit of its day. Nothing is written for that with the entries.
What is not in step is counted from the visits, so a reader is never told of the past; the worker brings it in step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session

from gatekeeper.figures import sums
from gatekeeper.figures.models import RolledBook, RolledDay
from gatekeeper.figures.sums import DaySum
from gatekeeper.figures.tally import DEFINITION, Day
from gatekeeper.ledger.models import LedgerHead
from gatekeeper.visits.models import Visit, VisitEvent

AT_ONCE = (1, 20, 200)
"""Books asked for in one statement: the statement of a size is made once."""


@dataclass(frozen=True, slots=True)
class Book:
    """A book at ``head`` whose roll-ups were counted at ``seq`` by ``definition``; None: it has none."""

    enterprise_id: UUID
    head: int
    seq: int | None
    definition: int | None

    @property
    def rolled(self) -> bool:
        """Whether its roll-ups mean what this program counts."""
        return self.definition == DEFINITION

    @property
    def in_step(self) -> bool:
        return self.rolled and self.seq == self.head


def books(session: Session, *, enterprise_id: UUID | None = None) -> list[Book]:
    """Every book of the session's scope, or one. To be read before the roll-ups themselves."""
    query = select(LedgerHead.enterprise_id, LedgerHead.seq, RolledBook.seq, RolledBook.definition).outerjoin(
        RolledBook, RolledBook.enterprise_id == LedgerHead.enterprise_id
    )
    if enterprise_id is not None:
        query = query.where(LedgerHead.enterprise_id == enterprise_id)
    return [Book(*row) for row in session.execute(query)]


def changed(session: Session, found: Iterable[Book]) -> set[tuple[UUID, date]]:
    """(enterprise, day) of every visit that an entry tells of which is newer than the book's roll-ups."""
    days: set[tuple[UUID, date]] = set()
    moved = [book for book in found if book.rolled and not book.in_step]
    while moved:
        size = next((size for size in AT_ONCE if size >= len(moved)), AT_ONCE[-1])
        some, moved = moved[:size], moved[size:]
        some += [some[-1]] * (size - len(some))
        asked: dict[str, Any] = {}
        for number, book in enumerate(some):
            asked |= {f"book_{number}": book.enterprise_id, f"from_{number}": (book.seq or 0) + 1}
            asked[f"to_{number}"] = book.head
        days.update((row[0], row[1]) for row in session.execute(_newer(size), asked))
    return days


@cache
def _newer(size: int) -> Any:
    """The days of visits that entries of ``size`` books tell of, from one place in each to another."""
    entries = (
        # both ends, so that a database guesses how few these are
        and_(
            VisitEvent.enterprise_id == bindparam(f"book_{number}"),
            VisitEvent.seq.between(bindparam(f"from_{number}"), bindparam(f"to_{number}")),
        )
        for number in range(size)
    )
    same = and_(VisitEvent.enterprise_id == Visit.enterprise_id, VisitEvent.visit_id == Visit.id)
    return select(Visit.enterprise_id, Visit.day).join(VisitEvent, same).where(or_(*entries)).distinct()


_DAY: ColumnElement[str] = cast(RolledDay.day, String)
for _name in DaySum._fields[2:]:
    _DAY = _DAY + " " + cast(getattr(RolledDay, _name), String)
_DAYS = func.aggregate_strings(_DAY, ",")
"""All days of an enterprise in one text: making a row of each takes longer than everything else on a board."""


def day_sums(session: Session, *, first: date, last: date, enterprise_id: UUID | None = None) -> list[DaySum]:
    """Sums per enterprise and day of all that the session's scope covers (or of one); days without a visit left out."""
    found = books(session, enterprise_id=enterprise_id)
    without = {book.enterprise_id for book in found if not book.rolled}
    stale = {pair for pair in changed(session, found) if first <= pair[1] <= last}
    query = select(RolledDay.enterprise_id, _DAYS).where(
        RolledDay.day >= first, RolledDay.day <= last, RolledDay.visits > 0
    )
    if enterprise_id is not None:
        query = query.where(RolledDay.enterprise_id == enterprise_id)
    kept = [
        one
        for place, days in session.execute(query.group_by(RolledDay.enterprise_id))
        if place not in without
        for one in _kept(place, days)
        if (place, one.day) not in stale
    ]
    return kept + _of_visits(session, first, last, without, stale)


def _kept(place: UUID, days: str) -> Iterator[DaySum]:
    for text in days.split(","):
        day, *numbers = text.split(" ")
        yield DaySum(place, date.fromisoformat(day), *map(int, numbers))


def _of_visits(
    session: Session, first: date, last: date, without: set[UUID], stale: set[tuple[UUID, date]]
) -> list[DaySum]:
    made = []
    if without:
        made += sums.of_visits(session, Visit.enterprise_id.in_(without), Visit.day >= first, Visit.day <= last)
    by_day: defaultdict[date, list[UUID]] = defaultdict(list)
    for place, day in stale:
        by_day[day].append(place)
    for day, places in by_day.items():
        made += sums.of_visits(session, Visit.enterprise_id.in_(places), Visit.day == day)
    return made


def rows(session: Session, *, enterprise_id: UUID, first: date, last: date) -> Sequence[RolledDay]:
    """The roll-ups of a period as they are kept, in step or not."""
    query = select(RolledDay).where(
        RolledDay.enterprise_id == enterprise_id, RolledDay.day >= first, RolledDay.day <= last
    )
    return session.scalars(query.order_by(RolledDay.day).execution_options(populate_existing=True)).all()


def nested(session: Session, *, first: date, last: date) -> Iterator[tuple[UUID, date, str]]:
    """(enterprise, day, ``nested``) of every roll-up of a period that the session's scope covers, in step or not."""
    query = select(RolledDay.enterprise_id, RolledDay.day, RolledDay.nested).where(
        RolledDay.day >= first, RolledDay.day <= last, RolledDay.visits > 0
    )
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield row[0], row[1], row[2]


def out_of_step(session: Session, *, enterprise_id: UUID, first: date, last: date) -> set[date] | None:
    """The days of the period whose roll-ups are not in step; None: the enterprise has none at all."""
    found = books(session, enterprise_id=enterprise_id)
    if not all(book.rolled for book in found):
        return None
    return {day for _, day in changed(session, found) if first <= day <= last}


_COLUMNS = tuple(Day().row())


def values(row: RolledDay) -> dict[str, Any]:
    """The columns of a roll-up without its key."""
    return {name: getattr(row, name) for name in _COLUMNS}
