"""Reading the parts of a rule - texts, clauses, parameters - and saying what is wrong with each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.rules.clauses import FACTS, LIST_OPS, OPS, Fact
from gatekeeper.rules.faults import Faults
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.kinds.shape import Param
from gatekeeper.rules.retention import LONGEST, SHORTEST
from gatekeeper.rules.values import Clause, Text
from gatekeeper.rules.vocabulary import PERSONAL, Choice

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}\Z")
REGION = re.compile(r"(?:[1-9][0-9]{5}|[1-9][0-9]{8})\Z")
FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")
CLAUSES = 50
LONGEST_NAME = 40
LISTED = 200


def keys(value: Mapping[str, Any], known: Sequence[str], path: str, faults: Faults) -> None:
    """A fault for every key that is not ``known``."""
    for key in value:
        if key not in known:
            short = key[:40]
            faults.add(
                f"{path}.{short}".lstrip("."), "field.unknown", f"没有“{short}”这个字段", f"No field “{short}” here"
            )


def text(value: Any, path: str, faults: Faults, *, most: int) -> Text:
    """Both languages, 1 to ``most`` characters, not looking like a spreadsheet formula."""
    if not isinstance(value, dict):
        faults.add(path, "text.shape", "请用中英文各写一遍", "Write it in Chinese and in English")
        return Text("", "")
    keys(value, ("zh", "en"), path, faults)
    for tongue, zh, en in (("zh", "中文", "Chinese"), ("en", "英文", "English")):
        said(value.get(tongue), f"{path}.{tongue}", faults, most=most, zh=zh, en=en)
    found = (value.get("zh"), value.get("en"))
    return Text(*(one.strip() if isinstance(one, str) else "" for one in found))


def said(value: Any, path: str, faults: Faults, *, most: int, zh: str, en: str) -> None:
    """One language of a text."""
    if not isinstance(value, str) or not value.strip():
        faults.add(path, "text.missing", f"缺少{zh}", f"The {en} text is missing")
    elif len(value.strip()) > most:
        faults.add(path, "text.long", f"{zh}最多 {most} 个字", f"The {en} text has at most {most} characters")
    elif value.strip().startswith(FORMULA):
        faults.add(path, "text.formula", f"{zh}不能以 = + - @ 开头", f"The {en} text must not begin with = + - @")


def retention(value: Any, faults: Faults) -> dict[str, int]:
    """Days by class of personal values, as far as they are right."""
    if not isinstance(value, dict):
        faults.add("retention", "retention.shape", "请按信息类别写明保存天数", "Give days for each class of values")
        return {}
    keys(value, [choice.code for choice in PERSONAL], "retention", faults)
    made = {}
    for choice in PERSONAL:
        days = value.get(choice.code, SHORTEST)
        if type(days) is not int or not SHORTEST <= days <= LONGEST:
            zh = f"“{choice.label.zh}”的保存期限请填 {SHORTEST} 到 {LONGEST} 天"
            en = f"Days to keep {choice.label.en}: {SHORTEST} to {LONGEST}"
            faults.add(f"retention.{choice.code}", "retention.days", zh, en)
        elif choice.code in value:
            made[choice.code] = days
    return made


def clause(value: Any, path: str, faults: Faults) -> Clause | None:
    """One condition; None with a fault where it is none."""
    if not isinstance(value, dict):
        faults.add(
            path, "clause.shape", "条件须写明事实、关系和取值", "A condition has a fact, an operator and a value"
        )
        return None
    keys(value, ("fact", "op", "value"), path, faults)
    fact = FACTS.get(value["fact"]) if isinstance(value.get("fact"), str) else None
    if fact is None or not fact.ops:
        faults.add(f"{path}.fact", "clause.fact", "没有这个条件可选", "No rule can ask for this fact")
        return None
    op = value.get("op")
    if not isinstance(op, str) or op not in fact.ops:
        zh, en = "、".join(OPS[o].zh for o in fact.ops), ", ".join(fact.ops)
        faults.add(f"{path}.op", "clause.op", f"“{fact.label.zh}”可用：{zh}", f"{fact.label.en} takes: {en}")
        return None
    wanted = value.get("value")
    if op not in LIST_OPS:
        return Clause(fact.name, op, wanted) if _clause_value(fact, wanted, f"{path}.value", faults) else None
    if not isinstance(wanted, (list, tuple)) or not 1 <= len(wanted) <= LISTED:
        faults.add(f"{path}.value", "clause.list", f"请列出 1 到 {LISTED} 项", f"List 1 to {LISTED} values")
        return None
    right = [_clause_value(fact, item, f"{path}.value[{index}]", faults) for index, item in enumerate(wanted)]
    return Clause(fact.name, op, tuple(wanted)) if all(right) else None


def _clause_value(fact: Fact, value: Any, path: str, faults: Faults) -> bool:
    if fact.type == "bool":
        right, zh, en = isinstance(value, bool), "请选“是”或“否”", "Choose yes or no"
    elif fact.type == "int":
        right = type(value) is int and fact.minimum <= value <= fact.maximum
        zh, en = f"请填 {fact.minimum} 到 {fact.maximum} 的整数", f"A whole number, {fact.minimum} to {fact.maximum}"
    elif fact.choices:
        right = value in [choice.code for choice in fact.choices]
        zh, en = f"请从“{fact.label.zh}”的选项中选", f"Choose one of: {', '.join(c.code for c in fact.choices)}"
    elif fact.type in ("region", "regions"):
        right = isinstance(value, str) and bool(REGION.match(value))
        zh, en = "请填 6 位或 9 位行政区划代码", "A region code of 6 or 9 digits"
    elif fact.type == "name":
        right = isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_NAME and not value.startswith(FORMULA)
        zh, en = f"请填名称，最多 {LONGEST_NAME} 个字", f"A name of at most {LONGEST_NAME} characters"
    else:
        right = isinstance(value, str) and bool(CODE.match(value))
        zh, en = "请填代码（字母、数字）", "A code of letters and digits"
    if not right:
        faults.add(path, "clause.value", zh, en)
    return right


def params(kind_code: str, value: Any, path: str, faults: Faults) -> dict[str, Any]:
    """Every parameter of the kind, defaults filled in; a fault for each that is unknown, absent or wrong."""
    kind = KINDS[kind_code]
    if not isinstance(value, dict):
        faults.add(path, "params.shape", "缺少参数", "The parameters are missing")
        return kind.defaults
    keys(value, [param.name for param in kind.params], path, faults)
    made, before = kind.defaults, len(faults.found)
    for param in kind.params:
        at = f"{path}.{param.name}"
        given = value.get(param.name)
        if given is None:
            if param.required or (param.name in value and param.default is not None):
                zh, en = f"请填写“{param.label.zh}”", f"Give {param.label.en}"
                faults.add(at, "param.missing", zh, en)
            continue
        made[param.name] = _param(param, given, value.get("unit"), at, faults)
    if kind.check is not None and len(faults.found) == before:
        for name, message in kind.check(made):
            faults.add(f"{path}.{name}", "param.conflict", message.zh, message.en)
    return made


def _param(param: Param, value: Any, unit: Any, path: str, faults: Faults) -> Any:
    if param.type == "int":
        return _whole(param, value, unit, path, faults)
    if param.type == "bool":
        if not isinstance(value, bool):
            faults.add(path, "param.bool", f"“{param.label.zh}”请选是或否", f"{param.label.en}: yes or no")
        return value
    if param.type == "text":
        return dict(zip(("zh", "en"), text(value, path, faults, most=40), strict=True))
    if param.type in ("choice", "code"):
        return _one(param, value, path, faults)
    if not isinstance(value, (list, tuple)) or not param.minimum <= len(value) <= LISTED:
        zh, en = f"请列出 {param.minimum} 到 {LISTED} 项", f"List {param.minimum} to {LISTED} values"
        faults.add(path, "param.list", zh, en)
        return ()
    if param.type == "options":
        return tuple(_option(item, f"{path}[{index}]", faults) for index, item in enumerate(value))
    items = tuple(_one(param, item, f"{path}[{index}]", faults) for index, item in enumerate(value))
    if any(item in items[:index] for index, item in enumerate(items)):
        faults.add(path, "param.twice", "同一项列了两次", "A value is listed twice")
    return items


def _whole(param: Param, value: Any, unit: Any, path: str, faults: Faults) -> Any:
    low, high, symbol, hint = param.minimum, param.maximum, Text("", ""), Text("整数", "a whole number")
    least, most = str(low), str(high)
    if param.by_unit:
        if not isinstance(unit, str) or unit not in UNITS:
            return value
        known = UNITS[unit]
        low, high, symbol = known.limit_lowest, known.limit_highest, known.symbol
        least, most = known.say(low, short=True), known.say(high, short=True)
        if known.scale != 1:
            hint = Text(f"以 {known.scale} 分之一为单位的整数", f"a whole number of 1/{known.scale}")
    if type(value) is not int or not low <= value <= high:
        zh = f"“{param.label.zh}”请填 {least} 到 {most}{symbol.zh}（{hint.zh}）"
        en = f"{param.label.en}: {least} to {most}{symbol.en} ({hint.en})"
        faults.add(path, "param.range", zh, en)
    return value


def _one(param: Param, value: Any, path: str, faults: Faults) -> Any:
    if param.choices:
        if value not in [choice.code for choice in param.choices]:
            codes = ", ".join(choice.code for choice in param.choices)
            names = "、".join(choice.label.zh for choice in param.choices)
            code = "param.unit" if param.name == "unit" else "param.choice"
            faults.add(path, code, f"“{param.label.zh}”可选：{names}", f"{param.label.en}, one of: {codes}")
    elif not isinstance(value, str) or not (NAME if param.type == "code" else CODE).match(value):
        faults.add(path, "param.code", "请填代码（字母、数字）", "A code of letters and digits")
    return value


def _option(value: Any, path: str, faults: Faults) -> dict[str, str]:
    if not isinstance(value, dict):
        faults.add(
            path, "param.option", "选项须有代码和中英文名称", "An option has a code and a name in both languages"
        )
        return {"code": "", "zh": "", "en": ""}
    keys(value, ("code", "zh", "en"), path, faults)
    if not isinstance(value.get("code"), str) or not CODE.match(value["code"]):
        faults.add(f"{path}.code", "param.code", "请填代码（字母、数字）", "A code of letters and digits")
    text({"zh": value.get("zh"), "en": value.get("en")}, path, faults, most=40)
    return {name: str(value.get(name, "")).strip() for name in ("code", "zh", "en")}


def one_of(value: Any, choices: Sequence[Choice], path: str, faults: Faults) -> bool:
    """Whether ``value`` is a code of ``choices``; else a fault that lists them."""
    if isinstance(value, str) and any(choice.code == value for choice in choices):
        return True
    zh, en = "、".join(choice.label.zh for choice in choices), ", ".join(choice.code for choice in choices)
    faults.add(path, "field.choice", f"可选：{zh}", f"One of: {en}")
    return False


def some_of(value: Any, choices: Sequence[Choice], path: str, faults: Faults) -> tuple[str, ...]:
    """A list of codes of ``choices``, each at most once."""
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)) or len(value) > len(choices):
        one_of(None, choices, path, faults)
        return ()
    right = [one_of(item, choices, f"{path}[{index}]", faults) for index, item in enumerate(value)]
    return tuple(dict.fromkeys(value)) if all(right) else ()
