"""What the gate log is narrowed to from a figure: every number of docs/figures.md is some of the visits."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, and_, or_, select, true, type_coerce

from gatekeeper.clock import AHEAD, MICRO
from gatekeeper.formats import regions
from gatekeeper.rules.values import Text, Verdict
from gatekeeper.rules.vocabulary import RISK_LEVELS, VERDICTS, VISITOR_KINDS, label
from gatekeeper.visits.models import Visit, VisitStage, VisitState

WAITS = (VisitState.AT_GATE.value, VisitState.INSIDE.value)
HOUR = 3600 * MICRO
COUNTED = or_(Visit.overdue, Visit.state.not_in((*WAITS, VisitState.VOID.value)))
UNANSWERED = and_(COUNTED, Visit.verdict != Verdict.REFUSE.value, Visit.open_count > 0)
TOO_LONG = '"violated","dwell.over",'
"""In a stored decision, which is canonical JSON, this can be nothing but a finding."""

SOME: dict[str, tuple[Text, ColumnElement[bool]]] = {
    "visits": (Text("未作废的", "not voided"), true()),
    "counted": (Text("已办结或超时", "closed or overdue"), COUNTED),
    "compliant": (Text("合规", "compliant"), and_(COUNTED, ~UNANSWERED, Visit.act_followed.is_(True))),
    "failed": (Text("不合规", "not compliant"), and_(COUNTED, or_(UNANSWERED, Visit.act_followed.is_not(True)))),
    "unanswered": (Text("有查验项未答", "something due left open"), UNANSWERED),
    "not_followed": (Text("未按判定处理", "verdict not followed"), and_(COUNTED, Visit.act_followed.is_not(True))),
    "against_verdict": (Text("违反判定入厂", "entered against the verdict"), Visit.against_verdict.is_(True)),
    "overridden": (Text("有特批", "with an override"), Visit.overridden.is_(True)),
    "corrected": (Text("有更正", "corrected"), Visit.corrected.is_(True)),
    "late": (Text("补记", "written in later"), Visit.late.is_(True)),
    "attention": (Text("有记录待核对", "with an entry to be checked"), Visit.attention > 0),
    "admitted": (Text("已放行", "admitted"), Visit.admitted_at.is_not(None)),
    "turned_away": (Text("已劝返", "turned away"), Visit.state == VisitState.TURNED_AWAY.value),
    "at_gate": (Text("在门口", "at the gate"), Visit.state == VisitState.AT_GATE.value),
    "inside": (Text("未离厂", "not left"), Visit.state == VisitState.INSIDE.value),
    "overdue": (Text("超时", "overdue"), Visit.overdue.is_(True)),
    "stays": (Text("进厂后已离厂", "came in and left"), and_(Visit.state == "left", Visit.admitted_at.is_not(None))),
    "over_limit": (Text("停留超过规定", "stayed over the limit"), true()),
    "voided": (Text("已作废", "voided"), true()),
}
"""Which visits, by the name of the figure that counts them; all but ``voided`` are of those not voided."""

RULE = re.compile(r"(township|enterprise)\.([a-z0-9_]{1,60})(?:\.(met|violated|missing|waived))?")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the log is narrowed to; empty: not by this. As the address has it.

    ``rule``: owner, code and state (or none: it was due) of a finding with points between, of counted visits.
    ``province``: six digits, or ``none``; ``used``: the id of a rulebook version or of a switched pack, or the hash of
    a risk list.
    """

    some: str = ""
    arrival: str = ""
    kind: str = ""
    hour: str = ""
    risk: str = ""
    province: str = ""
    rule: str = ""
    used: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, item.name) for item in fields(self))


EVERYTHING = Narrowing()
NAMES = tuple(item.name for item in fields(Narrowing))
_SHAPES = {
    "some": re.compile("|".join(SOME)),
    "arrival": re.compile("admit|hold|refuse"),
    "kind": re.compile("[a-z_]{1,12}"),
    "hour": re.compile("1?[0-9]|2[0-3]"),
    "risk": re.compile("high|medium|low|none"),
    "province": re.compile("[0-9]{2}0000|none"),
    "rule": RULE,
    "used": re.compile("[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}


def read(arguments: Mapping[str, str]) -> Narrowing:
    """What of an address narrows the log; what has no sense is left out."""
    given = {name: arguments.get(name, "") for name in NAMES}
    return Narrowing(**{name: text for name, text in given.items() if text and _SHAPES[name].fullmatch(text)})


def where(wanted: Narrowing) -> list[ColumnElement[bool]]:
    """The conditions on visits; of a rule the decision has to be read too, see ``has_finding``."""
    if not wanted:
        return []
    void = Visit.state == VisitState.VOID.value
    found = [void if wanted.some == "voided" else ~void]
    if wanted.some:
        found.append(SOME[wanted.some][1])
    if wanted.arrival:
        found.append(_stage(VisitStage.stage == "arrival", VisitStage.verdict == wanted.arrival))
    if wanted.kind:
        found.append(
            Visit.kind.is_(None) | (Visit.kind == "other") if wanted.kind == "other" else Visit.kind == wanted.kind
        )
    if wanted.hour:
        found.append((type_coerce(Visit.arrived_at, BigInteger) // HOUR + AHEAD) % 24 == int(wanted.hour))
    if wanted.risk:
        found.append(Visit.risk_level == wanted.risk)
    if wanted.province:
        found.append(
            Visit.origin.is_(None) if wanted.province == "none" else Visit.origin.like(f"{wanted.province[:2]}%")
        )
    if wanted.used:
        found.append(_used(wanted.used))
    if wanted.some == "over_limit":
        found.append(_stage(VisitStage.stage == Visit.stage, VisitStage.decision.contains(TOO_LONG, autoescape=True)))
    if wanted.rule:
        code = wanted.rule.split(".")[1]
        named = VisitStage.decision.contains(f',"{code}",', autoescape=True)
        found += [COUNTED, _stage(VisitStage.stage == Visit.stage, named)]
    return found


def _stage(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """A stage of the visit fits."""
    of_visit = (VisitStage.enterprise_id == Visit.enterprise_id, VisitStage.visit_id == Visit.id)
    return Visit.id.in_(select(VisitStage.visit_id).where(*of_visit, *conditions).correlate(Visit))


def _used(text: str) -> ColumnElement[bool]:
    if len(text) == 64:
        return Visit.risk_list == text
    version = UUID(text)
    switched = Visit.switches.contains(text, autoescape=True)
    return or_(Visit.township_version == version, Visit.enterprise_version == version, switched)


def has_finding(decision: str, rule: str) -> bool:
    """Whether a stored decision (shape: rules/stored.py) holds a finding of ``rule``, as ``Narrowing`` has it.

    Without a state it is one that was due: waived ones are not, and of a refused visit nothing is missing.
    """
    owner, code, state = (*rule.split("."), "")[:3]
    data = json.loads(decision)
    wanted = {state} if state else {"met", "violated", "missing"}
    if data["verdict"] == Verdict.REFUSE:
        wanted -= {"missing"}
    return any(
        row[1] == code and data["books"][row[0]][0] == owner and (row[4] if len(row) > 4 else "met") in wanted
        for row in data["findings"]
    )


def words(wanted: Narrowing, titles: Mapping[str, Text]) -> list[Text]:
    """What the log is narrowed to, said; ``titles`` are those of rules, by owner and code with a point between."""
    found = [SOME[wanted.some][0]] if wanted.some else []
    if wanted.arrival:
        name = label(VERDICTS, wanted.arrival)
        found.append(Text(f"到达时判定{name.zh}", f"verdict at arrival: {name.en}"))
    if wanted.kind:
        found.append(label(VISITOR_KINDS, wanted.kind))
    if wanted.hour:
        found.append(Text(f"{wanted.hour} 时到达", f"arrived from {wanted.hour}:00 to {wanted.hour}:59"))
    if wanted.risk:
        found.append(label(RISK_LEVELS, wanted.risk))
    if wanted.province:
        name = regions.full_name(wanted.province) or wanted.province
        none = wanted.province == "none"
        found.append(Text("未登记来源", "origin not entered") if none else Text(f"来自{name}", f"from {name}"))
    if wanted.rule:
        found.append(_rule_words(wanted.rule, titles))
    if wanted.used:
        found.append(Text(f"按 {wanted.used[:8]}… 判定", f"judged with {wanted.used[:8]}…"))
    return found


STATES = {
    "": Text("应查", "due"), "met": Text("符合", "met"), "violated": Text("违反", "violated"),
    "missing": Text("未查", "missing"), "waived": Text("特批", "waived"),
}  # fmt: skip


def _rule_words(rule: str, titles: Mapping[str, Text]) -> Text:
    owner, code, state = (*rule.split("."), "")[:3]
    title, said = titles.get(f"{owner}.{code}", Text(code, code)), STATES[state]
    return Text(f"{title.zh}：{said.zh}", f"{title.en}: {said.en}")
