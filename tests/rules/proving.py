"""Evidence that meets, breaks or leaves open one rule, made from the rule itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.kinds.shape import DAY, HOUR, MINUTE
from gatekeeper.rules.values import Answer, Clause, Evidence, Rule, Stage
from tests.rules.made import AT

SUBJECT = {"visit": "visit", "tractor": "tractor", "trailer": "trailer:1", "occupant": "occupant:1"}
CREW = tuple(SUBJECT.values())
SHA = "0" * 64
WRITTEN = {"vin": ("LFV2A21K8D4012345", "LFV2A21K8D4O12345"), "engine_no": ("WP10-336E53", "WP10.336")}
TODAY = "2022-04-18"

Pair = tuple[Any, Any]
"""What meets the rule, and what breaks it; None where nothing can."""


def prove(rule: Rule, state: str) -> Evidence:
    """Evidence for which ``rule`` applies and is ``met``, ``violated`` or ``missing``."""
    facts = {"visitor_kind": "truck", "arrived_at": AT - MINUTE} | {c.fact: satisfying(c) for c in rule.when}
    if rule.kind in BY_FACTS:
        met, violated = BY_FACTS[rule.kind](rule.params)
        return Evidence({**facts, **{"met": met, "violated": violated, "missing": {}}[state]}, CREW)
    if state == "missing":
        return Evidence(facts, CREW)
    met, violated = BY_ANSWERS[rule.kind](rule.params)
    value = met if state == "met" else violated
    assert value is not None, f"nothing breaks {rule.code}"
    names = [rule.question]
    if rule.kind == "stay_in_cab":
        names = [f"{rule.question}.{stage}" for stage in rule.params["at"]]
    subject = SUBJECT[rule.subject]
    return Evidence(facts, CREW, {(str(name), subject): Answer(value, AT - MINUTE) for name in names})


def stage_of(rule: Rule) -> Stage:
    """The stage at which all that ``rule`` asks is due."""
    return Stage.EXIT if rule.kind == "stay_in_cab" else rule.stage


def satisfying(clause: Clause) -> Any:
    """A value of its fact for which the clause holds."""
    if clause.op in ("eq", "at_least", "at_most"):
        return clause.value
    if clause.op == "in":
        return clause.value[0]
    unwanted = clause.value if clause.op == "not_in" else (clause.value,)
    return next(choice.code for choice in FACTS[clause.fact].choices if choice.code not in unwanted)


def _number(params: Mapping[str, Any]) -> Pair:
    low, high = params["min"], params["max"]
    if high is not None:
        return high - 1, high + 1
    return low + 1, low - 1


def _choice(params: Mapping[str, Any]) -> Pair:
    codes = [option["code"] for option in params["options"]]
    accepted = params["accepted"] or codes
    wrong = next((code for code in codes if code not in accepted), None)
    return {"choice": accepted[0]}, wrong and {"choice": wrong}


def _text(params: Mapping[str, Any]) -> Pair:
    right, wrong = WRITTEN.get(params["format"], ("2021-03-15", None))
    return {"text": right}, wrong and {"text": wrong}


def _colour(params: Mapping[str, Any]) -> Pair:
    wrong = next(colour for colour in ("red", "yellow", "green", "none") if colour not in params["accepted"])
    valid = {"valid_until": AT + DAY}
    return {"colour": params["accepted"][0], **valid}, {"colour": wrong, **valid}


def _disinfection(params: Mapping[str, Any]) -> Pair:
    done = {
        "agent": (params["agents"] or ("chlorine",))[0], "dilution": params["dilution"] or 100, "operator": "某",
        "started_at": AT - params["contact_minutes"] * MINUTE, "finished_at": AT, "protective_clothing": True,
    }  # fmt: skip
    wrong = {"started_at": AT - MINUTE} if params["contact_minutes"] > 1 else None
    wrong = wrong or ({"protective_clothing": False} if params["protective_clothing"] else None)
    return done, wrong and {**done, **wrong}


def _handoff(params: Mapping[str, Any]) -> Pair:
    ways = params["methods"] or ("box",)
    done = {"documents": list(params["documents"]), "method": ways[0], "given": True, "received": True}
    return done, {**done, "method": "by_hand"} if "by_hand" not in ways else None


def _registered(params: Mapping[str, Any]) -> Pair:
    announced = AT - 40 * DAY
    right = {"day": TODAY, "announced_at": announced, "enterprise_approved": True, "township_approved": True}
    return {"registration": right}, {"registration": None}


BY_ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], Pair]] = {
    "confirm": lambda params: ({"ok": True}, {"ok": False}),
    "number": lambda params: tuple({"n": n} for n in _number(params)),
    "choice": _choice,
    "photo": lambda params: ({"file": SHA}, None),
    "text": _text,
    "certificate": lambda params: ({"valid_until": AT + params["spare_days"] * DAY}, {"valid_until": AT - 1}),
    "code_check": _colour,
    "test": lambda params: ({"result": "negative", "sampled_at": AT - HOUR}, {"result": "positive"}),
    "stay_in_cab": lambda params: ({"stayed": True}, {"stayed": False}),
    "disinfection": _disinfection,
    "document_handoff": _handoff,
}
BY_FACTS: Mapping[str, Callable[[Mapping[str, Any]], Pair]] = {
    "registered": _registered,
    "dwell_limit": lambda params: (
        {"admitted_at": AT - params["minutes"] * MINUTE}, {"admitted_at": AT - params["minutes"] * MINUTE - 1},
    ),
    "visit_limit": lambda params: (
        {"visits_of_plate_in_days": params["most"] - 1}, {"visits_of_plate_in_days": params["most"]},
    ),
    "gate_allowed": lambda params: (
        {"gate": "g", "gate_kind": [*params["gate_kinds"], "logistics"][0]}, {"gate": "g", "gate_kind": "elsewhere"},
    ),
}  # fmt: skip
