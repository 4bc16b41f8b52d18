"""The rows of recorded events, written with few statements: entries, parts, the head, and the visits' projections.

Order matters: visits are locked before the book's head, the head last and until the commit. What has no row to lock
yet - a visit that nobody has written of - is guarded by the head itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from gatekeeper.ledger.chain import FIRST_PREV
from gatekeeper.ledger.models import LedgerEntry, LedgerHead, LedgerPart
from gatekeeper.prepared import Prepared, Step, asked, inserting, own, table_of, together, updating
from gatekeeper.visits import projection
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant, VisitStage
from gatekeeper.visits.state import State

_entry, _head, _part = map(table_of, (LedgerEntry, LedgerHead, LedgerPart))
_visit, _occupant, _stage, _event = map(table_of, (Visit, VisitOccupant, VisitStage, VisitEvent))

AT_ONCE = 4
"""Visits that one statement locks; a batch rarely tells of more."""

_VISITS = [f"visit_{n}" for n in range(AT_ONCE)]
_asked = [bindparam(name, type_=_visit.c.id.type) for name in _VISITS]
_LOCK_VISITS = Prepared(
    select(_visit.c.id, _visit.c.last_seq)
    .where(own(_visit), _visit.c.id.in_(_asked))
    .order_by(_visit.c.id)
    .with_for_update()
)
_LOCK_HEAD = Prepared(select(_head.c.seq, _head.c.hash).where(own(_head)).with_for_update())
_ADD_HEAD, _MOVE_HEAD = Prepared(inserting(_head)), Prepared(updating(_head))
_ADD_ENTRY, _ADD_PART, _ADD_EVENT = Prepared(inserting(_entry)), Prepared(inserting(_part)), Prepared(inserting(_event))
_ADD_VISIT, _SET_VISIT = Prepared(inserting(_visit)), Prepared(updating(_visit, "id"))
_ADD_OCCUPANT, _SET_OCCUPANT = Prepared(inserting(_occupant)), Prepared(updating(_occupant, "visit_id", "subject"))
_ADD_STAGE, _SET_STAGE = Prepared(inserting(_stage)), Prepared(updating(_stage, "visit_id", "stage"))
_WRITTEN = Prepared(select(_event.c.visit_id).where(own(_event), _event.c.visit_id.in_(_asked)).distinct())
_SETTLE = Prepared(
    update(_event)
    .where(own(_event), _event.c.visit_id == bindparam("visit"), _event.c.event_id == bindparam("event"))
    .values(state=bindparam("became"))
)


@dataclass
class Head:
    """Where the book stands while it is written; ``new``: it has no row yet."""

    seq: int
    hash: str
    new: bool


@dataclass
class Rows:
    """What one transaction adds, as binds of the statements above."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    settled: list[dict[str, Any]] = field(default_factory=list)


class Locked(NamedTuple):
    """Visits that are locked: ``rows`` {visit: seq of its last entry} of those that have one, ``unknown`` those of
    which nothing at all was written. ``head`` None: it is not locked yet, every visit has its row."""

    rows: Mapping[UUID, int]
    unknown: frozenset[UUID] = frozenset()
    head: Head | None = None


def lock(session: Session, ids: Collection[UUID], *, arriving: bool) -> Locked:
    """Lock visits in the order of their ids, and behind them the head where one of them has no row.

    Of those that are ``arriving`` one has none, as a rule: all is asked for at once.
    """
    visits = sorted(ids)
    first = _of(_LOCK_VISITS, visits)
    found = asked(session, *first, *(_behind_head(visits) if arriving else ()))
    rows, behind = _last_seqs(found[: len(first)]), found[len(first) :]
    if not arriving:
        visits = [visit for visit in visits if visit not in rows]
        behind = asked(session, *_behind_head(visits)) if visits else []
    if not behind:
        return Locked(rows)
    half = 1 + len(behind) // 2
    written = {row.visit_id for found in behind[half:] for row in found}
    return Locked({**rows, **_last_seqs(behind[1:half])}, frozenset(visits) - written, _head_of(behind[0]))


def _behind_head(visits: Sequence[UUID]) -> list[Step]:
    """The head's lock, and what is true of visits behind it: their rows, and whether anything was written of them."""
    return [(_LOCK_HEAD, {}), *_of(_LOCK_VISITS, visits), *_of(_WRITTEN, visits)]


def _of(statement: Prepared, visits: Sequence[UUID]) -> list[Step]:
    """The statement for all ``visits``, ``AT_ONCE`` in each."""
    some = [[*visits[n : n + AT_ONCE], *[None] * AT_ONCE][:AT_ONCE] for n in range(0, len(visits), AT_ONCE)]
    return [(statement, dict(zip(_VISITS, each, strict=True))) for each in some]


def _last_seqs(found: Sequence[Sequence[Any]]) -> dict[UUID, int]:
    return {row.id: row.last_seq for rows in found for row in rows}


def lock_head(session: Session) -> Head:
    """The head of the session's book, locked until the commit."""
    return _head_of(_LOCK_HEAD.rows(session))


def _head_of(rows: Sequence[Any]) -> Head:
    return Head(rows[0].seq, rows[0].hash, new=False) if rows else Head(0, FIRST_PREV, new=True)


def write(
    session: Session, enterprise_id: UUID, head: Head, rows: Rows, visits: Sequence[tuple[State | None, State]]
) -> None:
    """Write ``rows``, the head, and each visit from its state before (None: no row) to the one after."""
    steps: list[Step] = [(_ADD_ENTRY, row) for row in rows.entries]
    steps += [(_ADD_PART, row) for row in rows.parts]
    steps.append((_ADD_HEAD if head.new else _MOVE_HEAD, {"seq": head.seq, "hash": head.hash}))
    steps += [(_ADD_EVENT, row) for row in rows.events]
    made = [projection.change(enterprise_id, before, after) for before, after in visits]
    for table, add, change in (
        ("visit", _ADD_VISIT, _SET_VISIT),
        ("occupants", _ADD_OCCUPANT, _SET_OCCUPANT),
        ("stages", _ADD_STAGE, _SET_STAGE),
    ):
        steps += [(add, row) for one in made for row in one.added[table]]
        steps += [(change, _keyed(row)) for one in made for row in one.changed[table]]
    together(session, [*steps, *((_SETTLE, row) for row in rows.settled)])


def _keyed(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its key columns under the names by which an UPDATE finds it."""
    keys = ("id",) if "id" in row else ("visit_id", "subject") if "subject" in row else ("visit_id", "stage")
    return {**{k: v for k, v in row.items() if k not in keys}, **{f"key_{k}": row[k] for k in keys}}
