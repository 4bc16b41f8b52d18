"""``record``: the only way into the book for what happens at a gate.

One transaction: lock the visit, look the event's id up, apply it, decide, lock the head last, write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.clock import day_of, from_micros, micros
from gatekeeper.errors import DomainError
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id
from gatekeeper.visits import book, cache, judge, override, projection
from gatekeeper.visits.events import SERVER, Event, EventKind, checked, merge, split
from gatekeeper.visits.folding import APPLY, SET_ASIDE, Fold, release, step
from gatekeeper.visits.history import TROUBLES
from gatekeeper.visits.models import Visit, VisitEvent
from gatekeeper.visits.state import Recorded, State, applied, trouble

ONLINE = timedelta(seconds=10)
"""An event received this soon after it happened is dated by the server's clock alone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event.

    ``state``: ``applied``, ``waiting`` (for the event it came after) or ``attention`` (``reason`` says why it cannot
    be applied); ``data`` is the stored outcome; ``visit`` the state after it, None while the visit has not arrived;
    ``replayed`` marks a repeat.
    """

    event_id: UUID
    seq: int
    state: str
    reason: str | None
    data: Mapping[str, Any]
    visit: State | None
    replayed: bool = False


class SameIdOtherBody(DomainError):
    """An id that already stands for another event."""

    def __init__(self) -> None:
        super().__init__(
            "event.id_taken",
            Text("同一编号已登记过不同的内容，请刷新页面", "This id already stands for another entry; reload the page"),
        )


class NothingToResolve(DomainError):
    """What was to be resolved does not wait: somebody else dealt with it, or it was released meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "resolve.done", Text("这条记录已经处理过了，请刷新页面", "This was dealt with already; reload the page")
        )


class StillImpossible(DomainError):
    """An event that a person wants applied still cannot be."""

    def __init__(self, reason: str) -> None:
        why = TROUBLES[reason]
        super().__init__(
            "resolve.impossible",
            Text(
                f"仍然不能执行：{why.zh}。可以改为不执行", f"It still cannot be applied: {why.en}. Set it aside instead"
            ),
        )


def record(
    session: Session, event: Event, *, by: Actor | None, received_at: datetime, keep_from: date | None = None
) -> Outcome:
    """Write one event into the book of the session's enterprise and answer what it led to.

    ``by`` None: the server itself (a ``judge``). ``received_at`` is the server's clock; ``keep_from`` the day from
    which people's data is kept (a demo's). Every event is kept: what cannot be applied waits or needs attention.
    Raises ``Invalid`` for a malformed body, ``SameIdOtherBody``, and ``Forbidden`` for an override that is not this
    person's to give. Source: docs/trust.md.
    """
    enterprise_id = own_id(session)
    event = checked(event)
    row = session.execute(
        select(Visit).where(Visit.enterprise_id == enterprise_id, Visit.id == event.visit_id).with_for_update()
    ).scalar_one_or_none()
    repeat = _repeat(session, enterprise_id, event)
    if repeat is not None:
        return repeat
    fold = _standing(session, enterprise_id, event.visit_id, row)
    person = {"id": str(by.id), "name": by.name, "role": by.role.value} if by else SERVER
    entry = Recorded(
        seq=0,
        event_id=str(event.id),
        kind=event.kind.value,
        gate=str(event.gate_id),
        by=person,
        at=micros(_decided_at(event, fold.state, received_at)),
        body=event.body,
        outcome={},
        after=str(event.after) if event.after else None,
    )
    outcome = _outcome(session, event, entry, fold, by)
    public, parts = split(event.body)
    kept = ledger.kept(parts, start=keep_from or day_of(received_at))
    if kept.keys() < parts.keys():  # it arrived past its time: judged with these values, written without them
        outcome["dropped"] = sorted(parts.keys() - kept.keys())
    written = ledger.append(
        session,
        event_id=event.id,
        kind=event.kind.value,
        received_at=received_at,
        body={"event": {**event.envelope(public), "by": person}, "outcome": outcome},
        parts=kept,
        keep_from=keep_from,
    )
    _note_event(session, enterprise_id, event, written.seq, outcome["state"])
    _settle(session, enterprise_id, event, outcome)
    after = step(fold, entry._replace(seq=written.seq, body=merge(public, kept), outcome=outcome))
    if after.state is not None:
        after = after._replace(state=replace(after.state, visit_id=str(event.visit_id)))
        projection.write(session, enterprise_id, after.state, row=row)
        cache.keep(session, enterprise_id, after)
        session.flush()
    return Outcome(event.id, written.seq, outcome["state"], outcome.get("reason"), outcome, after.state)


def record_each(
    session: Session, events: Sequence[tuple[Event, Actor | None]], *, received_at: datetime
) -> dict[str, Outcome | DomainError]:
    """Record a batch in order; what is refused is told by its error and the others are recorded all the same."""
    outcomes: dict[str, Outcome | DomainError] = {}
    for event, by in events:
        try:
            outcomes[str(event.id)] = record(session, event, by=by, received_at=received_at)
        except DomainError as error:
            outcomes[str(event.id)] = error
    return outcomes


def _standing(session: Session, enterprise_id: UUID, visit_id: UUID, row: Visit | None) -> Fold:
    """The visit so far; from this process's memory where the locked row says that it is still true."""
    known = cache.find(session, enterprise_id, visit_id, last_seq=row.last_seq) if row is not None else None
    return known or book.folded(session, enterprise_id=enterprise_id, visit_id=visit_id)


def _repeat(session: Session, enterprise_id: UUID, event: Event) -> Outcome | None:
    """The stored outcome of an event that was recorded before; raises where the id stands for something else."""
    entry = session.scalars(
        select(LedgerEntry).where(LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.event_id == event.id)
    ).one_or_none()
    if entry is None:
        return None
    parts = session.scalars(
        select(LedgerPart).where(LedgerPart.enterprise_id == enterprise_id, LedgerPart.seq == entry.seq)
    ).all()
    if entry.kind not in book.GATE_KINDS:
        raise SameIdOtherBody
    visit, stored = book.recorded(entry, parts)
    public, new_parts = split(event.body)
    stored_public, stored_parts = split(stored.body)
    same_parts = all(new_parts.get(cls) == value for cls, value in stored_parts.items())
    if (visit, stored.kind, stored_public) != (str(event.visit_id), event.kind.value, public) or not same_parts:
        raise SameIdOtherBody
    fold = book.folded(session, enterprise_id=enterprise_id, visit_id=event.visit_id)
    state = session.scalars(
        select(VisitEvent.state).where(
            VisitEvent.enterprise_id == enterprise_id,
            VisitEvent.visit_id == event.visit_id,
            VisitEvent.seq == entry.seq,
        )
    ).one()
    return Outcome(event.id, entry.seq, state, stored.outcome.get("reason"), stored.outcome, fold.state, replayed=True)


def _decided_at(event: Event, before: State | None, received_at: datetime) -> datetime:
    """Which clock decides: the server's online, else the device's put right, between the visit's last event and now."""
    if event.device is None:
        return received_at
    happened = event.at + timedelta(microseconds=event.offset)
    if received_at - happened < ONLINE:
        return received_at
    return max(happened, from_micros(before.decided_at)) if before else happened


def _outcome(session: Session, event: Event, entry: Recorded, fold: Fold, by: Actor | None) -> dict[str, Any]:
    """The outcome of an event that is not a repeat, with those put off before that it releases."""
    known = fold.state.received if fold.state else frozenset()
    if event.after is not None and str(event.after) not in known:
        return {"at": entry.at, "state": "waiting"}
    if event.kind == EventKind.RESOLVE:
        if not fold.put_off.keys() >= set(event.body["events"]):
            raise NothingToResolve
        outcome: dict[str, Any] = {"at": entry.at, "state": "applied"}
        wanted = list(event.body["events"]) if event.body["how"] == APPLY else []
    else:
        outcome, wanted = _applied_outcome(session, entry, fold.state, by), []
    released: list[dict[str, Any]] = []
    fold = step(fold, entry._replace(outcome=outcome))
    while late := _next(fold, wanted):
        late = late._replace(at=entry.at)
        freed = {"event": late.event_id, **_applied_outcome(session, late, fold.state, None)}
        if late.event_id in wanted and freed["state"] != "applied":
            raise StillImpossible(freed["reason"])
        wanted = [event for event in wanted if event != late.event_id]
        released.append(freed)
        fold = release(fold, freed, seq=entry.seq)
    return {**outcome, "released": released} if released else outcome


def _next(fold: Fold, wanted: Sequence[str]) -> Recorded | None:
    """The next event to release: those a person wants applied first, then those whose predecessor is here."""
    if wanted:
        return fold.put_off[wanted[0]]
    if fold.state is None:
        return None
    received = fold.state.received
    waiting = (late for late in fold.put_off.values() if late.outcome["state"] == "waiting")
    return next((late for late in waiting if late.after in received), None)


def _applied_outcome(session: Session, entry: Recorded, before: State | None, by: Actor | None) -> dict[str, Any]:
    reason = trouble(before, entry.kind)
    if reason is not None:
        return {"at": entry.at, "state": "attention", "reason": reason}
    if entry.kind == EventKind.OVERRIDE and by is not None:
        override.check(session, before, entry, by=by)
    state = applied(before, entry)
    return {"at": entry.at, "state": "applied", **judge.outcome(session, before, state, entry)}


def _note_event(session: Session, enterprise_id: UUID, event: Event, seq: int, state: str) -> None:
    session.add(
        VisitEvent(
            enterprise_id=enterprise_id,
            visit_id=event.visit_id,
            seq=seq,
            event_id=event.id,
            kind=event.kind.value,
            after=event.after,
            state=state,
        )
    )


def _settle(session: Session, enterprise_id: UUID, event: Event, outcome: Mapping[str, Any]) -> None:
    """Earlier events that this one released, or that a person resolved with it, are no longer waiting."""
    settled = {item["event"]: item["state"] for item in outcome.get("released", ())}
    if event.kind == EventKind.RESOLVE and event.body["how"] == SET_ASIDE:
        settled.update(dict.fromkeys(event.body["events"], "resolved"))
    if not settled:
        return
    query = select(VisitEvent).where(
        VisitEvent.enterprise_id == enterprise_id,
        VisitEvent.visit_id == event.visit_id,
        VisitEvent.event_id.in_([UUID(known) for known in settled]),
    )
    for row in session.scalars(query):
        row.state = settled[str(row.event_id)]
