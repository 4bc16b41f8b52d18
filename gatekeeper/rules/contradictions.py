"""Rules of one book that no visit can meet together: such a book cannot be published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.values import Rule, Rulebook, Text

Group = Sequence[Rule]


def contradictions(rulebook: Rulebook) -> list[tuple[tuple[str, ...], Text]]:
    """(codes of the rules, why) for every group of rules that cannot all be met.

    Looked at are rules of one kind and subject about one question, where the conditions of one include those of the
    others: whenever it applies, they all do. Rules that might meet by other ways are not accused.
    """
    found: list[tuple[tuple[str, ...], Text]] = []
    for rule in rulebook.rules:
        test = TESTS.get(rule.kind)
        if test is None:
            continue
        together = [other for other in rulebook.rules if _beside(other, rule)]
        for group in _clashing(test, together):
            names = tuple(sorted(other.code for other in group))
            if names not in [codes for codes, _ in found]:
                found.append((names, _sentence(group)))
    return found


def _beside(other: Rule, rule: Rule) -> bool:
    same = (other.kind, other.subject, other.question) == (rule.kind, rule.subject, rule.question)
    return same and all(clause in rule.when for clause in other.when)


def _clashing(test: Callable[[Group], bool], rules: Group) -> list[Group]:
    """The pairs that clash, else all of them where only together they do."""
    if len(rules) < 2 or test(rules):
        return []
    pairs = [(one, two) for index, one in enumerate(rules) for two in rules[index + 1 :] if not test((one, two))]
    return list(pairs) or [rules]


def _sentence(rules: Group) -> Text:
    zh = "、".join(f"“{rule.title.zh}”" for rule in rules)
    en = ", ".join(f"“{rule.title.en}”" for rule in rules)
    return Text(
        f"{zh}互相矛盾：没有一次来访能同时满足，请修改其中一条",
        f"{en} contradict each other: no visit can meet them all. Change one of them",
    )


def _params(rule: Rule) -> dict[str, Any]:
    return {**KINDS[rule.kind].defaults, **rule.params}


def _numbers_meet(rules: Group) -> bool:
    low, high = -(2**53), 2**53
    for rule in rules:
        params = _params(rule)
        if params["min"] is not None:
            low = max(low, params["min"] + (0 if params["min_inclusive"] else 1))
        if params["max"] is not None:
            high = min(high, params["max"] - (0 if params["max_inclusive"] else 1))
    return low <= high


def _lists_meet(rules: Group, name: str) -> bool:
    """Whether the lists have a value in common; an empty list allows every value."""
    lists = [set(values) for values in (_params(rule)[name] for rule in rules) if values]
    return not lists or bool(set.intersection(*lists))


def _choices_meet(rules: Group) -> bool:
    sets = []
    for rule in rules:
        params = _params(rule)
        sets.append(set(params["accepted"]) or {option["code"] for option in params["options"]})
    return bool(set.intersection(*sets))


def _disinfections_meet(rules: Group) -> bool:
    exact = {_params(rule)["dilution"] for rule in rules if _params(rule)["dilution_exact"]} - {None}
    weakest = [_params(rule)["dilution"] for rule in rules if _params(rule)["dilution"] is not None]
    dilutions = not exact or (len(exact) == 1 and max(exact) <= min(weakest))
    return dilutions and _lists_meet(rules, "agents")


def _gates_meet(rules: Group) -> bool:
    """Gates and kinds of gate cannot be compared: a rule that allows both is taken to meet any other."""
    named = [(bool(_params(rule)["gates"]), bool(_params(rule)["gate_kinds"])) for rule in rules]
    if all(pair == (True, False) for pair in named):
        return _lists_meet(rules, "gates")
    if all(pair == (False, True) for pair in named):
        return _lists_meet(rules, "gate_kinds")
    return True


TESTS: dict[str, Callable[[Group], bool]] = {
    "number": _numbers_meet,
    "choice": _choices_meet,
    "code_check": lambda rules: _lists_meet(rules, "accepted"),
    "disinfection": _disinfections_meet,
    "document_handoff": lambda rules: _lists_meet(rules, "methods"),
    "gate_allowed": _gates_meet,
}
