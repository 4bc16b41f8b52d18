"""Random facts for given rules: what meets them, what just does not, what cannot be read, and nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from bench.judging.rulebooks import CODES, REGIONS, value_of
from gatekeeper.rules.clauses import FACTS, Fact, test_of
from gatekeeper.rules.kinds.shape import DAY, HOUR, MICRO, MINUTE
from gatekeeper.rules.values import Rule, Rulebook

SHANGHAI = timezone(timedelta(hours=8))
JUNK: tuple[Any, ...] = (None, True, False, "", "x", 7, 2.5, [], ["330182", 5], {}, "constructor", -(2**53) + 1)
MOODS = {"good": 0.97, "mixed": 0.6, "bad": 0.15}
"""How likely an answer or fact is one that meets the rule."""
Value = dict[str, Any]


def near(moment: int, chance: Random) -> int:
    """A moment, or the microsecond, second or minute beside it."""
    return moment + chance.choice((0, 0, 0, -1, 1, -1, 1, MICRO, -MICRO, MINUTE, -MINUTE))


def facts_for(books: list[Rulebook], at: int, chance: Random, mood: str) -> Value:
    """Facts: those of conditions mostly so that they hold, those of judgements mostly so that these are met."""
    sure = MOODS[mood]
    facts: Value = {}
    for rule in (rule for book in books for rule in book.rules):
        for clause in rule.when:
            wanted, found = chance.random() < 0.85, _fact(FACTS[clause.fact], chance)
            for _ in range(8):
                if test_of(clause)(found) is wanted:
                    break
                found = _fact(FACTS[clause.fact], chance)
            if chance.random() < 0.93:
                facts[clause.fact] = found
        if rule.kind in KNOWN:
            facts.update(KNOWN[rule.kind](rule, at, chance, chance.random() < sure))
    for name in chance.sample(sorted(FACTS), 2):
        facts.setdefault(name, _fact(FACTS[name], chance))
    if facts and chance.random() < 0.04:
        facts[chance.choice(sorted(facts))] = chance.choice(JUNK)
    return facts


def _fact(fact: Fact, chance: Random) -> Any:
    if fact.type == "regions":
        return chance.sample(REGIONS, chance.randint(0, 3))
    if fact.type in ("record", "time"):
        return chance.choice((None, 1_650_247_200_000_000))
    if fact.type == "int":
        return chance.randint(0, 7)
    return value_of(fact, chance)


def _registered(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    arrived = at - chance.choice((0, HOUR))
    lead = rule.params["lead"] * (HOUR if rule.params["lead_unit"] == "hours" else DAY)
    announced = near(arrived - lead, chance) if chance.random() < 0.7 else arrived - 60 * DAY
    day = datetime.fromtimestamp(arrived / 1e6, SHANGHAI).date()
    record = {
        "announced_at": announced if good else chance.choice((announced, arrived, None)),
        "day": (day if good or chance.random() < 0.6 else day + timedelta(days=1)).isoformat(),
        "enterprise_approved": good or chance.random() < 0.6,
        "township_approved": good or chance.random() < 0.6,
    }
    made = {"registration": record} if good or chance.random() < 0.8 else chance.choice(({}, {"registration": None}))
    return {**made, "arrived_at": arrived} if chance.random() < 0.8 else made


def _dwell(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    limit = rule.params["minutes"] * MINUTE
    left = chance.choice(({}, {"left_at": at}, {"left_at": at - HOUR}))
    since = left.get("left_at", at) - limit
    if good:
        return {"admitted_at": since + chance.choice((0, 0, 1, MINUTE)), **left}
    return {"admitted_at": near(since - 2, chance), **left} if chance.random() < 0.7 else left


def _visits(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    most = rule.params["most"]
    count = chance.randint(0, most - 1) if good else chance.choice((most, most + 1, None))
    return {} if count is None else {"visits_of_plate_in_days": count}


def _gate(rule: Rule, at: int, chance: Random, good: bool) -> Value:
    gates, kinds = rule.params["gates"] or ("g9",), rule.params["gate_kinds"] or ("g9",)
    if not good:
        return {name: chance.choice(CODES) for name in ("gate", "gate_kind") if chance.random() < 0.6}
    return {"gate": chance.choice(gates)} if chance.random() < 0.5 else {"gate_kind": chance.choice(kinds)}


KNOWN: dict[str, Callable[[Rule, int, Random, bool], Value]] = {
    "registered": _registered, "dwell_limit": _dwell, "visit_limit": _visits, "gate_allowed": _gate,
}  # fmt: skip
