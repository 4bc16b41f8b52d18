"""What is odd about the rules of a book where they will hold, each with what to do; contradictions stand by themselves.

A warning is certain: what might be right after all is not accused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.rules.clauses import FACTS, test_of
from gatekeeper.rules.idle import idle, without_effect
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.seconds import LIMIT, longest, seconds, slowest
from gatekeeper.rules.sentences import phrase
from gatekeeper.rules.values import Clause, Rule, Rulebook, Stage, SubjectKind, Text

__all__ = ["Here", "Warned", "unasked", "warnings", "without_effect"]

ELSEWHERE = "990000"
"""A place that no list of regions knows."""

Place = Callable[[str], Text]


@dataclass(frozen=True, slots=True)
class Here:
    """What facts can be where the rules will hold: by fact, the only values it takes (none: nobody supplies it). A
    fact that is not named may have any value."""

    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning: ``code`` is stable, ``rules`` are codes of rules; with ``blocks`` the book cannot be published."""

    code: str
    rules: tuple[str, ...]
    what: Text
    mend: Text
    blocks: bool = False


def warnings(book: Rulebook, here: Here, *, township: Rulebook | None, place: Place) -> list[Warned]:
    """Every warning about ``book``, rule by rule, then about its length; ``township``: what holds beside it."""
    found: list[Warned] = []
    for rule in book.rules:
        own = unasked(rule, here, place=place) or _never(rule, here, place) or _unmeetable(rule, here)
        if own is None and township is not None:
            own = _idle(rule, township, place)
        found += [own] if own else []
    return found + _long([township, book] if township else [book])


MENDS: Mapping[str, Text] = {
    "zone": Text(
        "请先在“门岗与分区”里加分区，门卫登记时才会被问“去哪个区”；或者去掉这个条件",
        "Add zones to the enterprise first, then the guard is asked for the zone; or take the condition out",
    ),
    "cluster": Text(
        "请先在企业资料里填写产业集群，或者去掉这个条件",
        "Enter the industry cluster in the details of the enterprise, or take the condition out",
    ),
    "gate": Text(
        "请先加门岗；镇街的规则不能指定企业的门岗，请改用“来访类型”或“货物”，门卫会问",
        "Add a gate first; a township cannot name gates of enterprises: use kind of visitor or cargo, which are asked",
    ),
    "gate_kind": Text("请先加一个门岗，或者去掉这个条件", "Add a gate first, or take the condition out"),
    "plate_class": Text(
        "步行来访没有号牌：请把“来访类型”改成车辆，或者去掉号牌条件",
        "Visitors on foot have no plate: choose vehicles as kind of visitor, or take the condition out",
    ),
}
"""What to do where a fact is supplied by nobody: the question to add, or the way without it."""


def unasked(rule: Rule, here: Here, *, place: Place) -> Warned | None:
    """The warning that a condition is about something that nobody asks or knows here; None where all are known."""
    for clause in rule.when:
        supplied = here.values.get(clause.fact)
        on_foot = clause.fact == "plate_class" and _possible(rule, "visitor_kind", here) == ["walk_in"]
        if supplied == () or on_foot:
            name, said = FACTS[clause.fact].label, phrase(clause, place=place)
            return Warned(
                "fact.unasked",
                (rule.code,),
                Text(
                    f"条件“{said.zh}”：这里没有人会问、程序也不知道“{name.zh}”，每次来访都会待定",
                    f"The condition “{said.en}”: nobody asks for “{name.en}” here, so every visit would be held",
                ),
                MENDS.get(clause.fact, Text("请去掉这个条件", "Take the condition out")),
                blocks=True,
            )
    return None


def _never(rule: Rule, here: Here, place: Place) -> Warned | None:
    """No visit here meets all of the rule's conditions."""
    for name in dict.fromkeys(clause.fact for clause in rule.when):
        if _possible(rule, name, here):
            continue
        clauses = [clause for clause in rule.when if clause.fact == name]
        said = [phrase(clause, place=place) for clause in clauses]
        zh, en = "”和“".join(one.zh for one in said), "” and “".join(one.en for one in said)
        if len(clauses) > 1 and not _possible(rule, name, Here()):
            what = Text(f"永远用不上：条件“{zh}”互相排斥", f"Never applies: the conditions “{en}” exclude each other")
        else:
            what = Text(f"永远用不上：这里不会有“{zh}”的来访", f"Never applies: here no visit is “{en}”")
        return Warned("rule.never", (rule.code,), what, CHANGE_CONDITION)
    if rule.subject in (SubjectKind.TRACTOR, SubjectKind.TRAILER) and _possible(rule, "visitor_kind", here) == [
        "walk_in"
    ]:
        what = Text("永远用不上：步行来访没有车辆可查", "Never applies: visitors on foot bring no vehicle")
        return Warned("rule.never", (rule.code,), what, CHANGE_CONDITION)
    return None


CHANGE_CONDITION = Text("请修改或去掉其中一个条件", "Change one of the conditions or take it out")


def _possible(rule: Rule, name: str, here: Here) -> list[Any]:
    """Values of a fact that meet every condition of the rule on it, of those that are worth trying."""
    clauses = [clause for clause in rule.when if clause.fact == name]
    tests = [test_of(clause) for clause in clauses]
    return [value for value in _candidates(name, clauses, here) if all(test(value) for test in tests)]


def _candidates(name: str, clauses: Sequence[Clause], here: Here) -> list[Any]:
    if name in here.values:
        return list(here.values[name])
    fact = FACTS[name]
    if fact.choices:
        return [choice.code for choice in fact.choices]
    if fact.type == "bool":
        return [True, False]
    named = [value for clause in clauses for value in _listed(clause.value)]
    if fact.type == "int":
        near = {value + step for value in named for step in (-1, 0, 1)} | {fact.minimum, fact.maximum}
        return sorted(value for value in near if fact.minimum <= value <= fact.maximum)
    if fact.type == "regions":
        outside = [test_of(clause) for clause in clauses if clause.op == "not_within"]
        return [[code for code in (*named, ELSEWHERE) if all(test([code]) for test in outside)]]
    return [*named, ELSEWHERE]


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _unmeetable(rule: Rule, here: Here) -> Warned | None:
    """No evidence can satisfy the rule."""
    test = UNMEETABLE.get(rule.kind)
    mend = test({**KINDS[rule.kind].defaults, **rule.params}, rule, here) if test else None
    if mend is None:
        return None
    what = Text("怎么查都不会合格", "No visit can satisfy it, whatever the guard finds")
    return Warned("rule.unmeetable", (rule.code,), what, mend)


def _number(params: Mapping[str, Any], rule: Rule, here: Here) -> Text | None:
    unit, low, high = UNITS[params["unit"]], params["min"], params["max"]
    least = unit.lowest if low is None else low + (0 if params["min_inclusive"] else 1)
    most = unit.highest if high is None else high - (0 if params["max_inclusive"] else 1)
    if max(least, unit.lowest) <= min(most, unit.highest):
        return None
    bounds = f"{unit.say(unit.lowest)} - {unit.say(unit.highest)}"
    return Text(
        f"门卫只能填 {bounds}{unit.symbol.zh}，请改上下限",
        f"A guard can enter {bounds}{unit.symbol.en} only: change the limits",
    )


def _gates(params: Mapping[str, Any], rule: Rule, here: Here) -> Text | None:
    gates, kinds = _possible(rule, "gate", here), _possible(rule, "gate_kind", here)
    closed = "gate" in here.values or any(clause.fact == "gate" for clause in rule.when)
    reached = set(gates) & set(params["gates"]) if closed else params["gates"]
    if reached or (params["gate_kinds"] and ("gate_kind" not in here.values or set(kinds) & set(params["gate_kinds"]))):
        return None
    return Text("请勾选一个在用的门岗", "Tick a gate that is in use")


def _visits(params: Mapping[str, Any], rule: Rule, here: Here) -> Text | None:
    counts = _possible(rule, "visits_of_plate_in_days", here)
    if not counts or min(counts) < params["most"]:
        return None
    return Text(
        "条件里的来访次数已经超过上限，请改条件或上限",
        "The condition on recent visits already passes the limit: change one of them",
    )


UNMEETABLE: Mapping[str, Callable[[Mapping[str, Any], Rule, Here], Text | None]] = {
    "number": _number,
    "gate_allowed": _gates,
    "visit_limit": _visits,
}
"""By kind, what to do where parameters leave no way to satisfy the rule; None where there is one. Kinds that are not
named can always be satisfied within what the codec takes."""


def _idle(rule: Rule, township: Rulebook, place: Place) -> Warned | None:
    above = without_effect(rule, township)
    if above is None:
        return None
    mend = Text("可以移出；要更严，请改严", "Take it out, or make it stricter")
    return Warned("rule.idle", (rule.code,), idle(above, place=place), mend)


def _long(books: Sequence[Rulebook]) -> list[Warned]:
    visitor = slowest(books)
    total = seconds(books, visitor)[Stage.ARRIVAL]
    if total <= LIMIT:
        return []
    most = longest(books, visitor)[:3]
    zh = "、".join(f"{title.zh}（{count} 秒）" for title, count, _ in most)
    en = ", ".join(f"{title.en} ({count} s)" for title, count, _ in most)
    own = {rule.code for rule in books[-1].rules}
    codes = tuple(dict.fromkeys(code for _, _, rules in most for code in rules if code in own))
    what = Text(
        f"进厂查验每次约 {total} 秒，超过 {LIMIT} 秒，门口会排队",
        f"About {total} s a visit on arrival, more than {LIMIT} s: they will queue",
    )
    return [Warned("list.long", codes, what, Text(f"最费时的是：{zh}", f"Most time goes into: {en}"))]
