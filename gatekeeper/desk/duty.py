"""Who is on duty at a gate: what the entries of its phones add up to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.accounts.models import Desk
from gatekeeper.clock import micros
from gatekeeper.desk.models import Duty
from gatekeeper.enterprises.models import Gate
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.ledger.service import open_part

ON, HANDED_OVER, NONE = "on", "handed_over", "none"
LONGEST = timedelta(hours=36)
"""Nobody keeps a gate for longer: a duty that was never ended counts no more."""


@dataclass(frozen=True, slots=True)
class AtGate:
    """How a gate stands: ``last`` is who came on or handed over, ``handover`` what they took over or left behind."""

    state: str = NONE
    last: Duty | None = None
    handover: Duty | None = None

    def is_on(self, user_id: UUID) -> bool:
        """Whether this person is on duty here."""
        return self.state == ON and self.last is not None and self.last.user_id == user_id


NOBODY = AtGate()


def after(before: AtGate, entry: Duty) -> AtGate:
    """A gate after one more entry; one that is not confirmed changes nothing."""
    if entry.code is not None:
        return before
    if entry.kind == "handover":
        return AtGate(HANDED_OVER, entry, entry)
    if entry.kind == "accept":
        taken = before.handover if before.handover and before.handover.id == entry.handover_id else None
        return AtGate(ON, entry, taken)
    return AtGate(ON, entry) if entry.kind == "duty" else NOBODY


def recent(session: Session, *, enterprise_id: UUID | None = None, at: datetime) -> Sequence[Duty]:
    """Entries that may still count at ``at``, in the order in which they happened; of all that the scope covers."""
    query = select(Duty).where(Duty.at > at - LONGEST)
    if enterprise_id is not None:
        query = query.where(Duty.enterprise_id == enterprise_id)
    return session.scalars(query.order_by(Duty.at, Duty.enterprise_id, Duty.seq)).all()


def folded(entries: Iterable[Duty]) -> dict[UUID, AtGate]:
    """How each gate stands after its entries."""
    found: dict[UUID, AtGate] = {}
    for entry in entries:
        found[entry.gate_id] = after(found.get(entry.gate_id, NOBODY), entry)
    return found


def standing(session: Session, enterprise_id: UUID, *, at: datetime) -> dict[UUID, AtGate]:
    """The gates of one enterprise of which anything was said lately."""
    return folded(recent(session, enterprise_id=enterprise_id, at=at))


def unmanned(session: Session, *, at: datetime) -> list[tuple[Gate, AtGate]]:
    """Open gates with a phone in service where nobody is on duty, of all that the scope covers."""
    phones = select(Desk.gate_id).where(Desk.revoked_at.is_(None)).distinct()
    with_phone = set(session.scalars(phones))
    gates = session.scalars(select(Gate).where(Gate.closed_at.is_(None)).order_by(Gate.created_at, Gate.id)).all()
    found = folded(recent(session, at=at))
    standings = ((gate, found.get(gate.id, NOBODY)) for gate in gates if gate.id in with_phone)
    return [(gate, at_gate) for gate, at_gate in standings if at_gate.state != ON]


def names_of_unmanned(session: Session, *, at: datetime) -> dict[UUID, list[str]]:
    """The names of such gates by enterprise, of all that the scope covers."""
    found: dict[UUID, list[str]] = {}
    for gate, _ in unmanned(session, at=at):
        found.setdefault(gate.enterprise_id, []).append(gate.name)
    return found


def unconfirmed(entries: Sequence[Duty]) -> list[Duty]:
    """Of entries in their order those that are not confirmed, without those whose person was confirmed later."""
    found: dict[tuple[UUID, UUID], Duty] = {}
    for entry in entries:
        at = (entry.gate_id, entry.user_id)
        found.pop(at, None)
        if entry.code is not None:
            found[at] = entry
    return list(found.values())


def sent(session: Session, enterprise_id: UUID, gates: Iterable[UUID], *, at: datetime) -> dict[str, Any]:
    """As a phone gets it, by gate; a note whose time is over is None."""
    found = standing(session, enterprise_id, at=at)
    notes = _notes(session, enterprise_id, [one.handover.seq for one in found.values() if one.handover])
    return {str(gate): _sent(found.get(gate, NOBODY), notes) for gate in gates}


def _sent(one: AtGate, notes: dict[int, str]) -> dict[str, Any]:
    last, left = one.last, one.handover
    return {
        "state": one.state,
        "by": str(last.user_id) if last else None,
        "name": last.user_name if last else None,
        "since": micros(last.at) if last else None,
        "note_from": left.user_name if left else None,
        "handover": left
        and {
            "id": str(left.id),
            "by": str(left.user_id),
            "name": left.user_name,
            "at": micros(left.at),
            "note": notes.get(left.seq),
            "supplies": json.loads(left.supplies or "{}"),
            "open": left.open_count,
        },
    }


def _notes(session: Session, enterprise_id: UUID, seqs: Sequence[int]) -> dict[int, str]:
    """The notes of handovers that can still be read, by their entries."""
    if not seqs:
        return {}
    query = select(LedgerPart).where(
        LedgerPart.enterprise_id == enterprise_id, LedgerPart.seq.in_(seqs), LedgerPart.cls == "note"
    )
    return {part.seq: opened["note"] for part in session.scalars(query) if (opened := open_part(part))}
