"""Kinds judged by one answer alone: confirm, number, choice, photo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatekeeper.rules.kinds.shape import MET, Field, Judged, Kind, Param, unanswered, violated
from gatekeeper.rules.values import Evidence, Rule, Stage, Text
from gatekeeper.rules.vocabulary import Choice


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of numbers: stored integers are ``scale`` times what people say.

    ``lowest`` to ``highest`` can be answered; a limit lies between ``limit_lowest`` and ``limit_highest``.
    """

    code: str
    label: Text
    symbol: Text
    scale: int
    lowest: int
    highest: int
    limit_lowest: int
    limit_highest: int
    personal: str | None = None

    def say(self, value: int, *, short: bool = False) -> str:
        """A stored integer as people write it, without the unit: 370 -> 37.0, ``short`` 37."""
        if self.scale == 1:
            return str(value)
        whole, rest = divmod(value, self.scale)
        return str(whole) if short and not rest else f"{whole}.{rest}"


UNITS: Mapping[str, Unit] = {
    unit.code: unit
    for unit in (
        Unit("celsius", Text("体温 ℃", "°C"), Text(" ℃", " °C"), 10, 300, 450, 350, 420, "health"),
        Unit("kg", Text("千克", "kg"), Text(" 千克", " kg"), 1, 0, 200_000, 0, 200_000),
        Unit("minutes", Text("分钟", "minutes"), Text(" 分钟", " minutes"), 1, 0, 100_000, 0, 100_000),
        Unit("days", Text("天数", "days"), Text(" 天", " days"), 1, 0, 3650, 0, 3650),
        Unit("count", Text("个数", "count"), Text("", ""), 1, 0, 100_000, 0, 100_000),
    )
}


def judge_confirm(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met when confirmed, violated when denied."""
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    ok = answer.value.get("ok")
    if ok is True:
        return MET
    return violated("confirm.denied") if ok is False else unanswered(rule, "answer.unreadable")


def judge_number(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met between the limits; ``data`` names the limit that was passed, never the value."""
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    n = answer.value.get("n")
    if type(n) is not int:
        return unanswered(rule, "answer.unreadable")
    params = rule.params
    high, low = params["max"], params["min"]
    if high is not None and (n > high or (n == high and not params["max_inclusive"])):
        return violated("number.above", {"limit": high, "inclusive": params["max_inclusive"], "unit": params["unit"]})
    if low is not None and (n < low or (n == low and not params["min_inclusive"])):
        return violated("number.below", {"limit": low, "inclusive": params["min_inclusive"], "unit": params["unit"]})
    return MET


def judge_choice(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met when what was chosen is accepted (empty: every option is)."""
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    code = answer.value.get("choice")
    if not isinstance(code, str) or not any(option["code"] == code for option in rule.params["options"]):
        return unanswered(rule, "answer.unreadable")
    accepted = rule.params["accepted"]
    return MET if not accepted or code in accepted else violated("choice.not_accepted")


def judge_photo(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met when there is a picture (named by its SHA-256)."""
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    name = answer.value.get("file")
    return MET if isinstance(name, str) and is_sha256(name) else unanswered(rule, "answer.unreadable")


def is_sha256(name: str) -> bool:
    """64 lower-case hex digits."""
    return len(name) == 64 and all(letter in "0123456789abcdef" for letter in name)


def _number_fields(params: Mapping[str, Any]) -> tuple[Field, ...]:
    unit = UNITS[params["unit"] if params.get("unit") in UNITS else "count"]
    return (
        Field(
            "n",
            "int",
            Text("读数", "reading"),
            unit=unit.code,
            minimum=unit.lowest,
            maximum=unit.highest,
            personal=unit.personal,
        ),
    )


def _number_faults(params: Mapping[str, Any]) -> tuple[tuple[str, Text], ...]:
    low, high = params["min"], params["max"]
    if low is None and high is None:
        return (("max", Text("请填写上限或下限", "Give an upper or a lower limit")),)
    if low is not None and high is not None:
        least = low + (0 if params["min_inclusive"] else 1)
        if least > high - (0 if params["max_inclusive"] else 1):
            return (("min", Text("下限高于上限，没有读数能合格", "The limits leave no value between them")),)
    return ()


def _choice_fields(params: Mapping[str, Any]) -> tuple[Field, ...]:
    options = tuple(Choice(o["code"], Text(o["zh"], o["en"])) for o in params["options"] or ())
    return (Field("choice", "choice", Text("选项", "option"), choices=options),)


def _choice_faults(params: Mapping[str, Any]) -> tuple[tuple[str, Text], ...]:
    offered = {option["code"] for option in params["options"]}
    faults: list[tuple[str, Text]] = []
    if len(offered) != len(params["options"]):
        faults.append(("options", Text("选项的代码重复", "Two options have the same code")))
    for code in params["accepted"]:
        if code not in offered:
            faults.append(("accepted", Text(f"“{code}”不在选项之中", f"“{code}” is not among the options")))
    return tuple(faults)


_UNIT_CHOICES = tuple(Choice(unit.code, unit.label) for unit in UNITS.values())

PLAIN = (
    Kind(
        "confirm",
        Text("确认", "Confirm"),
        True,
        judge_confirm,
        fields=(Field("ok", "bool", Text("是否符合", "as required")),),
        reasons=("answer.missing", "answer.unreadable", "confirm.denied"),
        seconds=3,
    ),
    Kind(
        "number",
        Text("读数", "Number with limits"),
        True,
        judge_number,
        params=(
            Param("unit", "choice", Text("单位", "unit"), None, True, choices=_UNIT_CHOICES),
            Param("min", "int", Text("下限", "lower limit"), by_unit=True, merge="max"),
            Param("max", "int", Text("上限", "upper limit"), by_unit=True, merge="min"),
            Param(
                "min_inclusive", "bool", Text("等于下限也合格", "the lower limit itself is accepted"), True, merge="all"
            ),
            Param(
                "max_inclusive", "bool", Text("等于上限也合格", "the upper limit itself is accepted"), True, merge="all"
            ),
        ),
        fields=_number_fields({}),
        reasons=("answer.missing", "answer.unreadable", "number.above", "number.below"),
        fields_of=_number_fields,
        check=_number_faults,
        seconds=6,
    ),
    Kind(
        "choice",
        Text("单选", "Choice"),
        True,
        judge_choice,
        params=(
            Param("options", "options", Text("选项", "options"), (), True, minimum=1, merge="union"),
            Param(
                "accepted",
                "codes",
                Text("合格的选项（空：都可以）", "accepted options (empty: all)"),
                (),
                merge="common",
            ),
        ),
        fields=_choice_fields({"options": ()}),
        reasons=("answer.missing", "answer.unreadable", "choice.not_accepted"),
        fields_of=_choice_fields,
        check=_choice_faults,
        seconds=4,
        records=lambda params: not params["accepted"] or len(params["accepted"]) == len(params["options"]),
    ),
    Kind(
        "photo",
        Text("拍照", "Photo"),
        True,
        judge_photo,
        fields=(Field("file", "sha256", Text("照片", "photo"), personal="photo"),),
        reasons=("answer.missing", "answer.unreadable"),
        seconds=8,
        records=lambda params: True,
    ),
)
