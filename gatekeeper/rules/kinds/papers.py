"""Kinds about what is written on papers: text (a number or a note copied from them) and certificate (its validity)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gatekeeper.rules.kinds.shape import DAY, MET, Field, Judged, Kind, Param, moment, unanswered, violated
from gatekeeper.rules.values import Evidence, Rule, Stage, Text
from gatekeeper.rules.vocabulary import FORMATS

LONGEST = 80
PATTERNS: Mapping[str, tuple[re.Pattern[str], int]] = {
    "vin": (re.compile(r"[A-HJ-NPR-Z0-9]{17}\Z", re.IGNORECASE | re.ASCII), 17),
    "engine_no": (re.compile(r"[A-Z0-9-]{4,20}\Z", re.IGNORECASE | re.ASCII), 4),
}
"""By format: how its text looks (a VIN as in ISO 3779, without I, O and Q), and how short it may be."""


def judge_text(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met by a text of the format; a blank or too long one counts as not given. Small letters count as capitals."""
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    said = answer.value.get("text")
    if not isinstance(said, str) or not said.strip() or len(said) > rule.params["longest"]:
        return unanswered(rule, "answer.unreadable")
    wanted = PATTERNS.get(rule.params["format"])
    return MET if wanted is None or wanted[0].match(said) else violated("text.format")


def judge_certificate(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met up to and including the last moment of validity, ``spare_days`` before it where the rule wants some left."""
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    until = answer.value.get("valid_until")
    if type(until) is not int:
        return unanswered(rule, "answer.unreadable")
    spare = rule.params["spare_days"]
    if until < moment(rule, evidence, at) + spare * DAY:
        return violated("certificate.expired", {"spare_days": spare})
    return MET


def _text_fields(params: Mapping[str, Any]) -> tuple[Field, ...]:
    """Numbers of a vehicle are kept as its plate is, anything else as a note."""
    personal = "plate" if params.get("format") in PATTERNS else "note"
    return (Field("text", "text", Text("填写", "text"), maximum=params["longest"], personal=personal),)


def _text_faults(params: Mapping[str, Any]) -> tuple[tuple[str, Text], ...]:
    shortest = PATTERNS[params["format"]][1] if params["format"] in PATTERNS else 1
    if params["longest"] < shortest:
        zh, en = f"这种格式至少 {shortest} 个字", f"This format has at least {shortest} characters"
        return (("longest", Text(zh, en)),)
    return ()


PAPERS = (
    Kind(
        "text",
        Text("填写", "Text"),
        True,
        judge_text,
        params=(
            Param("format", "choice", Text("格式", "format"), "free", choices=FORMATS),
            Param(
                "longest", "int", Text("最多几个字", "longest, in characters"), LONGEST,
                minimum=1, maximum=LONGEST, merge="min",
            ),
        ),
        fields=_text_fields({"longest": LONGEST}),
        reasons=("answer.missing", "answer.unreadable", "text.format"),
        fields_of=_text_fields,
        check=_text_faults,
        seconds=12,
        records=lambda params: params["format"] not in PATTERNS,
    ),
    Kind(
        "certificate",
        Text("证件有效期", "Certificate"),
        True,
        judge_certificate,
        params=(
            Param(
                "spare_days", "int", Text("至少还有几天有效", "days it must still be valid"), 0,
                unit="days", maximum=365, merge="max",
            ),
        ),
        fields=(Field("valid_until", "time", Text("有效期至", "valid until")),),
        reasons=("answer.missing", "answer.unreadable", "certificate.expired"),
        seconds=8,
    ),
)  # fmt: skip
