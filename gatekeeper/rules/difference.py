"""What changed between two versions of a rulebook, in words."""

from __future__ import annotations

from typing import Any

from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.kinds.shape import Param
from gatekeeper.rules.retention import DAYS
from gatekeeper.rules.sentences import joined, names, phrase, sentence
from gatekeeper.rules.values import Rule, Rulebook, Text
from gatekeeper.rules.vocabulary import CONSEQUENCES, EVIDENCE, OVERRIDE_ROLES, PERSONAL, STAGES, SUBJECTS, label

NOBODY = Text("无", "none")


def compare(old: Rulebook, new: Rulebook) -> list[Text]:
    """One sentence per change: title, rules added, removed and changed field by field, order. Empty when equal."""
    made: list[Text] = []
    if old.title != new.title:
        made.append(_arrow(Text("标题：", "Title: "), old.title, new.title))
    before = {rule.code: rule for rule in old.rules}
    after = {rule.code: rule for rule in new.rules}
    for code, rule in before.items():
        if code not in after:
            made.append(_said(Text("取消：", "Removed: "), sentence(rule)))
    for code, rule in after.items():
        if code in before:
            made.extend(_changes(before[code], rule))
        else:
            made.append(_said(Text("新增：", "Added: "), sentence(rule)))
    made.extend(_retention(old, new))
    kept = [code for code in before if code in after]
    if kept != [code for code in after if code in before]:
        made.append(Text("规则的先后顺序有调整", "The order of the rules has changed"))
    return made


def _retention(old: Rulebook, new: Rulebook) -> list[Text]:
    """What is kept for another time than before; a class that is not named is kept as usual."""
    made = []
    for choice in PERSONAL:
        was, now = old.retention.get(choice.code), new.retention.get(choice.code)
        if was != now:
            name = Text(f"保存期限：{choice.label.zh}", f"Kept: {choice.label.en}")
            made.append(_arrow(name, _days(choice.code, was), _days(choice.code, now)))
    return made


def _days(cls: str, days: int | None) -> Text:
    usual = Text("（默认）", " (as usual)") if days is None else Text("", "")
    days = DAYS[cls] if days is None else days
    return Text(f"{days} 天{usual.zh}", f"{days} days{usual.en}")


def _changes(old: Rule, new: Rule) -> list[Text]:
    name = Text(f"{new.title.zh}：", f"{new.title.en}: ")
    if old.kind != new.kind:
        return [_said(name, Text(f"改为：{sentence(new).zh}", f"now: {sentence(new).en}"))]
    made: list[Text] = []
    for zh, en, one, two in (
        ("名称", "title", old.title, new.title),
        ("说明", "why", old.why, new.why),
        ("依据", "source", old.source or NOBODY, new.source or NOBODY),
        ("环节", "stage", label(STAGES, old.stage), label(STAGES, new.stage)),
        ("对象", "subject", label(SUBJECTS, old.subject), label(SUBJECTS, new.subject)),
        ("条件", "conditions", _when(old), _when(new)),
        ("违反时", "when broken", label(CONSEQUENCES, old.consequence), label(CONSEQUENCES, new.consequence)),
        ("查验项", "question", _code(old.question), _code(new.question)),
        ("凭据", "evidence", names(old.evidence, EVIDENCE), names(new.evidence, EVIDENCE)),
        (
            "可以放行例外的人",
            "may be overridden by",
            names(old.overridable_by, OVERRIDE_ROLES),
            names(new.overridable_by, OVERRIDE_ROLES),
        ),
    ):
        if one != two:
            made.append(_said(name, _arrow(Text(zh, en), one, two)))
    kind = KINDS[new.kind]
    one_params, two_params = {**kind.defaults, **old.params}, {**kind.defaults, **new.params}
    for param in kind.params:
        was, now = one_params[param.name], two_params[param.name]
        if _plain(was) != _plain(now):
            made.append(_said(name, _param(param, was, now, one_params.get("unit"), two_params.get("unit"))))
    return made


def _param(param: Param, was: Any, now: Any, old_unit: Any, unit: Any) -> Text:
    if param.by_unit and old_unit == unit and None not in (was, now):
        known = UNITS[unit]
        arrow = f"{known.say(was)} → {known.say(now)}"
        return Text(f"{param.label.zh} {arrow}{known.symbol.zh}", f"{param.label.en} {arrow}{known.symbol.en}")
    return _arrow(param.label, value_words(param, was, old_unit), value_words(param, now, unit))


def value_words(param: Param, value: Any, unit: Any = None) -> Text:
    """A parameter's value as people say it; ``unit`` is the one that its rule names. None or an empty list: none."""
    if value is None or value == () or value == []:
        return NOBODY
    if param.type == "bool":
        return Text("是", "yes") if value else Text("否", "no")
    if param.by_unit and unit in UNITS:
        known = UNITS[unit]
        return Text(f"{known.say(value)}{known.symbol.zh}", f"{known.say(value)}{known.symbol.en}")
    if param.type == "int":
        zh, en = {"minutes": (" 分钟", " min"), "hours": (" 小时", " h"), "days": (" 天", " d")}.get(
            param.unit or "", ("", "")
        )
        return Text(f"{value}{zh}", f"{value}{en}")
    if param.type == "text":
        return Text(value["zh"], value["en"])
    if param.type == "options":
        return joined([Text(option["zh"], option["en"]) for option in value])
    return names(value, param.choices) if isinstance(value, (list, tuple)) else label(param.choices, str(value))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


def _when(rule: Rule) -> Text:
    return joined([phrase(clause) for clause in rule.when]) if rule.when else NOBODY


def _code(question: str | None) -> Text:
    return Text(question, question) if question else NOBODY


def _said(name: Text, said: Text) -> Text:
    return Text(f"{name.zh}{said.zh}", f"{name.en}{said.en}")


def _arrow(name: Text, one: Text, two: Text) -> Text:
    old, new = one if any(one) else NOBODY, two if any(two) else NOBODY
    return Text(f"{name.zh} {old.zh} → {new.zh}".strip(), f"{name.en} {old.en} → {new.en}".strip())
