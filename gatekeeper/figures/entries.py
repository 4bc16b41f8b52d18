"""What the entries of the visits themselves say: sent late, admitted twice, corrected, driver care and the like.

Definitions: docs/figures.md. Reads only the entries that can say it, never the answers of a visit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gatekeeper.clock import from_micros
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.risk_areas.models import Adoption, RiskList
from gatekeeper.visits.models import Visit, VisitEvent, VisitState

APART = timedelta(minutes=5)
"""An arrival that reached the book later than this after it happened was sent late."""

ACTS = ("admit", "turn_away")
SPEAKING = (*ACTS, "correct", "care", "erase")
BATCH = 1000


class Note(NamedTuple):
    """One thing that the entries say of a visit; ``kind`` is the name of the figure that counts it.

    ``by`` is empty where nobody acted. ``what``: the code of a care item or of a trouble; ``when``: the other time of
    it - when a late arrival reached the book, or of when the list is that was not there yet.
    """

    kind: str
    visit_id: UUID
    arrived_at: datetime
    plate: str
    at: datetime
    by: str
    what: str = ""
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entries:
    """Figures of the entries of a period's visits; ``care`` are (item, how often), the most frequent first."""

    sent_late: int = 0
    admitted_again: int = 0
    before_list: int = 0
    corrections: int = 0
    erased: int = 0
    care: tuple[tuple[str, int], ...] = ()


def notes(session: Session, *, enterprise_id: UUID, first: date, last: date) -> list[Note]:
    """Everything of note about the visits that arrived in the period, voided ones left out, by arrival; reads only."""
    there = (
        Visit.enterprise_id == enterprise_id,
        Visit.day >= first,
        Visit.day <= last,
        Visit.state != VisitState.VOID.value,
    )
    found = [*_came_late(session, there), *_spoken(session, there)]
    return sorted(found, key=lambda note: (note.arrived_at, note.visit_id, note.at, note.kind))


def told(found: Iterable[Note]) -> Entries:
    """The figures of ``notes``: corrections and care by entry, the others by visit."""
    visits: dict[str, set[UUID]] = {}
    times: Counter[str] = Counter()
    care: Counter[str] = Counter()
    for note in found:
        visits.setdefault(note.kind, set()).add(note.visit_id)
        times[note.kind] += 1
        if note.kind == "care":
            care[note.what] += 1
    return Entries(
        **{name: len(visits.get(name, ())) for name in ("sent_late", "admitted_again", "before_list", "erased")},
        corrections=times["corrected"],
        care=tuple(sorted(care.items(), key=lambda item: (-item[1], item[0]))),
    )


def _came_late(session: Session, there: Sequence[Any]) -> Iterator[Note]:
    query = (
        select(Visit.id, Visit.arrived_at, Visit.plate, Visit.guard_name, Visit.late, LedgerEntry.received_at)
        .join(VisitEvent, (VisitEvent.enterprise_id == Visit.enterprise_id) & (VisitEvent.visit_id == Visit.id))
        .join(LedgerEntry, _entry_of_event())
        .where(*there, VisitEvent.kind == "arrive", VisitEvent.state == "applied")
        .execution_options(yield_per=BATCH)
    )
    for visit_id, arrived, plate, guard, on_paper, received in session.execute(query):
        if on_paper or received - arrived > APART:
            kind = "late" if on_paper else "sent_late"
            yield Note(kind, visit_id, arrived, plate or "", arrived, guard, when=received)


def _spoken(session: Session, there: Sequence[Any]) -> Iterator[Note]:
    """What acts, corrections, care, erasures and troubles say; what waited has its outcome where it was released."""
    known = Lists(session)
    query = (
        select(Visit.id, Visit.arrived_at, Visit.plate, VisitEvent.kind, VisitEvent.state, LedgerEntry.bytes)
        .join(VisitEvent, (VisitEvent.enterprise_id == Visit.enterprise_id) & (VisitEvent.visit_id == Visit.id))
        .join(LedgerEntry, _entry_of_event())
        .where(*there, or_(VisitEvent.kind.in_(SPEAKING), VisitEvent.state == "attention"))
        .execution_options(yield_per=BATCH)
    )
    waited: dict[tuple[UUID, str], tuple[Any, ...]] = {}
    for visit_id, arrived, plate, kind, state, text in session.execute(query):
        body, about = orjson.loads(text)["body"], (visit_id, arrived, plate or "")
        if kind == "erase":
            yield Note("erased", *about, arrived, "")
            continue
        event, outcome = body["event"], body["outcome"]
        if outcome["state"] == state:
            yield from _said(about, event, outcome, known)
        elif state in ("applied", "attention"):
            waited[visit_id, event["id"]] = about, event
    for key, outcome in _released(session, {visit_id for visit_id, _ in waited}):
        if key in waited:
            yield from _said(*waited.pop(key), outcome, known)


def _said(
    about: tuple[UUID, datetime, str], event: Mapping[str, Any], outcome: Mapping[str, Any], known: Lists
) -> Iterator[Note]:
    at, kind, by = from_micros(outcome["at"]), event["kind"], event["by"]["name"]
    if outcome["state"] == "attention":
        yield Note("attention", *about, at, by, outcome["reason"])
    elif kind == "correct":
        yield Note("corrected", *about, at, by)
    elif kind == "care":
        yield Note("care", *about, at, by, event["body"].get("item") or "")
    elif outcome.get("act") == "also":
        yield Note("admitted_again", *about, at, by)
    elif kind in ACTS:
        missed = known.missed(event["seen"].get("list"), outcome, at)
        if missed is not None:
            yield Note("before_list", *about, at, by, when=missed)


def _released(session: Session, visits: Iterable[UUID]) -> Iterator[tuple[tuple[UUID, str], Mapping[str, Any]]]:
    """((visit, event), outcome) of what other entries of these visits released, the last outcome last."""
    found: dict[tuple[UUID, str], Mapping[str, Any]] = {}
    for visit_id in sorted(visits):
        query = select(LedgerEntry.bytes).join(VisitEvent, _entry_of_event()).where(VisitEvent.visit_id == visit_id)
        for text in session.scalars(query.order_by(LedgerEntry.seq)):
            for outcome in orjson.loads(text)["body"].get("outcome", {}).get("released", ()):
                found[visit_id, outcome["event"]] = outcome
    yield from found.items()


class Lists:
    """The lists that the township took over, to tell which of them a decision could not know yet."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(select(Adoption.list_hash, Adoption.update_time, Adoption.adopted_at)).all()
        self.adopted = [(row[0], row[1], row[2]) for row in rows]
        self.times = {row[0]: row[1] for row in session.execute(select(RiskList.hash, RiskList.update_time))}

    def missed(self, screen: str | None, outcome: Mapping[str, Any], at: datetime) -> datetime | None:
        """The time of the newest list that held at ``at`` though the deciding side did not have it; None: it had all.

        Asked only where a place was looked up.
        """
        used = outcome.get("list")
        if not outcome.get("facts", {}).get("origin"):
            return None
        had = self.times.get(screen if screen and screen in self.times else used)
        held = [time for _, time, adopted in self.adopted if time <= at < adopted]
        if screen and used and screen != used:
            held.append(self.times[used])
        newer = [time for time in held if had is None or time > had]
        return max(newer, default=None)


def _entry_of_event() -> Any:
    return (LedgerEntry.enterprise_id == VisitEvent.enterprise_id) & (LedgerEntry.seq == VisitEvent.seq)
