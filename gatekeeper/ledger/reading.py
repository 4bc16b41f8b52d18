"""A book's entries and parts as the driver hands them out: around a million entries, rows of the ORM cost more than
their hashes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String, bindparam, cast, select
from sqlalchemy.orm import Session

from gatekeeper.db import mapped
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.prepared import Prepared, connection_of, own, table_of

BATCH = 200
"""Few enough that what was read is still near the processor when it is hashed."""
ENTRY = ("seq", "event_id", "kind", "received_at", "bytes", "prev", "hash")
"""What a row of an entry holds; ``event_id`` as text, ``received_at`` in microseconds, ``bytes`` as bytes."""
PART = ("seq", "cls", "ciphertext", "expires_on", "hold_id")
"""What a row of a part holds; the last two as the driver gives them."""

_entry, _part = map(table_of, (LedgerEntry, LedgerPart))


def _entries(event_id: Any, text: Any) -> Any:
    columns = (_entry.c.seq, event_id, _entry.c.kind, _entry.c.received_at, text)
    return select(*columns, _entry.c.prev, _entry.c.hash).where(own(_entry)).order_by(_entry.c.seq)


def _after(event_id: Any, text: Any) -> Prepared:
    here = (_entry.c.seq > bindparam("after"), _entry.c.seq <= bindparam("last", type_=BigInteger))
    return Prepared(_entries(event_id, text).where(*here).limit(bindparam("most", type_=BigInteger)))


_BEFORE_THE_FIRST = Prepared(_entries(_entry.c.event_id, _entry.c.bytes).where(_entry.c.seq <= 0).limit(1))
_AFTER = {
    "sqlite": _after(_entry.c.event_id, cast(_entry.c.bytes, LargeBinary)),
    "postgresql": _after(cast(_entry.c.event_id, String), _entry.c.bytes),
}
"""SQLite hands the text out as the bytes it holds: read as characters and back it would be half of the work."""
_PARTS = Prepared(
    select(_part.c.seq, _part.c["class"], _part.c.ciphertext, _part.c.expires_on, _part.c.hold_id).where(
        own(_part), _part.c.seq > bindparam("after"), _part.c.seq <= bindparam("last", type_=BigInteger)
    )
)
LAST = 2**63 - 1
"""Behind every entry."""


def batches(session: Session, enterprise_id: UUID, *, after: int, last: int | None = None) -> Iterator[list[Any]]:
    """The entries behind ``after`` up to ``last``, as ``ENTRY`` names them, by ascending ``seq``."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    if after == 0 and last is None:  # whatever stands before the first entry is a fault too
        rows = _BEFORE_THE_FIRST.plain(session, enterprise_id)
        if rows:
            yield [_as_bytes(row) for row in rows]
    statement = _AFTER["sqlite" if sqlite else "postgresql"]
    until = LAST if last is None else last
    with mapped(connection_of(session)):
        while rows := statement.plain(session, enterprise_id, after=after, last=until, most=BATCH):
            after = rows[-1][0]
            yield rows if sqlite else [_as_bytes(row) for row in rows]


def parts(session: Session, enterprise_id: UUID, *, after: int, last: int) -> list[Any]:
    """The parts of the entries behind ``after`` up to ``last``, as ``PART`` names them."""
    return _PARTS.plain(session, enterprise_id, after=after, last=last)


def _as_bytes(row: tuple[Any, ...]) -> tuple[Any, ...]:
    seq, event_id, kind, at, text, prev, stored = row
    return seq, event_id, kind, at, text if isinstance(text, bytes) else text.encode(), prev, stored
