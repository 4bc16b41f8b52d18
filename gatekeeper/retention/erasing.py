"""Erasing parts: they are deleted, an entry names them, and what was made from them forgets them too."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.clock import day_of, start_of
from gatekeeper.enterprises.models import Enterprise, Township
from gatekeeper.errors import DomainError
from gatekeeper.ledger.models import LedgerEntry, LedgerPart, LegalHold
from gatekeeper.registrations.models import Registration
from gatekeeper.retention import entries
from gatekeeper.retention.entries import Named
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.retention import days_of
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id
from gatekeeper.watched.models import WatchedPlate

RETENTION, REQUEST = "retention", "request"
"""Why something was erased: its time was over, or its person asked for it."""


class UnderHold(DomainError):
    """What is under a legal hold is not erased before the hold ends."""

    def __init__(self) -> None:
        super().__init__(
            "hold.active",
            Text(
                "这次来访的信息正按法律要求保全，解除后才能删除",
                "This visit is under a legal hold; it is erased when that ends",
            ),
        )


def erase(
    session: Session,
    named: Sequence[Named],
    *,
    why: str,
    at: datetime,
    day: date | None = None,
    by: Actor | None = None,
) -> int:
    """Erase these parts, as far as they are still there and under no hold; answers how many.

    One ``erase`` entry names them all; ``day`` is the day for which retention ran. Writes nothing where none is left.
    """
    own, wanted = own_id(session), set(named)
    visit_of = entries.visits_of(session, (seq for seq, _ in wanted))
    rows = entries.lock(session, visit_of.values())
    query = select(LedgerPart).where(
        LedgerPart.enterprise_id == own,
        LedgerPart.seq.in_(sorted({seq for seq, _ in wanted})),
        LedgerPart.hold_id.is_(None),
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    parts = [part for part in session.scalars(query) if (part.seq, part.cls) in wanted]
    if not parts:
        return 0
    gone = sorted((part.seq, part.cls) for part in parts)
    _clear_registrations(session, own, [each for each in gone if each[0] not in visit_of], today=day or day_of(at))
    for part in parts:
        session.delete(part)
    session.flush()
    body: dict[str, object] = {"parts": [list(each) for each in gone], "why": why}
    if day is not None:
        body["day"] = day.isoformat()
    if by is not None:
        body["by"] = entries.person(by)
    concerned = {visit_of[seq] for seq, _ in gone if seq in visit_of}
    entries.write(session, kind="erase", body=body, visits=concerned, rows=rows, at=at)
    return len(gone)


def erase_visit(
    session: Session, visit_id: UUID, classes: Collection[str], *, by: Actor, at: datetime, why: str = REQUEST
) -> int:
    """Erase what one visit and its announcement hold in ``classes`` at once; answers how many parts.

    Copies in backups go when the day's key is destroyed. Raises ``UnderHold``.
    """
    row = entries.lock(session, [visit_id]).get(visit_id)
    query = select(LegalHold.visits).where(LegalHold.enterprise_id == own_id(session), LegalHold.ended_at.is_(None))
    if any(str(visit_id) in json.loads(covered) for covered in session.scalars(query)):
        raise UnderHold
    named = [(part.seq, part.cls) for part in entries.parts_of_visits(session, [visit_id]) if part.cls in classes]
    if row is not None and row.registration_id is not None:
        acts = _acts_about(session, row.registration_id)
        named += [(seq, cls) for seq in acts for cls in classes]
        if "plate" in classes:
            _forget(session, Registration.id == row.registration_id)
    return erase(session, named, why=why, at=at, by=by)


def _acts_about(session: Session, registration_id: UUID) -> list[int]:
    """The entries about one registration, by ``seq``."""
    query = select(LedgerEntry.seq).where(
        LedgerEntry.enterprise_id == own_id(session),
        LedgerEntry.kind == "act",
        LedgerEntry.bytes.contains(f'"subject":"{registration_id}"'),
    )
    return list(session.scalars(query.order_by(LedgerEntry.seq)))


def _clear_registrations(session: Session, own: UUID, gone: Sequence[Named], *, today: date) -> None:
    """A registration forgets the plate that its entries forget; one that is still to come keeps it until its day."""
    if not gone:
        return
    classes: dict[int, set[str]] = {}
    for seq, cls in gone:
        classes.setdefault(seq, set()).add(cls)
    query = select(LedgerEntry.seq, LedgerEntry.bytes).where(
        LedgerEntry.enterprise_id == own, LedgerEntry.seq.in_(sorted(classes)), LedgerEntry.kind == "act"
    )
    plates: set[UUID] = set()
    for seq, text in session.execute(query):
        act = json.loads(text)["body"]
        if act["act"].startswith("registration.") and "plate" in classes[seq]:
            plates.add(UUID(act["subject"]))
    _forget(session, Registration.id.in_(sorted(plates)), Registration.day < today)


def old_registrations(session: Session, *, today: date, at: datetime) -> int:
    """Clear the plates of registrations whose time is over, whatever their entries hold; answers how many rows.

    In a demo township time counts from the day the demo was made, as for everything played there.
    """
    days = days_of(rulebooks.in_force(session, at=at))["plate"]
    before, made = today - timedelta(days=days), _demo_made(session)
    return _forget(session, Registration.day < before) if made is None or made < before else 0


def old_watched(session: Session, *, today: date, at: datetime) -> int:
    """Clear plate and reason of what has not been watched for as long as plates are kept; answers how many rows."""
    before = today - timedelta(days=days_of(rulebooks.in_force(session, at=at))["plate"])
    over = or_(WatchedPlate.lifted_at < start_of(before), WatchedPlate.until < before)
    query = select(WatchedPlate).where(WatchedPlate.enterprise_id == own_id(session), WatchedPlate.plate != "", over)
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        row.plate = row.why = ""
    session.flush()
    return len(rows)


def _forget(session: Session, *where: ColumnElement[bool]) -> int:
    query = select(Registration).where(Registration.enterprise_id == own_id(session), Registration.plate != "", *where)
    rows = session.scalars(query.order_by(Registration.id).with_for_update()).all()
    for row in rows:
        row.plate = ""
    session.flush()
    return len(rows)


def _demo_made(session: Session) -> date | None:
    """The day on which the demo township of this enterprise was made; None in a real one."""
    row = session.get(Enterprise, own_id(session))
    township = session.get(Township, row.township_id) if row is not None and row.township_id else None
    return day_of(township.created_at) if township is not None and township.demo else None


def due(session: Session, *, today: date, most: int) -> list[Named]:
    """Up to ``most`` parts whose last day was before ``today`` and that no hold keeps, by ``seq``."""
    query = (
        select(LedgerPart.seq, LedgerPart.cls)
        .where(LedgerPart.enterprise_id == own_id(session), LedgerPart.expires_on < today, LedgerPart.hold_id.is_(None))
        .order_by(LedgerPart.seq, LedgerPart.cls)
        .limit(most)
    )
    return [(seq, cls) for seq, cls in session.execute(query)]
