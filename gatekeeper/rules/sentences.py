"""A rule read aloud: whom it concerns, what it demands, what follows when it is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gatekeeper.rules.clauses import FACTS, OPS
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.values import Clause, Rule, SubjectKind, Text
from gatekeeper.rules.vocabulary import (
    AGENTS,
    COLOURS,
    CONSEQUENCES,
    DOCUMENTS,
    METHODS,
    RISK_LEVELS,
    STAGES,
    VISITOR_KINDS,
    Choice,
    label,
)

Place = Callable[[str], Text]
MANY_KINDS = {
    "truck": "trucks",
    "van": "vans and buses",
    "car": "cars",
    "walk_in": "visitors on foot",
    "other": "other vehicles",
}

ATTESTED = {"arrival": "on arrival", "on_site": "on site", "exit": "at the exit"}


def code_itself(code: str) -> Text:
    """Names a place or gate by its code, where nobody knows better."""
    return Text(code, code)


def sentence(rule: Rule, *, place: Place = code_itself) -> Text:
    """The rule in plain words; ``place`` names region, gate and zone codes."""
    who, what, then = concerned(rule, place=place), demand(rule, place=place), label(CONSEQUENCES, rule.consequence)
    return Text(f"{who.zh}，{what.zh}；违反时：{then.zh}", f"{_upper(who.en)}: {what.en}; otherwise: {then.en}")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def concerned(rule: Rule, *, place: Place = code_itself) -> Text:
    """Whom the rule concerns: 来自中高风险地区的货车."""
    kinds = [c for c in rule.when if c.fact == "visitor_kind" and c.op in ("eq", "in")][:1]
    rest = [phrase(clause, place=place) for clause in rule.when if clause not in kinds]
    zh_rest, en_rest = "、".join(part.zh for part in rest), " ".join(part.en for part in rest)
    if kinds:
        codes = _values(kinds[0])
        zh, en = names(codes, VISITOR_KINDS).zh, " or ".join(MANY_KINDS.get(code, code) for code in codes)
        zh, en = (f"{zh_rest}的{zh}", f"{en} {en_rest}") if rest else (zh, en)
        return WITH_KIND[rule.subject](zh, en)
    noun = NOUNS[rule.subject]
    if rest:
        each = "each person of visits" if rule.subject is SubjectKind.OCCUPANT else noun.en
        return Text(f"{zh_rest}的{noun.zh}", f"{each} {en_rest}")
    whole = Text("所有", "all ") if rule.subject is SubjectKind.VISIT else Text("", "")
    return Text(f"{whole.zh}{noun.zh}", f"{whole.en}{noun.en}")


NOUNS = {
    SubjectKind.VISIT: Text("来访", "visits"),
    SubjectKind.TRACTOR: Text("车辆", "vehicles"),
    SubjectKind.TRAILER: Text("挂车", "trailers"),
    SubjectKind.OCCUPANT: Text("每位来访人员", "each person"),
}
WITH_KIND: dict[SubjectKind, Callable[[str, str], Text]] = {
    SubjectKind.VISIT: Text,
    SubjectKind.TRACTOR: Text,
    SubjectKind.TRAILER: lambda zh, en: Text(f"{zh}的挂车", f"each trailer of {en}"),
    SubjectKind.OCCUPANT: lambda zh, en: Text(f"{zh}的每位人员", f"each person of {en}"),
}


def phrase(clause: Clause, *, place: Place = code_itself) -> Text:
    """One condition as a phrase: 来自中高风险地区."""
    fact, op, codes = FACTS[clause.fact], clause.op, _values(clause)
    if clause.fact == "risk_level":
        return _risk(op, codes)
    if fact.type == "bool":
        return _yes(clause.fact, bool(clause.value))
    if op in ("within", "not_within"):
        places = joined([place(code) for code in codes])
        outside = op == "not_within"
        if clause.fact == "stops":
            return Text(
                f"{'不' if outside else ''}途经{places.zh}", f"{'not ' if outside else ''}passing through {places.en}"
            )
        return Text(f"来自{places.zh}{'以外' if outside else ''}", f"from {'outside ' if outside else ''}{places.en}")
    if fact.type == "int":
        return Text(f"{fact.label.zh}{OPS[op].zh} {clause.value}", f"where {fact.label.en} {OPS[op].en} {clause.value}")
    said = names(codes, fact.choices) if fact.choices else joined([place(code) for code in codes])
    negated = op in ("ne", "not_in")
    if clause.fact == "visitor_kind":
        many = " or ".join(MANY_KINDS.get(code, code) for code in codes)
        return Text(f"{said.zh}以外", f"other than {many}") if negated else Text(said.zh, many)
    if clause.fact == "cargo":
        return Text(f"{'不' if negated else ''}运{said.zh}", f"{'without' if negated else 'with'} {said.en}")
    if clause.fact == "purpose":
        return Text(f"{'不是' if negated else ''}为{said.zh}而来", f"{'not ' if negated else ''}for {said.en}")
    return Text(
        f"{fact.label.zh}{'不是' if negated else '为'}{said.zh}",
        f"where {fact.label.en} is {'not ' if negated else ''}{said.en}",
    )


def _risk(op: str, codes: Sequence[str]) -> Text:
    order = [choice.code for choice in RISK_LEVELS]
    if op in ("at_least", "at_most") and codes[0] in order:
        at = order.index(codes[0])
        codes = order[at:] if op == "at_least" else order[: at + 1]
    elif op in ("ne", "not_in"):
        codes = [code for code in order if code not in codes]
    short = {"none": "无", "low": "低", "medium": "中", "high": "高"}
    zh = "".join(short.get(code, code) for code in codes)
    en = " or ".join(f"{code}-risk" if code != "none" else "no-risk" for code in codes)
    return Text(f"来自{zh}风险地区", f"from {en} areas")


def _yes(fact: str, value: bool) -> Text:
    known = {
        ("cold_chain", True): Text("运冷链货物", "with cold-chain cargo"),
        ("cold_chain", False): Text("不运冷链货物", "without cold-chain cargo"),
        ("exporter", True): Text("到外贸企业", "to exporters"),
        ("exporter", False): Text("到非外贸企业", "to enterprises that do not export"),
    }
    return known[fact, value]


def _values(clause: Clause) -> list[str]:
    return [str(code) for code in clause.value] if isinstance(clause.value, (list, tuple)) else [str(clause.value)]


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
    if rule.kind in ("stay_in_cab", "registered", "dwell_limit", "gate_allowed", "disinfection"):
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


def _gates(params: dict[str, Any], place: Place) -> Text:
    where = joined([place(code) for code in (*params["gates"], *params["gate_kinds"])])
    return Text(f"只走指定门岗（{where.zh}）", f"by these gates only ({where.en})")


DEMANDS: dict[str, Callable[[dict[str, Any], Place], Text | None]] = {
    "number": lambda params, place: limits(params),
    "choice": _choice,
    "code_check": lambda params, place: names(params["accepted"], COLOURS),
    "test": _test,
    "registered": _registered,
    "stay_in_cab": _stay,
    "disinfection": _disinfection,
    "document_handoff": _handoff,
    "dwell_limit": _dwell,
    "gate_allowed": _gates,
}
