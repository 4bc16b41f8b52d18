"""Kinds without a question, judged from facts: registered, dwell_limit, visit_limit, gate_allowed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from gatekeeper.rules.kinds.shape import (
    DAY,
    HOUR,
    MET,
    MICRO,
    MINUTE,
    MISSING_STATE,
    Judged,
    Kind,
    Param,
    violated,
)
from gatekeeper.rules.values import Evidence, Rule, Stage, SubjectKind, Text
from gatekeeper.rules.vocabulary import LEADS

SHANGHAI = 8 * HOUR
EPOCH = date(1970, 1, 1).toordinal()
LAST_DAY = date.max.toordinal() - EPOCH
APPROVALS = (
    ("enterprise", "enterprise_approval", "enterprise_approved"),
    ("township", "township_approval", "township_approved"),
)


def _unknown(fact: str) -> Judged:
    return Judged(MISSING_STATE, "fact.missing", {"facts": [fact]})


def judge_registered(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met by a registration for the day of arrival, announced early enough and approved.

    The lead runs from the announcement to the arrival (before that: to ``at``); exactly the lead is early enough.
    Days are days in Asia/Shanghai. A registration that nobody approved yet is missing, not violated.
    """
    facts = evidence.facts
    if "registration" not in facts:
        return _unknown("registration")
    registration, params = facts["registration"], rule.params
    if not isinstance(registration, dict):
        return violated("registered.none")
    announced = registration.get("announced_at")
    if type(announced) is not int:
        return violated("registered.none")
    arrived = facts.get("arrived_at")
    arrival = arrived if type(arrived) is int else at
    today = (arrival + SHANGHAI) // DAY
    if type(arrived) is int and _iso(today) != registration.get("day"):
        return violated("registered.other_day")
    short = _short(params, announced, arrival, today)
    if short:
        return violated("registered.late", short)
    lacking = [who for who, wanted, given in APPROVALS if params[wanted] and registration.get(given) is not True]
    if lacking:
        return Judged(MISSING_STATE, "registered.not_approved", {"by": lacking})
    return MET


def _short(params: Mapping[str, Any], announced: int, arrival: int, today: int) -> dict[str, int]:
    """What the lead falls short by; empty when it does not."""
    lead = params["lead"]
    if params["lead_unit"] == "hours":
        short = lead * HOUR - (arrival - announced)
        return {"lead": lead, "short_s": -(-short // MICRO)} if lead and short > 0 else {}
    days = today - (announced + SHANGHAI) // DAY
    return {"lead": lead, "short_days": lead - days} if lead and days < lead else {}


@lru_cache(maxsize=64)
def _iso(day: int) -> str | None:
    return date.fromordinal(EPOCH + day).isoformat() if -EPOCH < day <= LAST_DAY else None


def judge_dwell(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Violated when more than the minutes lie between admission and leaving (before that: ``at``)."""
    admitted, left = evidence.facts.get("admitted_at"), evidence.facts.get("left_at")
    if type(admitted) is not int:
        return _unknown("admitted_at")
    over = (left if type(left) is int else at) - admitted - rule.params["minutes"] * MINUTE
    if over <= 0:
        return MET
    return violated("dwell.over", {"minutes": rule.params["minutes"], "over_s": -(-over // MICRO)})


def judge_visits(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Violated when the plate came ``most`` times already in the last seven days; this visit is not among those."""
    count = evidence.facts.get("visits_of_plate_in_days")
    if type(count) is not int:
        return _unknown("visits_of_plate_in_days")
    most = rule.params["most"]
    return violated("visits.over", {"most": most}) if count >= most else MET


def judge_gate(rule: Rule, subject: str, evidence: Evidence, stage: Stage, at: int) -> Judged:
    """Met at one of the gates, or at a gate of one of the kinds."""
    gates, kinds = rule.params["gates"], rule.params["gate_kinds"]
    gate, kind = evidence.facts.get("gate"), evidence.facts.get("gate_kind")
    if (isinstance(gate, str) and gate in gates) or (isinstance(kind, str) and kind in kinds):
        return MET
    if gates and not isinstance(gate, str):
        return _unknown("gate")
    if kinds and not gates and not isinstance(kind, str):
        return _unknown("gate_kind")
    return violated("gate.not_allowed", {"gates": list(gates), "gate_kinds": list(kinds)})


def _gate_faults(params: Mapping[str, Any]) -> tuple[tuple[str, Text], ...]:
    if not params["gates"] and not params["gate_kinds"]:
        return (("gates", Text("请至少选择一个门岗或门岗类别", "Choose at least one gate or kind of gate")),)
    return ()


KNOWN = (
    Kind(
        "registered",
        Text("提前报备", "Registered ahead"),
        False,
        judge_registered,
        params=(
            Param("lead", "int", Text("提前多久（0：不限）", "lead (0: none)"), 0, maximum=720, merge="max"),
            Param("lead_unit", "choice", Text("提前量的单位", "unit of the lead"), "hours", choices=LEADS),
            Param("enterprise_approval", "bool", Text("须经企业审批", "approved by the enterprise"), True, merge="any"),
            Param("township_approval", "bool", Text("须经镇街审批", "approved by the township"), False, merge="any"),
        ),
        reasons=(
            "fact.missing",
            "registered.none",
            "registered.other_day",
            "registered.late",
            "registered.not_approved",
        ),
        facts=("registration", "arrived_at"),
        subjects=(SubjectKind.VISIT,),
    ),
    Kind(
        "dwell_limit",
        Text("停留时限", "Dwell limit"),
        False,
        judge_dwell,
        params=(
            Param(
                "minutes",
                "int",
                Text("最长停留", "longest stay"),
                None,
                True,
                unit="minutes",
                minimum=1,
                maximum=43_200,
                merge="min",
            ),
        ),
        reasons=("fact.missing", "dwell.over"),
        facts=("admitted_at", "left_at"),
        subjects=(SubjectKind.VISIT,),
        stages=(Stage.ON_SITE, Stage.EXIT),
    ),
    Kind(
        "visit_limit",
        Text("来访次数", "Visit limit"),
        False,
        judge_visits,
        params=(
            Param(
                "most",
                "int",
                Text("7 天内最多几次", "most visits in seven days"),
                None,
                True,
                minimum=1,
                maximum=100,
                merge="min",
            ),
        ),
        reasons=("fact.missing", "visits.over"),
        facts=("visits_of_plate_in_days",),
        subjects=(SubjectKind.VISIT,),
        stages=(Stage.ARRIVAL, Stage.ON_SITE, Stage.EXIT),
    ),
    Kind(
        "gate_allowed",
        Text("指定门岗", "Gate allowed"),
        False,
        judge_gate,
        params=(
            Param("gates", "codes", Text("门岗", "gates"), (), merge="common"),
            Param("gate_kinds", "codes", Text("门岗类别", "kinds of gate"), (), merge="common"),
        ),
        reasons=("fact.missing", "gate.not_allowed"),
        facts=("gate", "gate_kind"),
        subjects=(SubjectKind.VISIT,),
        check=_gate_faults,
    ),
)
