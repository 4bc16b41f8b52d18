"""What the entries say of a period's visits, and how long its lists are, counted again from the raw entries."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from tests.recount import EVENTS, day, entries, most, visits

FIVE_MINUTES = 300_000_000


def recount(url: str, book: UUID, office: UUID, first: date, last: date) -> dict[str, Any]:
    """The figures of ``Entries`` as JSON; ``office`` is the book in which the township takes lists over."""
    every = list(entries(url, book))
    folded = visits(iter(every))
    mine = {key for key, v in folded.items() if first <= day(v["arrived"]) <= last and v["state"] != "void"}
    lists = {
        said["values"]["list"]: (said["values"]["update_time"], entry["received_at"])
        for entry in entries(url, office)
        if entry["kind"] == "act" and (said := entry["body"])["act"] == "risk_list.adopted"
    }
    late, again, before, erased = set(), set(), set(), set()
    corrections, care = 0, Counter()
    owner = {}
    for entry in every:
        if entry["kind"] in EVENTS:
            owner[entry["seq"]] = entry["body"]["event"]["visit"]
    for entry in every:
        if entry["kind"] == "erase":
            erased |= {owner[seq] for seq, _ in entry["body"]["parts"] if seq in owner}
    for event, outcome, received in happened(every):
        visit = event["visit"]
        if visit not in mine or outcome["state"] != "applied":
            continue
        if event["kind"] == "arrive" and received - outcome["at"] > FIVE_MINUTES:
            late.add(visit)
        corrections += event["kind"] == "correct"
        if event["kind"] == "care":
            care[event["body"]["item"]] += 1
        if outcome.get("act") == "also":
            again.add(visit)
        elif event["kind"] in ("admit", "turn_away") and not_there_yet(lists, event["seen"].get("list"), outcome):
            before.add(visit)
    return {
        "sent_late": len(late),
        "admitted_again": len(again),
        "before_list": len(before),
        "corrections": corrections,
        "erased": len(erased & mine),
        "care": most(care.elements()),
    }


def happened(every: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any], int]]:
    """(event, what became of it in the end, when it was received) of every gate event."""
    events = [(e["body"]["event"], e["body"]["outcome"], e["received_at"]) for e in every if e["kind"] in EVENTS]
    later = {late["event"]: late for _, outcome, _ in events for late in outcome.get("released", [])}
    return [(event, later.get(event["id"], outcome), received) for event, outcome, received in events]


def not_there_yet(lists: dict[str, tuple[int, int]], screen: str | None, outcome: dict[str, Any]) -> bool:
    """Whether a list that already held was not known where the decision fell."""
    used = outcome["list"]
    if "origin" not in outcome["facts"]:
        return False
    had = lists[screen if screen in lists else used][0] if screen in lists or used else -1
    if screen and used and screen != used and lists[used][0] > had:
        return True
    return any(had < written <= outcome["at"] < adopted for written, adopted in lists.values())
