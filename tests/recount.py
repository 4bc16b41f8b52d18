"""The figures counted a second time, from the raw entries of the book: plain SQL, no code of figures or reports.

Reads ``ledger_entry.bytes`` only and folds the events by itself. Needs no key: nothing personal is counted.
Definitions: docs/figures.md.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import sqlalchemy as sa

GATE = timezone(timedelta(hours=8))
EVENTS = {
    "arrive", "answer", "admit", "turn_away", "override", "leave", "join", "move", "correct", "void", "note", "photo",
    "care", "judge",
}  # fmt: skip


def entries(url: str, book: UUID) -> Iterator[dict[str, Any]]:
    """The entries of one book, oldest first, read as the database's owner."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        # an id is 32 digits on SQLite and a uuid on PostgreSQL: compared as digits it is both
        rows = connection.exec_driver_sql(
            "SELECT bytes FROM ledger_entry WHERE replace(cast(enterprise_id as text), '-', '') = "
            f"'{book.hex}' ORDER BY seq"
        ).fetchall()
    engine.dispose()
    for row in rows:
        yield json.loads(row[0])


def visits(stream: Iterator[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the events of each visit add up to."""
    found: dict[str, dict[str, Any]] = {}
    waiting: dict[str, dict[str, Any]] = {}
    for entry in stream:
        if entry["kind"] not in EVENTS:
            continue
        event, outcome = entry["body"]["event"], entry["body"]["outcome"]
        if outcome["state"] == "waiting":
            waiting[event["id"]] = event
            continue
        take(found, event, outcome)
        for released in outcome.get("released", []):
            take(found, waiting.pop(released["event"]), released)
    return found


def take(found: dict[str, dict[str, Any]], event: dict[str, Any], outcome: dict[str, Any]) -> None:
    kind, body, at = event["kind"], event["body"], outcome["at"]
    if outcome["state"] == "attention":
        if event["visit"] in found:
            found[event["visit"]]["attention"] = True
        return
    if event["visit"] not in found:
        found[event["visit"]] = {
            "arrived": at, "state": "at_gate", "people": set(), "vehicles": set(), "gone": set(), "admitted": None,
            "closed": None, "overdue": False, "against": False, "override": False, "correct": False,
            "late": kind == "arrive" and "late" in body,
            "attention": False, "followed": None, "facts": {}, "last": None,
            "arrival": None, "level": None, "township": None, "enterprise": None, "list": None, "switches": [],
        }  # fmt: skip
    v = found[event["visit"]]
    v["people"] |= {person["subject"] for person in body.get("people", [])}
    v["vehicles"] |= {plate["subject"] for plate in body.get("plates", [])}
    v["facts"].update(body.get("facts") or {})
    if kind == "arrive":
        v["facts"]["visitor_kind"] = body.get("kind") or ("truck" if v["vehicles"] else "walk_in")
    if kind == "admit":
        v["overdue"] = False
        if outcome["act"] != "also":
            v.update(state="inside", admitted=at)
    elif kind == "turn_away":
        v.update(state="turned_away", closed=at)
    elif kind == "leave":
        v["gone"] |= set(body.get("subjects") or v["people"] | v["vehicles"])
        if not (v["people"] | v["vehicles"]) - v["gone"]:
            v.update(state="left", closed=at)
    elif kind == "void":
        v.update(state="void")
    elif kind in ("override", "correct"):
        v[kind] = True
    if outcome.get("act") in ("followed", "against"):
        v["followed"] = outcome["act"] == "followed"
        v["against"] |= kind == "admit" and outcome["act"] == "against"
    v["overdue"] = (v["overdue"] or outcome.get("overdue", False)) and v["state"] in ("at_gate", "inside")
    if "decision" in outcome:
        v["last"] = outcome["decision"]
        v["level"] = outcome["facts"].get("risk_level")
        v["list"] = outcome["list"]
        v["switches"] = outcome.get("switches", [])
        v["township"], v["enterprise"] = (outcome["versions"].get(owner) for owner in ("township", "enterprise"))
        if outcome["decision"]["stage"] == "arrival":
            v["arrival"] = outcome["decision"]["verdict"]


def day(micros: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).astimezone(GATE).date()


def rank(values: list[int], percent: int) -> int | None:
    """The smallest value that at least ``percent`` of all do not exceed."""
    for value in sorted(values):
        if sum(other <= value for other in values) * 100 >= percent * len(values):
            return value
    return None


def recount(url: str, book: UUID, first: date, last: date) -> dict[str, Any]:
    """The same figures, in the shape of the report's JSON."""
    return tell(visits(entries(url, book)), first, last)


def tell(found: dict[str, dict[str, Any]], first: date, last: date) -> dict[str, Any]:
    mine = [v for v in found.values() if first <= day(v["arrived"]) <= last]
    seen = [v for v in mine if v["state"] != "void"]
    done = [v for v in seen if v["state"] in ("left", "turned_away") or v["overdue"]]
    open_ = [v for v in done if v["last"]["verdict"] != "refuse" and v["last"]["open"]]
    good = [v for v in done if v not in open_ and v["followed"]]
    by_rule: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for v in done:
        for row in v["last"]["findings"]:
            state = row[4] if len(row) > 4 else "met"
            if state != "missing" or v["last"]["verdict"] != "refuse":
                by_rule[v["last"]["books"][row[0]][0], row[1]][state] += 1
    risky = [v for v in seen if v["level"] in ("high", "medium")]
    provinces = Counter((v["facts"]["origin"][:2] + "0000", v["level"]) for v in risky)
    stays = [(v["closed"] - v["admitted"]) // 1_000_000 for v in seen if v["state"] == "left"]
    over = [v for v in seen if any(row[4:6] == ["violated", "dwell.over"] for row in v["last"]["findings"])]
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "visits": len(seen),
        "voided": len(mine) - len(seen),
        "people": sum(len(v["people"]) for v in seen),
        "by_kind": most(v["facts"]["visitor_kind"] for v in seen),
        "verdicts": verdicts(seen),
        "admitted": sum(v["admitted"] is not None for v in seen),
        "turned_away": sum(v["state"] == "turned_away" for v in seen),
        "at_gate": sum(v["state"] == "at_gate" for v in seen),
        "inside": sum(v["state"] == "inside" for v in seen),
        "overdue": sum(v["overdue"] for v in seen),
        "counted": len(done),
        "compliant": len(good),
        "unanswered": len(open_),
        "not_followed": sum(not v["followed"] for v in done),
        "against_verdict": sum(v["against"] for v in seen),
        "overridden": sum(v["override"] for v in seen),
        "corrected": sum(v["correct"] for v in seen),
        "late": sum(v["late"] for v in seen),
        "attention": sum(v["attention"] for v in seen),
        "rules": [
            {"owner": owner, "code": code, **{state: n[state] for state in ("met", "violated", "missing", "waived")}}
            for (owner, code), n in sorted(by_rule.items(), key=lambda item: (item[0][0] == "enterprise", item[0][1]))
        ],
        "origins": [
            {"province": p, "high": provinces[p, "high"], "medium": provinces[p, "medium"]}
            for p in sorted(
                {p for p, _ in provinces}, key=lambda p: (-provinces[p, "high"] - provinces[p, "medium"], p)
            )
        ],
        "hours": [verdicts([v for v in seen if hour_of(v) == hour]) for hour in range(24)],
        "days": [
            {
                "day": each.isoformat(),
                "verdicts": verdicts([v for v in seen if day(v["arrived"]) == each]),
                "compliant": sum(day(v["arrived"]) == each for v in good),
                "counted": sum(day(v["arrived"]) == each for v in done),
            }
            for each in days
        ],
        "dwell": {
            "stays": len(stays), "median": rank(stays, 50), "ninetieth": rank(stays, 90), "over_limit": len(over)
        },
        "township_versions": most(v["township"] for v in seen if v["township"]),
        "switches": most(switch for v in seen for switch in v["switches"]),
        "enterprise_versions": most(v["enterprise"] for v in seen if v["enterprise"]),
        "risk_lists": most(v["list"] for v in seen if v["list"]),
    }  # fmt: skip


def hour_of(visit: dict[str, Any]) -> int:
    return visit["arrived"] // 3_600_000_000 % 24 + 8 - (24 if visit["arrived"] // 3_600_000_000 % 24 >= 16 else 0)


def verdicts(seen: list[dict[str, Any]]) -> dict[str, int]:
    counter = Counter(v["arrival"] for v in seen)
    return {verdict: counter[verdict] for verdict in ("admit", "hold", "refuse")}


def most(values: Any) -> list[list[Any]]:
    return [list(pair) for pair in sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))]
