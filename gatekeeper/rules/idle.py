"""An enterprise's rule that changes nothing because the township's is at least as strict."""

from __future__ import annotations

from collections.abc import Callable

from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.questions import merged
from gatekeeper.rules.sentences import demand
from gatekeeper.rules.values import Consequence, Rule, Rulebook, Text

SEVERITY = {consequence: rank for rank, consequence in enumerate(Consequence)}


def without_effect(rule: Rule, township: Rulebook) -> Rule | None:
    """The township's rule that applies whenever ``rule`` does and demands as much or more; None where there is none."""
    for above in township.rules:
        same = (above.kind, above.subject, above.question) == (rule.kind, rule.subject, rule.question)
        covers = all(clause in rule.when for clause in above.when)
        if not same or not covers or SEVERITY[above.consequence] < SEVERITY[rule.consequence]:
            continue
        kind = KINDS[rule.kind]
        mine, theirs = {**kind.defaults, **rule.params}, {**kind.defaults, **above.params}
        lead_alike = mine.get("lead_unit") == theirs.get("lead_unit")
        if lead_alike and all(merged(p, theirs[p.name], mine[p.name]) == theirs[p.name] for p in kind.params):
            return above
    return None


def idle(above: Rule, *, place: Callable[[str], Text]) -> Text:
    """That the township's rule ``above`` leaves another without effect: 无效果：镇里的 37.3 ℃ 已在执行."""
    params = {**KINDS[above.kind].defaults, **above.params}
    limits = [params.get("min"), params.get("max")]
    said = demand(above, place=place)
    if above.kind == "number" and None in limits:
        unit = UNITS[params["unit"]]
        number = unit.say(next(limit for limit in limits if limit is not None))
        said = Text(f" {number}{unit.symbol.zh} ", f"{number}{unit.symbol.en}")
    elif said.zh == above.title.zh or not said.zh:
        said = Text(f"“{above.title.zh}”", f"“{above.title.en}”")
    else:
        said = Text(f"“{said.zh}”", f"“{said.en}”")
    return Text(f"无效果：镇里的{said.zh}已在执行", f"No effect: the township's {said.en} already applies")
