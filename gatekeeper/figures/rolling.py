"""Bringing roll-ups in step with the book: the worker does it, every minute."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.figures import counting, rolled
from gatekeeper.figures.models import RolledBook, RolledDay
from gatekeeper.figures.rolled import Book
from gatekeeper.figures.tally import DEFINITION, Day


def everywhere(engines: Engines) -> int:
    """Every enterprise whose book moved since its days were counted; answers how many days were counted."""
    with tenancy.open_session(engines, tenancy.Platform()) as session:
        places = [book.enterprise_id for book in rolled.books(session) if not book.in_step]
    return sum(refresh(engines, place) for place in places)


def refresh(engines: Engines, enterprise_id: UUID, *, anew: bool = False) -> int:
    """One enterprise; ``anew``: every day, whatever is kept. Answers how many days were counted.

    Counted in a session that only reads, so that nobody who writes at a gate waits for it.
    """
    scope = tenancy.Enterprise(enterprise_id)
    with tenancy.open_session(engines, scope) as session:
        found = rolled.books(session, enterprise_id=enterprise_id)
        if not found or (found[0].in_step and not anew):
            return 0
        book = found[0]
        whole = anew or not book.rolled
        wanted = None if whole else sorted(day for _, day in rolled.changed(session, found))
        made = _counted(session, enterprise_id, wanted)
    try:
        with tenancy.open_session(engines, scope, write=True) as session:
            return len(made) if keep(session, book, wanted, made) else 0
    except IntegrityError:  # somebody else made the first roll-ups meanwhile
        return 0


def _counted(session: Session, enterprise_id: UUID, wanted: list[date] | None) -> dict[date, Day]:
    if wanted is None:
        return counting.of_visits(session, enterprise_id=enterprise_id, first=date.min, last=date.max)
    made: dict[date, Day] = {}
    for day in wanted:
        made |= counting.of_visits(session, enterprise_id=enterprise_id, first=day, last=day)
    return made


def keep(session: Session, book: Book, wanted: list[date] | None, made: dict[date, Day]) -> bool:
    """Write what was counted, unless somebody else moved the roll-ups on since ``book`` was read."""
    place = book.enterprise_id
    if book.seq is None:
        session.add(RolledBook(enterprise_id=place, seq=book.head, definition=DEFINITION))
        session.flush()
    else:
        as_read = (RolledBook.enterprise_id == place, RolledBook.seq == book.seq)
        moved = update(RolledBook).where(*as_read, RolledBook.definition == book.definition)
        done = session.execute(moved.values(seq=book.head, definition=DEFINITION))
        if not done.rowcount:  # type: ignore[attr-defined]
            return False
    old = delete(RolledDay).where(RolledDay.enterprise_id == place)
    session.execute(old if wanted is None else old.where(RolledDay.day.in_(wanted)))
    session.add_all(RolledDay(enterprise_id=place, day=day, **each.row()) for day, each in made.items())
    return True
