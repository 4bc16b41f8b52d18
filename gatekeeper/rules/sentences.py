"""A rule read aloud: whom it concerns, what it demands, what follows when it is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gatekeeper.rules.clauses import FACTS, OPS
from gatekeeper.rules.demands import demand, limits
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.saying import Place, code_itself, duration, joined, names
from gatekeeper.rules.values import Clause, Rule, SubjectKind, Text
from gatekeeper.rules.vocabulary import CONSEQUENCES, RISK_LEVELS, VISITOR_KINDS, label

__all__ = [
    "Place", "code_itself", "concerned", "demand", "duration", "joined", "limits", "names", "phrase", "sentence",
]  # fmt: skip

MANY_KINDS = {
    "truck": "trucks",
    "van": "vans and buses",
    "car": "cars",
    "walk_in": "visitors on foot",
    "other": "other vehicles",
}


def sentence(rule: Rule, *, place: Place = code_itself) -> Text:
    """The rule in plain words; ``place`` names region, gate and zone codes."""
    who, what, then = concerned(rule, place=place), demand(rule, place=place), label(CONSEQUENCES, rule.consequence)
    if KINDS[rule.kind].records({**KINDS[rule.kind].defaults, **rule.params}):
        return Text(f"{who.zh}，{what.zh}；缺少时：{then.zh}", f"{_upper(who.en)}: {what.en}; while lacking: {then.en}")
    return Text(f"{who.zh}，{what.zh}；违反时：{then.zh}", f"{_upper(who.en)}: {what.en}; otherwise: {then.en}")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def concerned(rule: Rule, *, place: Place = code_itself) -> Text:
    """Whom the rule concerns: 来自中高风险地区的货车."""
    kinds = [c for c in rule.when if c.fact == "visitor_kind" and c.op in ("eq", "in")][:1]
    rest = [phrase(clause, place=place) for clause in rule.when if clause not in kinds]
    zh_rest, en_rest = "、".join(part.zh for part in rest), " ".join(part.en for part in rest)
    zh_rest += " " if zh_rest[-1:].isdigit() else ""
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
    if clause.fact == "cargo" and codes == ["empty"]:
        return Text("载货", "with a load") if negated else Text("空车", "without a load")
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
