"""What the entries say of a period's visits, and how long a report's lists are, counted again from the raw entries."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from tests.recount import EVENTS, day, entries, most, visits

FIVE_MINUTES = 300_000_000
Happened = tuple[dict[str, Any], dict[str, Any], int]


def recount(url: str, book: UUID, office: UUID, first: date, last: date) -> dict[str, Any]:
    """``entries``, ``people_by_kind`` and ``lists`` of a report; ``office`` is the book that takes lists over."""
    every = list(entries(url, book))
    folded = visits(iter(every))
    mine = {key: v for key, v in folded.items() if first <= day(v["arrived"]) <= last and v["state"] != "void"}
    lists = {
        said["values"]["list"]: (said["values"]["update_time"], entry["received_at"])
        for entry in entries(url, office)
        if entry["kind"] == "act" and (said := entry["body"])["act"] == "risk_list.adopted"
    }
    late, paper, again, before, care = set(), set(), [], [], Counter()
    corrections = overrides = troubles = 0
    for event, outcome, received in happened(every):
        visit, kind = event["visit"], event["kind"]
        if visit not in mine:
            continue
        troubles += outcome["state"] == "attention"
        if outcome["state"] != "applied":
            continue
        if kind == "arrive" and "late" in event["body"]:
            paper.add(visit)
        elif kind == "arrive" and received - outcome["at"] > FIVE_MINUTES:
            late.add(visit)
        corrections += kind == "correct"
        overrides += kind == "override"
        if kind == "care":
            care[event["body"]["item"]] += 1
        if outcome.get("act") == "also":
            again.append(visit)
        elif kind in ("admit", "turn_away") and not_there_yet(lists, event["seen"].get("list"), outcome):
            before.append(visit)
    kinds: Counter[str] = Counter()
    for v in mine.values():
        kinds[v["facts"]["visitor_kind"]] += len(v["people"])
    return {
        "entries": {
            "sent_late": len(late),
            "admitted_again": len(set(again)),
            "before_list": len(set(before)),
            "corrections": corrections,
            "erased": len(erased(every) & mine.keys()),
            "care": most(care.elements()),
        },
        "people_by_kind": dict(kinds),
        "lists": {
            "exceptions": sum(map(exceptional, mine.values())),
            "overrides": overrides,
            "against_verdict": sum(v["against"] for v in mine.values()),
            "high_risk": sum(v["level"] == "high" for v in mine.values()),
            "too_long": sum(map(too_long, mine.values())),
            "not_left": sum(v["state"] in ("at_gate", "inside") for v in mine.values()),
            "notes": len(late) + len(paper) + len(again) + len(before) + corrections + troubles,
        },
    }


def happened(every: list[dict[str, Any]]) -> list[Happened]:
    """(event, what became of it in the end, when it was received) of every gate event."""
    events = [(e["body"]["event"], e["body"]["outcome"], e["received_at"]) for e in every if e["kind"] in EVENTS]
    later = {late["event"]: late for _, outcome, _ in events for late in outcome.get("released", [])}
    return [(event, later.get(event["id"], outcome), received) for event, outcome, received in events]


def erased(every: list[dict[str, Any]]) -> set[str]:
    """The visits of which a part is gone."""
    owner = {entry["seq"]: entry["body"]["event"]["visit"] for entry in every if entry["kind"] in EVENTS}
    named = [seq for entry in every if entry["kind"] == "erase" for seq, _ in entry["body"]["parts"]]
    return {owner[seq] for seq in named if seq in owner}


def not_there_yet(lists: dict[str, tuple[int, int]], screen: str | None, outcome: dict[str, Any]) -> bool:
    """Whether a list that already held was not known where the decision fell."""
    used = outcome["list"]
    if "origin" not in outcome["facts"]:
        return False
    had = lists[screen if screen in lists else used][0] if screen in lists or used else -1
    if screen and used and screen != used and lists[used][0] > had:
        return True
    return any(had < written <= outcome["at"] < adopted for written, adopted in lists.values())


def exceptional(v: dict[str, Any]) -> bool:
    last = v["last"]
    done = v["state"] in ("left", "turned_away") or v["overdue"]
    failed = done and ((last["verdict"] != "refuse" and last["open"]) or not v["followed"])
    return bool(failed) or any(row[4:5] == ["violated"] for row in last["findings"])


def too_long(v: dict[str, Any]) -> bool:
    return any(row[4:6] == ["violated", "dwell.over"] for row in v["last"]["findings"])
