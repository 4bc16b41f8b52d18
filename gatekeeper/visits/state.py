"""What the events of a visit add up to. Pure: events and stored outcomes in, a state out; it never judges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gatekeeper.rules.values import Answer, Owner, Waiver

AT_GATE, INSIDE, LEFT, TURNED_AWAY, VOID = "at_gate", "inside", "left", "turned_away", "void"
CLOSED = (LEFT, TURNED_AWAY, VOID)


def judging_order(versions: Mapping[str, str], switches: Iterable[str]) -> list[str]:
    """Ids of the township's rulebook, of the packs it switched on, and of the enterprise's own, as far as there are."""
    above, own = (versions.get(owner) for owner in (Owner.TOWNSHIP, Owner.ENTERPRISE))
    return [book for book in (above, *switches, own) if book is not None]


class PlateAt(NamedTuple):
    """A plate of a visit; ``written`` and ``plate`` are None once erased."""

    cls: str
    written: str | None
    plate: str | None


class Person(NamedTuple):
    """An occupant; ``name`` and ``phone`` are None when not asked or erased."""

    role: str
    name: str | None
    phone: str | None


class Recorded(NamedTuple):
    """One entry of the book as the fold reads it.

    Times are microseconds UTC; ``body`` is merged with its parts, ``missing`` are those that are gone, as (seq, class).
    ``sent_at`` is the sender's clock and ``received_at`` the server's; None where nobody sent it, or it is just being
    written. ``offset``: by how much the sender's clock was behind when it sent (negative: ahead).
    """

    seq: int
    event_id: str
    kind: str
    gate: str
    by: Mapping[str, str]
    at: int
    body: Mapping[str, Any]
    outcome: Mapping[str, Any]
    after: str | None = None
    missing: frozenset[tuple[int, str]] = frozenset()
    sent_at: int | None = None
    received_at: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class State:
    """A visit as it stands after its last applied entry. Without slots: ``changed`` copies its dictionary."""

    visit_id: str
    status: str
    gate: str
    arrived_at: int
    guard: Mapping[str, str]
    plates: Mapping[str, PlateAt] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    present: frozenset[str] = frozenset()
    facts: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    waivers: frozenset[Waiver] = frozenset()
    decisions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    judged_facts: Mapping[str, Any] = field(default_factory=dict)
    stage: str = "arrival"
    verdict: str = "hold"
    open_count: int = 0
    admitted_at: int | None = None
    admitted_by: Mapping[str, str] | None = None
    closed_at: int | None = None
    due_at: int | None = None
    overdue: bool = False
    against_verdict: bool = False
    overridden: bool = False
    act_followed: bool | None = None
    corrected: bool = False
    late: bool = False
    """Whether it was written in afterwards from a paper form."""
    registration: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    switches: tuple[str, ...] = ()
    """Packs that the township had switched on and that judged besides the ``versions``."""
    risk_list: str | None = None
    attention: tuple[str, ...] = ()
    decided_at: int = 0
    last_seq: int = 0
    received: frozenset[str] = frozenset()

    @property
    def subjects(self) -> tuple[str, ...]:
        """The visit itself, its vehicles, its people: what rules are judged for."""
        return ("visit", *self.plates, *self.people)

    @property
    def closed(self) -> bool:
        return self.status in CLOSED

    @property
    def book_ids(self) -> list[str]:
        """What judged the visit last, in the order in which it judges; empty before the first decision."""
        return judging_order(self.versions, self.switches)


def copied(state: State, changes: Mapping[str, Any]) -> State:
    """As ``dataclasses.replace``, ten times as fast: a book has a million entries, and each changes a state."""
    new = object.__new__(State)
    new.__dict__.update(state.__dict__)
    new.__dict__.update(changes)
    return new


def grown(state: State, changes: Mapping[str, Any]) -> State:
    """As ``copied``, in place: for a fold from the beginning, which alone holds the states on its way."""
    state.__dict__.update(changes)
    return state


def changed(state: State, **changes: Any) -> State:
    """As ``copied``, the changes by name."""
    return copied(state, changes)


Change = Callable[[State, Mapping[str, Any]], State]
"""``copied`` or ``grown``."""

_ARRIVING = State("", AT_GATE, "", 0, {}, present=frozenset({"visit"}))
"""Copied for each visit: the thirty fields of a frozen dataclass set one by one take longer than its first event."""


def trouble(state: State | None, kind: str) -> str | None:
    """Why an event of this kind cannot be applied to ``state``, as a reason code; None when it can.

    Such an event is kept and needs a person's attention; nothing is dropped.
    """
    if state is None:
        return None if kind == "arrive" else "visit.not_arrived"
    if kind == "arrive":
        return "visit.arrived_already"
    if state.status == VOID:
        return "visit.void"
    if kind in ("admit", "turn_away") and state.status in (LEFT, TURNED_AWAY):
        return "visit.closed"
    if kind == "turn_away" and state.status == INSIDE:
        return "visit.inside"
    if kind == "leave" and state.status != INSIDE:
        return "visit.not_inside"
    if kind in ("override", "move", "join") and state.closed:
        return "visit.closed"
    return None


def applied(state: State | None, entry: Recorded, change: Change = copied) -> State:
    """The state after the event of ``entry``, before its outcome; the event must have no ``trouble``."""
    body = entry.body
    if state is None:
        state = copied(_ARRIVING, {"gate": entry.gate, "arrived_at": entry.at, "guard": entry.by})
    changes = _subjects(state, body)
    if body.get("facts"):
        changes["facts"] = {**state.facts, **body["facts"]}
    if body.get("answers"):
        given = {(a["question"], a["subject"]): Answer(a["value"], entry.at) for a in body["answers"]}
        changes["answers"] = {**state.answers, **given}
    if changes:
        state = change(state, changes)
    move = _MOVES.get(entry.kind)
    return state if move is None else change(state, move(state, entry))


def _subjects(state: State, body: Mapping[str, Any]) -> dict[str, Any]:
    """What new vehicles and people change, and what is known of them now."""
    if not body.get("plates") and not body.get("people"):
        return {}
    plates, people = dict(state.plates), dict(state.people)
    for item in body.get("plates", []):
        plates[item["subject"]] = PlateAt(item["class"], item.get("written"), item.get("plate"))
    for item in body.get("people", []):
        known = people.get(item["subject"])
        people[item["subject"]] = Person(
            item["role"],
            item.get("name") or (known.name if known else None),
            item.get("phone") or (known.phone if known else None),
        )
    new = frozenset({*plates, *people} - {*state.plates, *state.people})
    return {"plates": plates, "people": people, "present": state.present | new}


def _arrive(state: State, entry: Recorded) -> dict[str, Any]:
    facts = {**state.facts, "visitor_kind": entry.body.get("kind") or ("truck" if state.plates else "walk_in")}
    return {"facts": facts, "registration": entry.body.get("registration"), "late": "late" in entry.body}


def _admit(state: State, entry: Recorded) -> dict[str, Any]:
    if state.status == INSIDE:  # somebody was quicker; kept as ``also`` in the outcome
        return {}
    return {"status": INSIDE, "admitted_at": entry.at, "admitted_by": entry.by}


def _turn_away(_state: State, entry: Recorded) -> dict[str, Any]:
    return {"status": TURNED_AWAY, "closed_at": entry.at, "present": frozenset()}


def _leave(state: State, entry: Recorded) -> dict[str, Any]:
    leaving = frozenset(entry.body.get("subjects") or state.present) | {"visit"}
    left = state.present - leaving
    if left:
        return {"present": left | {"visit"}}
    return {"status": LEFT, "closed_at": entry.at, "present": frozenset()}


def _override(state: State, entry: Recorded) -> dict[str, Any]:
    new = {Waiver(Owner(f["owner"]), f["rule"], f.get("subject")) for f in entry.body["findings"]}
    return {"waivers": state.waivers | new, "overridden": True}


def _correct(_state: State, _entry: Recorded) -> dict[str, Any]:
    return {"corrected": True}


def _void(_state: State, entry: Recorded) -> dict[str, Any]:
    return {"status": VOID, "closed_at": entry.at, "present": frozenset()}


def _move(state: State, entry: Recorded) -> dict[str, Any]:
    return {"facts": {**state.facts, "zone": entry.body["zone"]}}


_MOVES = {
    "arrive": _arrive,
    "admit": _admit,
    "turn_away": _turn_away,
    "leave": _leave,
    "override": _override,
    "correct": _correct,
    "void": _void,
    "move": _move,
}


def with_outcome(state: State, entry: Recorded, change: Change = copied) -> State:
    """The state with what the server made of the event: its decision, due time, and whether the act followed."""
    outcome = entry.outcome
    act = outcome.get("act")
    changes: dict[str, Any] = {
        "last_seq": entry.seq,
        "decided_at": entry.at,
        "received": state.received | {entry.event_id},
        "due_at": outcome["due_at"],
        "overdue": bool(outcome.get("overdue")) or (state.overdue and not state.closed and entry.kind != "admit"),
    }
    if act in ("followed", "against"):
        changes["act_followed"] = act == "followed"
    if act == "against" and entry.kind == "admit":
        changes["against_verdict"] = True
    decision = outcome.get("decision")
    if decision is not None:
        stage = changes["stage"] = decision["stage"]
        changes["decisions"] = {**state.decisions, stage: {"seq": entry.seq, "at": entry.at, **decision}}
        changes["judged_facts"], changes["versions"] = outcome["facts"], outcome["versions"]
        changes["switches"] = tuple(outcome.get("switches", ()))
        changes["risk_list"], changes["verdict"] = outcome["list"], decision["verdict"]
        changes["open_count"] = len(decision["open"])
    return change(state, changes)
