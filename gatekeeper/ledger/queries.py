"""Reading the chain: does every entry stand where it was written, as it was written?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import micros
from gatekeeper.ledger.chain import FIRST_PREV, content_hash, digest
from gatekeeper.ledger.models import LedgerEntry, LedgerHead, LedgerPart

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a book; ``seq`` None: with the book as a whole."""

    seq: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a sound book stands."""

    seq: int
    hash: str


def head(session: Session, *, enterprise_id: UUID) -> Standing:
    """The head of a book; seq 0 and 64 zeros before the first entry."""
    row = session.get(LedgerHead, enterprise_id)
    return Standing(row.seq, row.hash) if row else Standing(0, FIRST_PREV)


def verify_chain(session: Session, *, enterprise_id: UUID) -> Standing | Fault:
    """Walk a whole book: hashes, order, columns against the hashed bytes, parts against their digests, the head.

    Needs no key. A part is compared with the last entry that names it; a missing one without an ``erase`` entry is
    a fault.
    """
    standing = Standing(0, FIRST_PREV)
    named: dict[tuple[int, str], str] = {}
    erased: set[tuple[int, str]] = set()
    for row in _entries(session, enterprise_id):
        seq, event_id, kind, received_at, text, prev, stored_hash = row
        if seq != standing.seq + 1:
            return Fault(standing.seq + 1, "missing")
        if prev != standing.hash:
            return Fault(seq, "prev does not name the entry before it")
        if digest(text) != stored_hash:
            return Fault(seq, "changed: the hash does not fit the bytes")
        reason = _inside(text, enterprise_id, seq, event_id, kind, received_at, prev)
        if reason:
            return Fault(seq, reason)
        entry = json.loads(text)
        named.update({(seq, cls): value for cls, value in entry["parts"].items()})
        if kind in ("erase", "hold"):
            _follow(entry["body"], kind, named, erased)
        standing = Standing(seq, stored_hash)
    return _parts_fault(session, enterprise_id, named, erased) or _head_fault(session, enterprise_id, standing)


def _entries(session: Session, enterprise_id: UUID) -> Iterator[Any]:
    """(seq, event_id, kind, received_at, bytes, prev, hash) of every entry, by ascending ``seq``."""
    columns = select(
        LedgerEntry.seq,
        LedgerEntry.event_id,
        LedgerEntry.kind,
        LedgerEntry.received_at,
        LedgerEntry.bytes,
        LedgerEntry.prev,
        LedgerEntry.hash,
    ).where(LedgerEntry.enterprise_id == enterprise_id)
    after = None
    while rows := session.execute(
        (columns if after is None else columns.where(LedgerEntry.seq > after)).order_by(LedgerEntry.seq).limit(BATCH)
    ).all():
        yield from rows
        after = rows[-1].seq


def _parts(session: Session, enterprise_id: UUID) -> Iterator[Any]:
    """(seq, class, ciphertext) of every part, by ascending ``seq``."""
    columns = select(LedgerPart.seq, LedgerPart.cls, LedgerPart.ciphertext)
    mine = LedgerPart.enterprise_id == enterprise_id
    last = session.scalar(select(func.max(LedgerPart.seq)).where(mine)) or 0
    for after in range(-1, last, BATCH):
        here = (mine, LedgerPart.seq > after, LedgerPart.seq <= after + BATCH)
        yield from session.execute(columns.where(*here).order_by(LedgerPart.seq)).all()


def _inside(text: str, book: UUID, seq: int, event_id: UUID, kind: str, at: datetime, prev: str) -> str | None:
    entry = json.loads(text)
    columns = {
        "book": str(book),
        "seq": seq,
        "event_id": str(event_id),
        "kind": kind,
        "received_at": micros(at),
        "prev": prev,
    }
    differing = [name for name, value in columns.items() if entry.get(name) != value]
    return f"the column {differing[0]} differs from the hashed bytes" if differing else None


def _follow(body: dict, kind: str, named: dict[tuple[int, str], str], erased: set[tuple[int, str]]) -> None:
    """Take over what an ``erase`` or ``hold`` entry says of earlier parts: ``body.parts`` is [[seq, class, sha256]]."""
    for seq, cls, *new in body["parts"]:
        if kind == "erase":
            erased.add((seq, cls))
        else:
            named[(seq, cls)] = new[0]


def _parts_fault(
    session: Session, enterprise_id: UUID, named: dict[tuple[int, str], str], erased: set[tuple[int, str]]
) -> Fault | None:
    missing = set(named) - erased
    for seq, cls, ciphertext in _parts(session, enterprise_id):
        if named.get((seq, cls)) != content_hash(ciphertext):
            return Fault(seq, f"part {cls} differs from what its entry names")
        missing.discard((seq, cls))
    if missing:
        seq, cls = min(missing)
        return Fault(seq, f"part {cls} is missing and no entry erased it")
    return None


def _head_fault(session: Session, enterprise_id: UUID, standing: Standing) -> Standing | Fault:
    row = session.get(LedgerHead, enterprise_id)
    stored = Standing(row.seq, row.hash) if row else Standing(0, FIRST_PREV)
    if stored == standing:
        return standing
    return Fault(stored.seq, f"the head names {stored.seq}, the book ends at {standing.seq}")
