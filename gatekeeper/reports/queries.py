"""What the lists of a report need beside the figures: names, gates, who decided, and the override entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.service import open_part
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant, VisitState

CHUNK = 500
Item = TypeVar("Item")


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Lists of at most ``size``, in order."""
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def names(session: Session, *, enterprise_id: UUID, visit_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The masked names of the people of at most ``CHUNK`` visits, in the order of their subjects."""
    query = select(VisitOccupant.visit_id, VisitOccupant.subject, VisitOccupant.name_mask).where(
        VisitOccupant.enterprise_id == enterprise_id, VisitOccupant.visit_id.in_(visit_ids)
    )
    found: dict[UUID, list[tuple[int, str]]] = defaultdict(list)
    for visit_id, subject, mask in session.execute(query):
        found[visit_id].append((_number(subject), mask or "—"))
    return {visit_id: tuple(mask for _, mask in sorted(people)) for visit_id, people in found.items()}


def _number(subject: str) -> int:
    tail = subject.rpartition(":")[2]
    return int(tail) if tail.isascii() and tail.isdigit() else 0


def deciders(session: Session, *, enterprise_id: UUID, visit_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Who admitted or turned away, of at most ``CHUNK`` visits; of several the last whose act counted."""
    query = (
        select(VisitEvent.visit_id, LedgerEntry.bytes)
        .join(LedgerEntry, _entry_of_event())
        .where(
            VisitEvent.enterprise_id == enterprise_id,
            VisitEvent.visit_id.in_(visit_ids),
            VisitEvent.kind.in_(("admit", "turn_away")),
            VisitEvent.state != "attention",
        )
        .order_by(VisitEvent.seq)
    )
    found: dict[UUID, str] = {}
    for visit_id, text in session.execute(query):
        body = orjson.loads(text)["body"]
        if body["outcome"].get("act") != "also":
            found[visit_id] = body["event"]["by"]["name"]
    return found


class Override(NamedTuple):
    """An override entry; ``findings`` are (owner, rule), ``reason`` None once erased."""

    visit_id: UUID
    at: datetime
    arrived_at: datetime
    plate: str
    findings: tuple[tuple[str, str], ...]
    by: str
    role: str
    reason: str | None


def overrides(session: Session, *, enterprise_id: UUID, first: date, last: date) -> list[Override]:
    """Every override of a visit that arrived in the period, by arrival; those of voided visits left out."""
    query = (
        select(Visit.id, Visit.arrived_at, Visit.plate, LedgerEntry.seq, LedgerEntry.received_at, LedgerEntry.bytes)
        .join(VisitEvent, (VisitEvent.enterprise_id == Visit.enterprise_id) & (VisitEvent.visit_id == Visit.id))
        .join(LedgerEntry, _entry_of_event())
        .where(
            Visit.enterprise_id == enterprise_id,
            Visit.day >= first,
            Visit.day <= last,
            Visit.state != VisitState.VOID.value,
            VisitEvent.kind == "override",
            VisitEvent.state != "attention",
        )
        .order_by(Visit.arrived_at, VisitEvent.seq)
    )
    rows = session.execute(query).all()
    reasons = _reasons(session, enterprise_id, [row[3] for row in rows])
    return [_override(*row, reasons) for row in rows]


def _override(
    visit_id: UUID, arrived_at: datetime, plate: str | None, seq: int, at: datetime, text: str, reasons: dict[int, str]
) -> Override:
    event: dict[str, Any] = orjson.loads(text)["body"]["event"]
    findings = dict.fromkeys((item["owner"], item["rule"]) for item in event["body"]["findings"])
    by = event["by"]
    return Override(visit_id, at, arrived_at, plate or "", tuple(findings), by["name"], by["role"], reasons.get(seq))


def _reasons(session: Session, enterprise_id: UUID, seqs: Sequence[int]) -> dict[int, str]:
    """The typed reasons of entries, as far as their parts are still there."""
    found: dict[int, str] = {}
    for batch in chunks(seqs):
        query = select(LedgerPart).where(
            LedgerPart.enterprise_id == enterprise_id, LedgerPart.seq.in_(batch), LedgerPart.cls == "note"
        )
        for part in session.scalars(query):
            opened = open_part(part)
            if opened and opened.get("texts", {}).get("reason"):
                found[part.seq] = opened["texts"]["reason"]
    return found


def _entry_of_event() -> Any:
    return (LedgerEntry.enterprise_id == VisitEvent.enterprise_id) & (LedgerEntry.seq == VisitEvent.seq)
