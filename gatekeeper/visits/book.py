"""Reading the book as visits: entries with their parts, and the state they fold to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import micros
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.service import open_part
from gatekeeper.visits.events import SERVER, EventKind, merge
from gatekeeper.visits.folding import ABOUT, Fold, fold
from gatekeeper.visits.models import VisitEvent
from gatekeeper.visits.state import Recorded

GATE_KINDS = frozenset(kind.value for kind in EventKind)


def about(entry: LedgerEntry) -> tuple[Recorded, dict[str, Any]]:
    """(entry of a kind of ``ABOUT`` as the fold reads it, its body): an erasure, a hold, a look at what is masked."""
    body = json.loads(entry.bytes)["body"]
    at = micros(entry.received_at)
    by = body.get("by", SERVER)
    outcome = {"at": at, "state": "applied"}
    return Recorded(entry.seq, str(entry.event_id), entry.kind, "", by, at, body, outcome), body


def recorded(entry: LedgerEntry, parts: Iterable[LedgerPart]) -> tuple[str, Recorded]:
    """(visit id, entry as the fold reads it), with every part that can still be opened."""
    written = json.loads(entry.bytes)
    body = written["body"]
    event = body["event"]
    opened = {part.cls: open_part(part) for part in parts}
    present: dict[str, Any] = {cls: value for cls, value in opened.items() if value is not None}
    return event["visit"], Recorded(
        seq=entry.seq,
        event_id=event["id"],
        kind=event["kind"],
        gate=event["gate"],
        by=event["by"],
        at=body["outcome"]["at"],
        body=merge(event["body"], present),
        outcome=body["outcome"],
        after=event["after"],
        erased=not present.keys() >= written["parts"].keys() or "dropped" in body["outcome"],
        sent_at=event["at"],
        received_at=written["received_at"],
        offset=event.get("offset", 0),
    )


def entries_of(session: Session, *, enterprise_id: UUID, visit_id: UUID) -> list[Recorded]:
    """Every entry of one visit, oldest first, with its parts."""
    entries = session.scalars(
        select(LedgerEntry)
        .join(
            VisitEvent,
            (VisitEvent.enterprise_id == LedgerEntry.enterprise_id) & (VisitEvent.seq == LedgerEntry.seq),
        )
        .where(LedgerEntry.enterprise_id == enterprise_id, VisitEvent.visit_id == visit_id)
        .order_by(LedgerEntry.seq)
    ).all()
    parts = _parts(session, enterprise_id, [entry.seq for entry in entries])
    return [about(e)[0] if e.kind in ABOUT else recorded(e, parts[e.seq])[1] for e in entries]


def _parts(session: Session, enterprise_id: UUID, seqs: Sequence[int]) -> dict[int, list[LedgerPart]]:
    found: dict[int, list[LedgerPart]] = defaultdict(list)
    query = select(LedgerPart).where(LedgerPart.enterprise_id == enterprise_id, LedgerPart.seq.in_(seqs))
    for part in session.scalars(query):
        found[part.seq].append(part)
    return found


def folded(session: Session, *, enterprise_id: UUID, visit_id: UUID) -> Fold:
    """The visit folded from the book; its state is None where nothing was written or it has not arrived."""
    return fold(str(visit_id), entries_of(session, enterprise_id=enterprise_id, visit_id=visit_id))


def all_visits(session: Session, *, enterprise_id: UUID) -> Iterator[tuple[UUID, list[Recorded]]]:
    """Every visit of one book with its entries, oldest first; reads the book itself, no projection."""
    by_visit: dict[str, list[Recorded]] = defaultdict(list)
    visit_of: dict[int, str] = {}
    for entry, parts in walk(session, enterprise_id=enterprise_id):
        if entry.kind in GATE_KINDS:
            visit, line = recorded(entry, parts)
            visit_of[entry.seq] = visit
            by_visit[visit].append(line)
        elif entry.kind in ABOUT:
            line, body = about(entry)
            for visit in visits_named(body, visit_of):
                by_visit[visit].append(line)
    for visit, lines in by_visit.items():
        yield UUID(visit), lines


def visits_named(body: Mapping[str, Any], visit_of: Mapping[int, str]) -> list[str]:
    """The visits that an entry of a kind of ``ABOUT`` concerns: ``visit`` itself, or those whose parts it names."""
    if "visit" in body:
        return [body["visit"]]
    return sorted({visit_of[seq] for seq, *_ in body["parts"] if seq in visit_of})


def walk(session: Session, *, enterprise_id: UUID, batch: int = 1000) -> Iterator[tuple[LedgerEntry, list[LedgerPart]]]:
    """Every entry of one book with its parts, by ascending ``seq``."""
    seq = 0
    while True:
        entries = session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.seq > seq)
            .order_by(LedgerEntry.seq)
            .limit(batch)
        ).all()
        if not entries:
            return
        parts = defaultdict(list)
        query = select(LedgerPart).where(
            LedgerPart.enterprise_id == enterprise_id,
            LedgerPart.seq >= entries[0].seq,
            LedgerPart.seq <= entries[-1].seq,
        )
        for part in session.scalars(query):
            parts[part.seq].append(part)
        for entry in entries:
            yield entry, parts[entry.seq]
        seq = entries[-1].seq
        session.expunge_all()
