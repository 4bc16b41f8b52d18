"""The tray: events that could not be applied, or have waited too long for the one before them. A person looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import from_micros
from gatekeeper.errors import NotFound
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import Enterprise, scope_of
from gatekeeper.visits import book, history
from gatekeeper.visits.folding import Fold
from gatekeeper.visits.history import Line
from gatekeeper.visits.models import Visit, VisitEvent

PATIENCE = timedelta(minutes=10)
"""So long an event may wait for the one before it without anybody being asked."""

PAGE = 50


@dataclass(frozen=True, slots=True)
class Item:
    """One event that was put off. ``visit`` is None where it never arrived; ``waits``: for the event before it.

    ``at`` is the sender's clock, ``received_at`` the server's; ``plate`` the one in the entry itself, if any.
    """

    event_id: UUID
    visit_id: UUID
    gate_id: UUID
    visit: Visit | None
    plate: str | None
    line: Line
    waits: bool
    at: datetime
    received_at: datetime


def _put_off(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Events that need a person at ``at``; states stand in the statement itself, so that their index is taken."""
    states: BindParameter[tuple[str, ...]] = bindparam(
        "put_off", ("waiting", "attention"), expanding=True, literal_execute=True
    )
    return (
        VisitEvent.state.in_(states),
        (VisitEvent.state == "attention") | (LedgerEntry.received_at <= at - PATIENCE),
    )


def _entry() -> ColumnElement[bool]:
    return (VisitEvent.enterprise_id == LedgerEntry.enterprise_id) & (VisitEvent.seq == LedgerEntry.seq)


def count(session: Session, *, enterprise_id: UUID, at: datetime) -> int:
    """How many events of one enterprise need a person."""
    query = (
        select(func.count(VisitEvent.seq))
        .join(LedgerEntry, _entry())
        .where(VisitEvent.enterprise_id == enterprise_id, *_put_off(at))
    )
    return session.scalar(query) or 0


def items(session: Session, *, enterprise_id: UUID, at: datetime, notes: bool, page: int = 1) -> list[Item]:
    """One page of what needs a person, the longest waiting first; ``notes``: free text is shown to this reader."""
    query = (
        select(VisitEvent)
        .join(LedgerEntry, _entry())
        .where(VisitEvent.enterprise_id == enterprise_id, *_put_off(at))
        .order_by(VisitEvent.seq)
    )
    rows = session.scalars(query.limit(PAGE).offset(PAGE * (page - 1))).all()
    return _items(session, enterprise_id, rows, at, notes)


def item(session: Session, *, enterprise_id: UUID, event_id: UUID, at: datetime, notes: bool) -> Item | None:
    """One event that was put off; None where it is no longer. Raises ``NotFound`` where there is no such event."""
    row = session.scalars(
        select(VisitEvent)
        .join(LedgerEntry, _entry())
        .where(LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.event_id == event_id)
    ).first()
    if row is None:
        raise NotFound("tray.unknown", Text("没有这条记录", "There is no such entry"))
    if row.state not in ("waiting", "attention"):
        return None
    found = _items(session, enterprise_id, [row], at, notes)
    return found[0] if found else None


def _items(session: Session, enterprise_id: UUID, rows: Sequence[VisitEvent], at: datetime, notes: bool) -> list[Item]:
    ids = list(dict.fromkeys(row.visit_id for row in rows))
    folds = {found: book.folded(session, enterprise_id=enterprise_id, visit_id=found) for found in ids}
    query = select(Visit).where(Visit.enterprise_id == enterprise_id, Visit.id.in_(ids))
    visits = {visit.id: visit for visit in session.scalars(query)}
    titles = _titles(session, list(folds.values()), at)
    made = (_item(row, folds[row.visit_id], visits.get(row.visit_id), titles, notes) for row in rows)
    return [one for one in made if one is not None]


def _item(
    row: VisitEvent, fold: Fold, visit: Visit | None, titles: Mapping[str, Mapping[str, Text]], notes: bool
) -> Item | None:
    entry = fold.put_off.get(str(row.event_id))
    if entry is None:
        return None
    line = next(history.lines([entry], titles["questions"], titles["rules"], notes=notes))
    plates: Sequence[Mapping[str, Any]] = entry.body.get("plates", ())
    return Item(
        event_id=row.event_id,
        visit_id=row.visit_id,
        gate_id=UUID(entry.gate),
        visit=visit,
        plate=next((plate["plate"] for plate in plates if plate.get("plate")), None),
        line=line,
        waits=row.state == "waiting",
        at=from_micros(entry.sent_at or entry.at),
        received_at=from_micros(entry.received_at or entry.at),
    )


def _titles(session: Session, folds: Sequence[Fold], at: datetime) -> Mapping[str, Mapping[str, Text]]:
    """Titles of questions and rules by code: of the rulebooks that judged these visits, and of those in force."""
    ids = {book for fold in folds if fold.state for book in fold.state.book_ids}
    books = list(rulebooks.rulebooks(session, ids=list(ids)).values())
    if isinstance(scope_of(session), Enterprise):
        books += rulebooks.in_force(session, at=at)
    rules = [rule for one in books for rule in one.rules]
    return {
        "questions": {rule.question: rule.title for rule in rules if rule.question},
        "rules": {rule.code: rule.title for rule in rules},
    }
