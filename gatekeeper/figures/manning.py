"""How long nobody was on duty at a gate, from what its phones tell. Definition: docs/figures.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import start_of
from gatekeeper.desk import duty
from gatekeeper.desk.models import Duty
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import Gate


@dataclass(frozen=True, slots=True)
class GateHours:
    """A gate's name, the seconds in which nobody was on duty, and those in which somebody had to be."""

    gate: str
    unmanned: int
    of: int


def hours(
    session: Session, *, enterprise_id: UUID, first: date, last: date, at: datetime
) -> tuple[GateHours, ...] | None:
    """Each gate where duty is kept, oldest first, up to ``at``; None where no gate of the enterprise keeps duty."""
    start, end = start_of(first), min(start_of(last + timedelta(days=1)), at)
    query = select(Duty).where(Duty.enterprise_id == enterprise_id, Duty.code.is_(None), Duty.at < end)
    by_gate: dict[UUID, list[Duty]] = {}
    for entry in session.scalars(query.order_by(Duty.at, Duty.seq)):
        by_gate.setdefault(entry.gate_id, []).append(entry)
    gates = enterprises.gates(session, enterprise_id=enterprise_id, closed=True)
    found = [_of(gate, by_gate[gate.id], start, end) for gate in gates if gate.id in by_gate]
    return tuple(one for one in found if one.of) if found else None


def _of(gate: Gate, entries: Sequence[Duty], start: datetime, end: datetime) -> GateHours:
    start = max(start, entries[0].at)
    end = max(start, min(end, gate.closed_at or end))
    return GateHours(gate.name, seconds(end - start) - manned(entries, start, end), seconds(end - start))


def manned(entries: Sequence[Duty], start: datetime, end: datetime) -> int:
    """Seconds between ``start`` and ``end`` with somebody on duty; ``entries`` confirmed, in their order."""
    total = timedelta()
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        if duty.after(duty.NOBODY, entry).state == duty.ON:
            until = min(entry.at + duty.LONGEST, following.at if following else end, end)
            total += max(until - max(entry.at, start), timedelta())
    return seconds(total)


def seconds(length: timedelta) -> int:
    return int(length.total_seconds())
