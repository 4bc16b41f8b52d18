"""What a phone tells of duty: coming on, handing over, taking over, going off; each once, none dropped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import Actor, SignedDesk
from gatekeeper.accounts import pins
from gatekeeper.clock import micros
from gatekeeper.db import Engines
from gatekeeper.desk import duty
from gatekeeper.desk.models import Duty
from gatekeeper.desk.reading import Entry, Told
from gatekeeper.errors import Invalid
from gatekeeper.ledger.models import LedgerHead
from gatekeeper.ledger.service import act
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

ACTS = {"duty": "duty.taken", "handover": "duty.handed_over", "accept": "duty.accepted", "off": "duty.ended"}
"""What stands in the book for each kind of entry."""

WITH_PIN = ("duty", "accept")
"""What nobody does without a PIN; who is on duty already hands over and goes off without one."""

CODES: Mapping[str, Text] = {
    "duty.pin": Text("PIN 不对，已记下但没有确认", "The PIN is wrong; kept, but not confirmed"),
    "duty.not_on": Text("这个人当时不在班，已记下但没有确认", "This person was not on duty; kept, but not confirmed"),
}
"""Why an entry is not confirmed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an entry: ``code`` None: confirmed. ``refused``: it was not kept."""

    id: str
    code: str | None = None
    refused: Invalid | None = None
    replayed: bool = False

    def sent(self) -> dict[str, Any]:
        """As the phone gets it."""
        state = "refused" if self.refused else "unconfirmed" if self.code else "confirmed"
        told: dict[str, Any] = {"id": self.id, "state": state, "replayed": self.replayed}
        text = self.refused.text if self.refused else CODES.get(self.code or "")
        if text is not None:
            told |= {"code": self.refused.code if self.refused else self.code, "text": text._asdict()}
        return told


def proofs(engines: Engines, desk: SignedDesk, told: Sequence[Told], *, at: datetime) -> dict[UUID, bool]:
    """Whether the PIN of each entry that has one is right; those that were recorded before are not asked again.

    Slow on purpose, so that it belongs before the transaction in which they are recorded.
    """
    scope = tenancy.Enterprise(desk.enterprise_id)
    sealed = [(one.entry, one.by) for one in told if one.entry is not None and one.by and one.entry.pin is not None]
    with tenancy.open_session(engines, scope) as session:
        known = _known(session, [entry.id for entry, _ in sealed])
    return {
        entry.id: pins.proved(engines, scope, user_id=by.id, sealed=entry.pin, entry_id=str(entry.id), at=at)
        for entry, by in sealed
        if entry.id not in known
    }


def recorded(
    session: Session, desk: SignedDesk, told: Sequence[Told], proved: Mapping[UUID, bool], *, received_at: datetime
) -> list[Outcome]:
    """Record what can be read, in order; one that was recorded before is answered as it was then.

    The head of the book is locked first, so that the same entries sent twice at once are recorded once.
    """
    session.scalars(select(LedgerHead).with_for_update()).one_or_none()
    return list(_recorded(session, desk, told, proved, received_at))


def _recorded(
    session: Session, desk: SignedDesk, told: Sequence[Told], proved: Mapping[UUID, bool], received_at: datetime
) -> Iterator[Outcome]:
    known = _known(session, [one.entry.id for one in told if one.entry])
    before = list(duty.recent(session, enterprise_id=desk.enterprise_id, at=received_at))
    for one in told:
        if one.entry is None or one.by is None:
            yield Outcome(one.id, refused=one.refused)
        elif one.entry.id in known:
            yield Outcome(one.id, known[one.entry.id].code, replayed=True)
        else:
            happened = sorted((entry for entry in before if entry.at <= one.entry.at), key=lambda row: row.at)
            standing = duty.folded(happened).get(desk.gate_id, duty.NOBODY)
            code = _code(one.entry, standing.is_on(one.by.id), proved.get(one.entry.id, False))
            row = _written(session, desk, one.entry, one.by, code, received_at)
            known[row.id] = row
            before.append(row)
            yield Outcome(one.id, code)


def _known(session: Session, ids: Sequence[UUID]) -> dict[UUID, Duty]:
    query = select(Duty).where(Duty.enterprise_id == own_id(session), Duty.id.in_(ids))
    return {row.id: row for row in session.scalars(query)} if ids else {}


def _code(entry: Entry, is_on: bool, proved: bool) -> str | None:
    """Why an entry is not confirmed; None where it is."""
    if entry.pin is None and entry.kind not in WITH_PIN:
        return None if is_on else "duty.not_on"
    return None if proved else "duty.pin"


def _written(
    session: Session, desk: SignedDesk, entry: Entry, by: Actor, code: str | None, received_at: datetime
) -> Duty:
    """The row of an entry and its act in the book."""
    values = {
        "gate": str(desk.gate_id),
        "desk": str(desk.id),
        "at": micros(entry.at),
        "n": entry.n,
        "code": code,
        "handover": str(entry.handover) if entry.handover else None,
        "supplies": entry.supplies,
        "open": entry.open,
    }
    parts = {"note": {"note": entry.note}} if entry.note else None
    what = ACTS[entry.kind]
    written = act(session, by=by, what=what, subject=str(entry.id), body=values, parts=parts, at=received_at)
    row = Duty(
        enterprise_id=desk.enterprise_id,
        id=entry.id,
        desk_id=desk.id,
        gate_id=desk.gate_id,
        n=entry.n,
        kind=entry.kind,
        user_id=by.id,
        user_name=by.name,
        at=entry.at,
        received_at=received_at,
        code=code,
        handover_id=entry.handover,
        supplies=json.dumps(entry.supplies, sort_keys=True) if entry.supplies else None,
        open_count=entry.open,
        seq=written.seq,
    )
    session.add(row)
    session.flush()
    return row


KEPT = timedelta(days=7)


def lately(session: Session, *, enterprise_id: UUID, at: datetime) -> Sequence[Duty]:
    """The entries of the last week, the newest first."""
    query = select(Duty).where(Duty.enterprise_id == enterprise_id, Duty.at > at - KEPT)
    return session.scalars(query.order_by(Duty.at.desc(), Duty.seq.desc())).all()
