"""The projections against the book: every row and column, some hundred visits at a time.

Rows are compared as the database holds them; turning each stored value into Python's and back would be half the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.ledger.queries import Chain, Fault
from gatekeeper.visits import projection
from gatekeeper.visits.folding import ABOUT, Folding
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant, VisitStage
from gatekeeper.visits.projection import Values
from gatekeeper.visits.skimming import skimmed
from gatekeeper.visits.state import Recorded, State
from gatekeeper.visits.stored import BATCH, Raw, Stored, projections
from gatekeeper.visits.whole import NOWHERE, Whole, dashed

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What reading sound bytes raises that nobody wrote here."""


class _Visit(Folding):
    """``broken``: the first entry that cannot be read as one of its kind; what comes behind it is not folded."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: Fault | None = None
        self.last = 0

    def append(self, entry: Recorded) -> None:
        self.last = entry.seq
        if self.broken is not None:
            self.note(entry)
            return
        try:
            super().append(entry)
        except UNREADABLE as wrong:
            self.broken = _unreadable(entry.seq, wrong)


def _unreadable(seq: int, wrong: Exception) -> Fault:
    return Fault(seq, f"the entry cannot be read as one of its kind ({type(wrong).__name__})")


class Comparison:
    """Compares one book with its projections; ``visits`` is how many were folded."""

    def __init__(self, session: Session, enterprise_id: UUID) -> None:
        self._session, self._enterprise_id = session, enterprise_id
        stored = projections(session.get_bind().dialect)
        self._rows, self._people, self._stages, self._events, self._raw_id = stored
        self._values = Values(id=self._raw_id, time=int)
        self._whole = Whole(session, enterprise_id, on_about=self._on_about, read=skimmed)
        self._abouts: list[tuple[str, Recorded]] = []
        self._fault: Fault | None = None
        self._children = {VisitOccupant: 0, VisitStage: 0}
        self._folding = 0
        self.visits = 0

    def fault(self, chain: Chain) -> Fault | None:
        """The first difference; None where the projections are what the book says, as far as ``chain`` was sound."""
        self._whole.read_ends()
        stream = self._whole.visits(chain, _Visit)
        try:
            while batch := list(islice(stream, BATCH)):
                fault = self._compare(batch) or self._about_fault(at_least=BATCH)
                if fault is not None:
                    return fault
        except UNREADABLE as wrong:
            return _unreadable(self._at, wrong)
        return self._about_fault() or self._behind() or self._strangers()

    @property
    def _at(self) -> int:
        """The entry read last, or the last of the visit that was being folded."""
        return self._folding or self._whole.reached

    def _compare(self, batch: list[tuple[str, _Visit]]) -> Fault | None:
        if (part := self._whole.unopened) is not None:
            return Fault(part.seq, f"part {part.cls} cannot be opened: its day or its hold was changed")
        ids = [UUID(visit) for visit, _ in batch]
        rows = {raw[0]: raw[1:] for raw in self._rows.read(self._session, self._enterprise_id, ids)}
        people, stages, events = (self._by_visit(table, ids) for table in (self._people, self._stages, self._events))
        for visit, read in batch:
            raw, self._folding = self._raw_id(visit), read.last
            fault = self._event_fault(read, events.get(raw, {})) or read.broken
            if fault is None and (state := read.folded(visit).state) is not None:
                fault = self._row_fault(visit, state, rows.get(raw), people.get(raw, {}), stages.get(raw, {}))
            if fault is not None:
                return fault
        self._folding = 0
        return None

    def _by_visit(self, table: Stored, ids: Sequence[UUID]) -> dict[Any, dict[Any, Raw]]:
        found: dict[Any, dict[Any, Raw]] = {}
        for row in table.read(self._session, self._enterprise_id, ids):
            found.setdefault(row[0], {})[row[1]] = row[2:]
        return found

    def _event_fault(self, read: _Visit, stored: dict[int, Raw]) -> Fault | None:
        """Which entry is not in ``visit_events`` as it should be; those about visits are looked at apart."""
        states, event = read.standings.found.get, self._event
        wanted = {seq: event(*each, states(seq, "")) for seq, each in read.events.items()}
        if stored == wanted:
            return None
        found = {seq: row for seq, row in stored.items() if row[1] not in ABOUT}
        if found == wanted:
            return None
        ours = [seq for seq, row in wanted.items() if found.get(seq) != row]
        if read.broken is not None and read.broken.seq in ours:
            return read.broken
        return Fault(min(ours or found.keys() - wanted.keys()), "visit_events differs from the book")

    def _event(self, event_id: str, kind: str, after: str | None, state: str) -> Raw:
        return self._raw_id(event_id), kind, self._raw_id(after) if after else None, state

    def _row_fault(
        self, visit: str, state: State, stored: Raw | None, people: dict[Any, Raw], stages: dict[Any, Raw]
    ) -> Fault | None:
        made = projection.rows(self._enterprise_id, state, self._values)
        differing = "visits"
        if stored is not None:
            self._whole.compared(visit, stored[-1])
            self.visits += 1
            wanted = self._rows.row(made.visit)
            differing = "" if stored[:-1] == wanted else self._rows.differing(stored[:-1], wanted)
        differing = (
            differing
            or self._child_fault(self._people, VisitOccupant, made.occupants, people)
            or self._child_fault(self._stages, VisitStage, made.stages, stages)
        )
        return Fault(state.last_seq, f"{differing} of visit {visit} differs from the book") if differing else None

    def _child_fault(self, table: Stored, cls: type, wanted: dict[str, dict[str, Any]], stored: dict[Any, Raw]) -> str:
        self._children[cls] += len(stored)
        for key, values in wanted.items():
            row, made = stored.get(key), table.row(values)
            if row != made:
                return f"{table.name}.{key}" if row is None else table.differing(row, made)
        extra = stored.keys() - wanted.keys()
        return f"{table.name}.{min(extra)}" if extra else ""

    def _on_about(self, line: Recorded, visits: list[str]) -> None:
        self._abouts += [(visit, line) for visit in visits]

    def _about_fault(self, *, at_least: int = 1) -> Fault | None:
        """Erasures, holds and reveals stand in ``visit_events`` of each visit that they concern."""
        while len(self._abouts) >= at_least:
            some, self._abouts = self._abouts[:BATCH], self._abouts[BATCH:]
            ids = {UUID(visit) for visit, _ in some}
            found = self._by_visit(self._events, sorted(ids))
            for visit, line in some:
                stored = found.get(self._raw_id(visit), {}).get(line.seq)
                if stored != self._event(line.event_id, line.kind, line.after, "applied"):
                    return Fault(line.seq, f"visit_events of visit {visit} differs from the book")
        return None

    def _behind(self) -> Fault | None:
        """``visits.last_seq`` and the visits that only ``visit_events`` knows."""
        for visit, last, row_last in self._whole.lasts():
            if last == 0:
                return Fault(None, f"visit_events holds rows of {visit}, which the book does not know")
            if row_last not in (NOWHERE, last):
                return Fault(last, f"visits.last_seq of visit {visit} differs from the book")
        return None

    def _strangers(self) -> Fault | None:
        """Rows that belong to nothing in the book."""
        query = select(type_coerce(Visit.id, NullType)).where(Visit.enterprise_id == self._enterprise_id)
        for raw in self._session.scalars(query):
            if not self._whole.was_compared(dashed(raw)):
                return Fault(None, f"visits holds {dashed(raw)}, which the book does not know")
        for cls, known in ((VisitEvent, self._whole.events), *self._children.items()):
            count = self._session.scalar(
                select(func.count()).select_from(cls).where(cls.enterprise_id == self._enterprise_id)
            )
            if count != known:
                return self._stranger(cls, f"{count} rows, the book knows of {known}")
        return None

    def _stranger(self, cls: Any, words: str) -> Fault:
        """Which row it is: one of no visit, or one that says that an entry is about a visit."""
        known = select(Visit.id).where(Visit.enterprise_id == self._enterprise_id)
        query = select(cls).where(cls.enterprise_id == self._enterprise_id)
        query = query.where(cls.kind.in_(ABOUT) if cls is VisitEvent else cls.visit_id.not_in(known))
        for row in self._session.scalars(query.execution_options(yield_per=BATCH)):
            if cls is not VisitEvent or not self._whole.is_about(self._entry(row.seq), str(row.visit_id)):
                return Fault(
                    row.seq if cls is VisitEvent else None, f"{cls.__tablename__} of visit {row.visit_id}: {words}"
                )
        return Fault(None, f"{cls.__tablename__} holds {words}")

    def _entry(self, seq: int) -> LedgerEntry | None:
        return self._session.get(LedgerEntry, (self._enterprise_id, seq))
