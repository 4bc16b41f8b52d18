"""Whether an answer has the shape and range its question asks for, before it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.rules.kinds.plain import UNITS, is_sha256
from gatekeeper.rules.kinds.shape import Field, Kind
from gatekeeper.rules.values import Text

LATEST = 253_402_300_799_999_999
"""The last microsecond of the year 9999."""


def answer_faults(kind: Kind, params: Mapping[str, Any], value: Any) -> list[tuple[str, Text]]:
    """(field, what it takes) for every field of ``value`` that is absent, unknown or out of range; empty when right."""
    fields = kind.answer_fields(params)
    if not isinstance(value, Mapping):
        return [("", Text("请填写查验结果", "Please give an answer"))]
    faults = [
        (str(name), Text("没有这一项", "There is no such field"))
        for name in value
        if name not in {field.name for field in fields}
    ]
    for field in fields:
        given = value.get(field.name)
        if given is None or given == "":
            if not field.optional:
                faults.append((field.name, Text(f"请填写“{field.label.zh}”", f"Give: {field.label.en}")))
        elif not _right(field, given):
            faults.append((field.name, takes(field)))
    if kind.code == "test" and value.get("result") == "negative" and value.get("sampled_at") is None:
        faults.append(("sampled_at", Text("请填写采样时间", "Give: sampled at")))
    return faults


def takes(field: Field) -> Text:
    """Which values the field takes, as people say them: 请填 30 到 45 ℃."""
    if field.type == "int":
        unit = UNITS.get(field.unit or "count", UNITS["count"])
        low, high = unit.say(field.minimum, short=True), unit.say(field.maximum, short=True)
        return Text(f"请填 {low} 到 {high}{unit.symbol.zh}", f"{low} to {high}{unit.symbol.en}")
    if field.choices:
        return Text(
            f"可选：{'、'.join(choice.label.zh for choice in field.choices)}",
            f"One of: {', '.join(choice.label.en for choice in field.choices)}",
        )
    if field.type == "bool":
        return Text("请选“是”或“否”", "Choose yes or no")
    if field.type == "text":
        return Text(f"最多 {field.maximum} 个字", f"At most {field.maximum} characters")
    if field.type == "time":
        return Text("请填写时间", "Give a time")
    return Text("请拍照", "Take a photo")


def _right(field: Field, given: Any) -> bool:
    if field.type == "bool":
        return isinstance(given, bool)
    if field.type == "int":
        return type(given) is int and field.minimum <= given <= field.maximum
    if field.type == "time":
        return type(given) is int and 0 <= given <= LATEST
    if field.type == "text":
        return isinstance(given, str) and len(given) <= field.maximum
    if field.type == "sha256":
        return isinstance(given, str) and is_sha256(given)
    codes = [choice.code for choice in field.choices]
    if field.type == "choice":
        return given in codes
    return isinstance(given, (list, tuple)) and all(code in codes for code in given)
