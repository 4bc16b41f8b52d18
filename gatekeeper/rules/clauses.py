"""Clauses: when a rule applies. A closed vocabulary of facts and operators, judged three-valued.

A clause on a fact that is not known is undecided, never false. A rule with a false clause does not apply, whatever else
is unknown; a rule with an undecided clause and no false one waits for its facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gatekeeper.rules.values import Clause, Rule, Text
from gatekeeper.rules.vocabulary import CARGO, PLATE_CLASSES, PURPOSES, RISK_LEVELS, VISITOR_KINDS, Choice

Undecided = tuple[str, ...]
Test = Callable[[Any], bool | None]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a visit.

    ``type``: choice, level (ordered choices), bool, int, code, name (as people write it), region (one code), regions (a
    list of codes); record and time stand in evidence but not in clauses (no ``ops``). ``ask``: the facts a guard is
    asked for when this one is unknown; empty where the program alone knows it. ``minimum`` and ``maximum`` bound an
    int.
    """

    name: str
    type: str
    label: Text
    ops: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    ask: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 1_000_000


_EQUAL = ("eq", "ne", "in", "not_in")
_ORDER = ("eq", "ne", "at_least", "at_most")
_PLACE = ("within", "not_within")

FACTS: Mapping[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("visitor_kind", "choice", Text("来访类型", "kind of visitor"), _EQUAL, VISITOR_KINDS, ("visitor_kind",)),
        Fact("plate_class", "choice", Text("号牌种类", "class of plate"), _EQUAL, PLATE_CLASSES),
        Fact(
            "risk_level",
            "level",
            Text("来源地风险等级", "risk level of the places"),
            (*_ORDER, "in", "not_in"),
            RISK_LEVELS,
            ("origin", "stops"),
        ),
        Fact("origin", "region", Text("来源地", "origin"), _PLACE, (), ("origin",)),
        Fact("stops", "regions", Text("途经地", "places passed"), _PLACE, (), ("stops",)),
        Fact("cargo", "choice", Text("货物", "cargo"), _EQUAL, CARGO, ("cargo",)),
        Fact("cold_chain", "bool", Text("冷链", "cold chain"), ("eq",), (), ("cold_chain",)),
        Fact("people", "int", Text("人数", "number of people"), _ORDER, (), ("people",), 0, 200),
        Fact("gate", "code", Text("门岗", "gate"), _EQUAL),
        Fact("gate_kind", "code", Text("门岗类别", "kind of gate"), _EQUAL),
        Fact("zone", "code", Text("厂区分区", "zone"), _EQUAL, (), ("zone",)),
        Fact("purpose", "choice", Text("来访事由", "purpose"), _EQUAL, PURPOSES, ("purpose",)),
        Fact("exporter", "bool", Text("外贸企业", "exporter"), ("eq",)),
        Fact("cluster", "name", Text("产业集群", "industry cluster"), _EQUAL),
        Fact("alert_level", "int", Text("预警级别", "alert level"), _ORDER, (), (), 0, 10),
        Fact(
            "visits_of_plate_in_days",
            "int",
            Text("该车近期来访次数", "recent visits of the plate"),
            _ORDER,
            (),
            (),
            0,
            10_000,
        ),
        Fact("registration", "record", Text("报备", "registration")),
        Fact("arrived_at", "time", Text("到达时间", "time of arrival")),
        Fact("admitted_at", "time", Text("放行时间", "time of admission")),
        Fact("left_at", "time", Text("离厂时间", "time of leaving")),
    )
}
"""Facts by name, in the order of the documentation."""

OPS: Mapping[str, Text] = {
    "eq": Text("等于", "is"),
    "ne": Text("不等于", "is not"),
    "in": Text("属于", "is one of"),
    "not_in": Text("不属于", "is none of"),
    "at_least": Text("不低于", "is at least"),
    "at_most": Text("不高于", "is at most"),
    "within": Text("来自", "lies within"),
    "not_within": Text("不来自", "lies outside"),
}
"""Operators by code; a province's code covers its cities, counties and towns."""

LIST_OPS = frozenset({"in", "not_in", "within", "not_within"})
"""Operators whose value is a list."""


def prefix(region: str) -> str:
    """The digits that every place of ``region`` begins with: 330000 -> 33, 330100 -> 3301, 330182 -> 330182."""
    code = region[:6] if len(region) == 9 and region.endswith("000") else region
    if len(code) != 6:
        return code
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def test_of(clause: Clause) -> Test:
    """The clause as a function of its fact's value; None where that value cannot be compared."""
    fact, op, wanted = FACTS[clause.fact], clause.op, clause.value
    if op in ("within", "not_within"):
        return _place(tuple(prefix(code) for code in wanted), inside=op == "within", many=fact.type == "regions")
    if op in ("in", "not_in"):
        values, inside = tuple(wanted), op == "in"
        return lambda value: (value in values) is inside if isinstance(value, str) else None
    if op in ("eq", "ne"):
        same, kind = op == "eq", type(wanted)
        return lambda value: (value == wanted) is same if type(value) is kind else None
    if fact.type == "level":
        order = {choice.code: rank for rank, choice in enumerate(fact.choices)}
        limit = order[wanted]
        return _ranked(order, limit, up=op == "at_least")
    if op == "at_least":
        return lambda value: value >= wanted if type(value) is int else None
    return lambda value: value <= wanted if type(value) is int else None


def _ranked(order: Mapping[str, int], limit: int, *, up: bool) -> Test:
    def test(value: Any) -> bool | None:
        rank = order.get(value) if isinstance(value, str) else None
        if rank is None:
            return None
        return rank >= limit if up else rank <= limit

    return test


def _place(prefixes: tuple[str, ...], *, inside: bool, many: bool) -> Test:
    def one(value: Any) -> bool | None:
        return value.startswith(prefixes) is inside if isinstance(value, str) else None

    def some(value: Any) -> bool | None:
        if not isinstance(value, (list, tuple)) or not all(isinstance(code, str) for code in value):
            return None
        return any(code.startswith(prefixes) for code in value) is inside

    return some if many else one


def compiled(when: Iterable[Clause]) -> tuple[tuple[str, Test], ...]:
    """The clauses as (fact, test) in order."""
    return tuple((clause.fact, test_of(clause)) for clause in when)


def undecided(clauses: tuple[tuple[str, Test], ...], facts: Mapping[str, Any]) -> Undecided | None:
    """The facts still to be known, () when the rule applies, None when it does not."""
    missing: Undecided = ()
    for name, test in clauses:
        value = facts.get(name)
        holds = None if value is None else test(value)
        if holds is None:
            if name not in missing:
                missing = (*missing, name)
        elif not holds:
            return None
    return missing


def applies(rule: Rule, facts: Mapping[str, Any]) -> bool:
    """Whether every clause of ``rule`` holds; an undecided one does not."""
    return undecided(compiled(rule.when), facts) == ()


def to_ask(facts: Iterable[str]) -> tuple[str, ...]:
    """What a guard is asked when ``facts`` are missing: ``origin`` for a risk level, nothing for what only the
    program can know."""
    return tuple(dict.fromkeys(FACTS[name].ask[0] for name in facts if FACTS[name].ask))
