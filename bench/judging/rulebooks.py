"""Random rulebook documents: every kind, operator, stage, subject and consequence, limits at their edges."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from gatekeeper.rules.clauses import FACTS, LIST_OPS, OPS, Fact
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.vocabulary import AGENTS, COLOURS, DOCUMENTS, METHODS, Choice

REGIONS = ("110000", "330000", "330100", "330182", "330182000", "330182001", "330200", "440904", "440904106")
CONSEQUENCES = ("note", "hold", "refuse", "refuse", "refuse")
CODES = ("g1", "g2", "g3")
TITLES = [{"zh": f"规则{word}", "en": f"rule {word}"} for word in "abc"]
OPTIONS = [{"code": code, **title} for code, title in zip(CODES, TITLES, strict=True)]
Params = dict[str, Any]


def document(chance: Random, offset: int) -> dict[str, Any]:
    """A document of two to four rules, coded from ``offset`` on; some ask the question of the one before once more."""
    rules: list[dict[str, Any]] = []
    for index in range(chance.randint(2, 4)):
        before = rules[-1] if rules and chance.random() < 0.25 else None
        rules.append(_rule(chance, f"r{offset + index}", before))
    return {"schema": "gate-rulebook/1", "title": TITLES[0], "rules": rules}


def _rule(chance: Random, code: str, before: dict[str, Any] | None) -> dict[str, Any]:
    kind = KINDS[before["kind"]] if before else chance.choice(list(KINDS.values()))
    params = _params(chance, kind.code)
    while before and _shape(params) != _shape(before.get("params", {})):
        params = _params(chance, kind.code)
    stage = chance.choice(kind.stages).value
    if kind.code == "stay_in_cab":
        stage = min(params["at"], key=("arrival", "on_site", "exit").index) if params else "arrival"
    row = {
        "code": code, "kind": kind.code, "stage": stage,
        "subject": before["subject"] if before else chance.choice(kind.subjects).value,
        "when": [clause(chance) for _ in range(chance.choice((0, 0, 1, 1, 2, 3)))],
        "question": before.get("question") if before else _question(chance, kind.code, params), "params": params,
        "consequence": chance.choice(CONSEQUENCES), "title": chance.choice(TITLES), "why": chance.choice(TITLES),
    }  # fmt: skip
    bare = ("when", []), ("params", {}), ("question", None)
    return {name: value for name, value in row.items() if (name, value) not in bare or chance.random() < 0.5}


def _question(chance: Random, kind: str, params: Params) -> str | None:
    """A few names for each shape of answer, so that rules share questions; None where nothing is asked."""
    unit, form = _shape(params)
    shape = unit or (form if kind == "text" else "")
    return f"{kind}_{shape}{chance.randint(1, 2)}" if KINDS[kind].asks else None


def _shape(params: Params) -> tuple[str | None, str]:
    """What rules with one question share: the unit and the format."""
    return params.get("unit"), params.get("format", "free")


def _params(chance: Random, kind: str) -> Params:
    return PARAMS[kind](chance) if kind in PARAMS else {}


def clause(chance: Random) -> dict[str, Any]:
    """A condition; every operator is as likely as any other."""
    op = chance.choice(list(OPS))
    fact = chance.choice([fact for fact in FACTS.values() if op in fact.ops])
    if op in LIST_OPS:
        return {"fact": fact.name, "op": op, "value": [value_of(fact, chance) for _ in range(chance.randint(1, 3))]}
    return {"fact": fact.name, "op": op, "value": value_of(fact, chance)}


def value_of(fact: Fact, chance: Random) -> Any:
    """A value that a condition on the fact may name."""
    if fact.choices:
        return chance.choice(fact.choices[:4]).code
    if fact.type == "int":
        return chance.randint(0, 6)
    if fact.type == "bool":
        return chance.random() < 0.5
    return chance.choice(REGIONS if fact.type in ("region", "regions") else CODES)


def _some(chance: Random, choices: tuple[Choice, ...], least: int = 0) -> list[str]:
    codes = [choice.code for choice in choices]
    return chance.sample(codes, chance.randint(least, 3))


def _number(chance: Random) -> Params:
    unit = chance.choice(list(UNITS.values()))
    low = chance.randint(unit.limit_lowest, unit.limit_highest - 9)
    limits = {"min": low, "max": low + chance.choice((2, 5, 9))}
    left_out = chance.choice(("min", "max", "none"))
    kept = {name: value for name, value in limits.items() if name != left_out}
    inclusive = {f"{name}_inclusive": chance.random() < 0.5 for name in limits if chance.random() < 0.8}
    nothing = {left_out: None} if left_out != "none" and chance.random() < 0.3 else {}
    return {"unit": unit.code, **kept, **inclusive, **nothing}


def _choice(chance: Random) -> Params:
    options = OPTIONS[: chance.randint(1, 3)]
    return {"options": options, "accepted": [option["code"] for option in options if chance.random() < 0.5]}


def _text(chance: Random) -> Params:
    form = chance.choice(("free", "vin", "engine_no"))
    longest = chance.choice((17, 20, 80) if form != "free" else (1, 3, 80))
    return {name: value for name, value in (("format", form), ("longest", longest)) if value not in ("free", 80)}


def _test(chance: Random) -> Params:
    params = {"within_hours": chance.choice((1, 24, 48, 720))}
    if chance.random() < 0.4:
        return params
    other = {"alternative_question": f"test_{chance.randint(1, 3)}", "alternative_title": chance.choice(TITLES)}
    return {**params, **other, **({"alternative_within_hours": 24} if chance.random() < 0.6 else {})}


def _code_check(chance: Random) -> Params:
    return {"accepted": _some(chance, COLOURS, 1), "valid_until_required": chance.random() < 0.5}


def _stay(chance: Random) -> Params:
    stages = [stage for stage in ("exit", "on_site", "arrival") if chance.random() < 0.6]
    return {"at": stages} if stages else {}


def _disinfection(chance: Random) -> Params:
    exact = chance.random() < 0.3
    made = {
        "agents": _some(chance, AGENTS[:3]), "dilution_exact": exact, "contact_minutes": chance.choice((0, 20, 1440)),
        "dilution": chance.choice((1, 100, 10_000)) if exact or chance.random() < 0.5 else None,
        "operator": chance.random() < 0.7, "protective_clothing": chance.random() < 0.4,
    }  # fmt: skip
    return made if chance.random() < 0.9 else {}


def _handoff(chance: Random) -> Params:
    documents, methods = _some(chance, DOCUMENTS[:3]), _some(chance, METHODS[:3])
    return {"documents": documents, "methods": methods, "both_sides": chance.random() < 0.6}


def _registered(chance: Random) -> Params:
    made = {
        "lead": chance.choice((0, 0, 1, 24, 720)), "lead_unit": chance.choice(("hours", "calendar_days")),
        "enterprise_approval": chance.random() < 0.5, "township_approval": chance.random() < 0.5,
    }  # fmt: skip
    return made if chance.random() < 0.9 else {}


def _gate(chance: Random) -> Params:
    gates, kinds = chance.sample(CODES, chance.randint(0, 2)), chance.sample(CODES, chance.randint(0, 2))
    return {"gates": gates, "gate_kinds": kinds} if gates or kinds else {"gates": ["g1"]}


PARAMS: dict[str, Callable[[Random], Params]] = {
    "number": _number, "choice": _choice, "text": _text, "code_check": _code_check, "test": _test,
    "certificate": lambda chance: {"spare_days": chance.choice((0, 1, 30, 365))} if chance.random() < 0.8 else {},
    "stay_in_cab": _stay, "disinfection": _disinfection, "document_handoff": _handoff, "registered": _registered,
    "dwell_limit": lambda chance: {"minutes": chance.choice((1, 60, 43_200))},
    "visit_limit": lambda chance: {"most": chance.randint(1, 4)}, "gate_allowed": _gate,
}  # fmt: skip
