"""The parameters of each kind of rule as fields of a form, built from the kind's own table, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField, ValidationError

from gatekeeper.forms import options
from gatekeeper.language import lazy, t
from gatekeeper.rulebooks.context import Surroundings
from gatekeeper.rulebooks.fields import Quantity, TickList, Whole, at_most, caption, named, plainly
from gatekeeper.rules.kinds import KINDS, UNITS, Kind, Param
from gatekeeper.rules.values import Text

OPTION_ROWS = 3
"""Empty rows for further options of a choice."""

HELP = {
    "max": lazy("留空：没有上限", "Empty: no upper limit"),
    "min": lazy("留空：没有下限", "Empty: no lower limit"),
    "lead": lazy("0 表示不要求提前", "0: however late"),
    "dilution": lazy("如 200 表示 1∶200；留空：不限", "200 means 1:200; empty: any"),
    "contact_minutes": lazy("喷洒后要等的分钟数，0 表示不用等", "Minutes to wait after spraying; 0: none"),
    "documents": lazy("都不勾选：只问有没有交接", "None ticked: only whether papers were handed over"),
    "minutes": lazy("从放行算起的分钟数，如 240", "Minutes since admission, such as 240"),
    "alternative_title": lazy(
        "如 抗原检测；留空：没有可代替的检测", "Such as antigen test; empty: no other test counts"
    ),
    "spare_days": lazy("0 表示当天有效就行", "0: valid today is enough"),
    "most": lazy("连这一次在内，如 2", "This visit included, such as 2"),
    "gates": lazy("走别的门岗就算违反", "Any other gate breaks the rule"),
}


def name_of(param: str) -> str:
    """The name of the field of a parameter."""
    return f"p_{param}"


def param_fields(kind: Kind, given: Mapping[str, Any], around: Surroundings, option_rows: int) -> dict[str, Any]:
    """The fields of every parameter, filled with ``given`` or the kind's defaults."""
    values = {**kind.defaults, **given}
    fields: dict[str, Any] = {}
    for param in kind.params:
        fields.update(_fields_of(param, values, around, option_rows))
    return fields


def _fields_of(param: Param, values: Mapping[str, Any], around: Surroundings, option_rows: int) -> dict[str, Any]:
    name, value = name_of(param.name), values[param.name]
    label, more = caption(param.label), {"description": HELP[param.name]} if param.name in HELP else {}
    if param.by_unit:
        unit = UNITS.get(values.get("unit") or "")
        shown = plainly(value, unit) if unit is not None and value is not None else ""
        return {name: Quantity(label, default=shown, **more)}
    if param.type == "int":
        label = _with_unit(param) if param.unit else label
        shown = "" if value is None else str(value)
        bounds = {"minimum": param.minimum, "maximum": param.maximum, "required": param.required}
        return {name: Whole(label, default=shown, **bounds, **more)}
    if param.type == "bool":
        return {name: BooleanField(label, default=bool(value), **more)}
    if param.type == "choice":
        return {name: SelectField(label, choices=named(param.choices), default=value or param.choices[0].code, **more)}
    if param.type == "choices":
        return {name: TickList(label, choices=named(param.choices), default=list(value), least=param.minimum, **more)}
    if param.type == "text":
        said = value or {"zh": "", "en": ""}
        return {
            f"{name}_zh": StringField(_tongue(param, "zh"), [at_most(60)], default=said["zh"], **more),
            f"{name}_en": StringField(_tongue(param, "en"), [at_most(60)], default=said["en"]),
        }
    if param.type == "options":
        return _option_fields(name, value, values.get("accepted") or (), option_rows)
    if param.name == "gates":
        known = list(around.gates)
        known += [(code, code) for code in value if code not in dict(known)]
        return {name: TickList(label, choices=options(known), default=list(value), **more)}
    return {}  # accepted stands beside its options; kinds of gate and codes of questions are nobody's to type


def _with_unit(param: Param) -> Any:
    zh, en = {"minutes": ("分钟", "minutes"), "hours": ("小时", "hours"), "days": ("天", "days")}[param.unit or ""]
    return caption(Text(f"{param.label.zh}（{zh}）", f"{param.label.en} ({en})"))


def _tongue(param: Param, tongue: str) -> Any:
    ends = {"zh": ("（中文）", " in Chinese"), "en": ("（英文）", " in English")}[tongue]
    return caption(Text(f"{param.label.zh}{ends[0]}", f"{param.label.en}{ends[1]}"))


def _option_fields(
    name: str, options: Sequence[Mapping[str, str]], accepted: Sequence[str], rows: int
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for index in range(max(rows, len(options) + OPTION_ROWS)):
        option = options[index] if index < len(options) else {"code": "", "zh": "", "en": ""}
        right = not accepted or option["code"] in accepted
        at, number = f"{name}_{index}", index + 1
        fields[f"{at}_code"] = HiddenField(default=option["code"])
        fields[f"{at}_zh"] = StringField(
            lazy(f"选项 {number}（中文）", f"Option {number} in Chinese"), default=option["zh"]
        )
        fields[f"{at}_en"] = StringField(
            lazy(f"选项 {number}（英文）", f"Option {number} in English"), default=option["en"]
        )
        fields[f"{at}_ok"] = BooleanField(lazy("合格", "accepted"), default=right)
    return fields


class AtField(ValidationError):
    """Something wrong that concerns one field of a form."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def params_of(form: Any, kind_code: str, code: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as data. Raises ``AtField``."""
    made: dict[str, Any] = {}
    kind = KINDS[kind_code]
    for param in kind.params:
        name = name_of(param.name)
        if param.by_unit:
            made[param.name] = _limit(form, name)
        elif param.type == "int":
            number = form[name].number
            made[param.name] = param.default if number is None else number
        elif param.type == "text":
            made[param.name] = _pair(form, name)
        elif param.type == "options":
            made["options"], made["accepted"] = _options(form, name)
        elif name in form:
            made[param.name] = form[name].data
    if kind_code == "test":
        _alternative(made, code, before)
    if kind_code == "gate_allowed":
        made["gate_kinds"] = [] if made["gates"] else list(before.get("gate_kinds") or ())
        if not made["gates"] and not made["gate_kinds"]:
            raise AtField(name_of("gates"), t("请至少选一个门岗", "Choose at least one gate"))
    return made


def limit_faults(form: Any) -> list[AtField]:
    """What is wrong with the limits of a number, each by itself."""
    found = []
    for name in (name_of("min"), name_of("max")):
        try:
            if name in form and form[name_of("unit")].data in UNITS:
                _limit(form, name)
        except AtField as wrong:
            found.append(wrong)
    return found


def _limit(form: Any, name: str) -> int | None:
    try:
        limit: int | None = form[name].stored(UNITS[form[name_of("unit")].data])
    except ValidationError as wrong:
        raise AtField(name, str(wrong)) from None
    return limit


def _pair(form: Any, name: str) -> dict[str, str] | None:
    said = {tongue: (form[f"{name}_{tongue}"].data or "").strip() for tongue in ("zh", "en")}
    if not any(said.values()):
        return None
    for tongue, text in (
        ("zh", t("请填写中文", "The Chinese is missing")),
        ("en", t("请填写英文", "The English is missing")),
    ):
        if not said[tongue]:
            raise AtField(f"{name}_{tongue}", text)
    return said


def _alternative(made: dict[str, Any], code: str, before: Mapping[str, Any]) -> None:
    """The other test has a question of its own as soon as it has a name."""
    if made["alternative_title"] is None:
        made["alternative_question"], made["alternative_within_hours"] = None, 1
    else:
        made["alternative_question"] = before.get("alternative_question") or f"{code[:36]}_alt"


def _options(form: Any, name: str) -> tuple[list[dict[str, str]], list[str]]:
    found: list[dict[str, str]] = []
    accepted: list[str] = []
    index = 0
    while f"{name}_{index}_zh" in form:
        said = _pair(form, f"{name}_{index}")
        if said is not None:
            code = form[f"{name}_{index}_code"].data or _free([option["code"] for option in found])
            found.append({"code": code, **said})
            if form[f"{name}_{index}_ok"].data:
                accepted.append(code)
        index += 1
    if not found:
        raise AtField(f"{name}_0_zh", t("请至少写一个选项", "Write at least one option"))
    if not accepted:
        raise AtField(f"{name}_0_zh", t("请至少勾选一个合格的选项", "Tick at least one option as accepted"))
    return found, [] if len(accepted) == len(found) else accepted


def _free(taken: list[str]) -> str:
    number = len(taken) + 1
    while f"o{number}" in taken:
        number += 1
    return f"o{number}"
