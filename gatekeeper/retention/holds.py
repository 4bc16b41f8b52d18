"""Legal holds: an authority asks for visits to be kept past their time; until it ends, they lie under its own key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import files
from gatekeeper.access import Actor
from gatekeeper.crypto import KeyGone
from gatekeeper.db import new_id
from gatekeeper.errors import DomainError, Invalid, NotFound
from gatekeeper.formats import plates
from gatekeeper.formats.people import clean_text
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.models import LedgerEntry, LedgerPart, LegalHold
from gatekeeper.retention import entries, erasing
from gatekeeper.retention.photos import names_in
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id
from gatekeeper.visits.models import Visit

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Begun:
    """A hold as it began: over how many visits and parts; ``too_late`` parts were erased before it came."""

    id: UUID
    visits: int
    parts: int
    too_late: int


def visits_of_plate(session: Session, *, plate: str, first: date, last: date) -> list[UUID]:
    """Visits of a plate (as written) that arrived from ``first`` to ``last``."""
    query = select(Visit.id).where(
        Visit.enterprise_id == own_id(session),
        Visit.plate == plates.parse(plate).plate,
        Visit.day >= first,
        Visit.day <= last,
    )
    return list(session.scalars(query.order_by(Visit.id)))


def begin(session: Session, *, visit_ids: Sequence[UUID], reason: str, by: Actor, at: datetime, photos: Path) -> Begun:
    """Put visits under a new hold: each of their parts is encrypted anew under its key, their photos too.

    ``photos`` is the folder of photos. Raises ``visit.unknown``, ``hold.empty`` without a visit, ``reason.empty``.
    """
    words = clean_text(reason, LONGEST_REASON).strip()
    if not words:
        raise Invalid("reason.empty", Text("请写明保全的依据", "Say on what ground it is held"), field="reason")
    if not visit_ids:
        raise DomainError("hold.empty", Text("没有符合的来访，没有保全任何内容", "No visit fits, so nothing is held"))
    rows = entries.lock(session, visit_ids)
    if missing := set(visit_ids) - rows.keys():
        raise NotFound("visit.unknown", Text(f"没有来访 {min(missing)}", f"There is no visit {min(missing)}"))
    own, covered = own_id(session), sorted(rows)
    hold = LegalHold(
        enterprise_id=own, id=new_id(), begun_at=at, begun_by=by.id, visits=json.dumps([str(each) for each in covered])
    )
    session.add(hold)
    session.flush()
    free = [part for part in entries.parts_of_visits(session, covered) if part.hold_id is None]
    moved = [part for part in free if _reseal(part, hold.id, photos)]
    body = {"hold": str(hold.id), "visits": [str(each) for each in covered], "by": entries.person(by)}
    _write(session, body, moved, rows, at=at, parts={"note": {"reason": words}})
    return Begun(hold.id, len(covered), len(moved), len(free) - len(moved))


def end(session: Session, *, hold_id: UUID, by: Actor, at: datetime, photos: Path, today: date) -> tuple[int, int]:
    """End a hold: (parts that go back to their day's key or to another hold, parts erased because their day passed).

    Its key is destroyed by ``forget``, after the commit. Raises ``hold.unknown``, ``hold.ended``.
    """
    own = own_id(session)
    hold = session.scalars(
        select(LegalHold).where(LegalHold.enterprise_id == own, LegalHold.id == hold_id).with_for_update()
    ).one_or_none()
    if hold is None:
        raise NotFound("hold.unknown", Text("没有这项保全", "There is no such hold"))
    if hold.ended_at is not None:
        raise DomainError("hold.ended", Text("这项保全已经解除", "This hold has ended already"))
    rows = entries.lock(session, [UUID(each) for each in json.loads(hold.visits)])
    parts = list(
        session.scalars(
            select(LedgerPart)
            .where(LedgerPart.enterprise_id == own, LedgerPart.hold_id == hold_id)
            .order_by(LedgerPart.seq, LedgerPart.cls)
        )
    )
    hold.ended_at, hold.ended_by = at, by.id
    session.flush()
    others, visit_of = covering(session), entries.visits_of(session, (part.seq for part in parts))
    back, due = [], []
    for part in parts:
        other = others.get(visit_of[part.seq])
        if (other is not None or part.expires_on >= today) and _reseal(part, other, photos):
            back.append(part)
        else:
            part.hold_id = None
            due.append((part.seq, part.cls))
    body = {"hold": str(hold_id), "ended": True, "by": entries.person(by)}
    _write(session, body, back, rows, at=at)
    erased = erasing.erase(session, due, why=erasing.RETENTION, at=at, day=today) if due else 0
    return len(back), erased


def covering(session: Session) -> dict[UUID, UUID]:
    """Visit -> the hold that covers it now, the oldest where several do."""
    query = select(LegalHold).where(LegalHold.enterprise_id == own_id(session), LegalHold.ended_at.is_(None))
    found: dict[UUID, UUID] = {}
    for hold in session.scalars(query.order_by(LegalHold.begun_at, LegalHold.id)):
        for visit_id in json.loads(hold.visits):
            found.setdefault(UUID(visit_id), hold.id)
    return found


def take_in(session: Session, due: Sequence[entries.Named], *, photos: Path, at: datetime) -> set[entries.Named]:
    """Of parts whose time is over, put those under their hold that were written after it began; answers which."""
    holds = covering(session)
    if not holds:
        return set()
    visit_of = {seq: visit for seq, visit in entries.visits_of(session, (s for s, _ in due)).items() if visit in holds}
    wanted = {named for named in due if named[0] in visit_of}
    if not wanted:
        return set()
    rows = entries.lock(session, visit_of.values())
    taken: set[entries.Named] = set()
    for hold_id in sorted({holds[visit] for visit in visit_of.values()}):
        seqs = sorted(seq for seq, visit in visit_of.items() if holds[visit] == hold_id)
        query = select(LedgerPart).where(
            LedgerPart.enterprise_id == own_id(session), LedgerPart.seq.in_(seqs), LedgerPart.hold_id.is_(None)
        )
        moved = [p for p in session.scalars(query) if (p.seq, p.cls) in wanted and _reseal(p, hold_id, photos)]
        if moved:
            _write(session, {"hold": str(hold_id)}, moved, rows, at=at)
            taken |= {(part.seq, part.cls) for part in moved}
    return taken


def forget(session: Session, *, hold_id: UUID, photos: Path) -> int:
    """Destroy the key of an ended hold and its copies of photos, once the end is committed; answers 0 if it was."""
    files.drop_hold(photos, enterprise=own_id(session), hold=hold_id)
    return ledger.keystore().destroy_hold(own_id(session), hold_id)


def ended(session: Session) -> list[UUID]:
    """Holds of the session's enterprise that have ended."""
    query = select(LegalHold.id).where(LegalHold.enterprise_id == own_id(session), LegalHold.ended_at.is_not(None))
    return list(session.scalars(query))


def _reseal(part: LedgerPart, hold_id: UUID | None, photos: Path) -> bool:
    """Encrypt a part anew under ``hold_id`` (None: under its day's key); False where its key or the new one is gone."""
    keystore, enterprise = ledger.keystore(), part.enterprise_id
    at = {"enterprise": enterprise, "seq": part.seq, "cls": part.cls, "expires_on": part.expires_on}
    try:
        plain = keystore.open(part.ciphertext, **at, hold=part.hold_id)
        sealed = keystore.seal(plain, **at, hold=hold_id)
        if part.cls == "photo" and hold_id is not None:
            for name in names_in(json.loads(plain)):
                files.hold(
                    photos,
                    keystore,
                    name,
                    enterprise=enterprise,
                    expires_on=part.expires_on,
                    hold=hold_id,
                    before=part.hold_id,
                )
    except (KeyGone, InvalidTag):
        return False
    part.ciphertext, part.hold_id = sealed, hold_id
    return True


def _write(
    session: Session,
    body: Mapping[str, Any],
    moved: Sequence[LedgerPart],
    rows: Mapping[UUID, Visit],
    *,
    at: datetime,
    parts: Mapping[str, Any] | None = None,
) -> None:
    named = [[part.seq, part.cls, content_hash(part.ciphertext)] for part in moved]
    visits = set(entries.visits_of(session, (part.seq for part in moved)).values())
    session.flush()
    entries.write(session, kind="hold", body={**body, "parts": named}, visits=visits, rows=rows, at=at, parts=parts)


def reasons(session: Session) -> dict[UUID, str]:
    """The written reason of each hold, as far as it is still kept."""
    query = (
        select(LedgerEntry.bytes, LedgerPart)
        .join(
            LedgerPart,
            (LedgerPart.enterprise_id == LedgerEntry.enterprise_id) & (LedgerPart.seq == LedgerEntry.seq),
        )
        .where(LedgerEntry.enterprise_id == own_id(session), LedgerEntry.kind == "hold", LedgerPart.cls == "note")
    )
    found: dict[UUID, str] = {}
    for text, part in session.execute(query):
        opened = ledger.open_part(part)
        if opened:
            found[UUID(json.loads(text)["body"]["hold"])] = opened["reason"]
    return found
