"""Kinds about what is done at the gate: stay_in_cab, disinfection, document_handoff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.rules.kinds.shape import (
    MET,
    MICRO,
    MINUTE,
    MISSING_STATE,
    VIOLATED_STATE,
    Field,
    Judged,
    Kind,
    Param,
    codes_in,
    unanswered,
    violated,
)
from gatekeeper.rules.values import Evidence, Rule, Stage, Text
from gatekeeper.rules.vocabulary import AGENTS, DOCUMENTS, METHODS, STAGES

STAGE_ORDER: Mapping[str, int] = {stage.value: rank for rank, stage in enumerate(Stage)}
ATTESTED = STAGES[1:]


def attestations(rule: Rule) -> tuple[tuple[str, Stage], ...]:
    """(question, stage) of each attestation a stay_in_cab rule asks for, in the order of a visit."""
    stages = sorted(rule.params["at"], key=STAGE_ORDER.__getitem__)
    return tuple((f"{rule.question}.{stage}", Stage(stage)) for stage in stages)


def judge_stay(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Violated by one attestation that the driver left; missing while one due by ``stage`` is not given."""
    due, left, still = STAGE_ORDER[stage], [], []
    for name in rule.params["at"]:
        if STAGE_ORDER[name] > due:
            continue
        answer = evidence.answers.get((f"{rule.question}.{name}", subject))
        stayed = None if answer is None else answer.value.get("stayed")
        if stayed is False:
            left.append(name)
        elif stayed is not True:
            still.append(name)
    if not left and not still:
        return MET
    still.sort(key=STAGE_ORDER.__getitem__)
    asked = tuple((f"{rule.question}.{name}", Stage(name)) for name in still)
    if left:
        return Judged(VIOLATED_STATE, "stay_in_cab.left", {"at": sorted(left, key=STAGE_ORDER.__getitem__)}, asked)
    return Judged(MISSING_STATE, "stay_in_cab.unattested", {"at": still}, asked)


def judge_disinfection(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Violated by what was done wrongly, missing while something lacks; ``data`` names every part.

    ``wrong``: agent, dilution, clothing, contact (ended too early). ``lacking``: operator, start, contact (still
    running, ``remaining_s`` seconds to go, ``short_s`` seconds short when it was ended).
    """
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    value, params = answer.value, rule.params
    wrong: list[str] = []
    lacking: list[str] = []
    data: dict[str, Any] = {}
    if params["agents"] and value.get("agent") not in params["agents"]:
        (wrong if isinstance(value.get("agent"), str) else lacking).append("agent")
    _dilution(params, value.get("dilution"), wrong, lacking)
    if params["protective_clothing"] and value.get("protective_clothing") is not True:
        (wrong if value.get("protective_clothing") is False else lacking).append("clothing")
    operator = value.get("operator")
    if params["operator"] and not (isinstance(operator, str) and operator.strip()):
        lacking.append("operator")
    running = _contact(params["contact_minutes"] * MINUTE, value, at, wrong, lacking, data)
    if not wrong and not lacking:
        return MET
    if wrong:
        data["wrong"] = wrong
    if lacking:
        data["lacking"] = lacking
    if wrong:
        return Judged(VIOLATED_STATE, "disinfection.wrong", data)
    if running and len(lacking) == 1:
        return Judged(MISSING_STATE, "disinfection.contact_running", data)
    return unanswered(rule, "disinfection.incomplete", data)


def _dilution(params: Mapping[str, Any], given: Any, wrong: list[str], lacking: list[str]) -> None:
    wanted = params["dilution"]
    if wanted is None:
        return
    if type(given) is not int or given < 1:
        lacking.append("dilution")
    elif given > wanted or (params["dilution_exact"] and given != wanted):
        wrong.append("dilution")


def _contact(
    needed: int, value: Mapping[str, Any], at: int, wrong: list[str], lacking: list[str], data: dict[str, Any]
) -> bool:
    """Whether the contact time is still running; a started second counts as a whole one."""
    if needed == 0:
        return False
    started, finished = value.get("started_at"), value.get("finished_at")
    if type(started) is not int:
        lacking.append("start")
        return False
    ended = finished if type(finished) is int else None
    short = needed - max(0, (at if ended is None else ended) - started)
    if short <= 0:
        return False
    data["remaining_s" if ended is None else "short_s"] = -(-short // MICRO)
    (lacking if ended is None else wrong).append("contact")
    return ended is None


def judge_handoff(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Violated by a way that is not allowed; missing while a document or one side's word lacks."""
    answer = evidence.answers.get((rule.question or "", subject))
    if answer is None:
        return unanswered(rule)
    value, params = answer.value, rule.params
    method = value.get("method")
    if not isinstance(method, str):
        return unanswered(rule, "answer.unreadable")
    given = codes_in(value.get("documents"))
    lacking = [code for code in params["documents"] if code not in given]
    sides = [side for side in ("given", "received") if params["both_sides"] and value.get(side) is not True]
    data: dict[str, Any] = {}
    if lacking:
        data["documents"] = lacking
    if sides:
        data["sides"] = sides
    if params["methods"] and method not in params["methods"]:
        return violated("handoff.method", {**data, "methods": list(params["methods"])})
    return unanswered(rule, "handoff.incomplete", data) if data else MET


def _disinfection_faults(params: Mapping[str, Any]) -> tuple[tuple[str, Text], ...]:
    if params["dilution_exact"] and params["dilution"] is None:
        return (("dilution", Text("请填写稀释倍数", "Give the dilution")),)
    return ()


HANDLING = (
    Kind(
        "stay_in_cab",
        Text("司机不下车", "Driver stays in cab"),
        True,
        judge_stay,
        params=(
            Param(
                "at",
                "choices",
                Text("在哪些环节确认", "attested at"),
                ("arrival", "on_site", "exit"),
                minimum=1,
                choices=ATTESTED,
                merge="union",
            ),
        ),
        fields=(
            Field("stayed", "bool", Text("没有下车", "stayed in the cab")),
            Field(
                "reason", "text", Text("下车原因", "why the driver left"), optional=True, maximum=200, personal="note"
            ),
        ),
        reasons=("stay_in_cab.unattested", "stay_in_cab.left"),
        seconds=3,
        stages=(Stage.ARRIVAL, Stage.ON_SITE, Stage.EXIT),
    ),
    Kind(
        "disinfection",
        Text("消杀", "Disinfection"),
        True,
        judge_disinfection,
        params=(
            Param(
                "agents",
                "choices",
                Text("可用的消毒剂（空：不限）", "agents (empty: any)"),
                (),
                choices=AGENTS,
                merge="common",
            ),
            Param(
                "dilution",
                "int",
                Text("稀释倍数（1∶n，不能更稀）", "dilution 1:n, no weaker"),
                minimum=1,
                maximum=10_000,
                merge="min",
            ),
            Param("dilution_exact", "bool", Text("必须正好这个倍数", "exactly this dilution"), False, merge="any"),
            Param(
                "contact_minutes",
                "int",
                Text("作用时间", "contact time"),
                0,
                unit="minutes",
                maximum=1440,
                merge="max",
            ),
            Param("operator", "bool", Text("写明消杀人员", "the operator is named"), True, merge="any"),
            Param("protective_clothing", "bool", Text("穿防护服", "protective clothing worn"), False, merge="any"),
        ),
        fields=(
            Field("agent", "choice", Text("消毒剂", "agent"), choices=AGENTS),
            Field("dilution", "int", Text("稀释倍数（1∶n）", "dilution 1:n"), minimum=1, maximum=10_000),
            Field("started_at", "time", Text("开始时间", "started at")),
            Field("finished_at", "time", Text("结束时间", "finished at"), optional=True),
            Field("operator", "text", Text("消杀人员", "operator"), maximum=40, personal="contact"),
            Field("protective_clothing", "bool", Text("穿防护服", "protective clothing worn")),
        ),
        reasons=(
            "answer.missing",
            "disinfection.wrong",
            "disinfection.contact_running",
            "disinfection.incomplete",
        ),
        check=_disinfection_faults,
        seconds=15,
        records=lambda params: (
            not (params["agents"] or params["dilution"] or params["contact_minutes"] or params["protective_clothing"])
        ),
    ),
    Kind(
        "document_handoff",
        Text("单据交接", "Document handoff"),
        True,
        judge_handoff,
        params=(
            Param("documents", "choices", Text("要交的单据", "documents"), (), choices=DOCUMENTS, merge="union"),
            Param(
                "methods",
                "choices",
                Text("交接方式（空：不限）", "ways (empty: any)"),
                (),
                choices=METHODS,
                merge="common",
            ),
            Param("both_sides", "bool", Text("双方确认", "both sides confirm"), True, merge="any"),
        ),
        fields=(
            Field("documents", "choices", Text("交接的单据", "documents"), choices=DOCUMENTS),
            Field("method", "choice", Text("交接方式", "way"), choices=METHODS),
            Field("given", "bool", Text("交方确认", "given")),
            Field("received", "bool", Text("收方确认", "received")),
        ),
        reasons=("answer.missing", "answer.unreadable", "handoff.method", "handoff.incomplete"),
        seconds=8,
        records=lambda params: not params["methods"],
    ),
)
