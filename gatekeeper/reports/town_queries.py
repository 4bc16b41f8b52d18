"""What a township's report needs beside the figures: whose report was issued, where its books stand, unkept gates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper.accounts.models import Desk
from gatekeeper.clock import start_of
from gatekeeper.desk import duty
from gatekeeper.enterprises.models import Gate
from gatekeeper.ledger.models import LedgerHead
from gatekeeper.reports.models import IssuedReport
from gatekeeper.reports.town_values import OpenOrder, UnkeptGate
from gatekeeper.rulebooks import acknowledging
from gatekeeper.rulebooks.switch_queries import ENDED


def position(session: Session) -> int:
    """The sum of where all books of the scope stand."""
    return int(session.scalar(select(func.sum(LedgerHead.seq))) or 0)


def reported(session: Session, *, first: date, last: date) -> set[UUID]:
    """The enterprises that issued a report which covers the whole period, and did not withdraw it."""
    query = select(IssuedReport.enterprise_id).where(
        IssuedReport.first <= first, IssuedReport.last >= last, IssuedReport.withdrawn_at.is_(None)
    )
    return set(session.scalars(query.distinct()))


def open_orders(session: Session, *, office_id: UUID, at: datetime) -> tuple[OpenOrder, ...]:
    """Orders that have not ended and that somebody has not acknowledged, the newest first."""
    found = []
    for line in acknowledging.overview(session, office_id=office_id, at=at):
        if line.order.standing == ENDED or line.seen >= line.places:
            continue
        told = acknowledging.board(session, switch_id=line.order.switch.id, office_id=office_id, at=at).told
        waiting = tuple(one.place.name for one in told if one.seen is None)
        if waiting:
            found.append(OpenOrder(line.order.title, line.order.switch.holds_from, len(told), waiting))
    return tuple(found)


def unkept(session: Session, *, day: date, names: dict[UUID, str]) -> tuple[UnkeptGate, ...]:
    """Open gates with a phone in service where nobody was on duty at any time of ``day``, by enterprise and gate."""
    begun, over = start_of(day), start_of(day + timedelta(days=1))
    entries = duty.recent(session, at=begun)
    standing = duty.folded(entry for entry in entries if entry.at < begun)
    kept = {gate for gate, at_gate in standing.items() if at_gate.state == duty.ON}
    for entry in entries:
        if begun <= entry.at < over:
            standing[entry.gate_id] = after = duty.after(standing.get(entry.gate_id, duty.NOBODY), entry)
            if after.state == duty.ON:
                kept.add(entry.gate_id)
    phones = set(session.scalars(select(Desk.gate_id).where(Desk.revoked_at.is_(None)).distinct()))
    gates = session.scalars(select(Gate).where(Gate.closed_at.is_(None), Gate.created_at < over))
    found = [
        UnkeptGate(names[gate.enterprise_id], gate.name)
        for gate in gates
        if gate.id in phones and gate.id not in kept and gate.enterprise_id in names
    ]
    return tuple(sorted(found, key=lambda each: (each.enterprise, each.gate)))
