"""Who admitted a visit first: what the second is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gatekeeper.clock import from_micros, local
from gatekeeper.rules.values import Text
from gatekeeper.visits.state import Recorded


class Admitted(NamedTuple):
    """Who let the visit in, and when (microseconds)."""

    name: str
    at: int


def first(entries: Iterable[Recorded]) -> Admitted | None:
    """The admission that counted, of all entries of one visit by ``seq``; None where nobody was admitted."""
    known: dict[str, Recorded] = {}
    for entry in entries:
        known[entry.event_id] = entry
        outcomes: tuple[tuple[Recorded, Mapping[str, Any]], ...] = (
            (entry, entry.outcome),
            *((known[item["event"]], item) for item in entry.outcome.get("released", ()) if item["event"] in known),
        )
        for who, outcome in outcomes:
            if who.kind == "admit" and outcome["state"] == "applied" and outcome.get("act") != "also":
                return Admitted(who.by["name"], outcome["at"])
    return None


def also(before: Admitted | None) -> Text:
    """That somebody was quicker, and who and when where it is known."""
    if before is None:
        return Text("别人已先放行", "Somebody had admitted it already")
    clock = local(from_micros(before.at)).strftime("%H:%M")
    return Text(f"{before.name} {clock} 已先放行", f"{before.name} had admitted it already at {clock}")
