"""Kinds about people's health, whose values never leave the answer: code_check and test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.rules.kinds.shape import (
    HOUR,
    MET,
    MISSING_STATE,
    Field,
    Judged,
    Kind,
    Param,
    moment,
    unanswered,
    violated,
)
from gatekeeper.rules.values import Evidence, Rule, Stage, Text
from gatekeeper.rules.vocabulary import COLOURS, RESULTS

COLOUR_CODES = frozenset(colour.code for colour in COLOURS)


def judge_code(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met when the colour is accepted and the code still valid when the visit came in."""
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    colour, until = answer.value.get("colour"), answer.value.get("valid_until")
    if not isinstance(colour, str) or colour not in COLOUR_CODES:
        return unanswered(rule, "answer.unreadable")
    if colour not in rule.params["accepted"]:
        return violated("code.not_accepted")
    if type(until) is int and until <= moment(rule, evidence, at):
        return violated("code.expired")
    if rule.params["valid_until_required"] and type(until) is not int:
        return unanswered(rule, "code.validity_missing")
    return MET


def judge_test(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met by a negative result sampled within the hours; where the rule names an alternative, by that one too.

    A positive result violates, whatever the other test says. Exactly ``within_hours`` old is still within.
    """
    params, when = rule.params, moment(rule, evidence, at)
    answer = evidence.answers.get((rule.question or "", subject))
    first = _stand(answer.value if answer else None, when, at, params["within_hours"])
    other_question = params["alternative_question"]
    if other_question is None:
        return _single(rule, first, params["within_hours"])
    other_answer = evidence.answers.get((other_question, subject))
    other = _stand(other_answer.value if other_answer else None, when, at, params["alternative_within_hours"])
    if "positive" in (first, other):
        return violated("test.not_accepted")
    if "fresh" in (first, other):
        return MET
    if first == "missing":
        return unanswered(rule)
    if first in ("unreadable", "future"):
        return unanswered(rule, "test.in_future" if first == "future" else "answer.unreadable")
    return Judged(
        MISSING_STATE,
        "test.alternative_missing",
        {"within_hours": params["within_hours"], "alternative_within_hours": params["alternative_within_hours"]},
        ((other_question, rule.stage),),
    )


def _single(rule: Rule, stand: str, hours: int) -> Judged:
    if stand == "fresh":
        return MET
    if stand == "missing":
        return unanswered(rule)
    if stand in ("positive", "none"):
        return violated("test.not_accepted" if stand == "positive" else "test.none")
    if stand == "old":
        return violated("test.too_old", {"within_hours": hours})
    reasons = {"pending": "test.pending", "future": "test.in_future"}
    return unanswered(rule, reasons.get(stand, "answer.unreadable"))


def _stand(value: Mapping[str, Any] | None, when: int, at: int, hours: int) -> str:
    """missing, unreadable, positive, pending, none, future, old or fresh."""
    if value is None:
        return "missing"
    result, sampled = value.get("result"), value.get("sampled_at")
    if isinstance(result, str) and result in ("positive", "pending", "none"):
        return result
    if result != "negative" or type(sampled) is not int:
        return "unreadable"
    if sampled > at:
        return "future"
    return "fresh" if when - sampled <= hours * HOUR else "old"


def _test_faults(params: Mapping[str, Any]) -> tuple[tuple[str, Text], ...]:
    named, titled = params["alternative_question"], params["alternative_title"]
    if titled is not None and named is None:
        return (("alternative_question", Text("请写明用哪一项检测代替", "Name the question of the other test")),)
    if named is not None and titled is None:
        return (("alternative_title", Text("请写明代替的检测叫什么", "Say what the other test is called")),)
    return ()


HEALTH = (
    Kind(
        "code_check",
        Text("查验码", "Code check"),
        True,
        judge_code,
        params=(
            Param(
                "accepted",
                "choices",
                Text("可以通过的颜色", "accepted colours"),
                ("green",),
                minimum=1,
                choices=COLOURS,
                merge="common",
            ),
            Param("valid_until_required", "bool", Text("须记有效期", "its validity must be noted"), False, merge="any"),
        ),
        fields=(
            Field("colour", "choice", Text("颜色", "colour"), choices=COLOURS, personal="health"),
            Field("valid_until", "time", Text("有效期至", "valid until"), optional=True, personal="health"),
        ),
        reasons=(
            "answer.missing",
            "answer.unreadable",
            "code.not_accepted",
            "code.expired",
            "code.validity_missing",
        ),
        seconds=4,
    ),
    Kind(
        "test",
        Text("检测结果", "Test result"),
        True,
        judge_test,
        params=(
            Param(
                "within_hours",
                "int",
                Text("多少小时内", "within hours"),
                None,
                True,
                unit="hours",
                minimum=1,
                maximum=720,
                merge="min",
            ),
            Param("alternative_question", "code", Text("可代替的检测", "question of a test that may stand instead")),
            Param("alternative_title", "text", Text("代替的检测叫什么", "name of the other test")),
            Param(
                "alternative_within_hours",
                "int",
                Text("代替的检测在多少小时内", "the other test within hours"),
                1,
                unit="hours",
                minimum=1,
                maximum=720,
                merge="min",
            ),
        ),
        fields=(
            Field("result", "choice", Text("结果", "result"), choices=RESULTS, personal="health"),
            Field("sampled_at", "time", Text("采样时间", "sampled at"), optional=True, personal="health"),
        ),
        reasons=(
            "answer.missing",
            "answer.unreadable",
            "test.not_accepted",
            "test.none",
            "test.too_old",
            "test.pending",
            "test.in_future",
            "test.alternative_missing",
        ),
        seconds=8,
        check=_test_faults,
    ),
)
