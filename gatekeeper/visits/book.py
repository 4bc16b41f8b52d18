"""Reading the book as visits: entries with their parts, and the state they fold to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.ledger.chain import entry_of
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.service import open_part
from gatekeeper.visits.events import SERVER, EventKind, filled
from gatekeeper.visits.folding import ABOUT, Fold, fold
from gatekeeper.visits.models import VisitEvent
from gatekeeper.visits.state import Recorded

GATE_KINDS = frozenset(kind.value for kind in EventKind)
NOTHING: frozenset[tuple[int, str]] = frozenset()


class PartRow(NamedTuple):
    """A part as ``open_part`` takes it, without the ORM around it."""

    enterprise_id: UUID
    seq: int
    cls: str
    ciphertext: bytes
    expires_on: date
    hold_id: UUID | None


def part_row(enterprise_id: UUID, row: Sequence[Any]) -> PartRow:
    """A part of ``ledger.reading.PART`` columns as the driver gave them."""
    seq, cls, ciphertext, day, hold = row
    return PartRow(enterprise_id, seq, cls, ciphertext, _date(day), None if hold is None else _uuid(hold))


def about(entry: LedgerEntry) -> Recorded:
    """An entry of a kind of ``ABOUT`` as the fold reads it: an erasure, a hold, a look at what is masked."""
    return about_from(orjson.loads(entry.bytes))


def about_from(written: Mapping[str, Any]) -> Recorded:
    """As ``about``, of an entry's JSON."""
    body, at = written["body"], written["received_at"]
    outcome = {"at": at, "state": "applied"}
    return Recorded(written["seq"], written["event_id"], written["kind"], "", body.get("by", SERVER), at, body, outcome)


def recorded(entry: LedgerEntry, parts: Iterable[LedgerPart]) -> tuple[str, Recorded]:
    """(visit id, entry as the fold reads it), with every part that can still be opened."""
    return recorded_from(orjson.loads(entry.bytes), parts)


def recorded_from(written: Mapping[str, Any], parts: Iterable[LedgerPart | PartRow]) -> tuple[str, Recorded]:
    """As ``recorded``, of an entry's JSON, which is used up."""
    body = written["body"]
    event, outcome = body["event"], body["outcome"]
    present: dict[str, Any] = {}
    for part in parts:
        value = open_part(part)
        if value is not None:
            present[part.cls] = value
    seq, named = written["seq"], written["parts"]
    missing = NOTHING
    if len(named) != len(present) or named.keys() != present.keys():
        missing = frozenset((seq, cls) for cls in named if cls not in present)
    body = filled(event["body"], present) if present else event["body"]
    sent, received, offset = event["at"], written["received_at"], event.get("offset", 0)
    return event["visit"], Recorded(
        seq, event["id"], event["kind"], event["gate"], event["by"], outcome["at"],
        body, outcome, event["after"], missing, sent, received, offset,
    )  # fmt: skip


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
    return [about(e) if e.kind in ABOUT else recorded(e, parts[e.seq])[1] for e in entries]


def _parts(session: Session, enterprise_id: UUID, seqs: Sequence[int]) -> dict[int, list[LedgerPart]]:
    found: dict[int, list[LedgerPart]] = defaultdict(list)
    query = select(LedgerPart).where(LedgerPart.enterprise_id == enterprise_id, LedgerPart.seq.in_(seqs))
    for part in session.scalars(query):
        found[part.seq].append(part)
    return found


def folded(session: Session, *, enterprise_id: UUID, visit_id: UUID) -> Fold:
    """The visit folded from the book; its state is None where nothing was written or it has not arrived."""
    return fold(str(visit_id), entries_of(session, enterprise_id=enterprise_id, visit_id=visit_id))


def folded_many(session: Session, *, enterprise_id: UUID, visit_ids: Sequence[UUID]) -> dict[UUID, Fold]:
    """As ``folded``, of some hundred visits with two statements."""
    query = (
        select(VisitEvent.visit_id, LedgerEntry)
        .join(
            LedgerEntry,
            (VisitEvent.enterprise_id == LedgerEntry.enterprise_id) & (VisitEvent.seq == LedgerEntry.seq),
        )
        .where(LedgerEntry.enterprise_id == enterprise_id, VisitEvent.visit_id.in_(visit_ids))
        .order_by(LedgerEntry.seq)
    )
    rows = session.execute(query).all()
    parts = _parts(session, enterprise_id, sorted({entry.seq for _, entry in rows}))
    lines: dict[UUID, list[Recorded]] = defaultdict(list)
    for visit_id, entry in rows:
        lines[visit_id].append(about(entry) if entry.kind in ABOUT else recorded(entry, parts[entry.seq])[1])
    return {visit_id: fold(str(visit_id), found) for visit_id, found in lines.items()}


def visits_named(body: Mapping[str, Any], visit_of: Mapping[int, str]) -> list[str]:
    """The visits that an entry of a kind of ``ABOUT`` concerns: ``visit`` itself, or those whose parts it names."""
    if "visit" in body:
        return [body["visit"]]
    return sorted({visit_of[seq] for seq, *_ in body["parts"] if seq in visit_of})


def walk(
    batches: Iterable[tuple[list[Any], list[Any]]],
    *,
    enterprise_id: UUID,
    read: Callable[[bytes], dict[str, Any]] = entry_of,
) -> Iterator[tuple[dict[str, Any], Sequence[PartRow]]]:
    """Every gate event and every entry about one, as JSON with its parts, out of the ``batches`` of a ``Chain``."""
    wanted = frozenset((*GATE_KINDS, *ABOUT))
    for entries, rows in batches:
        parts: dict[int, list[PartRow]] = {}
        for row in rows:
            parts.setdefault(row[0], []).append(part_row(enterprise_id, row))
        for seq, _, kind, _, raw, _, _ in entries:
            if kind in wanted:
                yield read(raw), parts.get(seq, ())


@lru_cache(10_000)
def _date(value: Any) -> date:
    """A day as a driver gives it: text from SQLite."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _uuid(value: Any) -> UUID:
    """An id as a driver gives it: text from SQLite."""
    return value if isinstance(value, UUID) else UUID(value)
