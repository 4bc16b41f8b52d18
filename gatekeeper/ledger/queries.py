"""Reading the chain: does every entry stand where it was written, as it was written?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.ledger.chain import DOMAIN, FIRST_PREV, dashed, entry_of, parts_of
from gatekeeper.ledger.models import LedgerEntry, LedgerHead
from gatekeeper.ledger.parts import Parts
from gatekeeper.ledger.reading import batches


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


EMPTY = Standing(0, FIRST_PREV)


def head(session: Session, *, enterprise_id: UUID) -> Standing:
    """The head of a book; seq 0 and 64 zeros before the first entry."""
    row = session.get(LedgerHead, enterprise_id)
    return Standing(row.seq, row.hash) if row else EMPTY


def verify_chain(session: Session, *, enterprise_id: UUID) -> Standing | Fault:
    """Walk a whole book: hashes, order, columns against the hashed bytes, parts against their digests, the head.

    Needs no key. A part is compared with the last entry that names it; a missing one without an ``erase`` entry is
    a fault, and so is one that is back though an entry erased it.
    """
    return Chain(session, enterprise_id).finish()


class Chain:
    """A book while its chain is checked: ``batches`` hands on what was sound, ``finish`` gives the verdict."""

    def __init__(self, session: Session, enterprise_id: UUID) -> None:
        self._session, self._enterprise_id = session, enterprise_id
        self._walk = _Walk(EMPTY)
        self._parts = Parts(session, enterprise_id)
        self._fault: Fault | None = None
        self._reading = self._read()

    def batches(self) -> Iterator[tuple[list[Any], list[Any]]]:
        """(entries as ``ENTRY`` names them, parts as ``PART`` does) by ascending ``seq``; ends at the first fault."""
        for batch in self._reading:  # noqa: UP028 - "yield from" would end the reading with its reader, before ``finish``
            yield batch

    def finish(self) -> Standing | Fault:
        """The rest of the book is read too, where ``batches`` was not read to its end."""
        for _ in self._reading:
            pass
        if self._fault is not None:
            return self._fault
        left = self._parts.left(last=self._walk.standing.seq)
        return Fault(*left) if left else _at_head(self._session, self._enterprise_id, self._walk.standing)

    def _read(self) -> Iterator[tuple[list[Any], list[Any]]]:
        for rows in batches(self._session, self._enterprise_id, after=0):
            self._fault = self._walk.through(str(self._enterprise_id), rows)
            if self._fault is not None:
                return
            parts = self._parts.read(last=self._walk.standing.seq)
            wrong = self._parts.compare(parts, self._walk.named, self._walk.told)
            if wrong is not None:
                self._fault = Fault(*wrong)
                return
            yield rows, parts


def broken_since(session: Session, *, enterprise_id: UUID, since: Standing, head: Standing) -> Fault | None:
    """Whether a sound chain leads from ``since``, where the book stood once, to ``head``; parts are not looked at."""
    if since.seq:
        fault = stands(session, enterprise_id=enterprise_id, wanted=since)
        if fault is not None:
            return fault
    if head.seq < since.seq:
        return Fault(since.seq, f"the head names {head.seq}, but {since.seq} was signed")
    walk = _Walk(since)
    for rows in batches(session, enterprise_id, after=since.seq, last=head.seq):
        fault = walk.through(str(enterprise_id), rows)
        if fault is not None:
            return fault
    if walk.standing != head:
        return Fault(head.seq, f"the head names {head.seq}, the book ends at {walk.standing.seq}")
    return None


def stands(session: Session, *, enterprise_id: UUID, wanted: Standing) -> Fault | None:
    """Whether the entry ``wanted.seq`` is there with that hash, and its bytes are those that were hashed."""
    row = session.execute(
        select(LedgerEntry.bytes, LedgerEntry.hash).where(
            LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.seq == wanted.seq
        )
    ).one_or_none()
    if row is None:
        return Fault(wanted.seq, "missing: the book was cut")
    text, stored = row
    if stored != wanted.hash or sha256(DOMAIN + text.encode()).hexdigest() != stored:
        return Fault(wanted.seq, "another hash: the history was rewritten")
    return None


def entries(session: Session, *, enterprise_id: UUID) -> Iterator[tuple[str, str]]:
    """(bytes, hash) of every entry of a book, by ascending ``seq``; streams."""
    for rows in batches(session, enterprise_id, after=0):
        for row in rows:
            yield row[4].decode(), row[6]


class _Walk:
    """Entry after entry from ``standing``; what the entries of the last batch say of parts is left for the caller.

    ``named``: seq -> class -> SHA-256; ``told``: ((seq, class), SHA-256, or None for an erasure) in order.
    """

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.named: dict[int, dict[str, str]] = {}
        self.told: list[tuple[tuple[int, str], str | None]] = []

    def through(self, book: str, rows: list[Any]) -> Fault | None:
        """The next entries, by ascending ``seq``; the first that is wrong is named."""
        named = self.named = {}
        self.told = []
        seq, digest, begun = self.standing.seq, self.standing.hash, sha256(DOMAIN)
        for row_seq, event_id, kind, at, raw, prev, stored in rows:
            if row_seq != seq + 1:
                return Fault(seq + 1, "missing")
            seq = row_seq
            if prev != digest:
                return Fault(seq, "prev does not name the entry before it")
            hashed = begun.copy()
            hashed.update(raw)
            digest = hashed.hexdigest()
            if digest != stored:
                return Fault(seq, "changed: the hash does not fit the bytes")
            parts = parts_of(raw, book, seq, event_id, kind, at, prev)
            if parts:
                named[seq] = parts
            elif parts is None:
                return Fault(seq, _differing(raw, book, seq, event_id, kind, at, prev))
            if kind == "erase":
                self.told += [((s, cls), None) for s, cls, *_ in orjson.loads(raw)["body"]["parts"]]
            elif kind == "hold":
                self.told += [((s, cls), new) for s, cls, new in orjson.loads(raw)["body"]["parts"]]
        self.standing = Standing(seq, digest)
        return None


def _differing(raw: bytes, book: str, seq: int, event_id: str, kind: str, at: int, prev: str) -> str:
    """Which column says something else than the bytes."""
    try:
        entry = entry_of(raw)
    except ValueError:
        return "the bytes are not canonical"
    columns = {"book": book, "seq": seq, "event_id": dashed(event_id), "kind": kind, "received_at": at, "prev": prev}
    name = next((name for name, value in columns.items() if entry.get(name) != value), None)
    return f"the column {name} differs from the hashed bytes" if name else "the bytes are not canonical"


def _at_head(session: Session, enterprise_id: UUID, standing: Standing) -> Standing | Fault:
    stored = head(session, enterprise_id=enterprise_id)
    if stored == standing:
        return standing
    return Fault(stored.seq, f"the head names {stored.seq}, the book ends at {standing.seq}")
