"""Entries about visits that are no gate events: an erasure, a hold. The visit is locked, and its rows made anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.db import new_id
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.tenancy import own_id
from gatekeeper.visits import book, projection
from gatekeeper.visits.folding import ABOUT, Fold, fold
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant
from gatekeeper.visits.state import Recorded

Named = tuple[int, str]
"""A part: the ``seq`` of its entry and its class."""

CHUNK = 5000


def person(by: Actor) -> dict[str, str]:
    """Who acted, as entries keep it."""
    return {"id": str(by.id), "name": by.name, "role": str(by.role)}


def visits_of(session: Session, seqs: Iterable[int]) -> dict[int, UUID]:
    """The visit of each entry that is a gate event, by ``seq``."""
    own, found = own_id(session), {}
    for chunk in _chunks(sorted(set(seqs))):
        query = select(VisitEvent.seq, VisitEvent.visit_id).where(
            VisitEvent.enterprise_id == own, VisitEvent.seq.in_(chunk), VisitEvent.kind.in_(book.GATE_KINDS)
        )
        found.update({seq: visit_id for seq, visit_id in session.execute(query)})
    return found


def lock(session: Session, visit_ids: Iterable[UUID]) -> dict[UUID, Visit]:
    """The rows of these visits, locked in the order in which everybody locks them; not arrived yet: no row."""
    query = (
        select(Visit)
        .where(Visit.enterprise_id == own_id(session), Visit.id.in_(sorted(set(visit_ids))))
        .order_by(Visit.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in session.scalars(query)}


def parts_of_visits(session: Session, visit_ids: Sequence[UUID]) -> list[LedgerPart]:
    """Every part of the gate events of these visits that is still there, by ``seq``."""
    query = (
        select(LedgerPart)
        .join(VisitEvent, (VisitEvent.enterprise_id == LedgerPart.enterprise_id) & (VisitEvent.seq == LedgerPart.seq))
        .where(
            LedgerPart.enterprise_id == own_id(session),
            VisitEvent.visit_id.in_(visit_ids),
            VisitEvent.kind.in_(book.GATE_KINDS),
        )
        .order_by(LedgerPart.seq, LedgerPart.cls)
    )
    return list(session.scalars(query))


def write(
    session: Session,
    *,
    kind: str,
    body: Mapping[str, Any],
    visits: Iterable[UUID],
    rows: Mapping[UUID, Visit],
    at: datetime,
    parts: Mapping[str, Any] | None = None,
) -> int:
    """Append an entry of ``kind`` that concerns ``visits``, and bring their projections in line; answers its ``seq``.

    ``rows`` are the locked rows of those that have arrived. Folds kept by other processes end with an earlier entry
    than these rows name from now on, so none of them is used again.
    """
    own, event_id, concerned = own_id(session), new_id(), sorted(set(visits))
    written = ledger.append(session, event_id=event_id, kind=kind, received_at=at, body=body, parts=parts)
    for visit_id in concerned:
        session.add(
            VisitEvent(
                enterprise_id=own,
                visit_id=visit_id,
                seq=written.seq,
                event_id=event_id,
                kind=kind,
                after=None,
                state="applied",
            )
        )
    session.flush()
    with session.no_autoflush:
        _project(session, own, rows, _folds(session, own, concerned))
    session.flush()
    return written.seq


def _project(session: Session, own: UUID, rows: Mapping[UUID, Visit], folds: Mapping[UUID, Fold]) -> None:
    """Bring visits and their people in line with the book. Decisions stay: they hold no personal value."""
    people: dict[tuple[UUID, str], VisitOccupant] = {}
    for chunk in _chunks(sorted(folds)):
        query = select(VisitOccupant).where(VisitOccupant.enterprise_id == own, VisitOccupant.visit_id.in_(chunk))
        people.update({(row.visit_id, row.subject): row for row in session.scalars(query)})
    for visit_id, folded in folds.items():
        if folded.state is None:
            continue
        made = projection.rows(own, folded.state)
        changed: list[tuple[Any, Mapping[str, Any]]] = [(rows[visit_id], made.visit)]
        changed += [(people[visit_id, subject], values) for subject, values in made.occupants.items()]
        for row, values in changed:
            for name, value in values.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)


def _folds(session: Session, own: UUID, visit_ids: Sequence[UUID]) -> dict[UUID, Fold]:
    """Many visits folded from the book with a few statements."""
    lines: dict[UUID, list[Recorded]] = defaultdict(list)
    for chunk in _chunks(visit_ids, 200):
        query = (
            select(VisitEvent.visit_id, LedgerEntry)
            .join(
                LedgerEntry,
                (VisitEvent.enterprise_id == LedgerEntry.enterprise_id) & (VisitEvent.seq == LedgerEntry.seq),
            )
            .where(VisitEvent.enterprise_id == own, VisitEvent.visit_id.in_(chunk))
            .order_by(LedgerEntry.seq)
        )
        found = [(visit_id, entry) for visit_id, entry in session.execute(query)]
        parts = _parts(session, own, sorted({entry.seq for _, entry in found}))
        for visit_id, entry in found:
            line = book.about(entry) if entry.kind in ABOUT else book.recorded(entry, parts[entry.seq])[1]
            lines[visit_id].append(line)
    return {visit_id: fold(str(visit_id), entries) for visit_id, entries in lines.items()}


def _parts(session: Session, own: UUID, seqs: Sequence[int]) -> dict[int, list[LedgerPart]]:
    found: dict[int, list[LedgerPart]] = defaultdict(list)
    for chunk in _chunks(seqs):
        query = select(LedgerPart).where(LedgerPart.enterprise_id == own, LedgerPart.seq.in_(chunk))
        for part in session.scalars(query):
            found[part.seq].append(part)
    return found


def _chunks(items: Sequence[Any], size: int = CHUNK) -> Iterable[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
