"""What a rule demands, in words, and how lists and lengths of time are said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.values import Rule, Text
from gatekeeper.rules.vocabulary import AGENTS, COLOURS, DOCUMENTS, GATE_KINDS, METHODS, STAGES, Choice, label

Place = Callable[[str], Text]
WRITTEN = {
    "vin": Text("17 位字母和数字", "17 letters and digits"),
    "engine_no": Text("4 到 20 位字母和数字", "4 to 20 letters and digits"),
}

ATTESTED = {"arrival": "on arrival", "on_site": "on site", "exit": "at the exit"}


def code_itself(code: str) -> Text:
    """Names a place or gate by its code, where nobody knows better."""
    return Text(code, code)


def names(codes: Sequence[str], choices: tuple[Choice, ...]) -> Text:
    """The names of ``codes``, listed."""
    return joined([label(choices, code) for code in codes])


def joined(texts: Sequence[Text]) -> Text:
    """Names listed: 甲、乙 / one, two."""
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))


def duration(seconds: int) -> Text:
    """Seconds in words, at most two units: 370 -> 6 分 10 秒."""
    units = ((86_400, " 天", "d"), (3_600, " 小时", "h"), (60, " 分", "min"), (1, " 秒", "s"))
    parts, rest = [], max(0, seconds)
    for size, zh, en in units:
        count, rest = divmod(rest, size)
        if count:
            parts.append((f"{count}{zh}", f"{count} {en}"))
        elif parts:
            break
    parts = parts[:2] or [("0 秒", "0 s")]
    return Text(" ".join(zh for zh, _ in parts), " ".join(en for _, en in parts))


def demand(rule: Rule, *, place: Place = code_itself) -> Text:
    """What the rule demands: 司机全程不下车."""
    params = {**KINDS[rule.kind].defaults, **rule.params}
    detail = DEMANDS[rule.kind](params, place) if rule.kind in DEMANDS else None
    if detail is None:
        return Text(rule.title.zh, rule.title.en)
    if rule.kind in ("stay_in_cab", "registered", "dwell_limit", "visit_limit", "gate_allowed", "disinfection"):
        return detail
    return Text(f"{rule.title.zh}：{detail.zh}", f"{rule.title.en}: {detail.en}")


def limits(params: dict[str, Any]) -> Text:
    """The limits of a number: 低于 37.3 ℃."""
    unit, parts = UNITS[params["unit"]], []
    if params["min"] is not None:
        zh, en = ("不低于", "at least") if params["min_inclusive"] else ("高于", "above")
        parts.append(
            (f"{zh} {unit.say(params['min'])}{unit.symbol.zh}", f"{en} {unit.say(params['min'])}{unit.symbol.en}")
        )
    if params["max"] is not None:
        zh, en = ("不高于", "at most") if params["max_inclusive"] else ("低于", "below")
        parts.append(
            (f"{zh} {unit.say(params['max'])}{unit.symbol.zh}", f"{en} {unit.say(params['max'])}{unit.symbol.en}")
        )
    return Text("、".join(zh for zh, _ in parts), " and ".join(en for _, en in parts))


def _choice(params: dict[str, Any], place: Place) -> Text | None:
    known = tuple(Choice(option["code"], Text(option["zh"], option["en"])) for option in params["options"])
    if not params["accepted"]:
        return None
    said = names(params["accepted"], known)
    return Text(f"限{said.zh}", f"only {said.en}")


def _test(params: dict[str, Any], place: Place) -> Text:
    hours, other = params["within_hours"], params["alternative_title"]
    also = Text(f"，或者{other['zh']}阴性", f", or negative by {other['en']}") if other else Text("", "")
    return Text(f"{hours} 小时内阴性{also.zh}", f"negative within {hours} h{also.en}")


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


def _disinfection(params: dict[str, Any], place: Place) -> Text:
    zh, en = ["由专人消杀" if params["operator"] else "消杀"], ["disinfected"]
    if params["operator"]:
        en = ["disinfected by a named person"]
    if params["protective_clothing"]:
        zh.append("穿防护服")
        en.append("in protective clothing")
    if params["agents"]:
        agents = names(params["agents"], AGENTS)
        zh.append(f"用{agents.zh}")
        en.append(f"with {agents.en}")
    if params["dilution"]:
        exact = params["dilution_exact"]
        zh.append(f"按 1∶{params['dilution']} {'' if exact else '或更浓'}稀释")
        en.append(f"diluted 1:{params['dilution']}{'' if exact else ' or stronger'}")
    if params["contact_minutes"]:
        zh.append(f"作用 {params['contact_minutes']} 分钟")
        en.append(f"for {params['contact_minutes']} minutes")
    return Text("，".join(zh), ", ".join(en))


def _handoff(params: dict[str, Any], place: Place) -> Text:
    documents = names(params["documents"], DOCUMENTS) if params["documents"] else Text("单据", "papers")
    zh, en = [documents.zh], [documents.en]
    if params["methods"]:
        ways = names(params["methods"], METHODS)
        zh.append(f"方式为{ways.zh}")
        en.append(f"by {ways.en}")
    if params["both_sides"]:
        zh.append("双方确认")
        en.append("both sides confirm")
    return Text("，".join(zh), ", ".join(en))


def _dwell(params: dict[str, Any], place: Place) -> Text:
    most = duration(params["minutes"] * 60)
    return Text(f"在厂停留不超过 {most.zh}", f"on site for at most {most.en}")


def _text(params: dict[str, Any], place: Place) -> Text | None:
    return WRITTEN.get(params["format"])


def _certificate(params: dict[str, Any], place: Place) -> Text:
    spare = params["spare_days"]
    if not spare:
        return Text("在有效期内", "still valid")
    return Text(f"有效期还有至少 {spare} 天", f"valid for at least {spare} more days")


def _visits(params: dict[str, Any], place: Place) -> Text:
    most = params["most"]
    return Text(f"7 天内最多来 {most} 次", f"at most {most} {'visit' if most == 1 else 'visits'} in seven days")


def gates(codes: Sequence[str], kinds: Sequence[str], place: Place) -> Text:
    """Gates and kinds of gate by their names; ``place`` names a gate, and a kind that the program does not know."""
    known = {choice.code: choice.label for choice in GATE_KINDS}
    return joined([*(place(code) for code in codes), *(known.get(code) or place(code) for code in kinds)])


def _gates(params: dict[str, Any], place: Place) -> Text:
    where = gates(params["gates"], params["gate_kinds"], place)
    return Text(f"只走指定门岗（{where.zh}）", f"by these gates only ({where.en})")


DEMANDS: dict[str, Callable[[dict[str, Any], Place], Text | None]] = {
    "number": lambda params, place: limits(params),
    "choice": _choice,
    "text": _text,
    "certificate": _certificate,
    "code_check": lambda params, place: names(params["accepted"], COLOURS),
    "test": _test,
    "registered": _registered,
    "stay_in_cab": _stay,
    "disinfection": _disinfection,
    "document_handoff": _handoff,
    "dwell_limit": _dwell,
    "visit_limit": _visits,
    "gate_allowed": _gates,
}
