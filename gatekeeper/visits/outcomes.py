"""What becomes of an event: it is applied and judged, waits for another, or needs a person. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gatekeeper.clock import from_micros
from gatekeeper.errors import DomainError, Forbidden
from gatekeeper.rules.values import Text
from gatekeeper.visits import judge, override
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.folding import APPLY, SET_ASIDE, Fold, release, step
from gatekeeper.visits.ground import Ground
from gatekeeper.visits.history import TROUBLES
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


def decided_at(event: Event, before: State | None, received_at: datetime) -> datetime:
    """Which clock decides: the server's online, else the device's put right, between the visit's last event and now."""
    if event.device is None:
        return received_at
    happened = event.at + timedelta(microseconds=event.offset)
    if received_at - happened < ONLINE:
        return received_at
    return max(happened, from_micros(before.decided_at)) if before else happened


def outcome_of(ground: Ground, event: Event, entry: Recorded, fold: Fold) -> dict[str, Any]:
    """The outcome of an event that is not a repeat, with those put off before that it releases."""
    known = fold.state.received if fold.state else frozenset()
    said = _said(event)
    if event.after is not None and str(event.after) not in known:
        return {"at": entry.at, "state": "waiting", **said}
    if event.kind == EventKind.RESOLVE:
        if not fold.put_off.keys() >= set(event.body["events"]):
            raise NothingToResolve
        outcome: dict[str, Any] = {"at": entry.at, "state": "applied"}
        wanted = list(event.body["events"]) if event.body["how"] == APPLY else []
    else:
        outcome, wanted = _applied_outcome(ground, entry, fold.state, said, on_a_page=event.device is None), []
    if not fold.put_off:
        return outcome
    released: list[dict[str, Any]] = []
    fold = step(fold, entry._replace(outcome=outcome))
    while late := _next(fold, wanted):
        said = {} if late.event_id in wanted else late.outcome  # who wants it applied stands for it
        late = late._replace(at=entry.at)
        freed = {"event": late.event_id, **_applied_outcome(ground, late, fold.state, said)}
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


def _said(event: Event) -> dict[str, str]:
    """What an outcome keeps of what the phone said, for when the event is applied later."""
    told = {"unproven": event.unproven, "shown": event.seen.get("verdict")}
    return {name: value for name, value in told.items() if value}


def _applied_outcome(
    ground: Ground, entry: Recorded, before: State | None, said: Mapping[str, Any], *, on_a_page: bool = False
) -> dict[str, Any]:
    """What becomes of an event now; ``on_a_page``: who may not do it is told so, and nothing is written."""
    reason = trouble(before, entry.kind) or said.get("unproven")
    if reason is None and entry.kind == EventKind.OVERRIDE and before is not None:
        books = judge.books_for(ground, before, before, at=from_micros(entry.at))
        try:
            override.check(books, before, entry)
        except Forbidden as refused:
            if on_a_page:
                raise
            reason = refused.code
    if reason is not None:
        return {"at": entry.at, "state": "attention", "reason": reason}
    state = applied(before, entry)
    made = {"at": entry.at, "state": "applied", **judge.outcome(ground, before, state, entry)}
    if said.get("shown") and "decision" in made and made["decision"]["verdict"] != said["shown"]:
        made["differs"] = True
    return made


def settled_by(event: Event, outcome: Mapping[str, Any]) -> dict[str, str]:
    """Earlier events that this one released, or that a person set aside with it: {event id: what became of it}."""
    settled = {item["event"]: item["state"] for item in outcome.get("released", ())}
    if event.kind == EventKind.RESOLVE and event.body["how"] == SET_ASIDE:
        settled.update(dict.fromkeys(event.body["events"], "resolved"))
    return settled
