"""Looking at what is masked: each look is an entry in the enterprise's book, for a purpose, and limited."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor, Role
from gatekeeper.clock import local
from gatekeeper.errors import DomainError, Forbidden, Invalid, NotFound
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.models import LedgerEntry, LedgerHead, LedgerPart
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id
from gatekeeper.visits.folding import ABOUT
from gatekeeper.visits.models import Visit, VisitEvent
from gatekeeper.visits.reveal_words import CLASSES, OTHER, PURPOSES

KIND = "reveal"
MOST, WINDOW = 30, timedelta(hours=1)
"""So many visits may one person look into within that time, over all enterprises they can reach."""

STANDS = timedelta(minutes=10)
"""How long one look stands: its page sent again within that time is the same look."""

MAY: Mapping[Role, tuple[str, ...]] = {
    Role.SHIFT_LEAD: ("contact",),
    Role.ENTERPRISE_ADMIN: ("contact", "identity", "health", "photo"),
    Role.INSPECTOR: tuple(CLASSES),
    Role.TOWNSHIP_ADMIN: tuple(CLASSES),
}
"""What each role may ask to see. Notes stand plain for the enterprise's own people; a guard sees nothing again."""


class TooManyLooks(DomainError):
    """More visits than one person may look into within the hour; ``again_at`` is when the next is possible."""

    status = 429

    def __init__(self, again_at: datetime) -> None:
        self.again_at = again_at
        clock = local(again_at).strftime("%H:%M")
        super().__init__(
            "reveal.limit",
            Text(
                f"一小时内最多查看 {MOST} 次来访的完整信息，{clock} 以后可以再看",
                f"At most {MOST} visits can be looked into within an hour; again after {clock}",
            ),
        )


class LookOver(DomainError):
    """The page of a look that is over, or of another one, was sent again."""

    def __init__(self) -> None:
        super().__init__(
            "reveal.over",
            Text("这次查看已经结束，请重新选择用途再看", "That look is over; choose the purpose again to look"),
        )


def offered(session: Session, *, enterprise_id: UUID, visit_id: UUID, role: Role) -> tuple[str, ...]:
    """The classes that ``role`` may ask to see and of which the visit still holds something, in the order of words."""
    allowed = MAY.get(role, ())
    if not allowed:
        return ()
    query = (
        select(LedgerPart.cls)
        .join(VisitEvent, (VisitEvent.enterprise_id == LedgerPart.enterprise_id) & (VisitEvent.seq == LedgerPart.seq))
        .where(
            LedgerPart.enterprise_id == enterprise_id,
            VisitEvent.visit_id == visit_id,
            VisitEvent.kind.not_in(ABOUT),
            LedgerPart.cls.in_(allowed),
        )
        .distinct()
    )
    held = set(session.scalars(query))
    return tuple(cls for cls in CLASSES if cls in held)


def reveal(
    session: Session,
    *,
    visit_id: UUID,
    classes: Sequence[str],
    purpose: str,
    text: str | None = None,
    event_id: UUID,
    office: str,
    by: Actor,
    at: datetime,
    looks: Session,
) -> int:
    """Write that ``by`` (from ``office``, a name) looks at ``classes`` of a visit; answers the entry's ``seq``.

    Written in the session of the visit's enterprise, before anything is shown. ``looks`` is a session that reads every
    enterprise this person can reach, fresh, so that it sees what was committed before the head was locked. The same
    ``event_id`` within ten minutes is the same look. Raises ``TooManyLooks``, ``LookOver``, ``Forbidden``, ``Invalid``
    and ``NotFound``.
    """
    own, classes = own_id(session), sorted(set(classes))
    _check(classes, purpose, text, by)
    visit = session.scalars(
        select(Visit).where(Visit.enterprise_id == own, Visit.id == visit_id).with_for_update()
    ).one_or_none()
    if visit is None:
        raise NotFound("visit.unknown", Text("没有找到这次来访", "There is no such visit"))
    session.execute(select(LedgerHead).with_for_update())
    repeat = _repeat(session, own, event_id, visit_id, classes, by, at)
    if repeat is not None:
        return repeat
    _limit(looks, visit_id, by, at)
    person = {"id": str(by.id), "name": by.name, "role": by.role.value}
    written = ledger.append(
        session,
        event_id=event_id,
        kind=KIND,
        received_at=at,
        body={"visit": str(visit_id), "classes": classes, "purpose": purpose, "office": office, "by": person},
        parts={"note": {"texts": {"text": text}}} if text else None,
    )
    row = VisitEvent(enterprise_id=own, visit_id=visit_id, seq=written.seq, event_id=event_id, kind=KIND)
    row.after, row.state = None, "applied"
    session.add(row)
    visit.last_seq = written.seq
    session.flush()
    return written.seq


def _check(classes: Sequence[str], purpose: str, text: str | None, by: Actor) -> None:
    if not classes:
        raise Invalid("reveal.classes", Text("请选择要看的内容", "Choose what to see"), field="classes")
    if not set(classes) <= set(MAY.get(by.role, ())):
        raise Forbidden("reveal.role", Text("您的岗位不能看这些内容", "Your role cannot see this"))
    if purpose not in PURPOSES:
        raise Invalid("reveal.purpose", Text("请选择用途", "Choose the purpose"), field="purpose")
    if purpose == OTHER and not (text or "").strip():
        raise Invalid("reveal.text", Text("请写明用途", "Say what it is for"), field="text")


def is_reveal() -> BindParameter[str]:
    """The kind, written into the statement itself: only so is the index over looks taken."""
    return bindparam("reveal_kind", KIND, literal_execute=True)


def _repeat(
    session: Session, own: UUID, event_id: UUID, visit_id: UUID, classes: Sequence[str], by: Actor, at: datetime
) -> int | None:
    """The ``seq`` of this very look, None when it is new; raises ``LookOver`` for anything else under that id."""
    entry = session.scalars(
        select(LedgerEntry).where(LedgerEntry.enterprise_id == own, LedgerEntry.event_id == event_id)
    ).one_or_none()
    if entry is None:
        return None
    body = json.loads(entry.bytes)["body"]
    same = entry.kind == KIND and (body["visit"], body["classes"]) == (str(visit_id), list(classes))
    if not same or body["by"]["id"] != str(by.id) or not entry.received_at <= at <= entry.received_at + STANDS:
        raise LookOver
    return entry.seq


def _limit(looks: Session, visit_id: UUID, by: Actor, at: datetime) -> None:
    seen = looked(looks, by=by.id, since=at - WINDOW)
    if str(visit_id) not in seen and len(seen) >= MOST:
        raise TooManyLooks(sorted(seen.values())[len(seen) - MOST] + WINDOW)


def looked(session: Session, *, by: UUID, since: datetime) -> dict[str, datetime]:
    """The visits that a person looked into after ``since``, in all the session reads, each with its last look."""
    query = select(LedgerEntry.received_at, LedgerEntry.bytes).where(
        LedgerEntry.kind == is_reveal(), LedgerEntry.received_at > since
    )
    seen: dict[str, datetime] = {}
    for received_at, text in session.execute(query.order_by(LedgerEntry.received_at)):
        body = json.loads(text)["body"]
        if body["by"]["id"] == str(by):
            seen[body["visit"]] = received_at
    return seen
