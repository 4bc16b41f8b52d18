"""Visits to compare with the video, chosen by nobody: period, enterprise and root draw the same for everybody.

Each visit has the rank SHA-256(seed, its id, newline); the lowest ranks are the sample. The seed ends with the root of
the checkpoint, which nobody knows before it is signed. Source and how to draw by hand: docs/figures.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.enterprises import queries as enterprises
from gatekeeper.reports.values import Drawn, Sample, Window
from gatekeeper.visits.models import Visit, VisitEvent, VisitState

DOMAIN = "gate-sample/1"
FEWEST, MOST, EACH = 5, 10, 200
"""Five visits, one more for each 200 of the period, at most ten; all of them where there are fewer."""

AROUND = timedelta(minutes=5)
UNDECIDED = timedelta(minutes=15)
"""So much video is looked at where nobody was admitted or turned away."""


def seed(slug: str, first: date, last: date, root: str) -> str:
    """The text that each hash begins with: five lines."""
    return "".join(f"{line}\n" for line in (DOMAIN, slug, first.isoformat(), last.isoformat(), root))


def rank(text: str, visit_id: UUID) -> str:
    """The rank of a visit under the seed ``text``, hex."""
    return hashlib.sha256(f"{text}{visit_id}\n".encode()).hexdigest()


def size(of: int) -> int:
    """How many visits are drawn out of ``of``."""
    return min(of, MOST, FEWEST + of // EACH)


def ranks(text: str, visit_ids: Iterable[UUID]) -> list[tuple[str, UUID]]:
    """(rank, visit), lowest first."""
    return sorted((rank(text, visit_id), visit_id) for visit_id in visit_ids)


def visits(session: Session, *, enterprise_id: UUID, first: date, last: date, seq: int) -> list[UUID]:
    """The visits that the period had when the book stood at ``seq``, voided ones left out."""
    later = select(VisitEvent.kind, VisitEvent.visit_id).where(
        VisitEvent.enterprise_id == enterprise_id,
        VisitEvent.seq > seq,
        VisitEvent.kind.in_(("arrive", "void")),
        VisitEvent.state == "applied",
    )
    after = {(kind, visit_id) for kind, visit_id in session.execute(later)}
    query = select(Visit.id, Visit.state).where(
        Visit.enterprise_id == enterprise_id, Visit.day >= first, Visit.day <= last
    )
    return [
        visit_id
        for visit_id, state in session.execute(query)
        if ("arrive", visit_id) not in after and (state != VisitState.VOID.value or ("void", visit_id) in after)
    ]


def draw(session: Session, *, enterprise_id: UUID, slug: str, first: date, last: date, seq: int, root: str) -> Sample:
    """The sample of a period under the checkpoint with ``root``; reads only."""
    text = seed(slug, first, last, root)
    ranked = ranks(text, visits(session, enterprise_id=enterprise_id, first=first, last=last, seq=seq))
    chosen = ranked[: size(len(ranked))]
    gates = {gate.id: gate.name for gate in enterprises.gates(session, enterprise_id=enterprise_id, closed=True)}
    query = select(Visit).where(Visit.enterprise_id == enterprise_id, Visit.id.in_([visit for _, visit in chosen]))
    rows = {row.id: row for row in session.scalars(query)}
    return Sample(text, len(ranked), tuple(_drawn(hashed, rows[visit], gates) for hashed, visit in chosen))


def _drawn(hashed: str, row: Visit, gates: dict[UUID, str]) -> Drawn:
    left = row.closed_at if row.state == VisitState.LEFT.value else None
    decided = row.admitted_at or (None if left else row.closed_at)
    return Drawn(
        id=row.id,
        rank=hashed,
        arrived_at=row.arrived_at,
        plate=row.plate or "",
        gate=gates.get(row.gate_id, ""),
        state=row.state,
        windows=tuple(_windows(row.arrived_at, decided, left)),
    )


def _windows(arrived: datetime, decided: datetime | None, left: datetime | None) -> Iterable[Window]:
    yield Window("arrival", arrived - AROUND, (decided or arrived + UNDECIDED) + AROUND)
    if left is not None:
        yield Window("exit", left - AROUND, left + AROUND)
