"""Folding a visit: its entries one after the other, and the events that were put off until something releases them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from gatekeeper.visits.state import Change, Recorded, State, applied, changed, copied, grown, with_outcome

ABOUT = ("erase", "hold", "reveal")
"""Kinds of entry that concern a visit without being something that happened at its gate."""

RESOLVE, APPLY, SET_ASIDE = "resolve", "apply", "set_aside"
"""The kind of event by which a person deals with events that were put off, and the two ways ``how``."""


class Fold(NamedTuple):
    """A visit while it is folded: its state (None until it arrived), and by id the events that were put off.

    An event is put off while it waits for its predecessor, or until a person looks at one that could not be applied.
    """

    state: State | None = None
    put_off: Mapping[str, Recorded] = MappingProxyType({})


def step(fold: Fold, entry: Recorded, change: Change = copied) -> Fold:
    """One entry further. An event that was put off is applied where another released it, with the outcome there."""
    if entry.kind in ABOUT:
        return fold._replace(state=fold.state and changed(fold.state, last_seq=entry.seq))
    if entry.kind == RESOLVE:
        fold = _resolved(fold, entry)
    elif entry.outcome["state"] == "applied":
        fold = Fold(with_outcome(applied(fold.state, entry, change), entry, change), fold.put_off)
    else:
        fold = _put_off(fold, entry, entry)
    if "released" in entry.outcome:
        for outcome in entry.outcome["released"]:
            fold = release(fold, outcome, seq=entry.seq)
    return fold


def release(fold: Fold, outcome: Mapping[str, Any], *, seq: int) -> Fold:
    """An event that was put off is taken up by the entry ``seq``; ``outcome`` is what it came to there."""
    late = fold.put_off[outcome["event"]]
    now = late._replace(at=outcome["at"], outcome=outcome, seq=seq)
    rest = {event: other for event, other in fold.put_off.items() if event != late.event_id}
    if outcome["state"] == "applied":
        return Fold(with_outcome(applied(fold.state, now), now), rest)
    return _put_off(Fold(fold.state, rest), now, late._replace(outcome=outcome))


def _put_off(fold: Fold, entry: Recorded, kept: Recorded) -> Fold:
    """``kept`` stands aside; one that cannot be applied was received all the same: what came after it goes on."""
    state = fold.state
    if state is not None and entry.outcome["state"] == "attention":
        state = changed(
            state,
            attention=(*state.attention, entry.event_id),
            received=state.received | {entry.event_id},
            last_seq=entry.seq,
        )
    elif state is not None:
        state = changed(state, last_seq=entry.seq)
    return Fold(state, {**fold.put_off, entry.event_id: kept})


def _resolved(fold: Fold, entry: Recorded) -> Fold:
    """A person looked at events that were put off: set aside for good, or released in the outcome of ``entry``."""
    named = frozenset(entry.body["events"])
    state = fold.state and changed(
        fold.state,
        attention=tuple(event for event in fold.state.attention if event not in named),
        received=fold.state.received | named | {entry.event_id},
        last_seq=entry.seq,
    )
    if entry.body["how"] == APPLY:
        return Fold(state, fold.put_off)
    return Fold(state, {event: late for event, late in fold.put_off.items() if event not in named})


def in_order(lines: Sequence[Recorded]) -> Iterator[Recorded]:
    """The entries as they were applied: one that was put off comes right behind the one that released it."""
    put_off = {line.event_id: line for line in lines if line.outcome["state"] != "applied"}
    for line in lines:
        yield line
        for outcome in line.outcome.get("released", ()):
            yield put_off[outcome["event"]]._replace(at=outcome["at"], outcome=outcome, seq=line.seq)


class Standings:
    """What became of each entry of one visit, in ``found`` by ``seq``: applied, waiting, attention, or resolved."""

    def __init__(self) -> None:
        self.found: dict[int, str] = {}
        self._at: dict[str, int] = {}

    def append(self, entry: Recorded) -> None:
        """The entries by ascending ``seq``."""
        found, at = self.found, self._at
        outcome = entry.outcome
        at[entry.event_id] = entry.seq
        found[entry.seq] = outcome["state"]
        if entry.kind == RESOLVE and entry.body["how"] != APPLY:
            found.update({at[event]: "resolved" for event in entry.body["events"]})
        if "released" in outcome:
            found.update({at[late["event"]]: late["state"] for late in outcome["released"]})


def standings(entries: Iterable[Recorded]) -> dict[int, str]:
    """What became of each entry of one visit, by ``seq``: applied, waiting, attention, or resolved by a person."""
    made = Standings()
    for entry in entries:
        made.append(entry)
    return made.found


class Folding:
    """A visit while its book is read: each entry is folded as it comes, and nothing of it kept but what it came to.

    ``events``: (event id, kind, the event before it) of the visit's own entries, by ``seq``.
    """

    def __init__(self) -> None:
        self.fold = Fold()
        self.standings = Standings()
        self.events: dict[int, tuple[str, str, str | None]] = {}

    def append(self, entry: Recorded) -> None:
        """The entries by ascending ``seq``."""
        self.note(entry)
        self.fold = step(self.fold, entry, grown)
        self.standings.append(entry)

    def note(self, entry: Recorded) -> None:
        """That there is this entry, without folding it."""
        if entry.kind not in ABOUT:
            self.events[entry.seq] = entry.event_id, entry.kind, entry.after

    def folded(self, visit_id: str) -> Fold:
        """What all entries came to."""
        return self.fold._replace(state=self.fold.state and changed(self.fold.state, visit_id=visit_id))


def fold(visit_id: str, entries: Iterable[Recorded]) -> Fold:
    """All entries of one visit by ascending ``seq``."""
    made = Folding()
    for entry in entries:
        made.append(entry)
    return made.folded(visit_id)
