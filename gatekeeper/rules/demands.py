"""What a rule demands, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.saying import Part, Place, Sentence, code_itself, duration, gates, names, said
from gatekeeper.rules.values import Rule, Text
from gatekeeper.rules.vocabulary import STAGES

ATTESTED = {"arrival": "on arrival", "on_site": "on site", "exit": "at the exit"}

LIMITS: Mapping[str, Sentence] = {
    "number": Sentence(
        (
            Part("不低于 {min}", "at least {min}", ("min?", "min_inclusive")),
            Part("高于 {min}", "above {min}", ("min?", "!min_inclusive")),
            Part("不高于 {max}", "at most {max}", ("max?", "max_inclusive")),
            Part("低于 {max}", "below {max}", ("max?", "!max_inclusive")),
        ),
        Text("、", " and "),
    ),
    "choice": Sentence((Part("限{accepted}", "only {accepted}", ("accepted?",)),)),
    "text": Sentence(
        (
            Part("17 位字母和数字", "17 letters and digits", ("vin",)),
            Part("4 到 20 位字母和数字", "4 to 20 letters and digits", ("engine_no",)),
        )
    ),
    "certificate": Sentence(
        (
            Part("在有效期内", "still valid", ("!spare_days",)),
            Part("有效期还有至少 {spare_days} 天", "valid for at least {spare_days} more days", ("spare_days",)),
        )
    ),
    "code_check": Sentence((Part("{accepted}", "{accepted}"),)),
    "test": Sentence(
        (
            Part("{within_hours} 小时内阴性", "negative within {within_hours} h"),
            Part("或者{alternative_title}阴性", "or negative by {alternative_title}", ("alternative_title?",)),
        ),
        Text("，", ", "),
    ),
    "disinfection": Sentence(
        (
            Part("由专人消杀", "disinfected by a named person", ("operator",)),
            Part("消杀", "disinfected", ("!operator",)),
            Part("穿防护服", "in protective clothing", ("protective_clothing",)),
            Part("用{agents}", "with {agents}", ("agents?",)),
            Part("按 1∶{dilution} 稀释", "diluted 1:{dilution}", ("dilution", "dilution_exact")),
            Part("按 1∶{dilution} 或更浓稀释", "diluted 1:{dilution} or stronger", ("dilution", "!dilution_exact")),
            Part("作用 {contact_minutes} 分钟", "for {contact_minutes} minutes", ("contact_minutes",)),
        ),
        Text("，", ", "),
    ),
    "document_handoff": Sentence(
        (
            Part("{documents}", "{documents}", ("documents?",)),
            Part("单据", "papers", ("!documents?",)),
            Part("方式为{methods}", "by {methods}", ("methods?",)),
            Part("双方确认", "both sides confirm", ("both_sides",)),
        ),
        Text("，", ", "),
    ),
}
"""What is demanded of an answer, by kind: the line under its question."""


def demand(rule: Rule, *, place: Place = code_itself) -> Text:
    """What the rule demands: 司机全程不下车."""
    params = {**KINDS[rule.kind].defaults, **rule.params}
    detail = DEMANDS[rule.kind](params, place) if rule.kind in DEMANDS else None
    if detail is None:
        return Text(rule.title.zh, rule.title.en)
    if rule.kind in ("stay_in_cab", "registered", "dwell_limit", "visit_limit", "gate_allowed", "disinfection"):
        return detail
    return Text(f"{rule.title.zh}：{detail.zh}", f"{rule.title.en}: {detail.en}")


def limit(kind: str, params: Mapping[str, Any]) -> Text | None:
    """What is demanded of an answer of ``kind``; None where the question's title says all."""
    written = {params["format"]: True} if "format" in params else {}  # what it is written as is true under its name
    return said(LIMITS[kind], {**params, **written}) if kind in LIMITS else None


def limits(params: Mapping[str, Any]) -> Text:
    """The limits of a number: 低于 37.3 ℃."""
    return limit("number", params) or Text("", "")


def _registered(params: dict[str, Any], place: Place) -> Text:
    zh, en = "报备", "registered"
    if params["lead"]:
        by_hours = params["lead_unit"] == "hours"
        zh = f"提前 {params['lead']} {'小时' if by_hours else '天'}报备"
        en = f"registered {params['lead']} {'h' if by_hours else 'calendar days'} ahead"
    for who, zh_who, en_who in (("enterprise", "企业", "the enterprise"), ("township", "镇街", "the township")):
        if params[f"{who}_approval"]:
            zh, en = f"{zh}，经{zh_who}审批", f"{en}, approved by {en_who}"
    return Text(zh, en)


def _stay(params: dict[str, Any], place: Place) -> Text:
    if len(params["at"]) == 3:
        return Text("司机全程不下车", "the driver stays in the cab throughout")
    when = names(params["at"], STAGES)
    en = ", ".join(ATTESTED[code] for code in params["at"])
    return Text(f"司机{when.zh}时不下车", f"the driver stays in the cab {en}")


def _dwell(params: dict[str, Any], place: Place) -> Text:
    most = duration(params["minutes"] * 60)
    return Text(f"在厂停留不超过 {most.zh}", f"on site for at most {most.en}")


def _visits(params: dict[str, Any], place: Place) -> Text:
    most = params["most"]
    return Text(f"7 天内最多来 {most} 次", f"at most {most} {'visit' if most == 1 else 'visits'} in seven days")


def _gates(params: dict[str, Any], place: Place) -> Text:
    where = gates(params["gates"], params["gate_kinds"], place)
    return Text(f"只走指定门岗（{where.zh}）", f"by these gates only ({where.en})")


def _limit(kind: str) -> Callable[[dict[str, Any], Place], Text | None]:
    return lambda params, place: limit(kind, params)


DEMANDS: dict[str, Callable[[dict[str, Any], Place], Text | None]] = {
    **{kind: _limit(kind) for kind in LIMITS},
    "registered": _registered,
    "stay_in_cab": _stay,
    "dwell_limit": _dwell,
    "visit_limit": _visits,
    "gate_allowed": _gates,
}
