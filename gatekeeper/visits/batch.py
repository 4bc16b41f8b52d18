"""The events of one transaction: their visits are locked, they are judged in memory, their rows written at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.clock import day_of, from_micros, micros
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.chain import content_hash, digest, entry_text
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.retention import days_of
from gatekeeper.rules.values import Rulebook
from gatekeeper.tenancy import own_id
from gatekeeper.visits import book, cache, writing
from gatekeeper.visits.events import SERVER, Event, EventKind, merge, split
from gatekeeper.visits.folding import Fold, step
from gatekeeper.visits.ground import Ground
from gatekeeper.visits.models import VisitEvent
from gatekeeper.visits.outcomes import Outcome, SameIdOtherBody, decided_at, outcome_of, settled_by
from gatekeeper.visits.state import Recorded, State, changed, judging_order


@dataclass
class Taken:
    """An event that will be an entry: what is public of it, what is personal and kept for how long, its outcome."""

    event: Event
    entry: Recorded
    public: dict[str, Any]
    parts: dict[str, Any]
    retention: Mapping[str, int]


class Batch:
    """The events of one transaction: visits are locked, events judged in memory, rows written at the end."""

    def __init__(self, session: Session, received_at: datetime, keep_from: date | None) -> None:
        self.session, self.received_at = session, received_at
        self.start = keep_from or day_of(received_at)
        self.enterprise_id = own_id(session)
        self.ground = Ground(session)
        self.head: writing.Head | None = None
        self.before: dict[UUID, Fold] = {}
        self.folds: dict[UUID, Fold] = {}
        self.taken: dict[UUID, Taken] = {}

    def lock(self, events: Sequence[Event]) -> None:
        """Lock the visits of ``events``, and fold each as it stands. Where one has no row yet, the head is locked."""
        ids = dict.fromkeys(event.visit_id for event in events)
        if not ids:
            return
        arriving = any(event.kind == EventKind.ARRIVE for event in events)
        locked = writing.lock(self.session, ids, arriving=arriving)
        self.head = locked.head
        for visit in ids:
            self.before[visit] = self.folds[visit] = self._standing(visit, locked)

    def _standing(self, visit: UUID, locked: writing.Locked) -> Fold:
        """The visit so far; from this process's memory where the locked row says that it is still true."""
        if visit in locked.unknown:
            return Fold()
        last_seq = locked.rows.get(visit)
        if last_seq is not None:
            known = cache.find(self.session, self.enterprise_id, visit, last_seq=last_seq)
            if known is not None:
                return known
        return book.folded(self.session, enterprise_id=self.enterprise_id, visit_id=visit)

    def take(self, event: Event, by: Actor | None, *, look_up: bool) -> Outcome | UUID:
        """Judge one event; its id where it will be written with the others, the stored outcome where it was before."""
        fold, name = self.folds[event.visit_id], str(event.id)
        if event.id in self.taken:
            same = self.taken[event.id].event
            if (same.visit_id, same.kind, same.body) != (event.visit_id, event.kind, event.body):
                raise SameIdOtherBody
            return event.id
        if look_up or name in fold.put_off or (fold.state is not None and name in fold.state.received):
            repeat = _repeat(self.session, self.enterprise_id, event)
            if repeat is not None:
                return repeat
        public, parts = split(event.body)
        entry = Recorded(
            seq=0,
            event_id=name,
            kind=event.kind.value,
            gate=str(event.gate_id),
            by={"id": str(by.id), "name": by.name, "role": by.role.value} if by else SERVER,
            at=micros(decided_at(event, fold.state, self.received_at)),
            body=event.body,
            outcome={},
            after=str(event.after) if event.after else None,
        )
        outcome = outcome_of(self.ground, event, entry, fold)
        retention = days_of(self._books(fold.state, entry, outcome))
        kept = ledger.kept(parts, start=self.start, retention=retention)
        if kept.keys() < parts.keys():  # it arrived past its time: judged with these values, written without them
            outcome["dropped"] = sorted(parts.keys() - kept.keys())
            entry = entry._replace(body=merge(public, kept))
        entry = entry._replace(outcome=outcome)
        self.folds[event.visit_id] = step(fold, entry)
        self.taken[event.id] = Taken(event, entry, public, kept, retention)
        return event.id

    def _books(self, state: State | None, entry: Recorded, outcome: Mapping[str, Any]) -> Sequence[Rulebook]:
        """The rulebooks that say how long the event's values are kept: those that judge it, else those in force."""
        judged = judging_order(outcome.get("versions", {}), outcome.get("switches", ()))
        ids = judged or (state.book_ids if state else [])
        if ids:
            return rulebooks.by_ids(self.session, ids=[UUID(book) for book in ids])
        at = from_micros(entry.at)
        return self.ground.at(at, gate=entry.gate, plate=None, day=day_of(at)).books

    def write(self) -> dict[UUID, Outcome]:
        """Write everything that was taken; answers the outcome of each by its id."""
        if not self.taken:
            return {}
        head = self.head or writing.lock_head(self.session)
        rows, outcomes = writing.Rows(), {}
        self.folds = dict(self.before)
        for name, taken in self.taken.items():
            self._add(rows, head, taken)
            outcome, state = taken.entry.outcome, self.folds[taken.event.visit_id].state
            outcomes[name] = Outcome(name, head.seq, outcome["state"], outcome.get("reason"), outcome, state)
        changes = [
            (self.before[visit].state, fold.state)
            for visit, fold in self.folds.items()
            if fold.state is not None and fold is not self.before[visit]
        ]
        writing.write(self.session, self.enterprise_id, head, rows, changes)
        for fold in self.folds.values():
            cache.keep(self.session, self.enterprise_id, fold)
        return outcomes

    def _add(self, rows: writing.Rows, head: writing.Head, taken: Taken) -> None:
        """The rows of one event behind the head, which moves on, and its visit one entry further."""
        event, outcome, head_seq = taken.event, taken.entry.outcome, head.seq + 1
        sealed = ledger.sealed(self.enterprise_id, head_seq, taken.parts, self.start, taken.retention)
        text = entry_text(
            book=str(self.enterprise_id),
            seq=head_seq,
            event_id=str(event.id),
            kind=event.kind.value,
            received_at=micros(self.received_at),
            body={"event": {**event.envelope(taken.public), "by": taken.entry.by}, "outcome": outcome},
            parts={cls: content_hash(ciphertext) for cls, ciphertext, _ in sealed},
            prev=head.hash,
        )
        rows.entries.append(
            {
                "seq": head_seq,
                "event_id": event.id,
                "kind": event.kind.value,
                "received_at": self.received_at,
                "bytes": text,
                "prev": head.hash,
                "hash": (hashed := digest(text)),
            }
        )
        rows.parts += [
            {"seq": head_seq, "class": cls, "ciphertext": ciphertext, "expires_on": expires_on, "hold_id": None}
            for cls, ciphertext, expires_on in sealed
        ]
        head.seq, head.hash = head_seq, hashed
        rows.events.append(
            {
                "visit_id": event.visit_id,
                "seq": head_seq,
                "event_id": event.id,
                "kind": event.kind.value,
                "after": event.after,
                "state": outcome["state"],
            }
        )
        rows.settled += [
            {"visit": event.visit_id, "event": UUID(name), "became": state}
            for name, state in settled_by(event, outcome).items()
        ]
        after = step(self.folds[event.visit_id], taken.entry._replace(seq=head_seq))
        named = after.state and changed(after.state, visit_id=str(event.visit_id))
        self.folds[event.visit_id] = after._replace(state=named)


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
