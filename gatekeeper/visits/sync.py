"""What an enrolled desk sends: a batch of gate events, recorded in order, one outcome each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import Actor, SignedDesk
from gatekeeper.accounts import pins
from gatekeeper.clock import from_micros, micros
from gatekeeper.db import Engines
from gatekeeper.errors import DomainError, Invalid
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.rules.values import Text
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.record import Outcome, record_many

MOST_EVENTS = 100
TRIES = 5
EARLIEST, LATEST = 946_684_800_000_000, 4_102_444_800_000_000
"""A device's clock is believed between the years 2000 and 2100; beyond is no time at all."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event of a batch with who stands behind it; or, in its place, why it cannot be read.

    ``pin`` is sealed, and stands in no event; ``after`` what was sent as the one before it.
    """

    id: str
    event: Event | None = None
    by: Actor | None = None
    refused: DomainError | None = None
    pin: Any = None
    after: Any = None


class BatchInvalid(Invalid):
    """A request that is no batch of events."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "sync.shape",
            Text(f"不是一批记录（最多 {MOST_EVENTS} 条）", f"Not a batch of at most {MOST_EVENTS} entries"),
        )


def read(desk: SignedDesk, *, received_at: datetime) -> list[Sent]:
    """The events of a batch ``{"sent_at": micros, "events": [...]}``; raises ``BatchInvalid`` where it is none.

    ``sent_at`` is the phone's clock when it sent the batch: what an event's age is measured against, so that a wrong
    clock moves nothing.
    """
    data = desk.data
    events = data.get("events") if isinstance(data, dict) else None
    if not isinstance(events, list) or not 0 < len(events) <= MOST_EVENTS:
        raise BatchInvalid
    sent_at = moment(data.get("sent_at"))
    return [_sent(desk, item, sent_at, received_at) for item in events]


def _sent(desk: SignedDesk, item: Any, sent_at: int | None, received_at: datetime) -> Sent:
    known = item if isinstance(item, dict) else {}
    name, after = str(known.get("id"))[:64], known.get("after")
    try:
        event, pin = _event(desk, known, sent_at, received_at)
    except (KeyError, TypeError, ValueError, AttributeError):
        said = Text("记录的格式不对，请更新页面后再上传", "The entry has the wrong shape; update the page and retry")
        return Sent(name, refused=Invalid("event.shape", said), after=after)
    by = desk.people.get(str(known.get("by")))
    if by is None:
        said = Text("值班人不在本企业名单中或已停用", "The person on duty is not of this enterprise, or is disabled")
        return Sent(name, refused=Invalid("event.by", said), after=after)
    return Sent(name, event, by, pin=pin)


def _event(desk: SignedDesk, item: Mapping[str, Any], sent_at: int | None, received_at: datetime) -> tuple[Event, Any]:
    """The event, and the sealed PIN that came with an override: it goes no further than to be compared."""
    at, body, seen = moment(item["at"]), item.get("body", {}), item.get("seen", {})
    kind = EventKind(item["kind"])
    if at is None or not isinstance(body, dict) or not isinstance(seen, dict) or kind == EventKind.JUDGE:
        raise ValueError
    offset = micros(received_at) - sent_at if sent_at is not None else 0
    number, pin = item.get("n"), None
    if kind == EventKind.OVERRIDE:
        body, pin = {name: value for name, value in body.items() if name != "pin"}, body.get("pin")
    event = Event(
        id=UUID(item["id"]),
        visit_id=UUID(item["visit"]),
        kind=kind,
        at=from_micros(at),
        gate_id=desk.gate_id,
        body=body,
        after=UUID(item["after"]) if item.get("after") else None,
        device=str(desk.id),
        n=number if type(number) is int and 0 <= number < 2**53 else None,
        seen=seen,
        offset=offset,
    )
    return event, pin


def moment(value: Any) -> int | None:
    """A time as a device says it; None for what is none, or beyond belief."""
    return value if type(value) is int and EARLIEST <= value < LATEST else None


def proved(session: Session, engines: Engines, desk: SignedDesk, sent: Sequence[Sent], *, at: datetime) -> list[Sent]:
    """The batch with each new override marked whose PIN is not its person's; nobody waits while PINs are compared."""
    scope = tenancy.Enterprise(desk.enterprise_id)
    if not any(item.event and item.event.kind == EventKind.OVERRIDE for item in sent):
        return list(sent)
    session.rollback()
    with tenancy.open_session(engines, scope) as reading:
        ids = [item.event.id for item in sent if item.event and item.event.kind == EventKind.OVERRIDE]
        mine = (LedgerEntry.enterprise_id == scope.id, LedgerEntry.event_id.in_(ids))
        known = set(reading.scalars(select(LedgerEntry.event_id).where(*mine)))

    def marked(item: Sent) -> Sent:
        event, by = item.event, item.by
        if event is None or by is None or event.kind != EventKind.OVERRIDE or event.id in known:
            return item
        asked = {"user_id": by.id, "sealed": item.pin, "entry_id": str(event.id), "at": at}
        right = item.pin is not None and pins.proved(engines, scope, **asked)
        return item if right else replace(item, event=replace(event, unproven="override.pin"))

    return [marked(item) for item in sent]


def recorded(session: Session, sent: Sequence[Sent], *, received_at: datetime) -> list[Outcome | DomainError]:
    """Record what can be read, in order; a transaction that lost a race is tried again.

    Such a race: two desks that both write the first entry of a book, an id that stands for another visit's event, a
    deadlock or a serialization failure of PostgreSQL. On SQLite there are none, one writes at a time.
    """
    events = [(item.event, item.by) for item in sent if item.event is not None]
    unread = {UUID(item.id): _id(item.after) for item in sent if item.refused and _id(item.id)}
    for attempt in range(TRIES):
        try:
            found = record_many(session, events, received_at=received_at, look_up=attempt > 0, passed_over=unread)
            break
        except (IntegrityError, OperationalError) as lost:
            session.rollback()
            if attempt == TRIES - 1 or not _is_race(lost):
                raise
    outcomes = iter(found)
    return [item.refused or next(outcomes) for item in sent]


def _id(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


def _is_race(error: IntegrityError | OperationalError) -> bool:
    """A unique violation, deadlock or serialization failure; anything else is a fault or a database that is gone."""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in ("40001", "40P01")


def answer(sent: Sequence[Sent], outcomes: Sequence[Outcome | DomainError], *, revoked: bool) -> dict[str, Any]:
    """What the desk is told: one outcome for each event, in order; ``revoked`` asks it to forget what was taken."""
    told = [_told(*pair) for pair in zip(sent, outcomes, strict=True)]
    return {"outcomes": told, "revoked": revoked}


def _told(item: Sent, outcome: Outcome | DomainError) -> dict[str, Any]:
    if isinstance(outcome, DomainError):
        text = {"zh": outcome.text.zh, "en": outcome.text.en}
        return {"id": item.id, "state": "refused", "code": outcome.code, "text": text, "field": outcome.field}
    return {
        "id": item.id,
        "state": outcome.state,
        "seq": outcome.seq,
        "reason": outcome.reason,
        "replayed": outcome.replayed,
        "outcome": dict(outcome.data),
    }
