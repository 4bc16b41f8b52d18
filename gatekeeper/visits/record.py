"""``record``: the only way into the book for what happens at a gate.

One transaction: lock the visits, look at each event, apply it, decide, lock the head last, write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.errors import DomainError
from gatekeeper.visits.batch import Batch
from gatekeeper.visits.events import Event, checked
from gatekeeper.visits.outcomes import NothingToResolve, Outcome, SameIdOtherBody, StillImpossible

__all__ = ["NothingToResolve", "Outcome", "SameIdOtherBody", "StillImpossible", "record", "record_many"]


def record(
    session: Session, event: Event, *, by: Actor | None, received_at: datetime, keep_from: date | None = None
) -> Outcome:
    """Write one event into the book of the session's enterprise and answer what it led to.

    ``by`` None: the server itself (a ``judge``). Raises ``Invalid`` for a malformed body, ``SameIdOtherBody``, and
    ``Forbidden`` for an override that is not this person's to give. Otherwise as ``record_many``.
    """
    given = [(event, by)]
    outcome = record_many(session, given, received_at=received_at, keep_from=keep_from, look_up=True)[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def record_many(
    session: Session,
    events: Sequence[tuple[Event, Actor | None]],
    *,
    received_at: datetime,
    keep_from: date | None = None,
    look_up: bool = False,
    passed_over: Mapping[UUID, UUID | None] = MappingProxyType({}),
) -> list[Outcome | DomainError]:
    """Record a batch in order, one outcome each; what is refused is told by its error, the others are recorded.

    ``received_at`` is the server's clock; ``keep_from`` the day from which people's data is kept (a demo's). Every
    event is kept: what cannot be applied waits or needs attention. Without ``look_up`` an id that stands for an event
    of another visit is found by the database alone (``IntegrityError``: try again with it). Source: docs/trust.md.
    ``passed_over``: (id, the one before it) of entries that could not be read. What comes after one that is refused
    comes after the one before it, so that it does not wait for what will never be here.
    """
    session.flush()
    batch = Batch(session, received_at, keep_from)
    found = [_checked(event) for event, _ in events]
    batch.lock([event for event in found if isinstance(event, Event)])
    outcomes: list[Outcome | DomainError | UUID] = []
    refused = dict(passed_over)
    for event, (sent, by) in zip(found, events, strict=True):
        try:
            if isinstance(event, DomainError):
                raise event
            outcomes.append(batch.take(_behind(event, refused), by, look_up=look_up))
        except DomainError as error:
            refused[sent.id] = sent.after
            outcomes.append(error)
    written = batch.write()
    session.expire_all()
    return _told(outcomes, written)


def _told(
    outcomes: Sequence[Outcome | DomainError | UUID], written: dict[UUID, Outcome]
) -> list[Outcome | DomainError]:
    """The outcome of each event; one that stands in the batch twice is a repeat the second time."""
    told: list[Outcome | DomainError] = []
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, UUID):
            told.append(replace(written[outcome], replayed=outcome in outcomes[:index]))
        else:
            told.append(outcome)
    return told


def _behind(event: Event, refused: Mapping[UUID, UUID | None]) -> Event:
    """The event behind the last one before it that was not refused."""
    after, seen = event.after, set()
    while after in refused and after not in seen:
        seen.add(after)
        after = refused[after]
    return event if after == event.after else replace(event, after=after)


def _checked(event: Event) -> Event | DomainError:
    try:
        return checked(event)
    except DomainError as error:
        return error
