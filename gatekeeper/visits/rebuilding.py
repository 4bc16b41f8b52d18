"""The projections of a book made anew, some hundred visits at a time."""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from gatekeeper.ledger.queries import Chain
from gatekeeper.prepared import Prepared, inserting, own, table_of
from gatekeeper.visits import projection
from gatekeeper.visits.folding import Folding
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant, VisitStage
from gatekeeper.visits.skimming import skimmed
from gatekeeper.visits.state import Recorded
from gatekeeper.visits.stored import BATCH
from gatekeeper.visits.whole import NOWHERE, Whole

_visits, _occupants, _stages, _events = map(table_of, (Visit, VisitOccupant, VisitStage, VisitEvent))
_ADD_VISIT, _ADD_OCCUPANT, _ADD_STAGE, _ADD_EVENT = (
    Prepared(inserting(table)) for table in (_visits, _occupants, _stages, _events)
)
_SET_LAST = Prepared(
    update(_visits).where(own(_visits), _visits.c.id == bindparam("visit")).values(last_seq=bindparam("last"))
)
Row = dict[str, Any]


class Rebuilding:
    """Writes the projections of a book of which there are none."""

    def __init__(self, session: Session, enterprise_id: UUID) -> None:
        self._session, self._enterprise_id = session, enterprise_id
        self._whole = Whole(session, enterprise_id, on_about=self._on_about, read=skimmed)
        self._abouts: list[Row] = []
        self._count = 0

    def run(self) -> int:
        """How many visits were written."""
        self._whole.find_ends(Chain(self._session, self._enterprise_id))
        stream = self._whole.visits(Chain(self._session, self._enterprise_id), Folding)
        while batch := list(islice(stream, BATCH)):
            self._write(batch)
        _ADD_EVENT.run(self._session, *self._abouts)
        _SET_LAST.run(
            self._session,
            *(
                {"visit": UUID(visit), "last": last}
                for visit, last, written in self._whole.lasts()
                if written not in (NOWHERE, last)
            ),
        )
        return self._count

    def _write(self, batch: list[tuple[str, Folding]]) -> None:
        visits: list[Row] = []
        occupants: list[Row] = []
        stages: list[Row] = []
        events, self._abouts = self._abouts, []
        for visit, read in batch:
            visit_id, found = UUID(visit), read.standings.found
            events += [_event_row(visit_id, seq, *event, found[seq]) for seq, event in read.events.items()]
            state = read.folded(visit).state
            if state is None:
                continue
            made = projection.rows(self._enterprise_id, state)
            visits.append({"id": visit_id, **made.visit})
            occupants += [{"visit_id": visit_id, "subject": each, **row} for each, row in made.occupants.items()]
            stages += [{"visit_id": visit_id, "stage": each, **row} for each, row in made.stages.items()]
            self._whole.compared(visit, state.last_seq)
        _ADD_VISIT.run(self._session, *visits)
        _ADD_OCCUPANT.run(self._session, *occupants)
        _ADD_STAGE.run(self._session, *stages)
        _ADD_EVENT.run(self._session, *events)
        self._count += len(visits)

    def _on_about(self, line: Recorded, visits: list[str]) -> None:
        """Erasures, holds and reveals may come when their visit was written long ago."""
        about = line.event_id, line.kind, line.after, "applied"
        self._abouts += [_event_row(UUID(visit), line.seq, *about) for visit in visits]


def _event_row(visit_id: UUID, seq: int, event_id: str, kind: str, after: str | None, state: str) -> Row:
    ids = {"visit_id": visit_id, "event_id": UUID(event_id), "after": UUID(after) if after else None}
    return {"seq": seq, "kind": kind, "state": state, **ids}
