"""What people read: rules, reasons, and what to do next."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.rules import codec
from gatekeeper.rules.decide import decide
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.values import Answer, Decision, Evidence, Finding, Stage, State, Text, Waiver
from gatekeeper.rules.words import REASONS, duration, next_step, reason, sentence
from tests.rules.made import AT, book, rule, temperature
from tests.rules.test_vectors import CASES, judged

RISK = {"fact": "risk_level", "op": "at_least", "value": "medium"}
TRUCK = {"fact": "visitor_kind", "op": "eq", "value": "truck"}
SUBJECTS = ("visit", "tractor", "occupant:1")


def said(made: dict[str, Any]) -> str:
    return sentence(book(made).rules[0]).zh


def test_a_rule_reads_as_a_sentence() -> None:
    made = rule("stay", "stay_in_cab", when=[RISK, TRUCK], consequence="refuse")
    assert said(made) == "来自中高风险地区的货车，司机全程不下车；违反时：劝返"
    assert sentence(book(made).rules[0]).en == (
        "Trucks from medium-risk or high-risk areas: the driver stays in the cab throughout; otherwise: turn away"
    )


def test_limits_and_places_are_read_in_words() -> None:
    assert said(temperature()) == "每位来访人员，规则 temperature：低于 37.3 ℃；违反时：待定"
    made = rule("a", when=[{"fact": "origin", "op": "not_within", "value": ["330000"]}])
    named = sentence(book(made).rules[0], place=lambda code: Text({"330000": "浙江"}[code], "Zhejiang"))
    assert named.zh == "来自浙江以外的来访，规则 a；违反时：待定"
    made = rule("ahead", "registered", params={"lead": 1, "lead_unit": "calendar_days", "township_approval": True})
    assert said(made) == "所有来访，提前 1 天报备，经企业审批，经镇街审批；违反时：待定"


def test_every_case_has_words_for_its_rules_and_reasons() -> None:
    for case in CASES:
        decision = judged(case)
        for finding in decision.findings:
            text = reason(finding)
            assert text.zh and text.en and "{" not in text.zh
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
        assert next_step(decision).zh and next_step(decision).en


def held(started: int, **others: Any) -> Decision:
    made = book(rule("d", "disinfection", params={"contact_minutes": 20}), *others.get("rules", ()))
    value = {"operator": "某", "started_at": started, "finished_at": None}
    return decide([made], Evidence({}, SUBJECTS, {("d", "visit"): Answer(value, AT)}), Stage.ARRIVAL, AT)


def test_remaining_time_is_said_in_minutes_and_seconds() -> None:
    decision = held(AT - (20 * 60 - 370) * 1_000_000)
    assert decision.findings[0].data["remaining_s"] == 370
    assert reason(decision.findings[0]).zh == "消杀作用时间还差 6 分 10 秒"
    assert next_step(decision).zh == "请等候：消杀作用时间还差 6 分 10 秒"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 秒"),
        (59, "59 秒"),
        (60, "1 分"),
        (3_600, "1 小时"),
        (3_605, "1 小时"),
        (90_061, "1 天 1 小时"),
        (-5, "0 秒"),
    ],
)
def test_durations_have_at_most_two_neighbouring_units(seconds: int, words: str) -> None:
    assert duration(seconds).zh == words


def test_the_guard_is_told_what_to_do_next() -> None:
    asked = book(rule("a"), rule("b"), temperature())
    step = next_step(decide([asked], Evidence({}, ("visit",)), Stage.ARRIVAL, AT))
    assert step.zh == "请先问清：人数"
    step = next_step(decide([asked], Evidence({}, SUBJECTS), Stage.ARRIVAL, AT))
    assert step.zh == "还有 3 项要查，请继续"
    no = {("a", "visit"): Answer({"ok": False}, AT)}
    for consequence, words in (("hold", "先不放行"), ("refuse", "请劝返"), ("note", "可以放行")):
        made = book(rule("a", consequence=consequence))
        assert next_step(decide([made], Evidence({}, SUBJECTS, no), Stage.ARRIVAL, AT)).zh.startswith(words)
    made = book(rule("a", consequence="refuse"))
    assert "已在厂内" in next_step(decide([made], Evidence({}, SUBJECTS, no), Stage.ON_SITE, AT)).zh


def test_a_waived_finding_says_so_after_its_title() -> None:
    made = book(rule("a"))
    evidence = Evidence({}, SUBJECTS, {}, frozenset({Waiver(made.owner, "a")}))
    (finding,) = decide([made], evidence, Stage.ARRIVAL, AT).findings
    assert finding.state is State.WAIVED
    assert reason(finding, made.rules[0]).zh == "规则 a：还没有查验（已准予例外）"


def test_data_of_an_older_program_still_has_words() -> None:
    made = book(rule("a")).rules[0]
    for code in REASONS:
        finding = Finding(book(rule("a")).owner, "1", "a", "visit", State.VIOLATED, made.consequence, code, {})
        assert reason(finding, made).zh


def test_every_reason_is_given_by_a_kind_or_by_the_decision() -> None:
    given = {code for kind in KINDS.values() for code in kind.reasons}
    assert given | {"met", "fact.missing", "people.missing"} == set(REASONS)


def test_a_new_condition_on_the_kind_of_visitor_is_said_as_it_is() -> None:
    before, trucks = book(rule("x")), {"fact": "visitor_kind", "op": "eq", "value": "truck"}
    for clause, zh in ((trucks, "货车"), ({**trucks, "op": "ne"}, "货车以外")):
        changed = codec.compare(before, book(rule("x", when=[clause])))
        assert changed[0].zh.endswith(f"→ {zh}")
