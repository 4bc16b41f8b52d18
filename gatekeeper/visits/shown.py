"""What is known of a visit, in the words of the person at the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.clock import from_micros, local
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.language import say, t
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.decide import Question
from gatekeeper.rules.demands import limit, limits
from gatekeeper.rules.values import Finding, Owner, Stage, Text
from gatekeeper.rules.vocabulary import CARGO, COLOURS, METHODS, PURPOSES, RISK_LEVELS, STAGES, VISITOR_KINDS, label
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.history import KINDS
from gatekeeper.visits.models import Visit
from gatekeeper.visits.page import OWNERS, Page, Reason, order_of
from gatekeeper.visits.state import State

STATES: Mapping[str, Text] = {
    "at_gate": Text("在门口", "at the gate"),
    "inside": Text("在厂内", "inside"),
    "left": Text("已离场", "left"),
    "turned_away": Text("已劝返", "turned away"),
    "void": Text("已作废", "void"),
}


def state_name(code: str) -> str:
    """在门口, 在厂内 and so on."""
    return say(STATES[code])


def stage_name(code: str) -> str:
    """到达, 在厂 and so on."""
    return say(label(STAGES, code))


def kind_name(code: str | None) -> str:
    """The kind of visitor."""
    return say(label(VISITOR_KINDS, code)) if code else ""


def cargo_name(code: str | None) -> str:
    return say(label(CARGO, code)) if code else ""


def place_name(code: str | None) -> str:
    """A region with what it lies in: 广东省 茂名市 电白区."""
    return risk_areas.path(code) if code else ""


def recorded(kind: EventKind) -> str:
    """What is said when an act was written."""
    return t(f"已记录：{KINDS[kind.value].zh}", f"Recorded: {KINDS[kind.value].en}")


def finding_key(finding: Finding) -> str:
    """A finding as the value of a tick: owner, rule, subject, consequence."""
    return f"{finding.owner}|{finding.rule}|{finding.subject}|{finding.consequence}"


def finding_words(reason: Reason, state: State) -> str:
    """What is waived by a tick: the rule, and for whom where that is somebody."""
    whom = subject_label(reason.finding.subject, state) if reason.finding.subject != "visit" else ""
    return t(f"{whom}：", f"{whom}: ") * bool(whom) + say(reason.text)


def hint(question: Question) -> str:
    """What a question wants, beside its title: limits, accepted colours, hours, minutes; empty where it is plain."""
    params = question.params
    if question.kind == "number":
        return say(limits(dict(params)))
    if question.kind == "text":
        written = limit("text", params)
        return say(written) if written else ""
    if question.kind == "certificate" and params["spare_days"]:
        return t(f"至少还有 {params['spare_days']} 天有效", f"valid for at least {params['spare_days']} more days")
    if question.kind == "test":
        return t(f"{params['within_hours']} 小时内阴性", f"negative within {params['within_hours']} h")
    if question.kind == "disinfection" and params["contact_minutes"]:
        minutes = params["contact_minutes"]
        return t(f"作用 {minutes} 分钟，从开始时间算起", f"{minutes} minutes, counted from the start")
    if question.kind == "document_handoff" and params["methods"]:
        ways = [say(label(METHODS, code)) for code in params["methods"]]
        return t("方式：", "by ") + t("、", ", ").join(ways)
    if question.kind == "code_check":
        colours = [say(label(COLOURS, code)) for code in params["accepted"]]
        return t("通过：", "passes: ") + t("、", ", ").join(colours)
    if question.kind == "stay_in_cab" and question.stage != Stage.ARRIVAL:
        return say(label(STAGES, question.stage))
    return ""


def facts(session: Session, found: Page, row: Visit, gates: Mapping[UUID, str]) -> list[tuple[str, str]]:
    """(what, how it is) of everything known of the visit; what is not known has no row."""
    known, state = found.facts, found.state
    zones = {z.code: z.name for z in enterprises.zones(session, enterprise_id=row.enterprise_id)}
    rows = [
        (t("来访类型", "Kind"), kind_name(row.kind)),
        (t("挂车", "Trailer"), row.trailers),
        (t("从哪里来", "From"), place_name(known.get("origin"))),
        (t("途经", "By way of"), t("、", ", ").join(place_name(code) for code in known.get("stops") or ())),
        (t("风险等级", "Risk"), _risk(known)),
        (t("货物", "Cargo"), _cargo(known)),
        (t("去向", "Zone"), zones.get(known.get("zone"), known.get("zone") or "")),
        (t("事由", "Purpose"), say(label(PURPOSES, known["purpose"])) if known.get("purpose") else ""),
        (t("报备", "Registration"), _registration(known)),
        (t("门岗", "Gate"), gates.get(row.gate_id, "")),
        (t("当班人", "On duty"), row.guard_name),
        (t("执行规则", "Rules"), t("；", "; ").join(_judged_by(session, state))),
    ]
    return [(name, value) for name, value in rows if value]


def _risk(known: Mapping[str, object]) -> str:
    level = known.get("risk_level")
    if not isinstance(level, str):
        return ""
    places = known.get("risk_places")
    named = t("、", ", ").join(places[:3]) if isinstance(places, Sequence) and places and level != "none" else ""
    word = say(label(RISK_LEVELS, level))
    return t(f"{word}（{named}）", f"{word} ({named})") if named else word


def _cargo(known: Mapping[str, object]) -> str:
    word, cold = cargo_name(str(known["cargo"])) if known.get("cargo") else "", known.get("cold_chain")
    return t("、", ", ").join(filter(None, (word, t("冷链", "cold chain") if cold else "")))


def _registration(known: Mapping[str, object]) -> str:
    registration = known.get("registration")
    if not isinstance(registration, Mapping):
        return t("没有报备", "none") if "registration" in known else ""
    when = local(from_micros(registration["announced_at"])).strftime("%Y-%m-%d %H:%M")
    approved = registration.get("enterprise_approved")
    state = t("已批准", "approved") if approved else t("待审批", "not approved yet")
    return t(f"{when} 报备，{state}", f"announced {when}, {state}")


def _judged_by(session: Session, state: State) -> list[str]:
    """The rulebook versions and the switched packs that judged the visit, in their order."""
    packs = rulebooks.rulebooks(session, ids=state.switches)
    found = []
    for book in state.book_ids:
        if book in packs:
            found.append(say(order_of(packs[book])))
            continue
        row = rulebooks.version(session, version_id=UUID(book))
        owner = OWNERS[Owner(row.owner)]
        found.append(t(f"{owner.zh}第 {row.number} 版", f"{owner.en} version {row.number}"))
    return found


def named(reasons: Sequence[Reason], state: State) -> list[Reason]:
    """The reasons, each beginning with whom it is about where that is somebody: 司机：测体温."""
    found = []
    for reason in reasons:
        whom = subject_label(reason.finding.subject, state) if reason.finding.subject != "visit" else ""
        text = Text(f"{whom}：{reason.text.zh}", f"{whom}: {reason.text.en}") if whom else reason.text
        found.append(replace(reason, text=text))
    return found


def subject_label(subject: str, state: State) -> str:
    """Who or what a question is about, in words: the driver, passenger 2, the trailer."""
    if subject.startswith("occupant:"):
        person, number = state.people.get(subject), int(subject.split(":")[1])
        role = person.role if person else "driver"
        words = {
            "driver": t("司机", "Driver"),
            "passenger": t(f"随车人员 {number - 1}", f"Passenger {number - 1}"),
            "visitor": t(f"来访人 {number}", f"Visitor {number}"),
        }
        return words.get(role, role)
    if subject.startswith("trailer"):
        return t("挂车", "Trailer")
    return t("车辆", "Vehicle") if subject == "tractor" else t("本次来访", "The visit")
