"""Rulebook documents: what is read, what is refused, and how the fault is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.rules import codec, packs
from gatekeeper.rules.faults import Fault, RulebookInvalid
from gatekeeper.rules.values import Owner
from tests.rules.made import book, document, rule, temperature

OPTION = {"code": "a", "zh": "甲", "en": "A"}


def faults(found: Any) -> tuple[Fault, ...]:
    with pytest.raises(RulebookInvalid) as caught:
        codec.parse(found, owner=Owner.ENTERPRISE, version="1")
    return caught.value.faults


def only(found: Any) -> Fault:
    (one,) = faults(found)
    return one


def test_a_rulebook_reads_back_from_its_document() -> None:
    for code in packs.codes():
        made = codec.parse(packs.load(code), owner=Owner.TOWNSHIP, version=code)
        assert codec.parse(codec.to_document(made), owner=Owner.TOWNSHIP, version=code) == made


def test_a_source_stays_with_its_rule_and_a_rule_without_one_says_nothing_of_it() -> None:
    made = book(rule("a", source={"zh": "行业惯例", "en": "practice"}), rule("b"))
    rows = codec.to_document(made)["rules"]
    assert rows[0]["source"] == {"zh": "行业惯例", "en": "practice"} and "source" not in rows[1]
    assert codec.parse(codec.to_document(made), owner=Owner.ENTERPRISE, version="1") == made


def test_parameters_left_out_have_their_defaults() -> None:
    made = book(rule("leave", "registered"))
    assert made.rules[0].params == {
        "lead": 0, "lead_unit": "hours", "enterprise_approval": True, "township_approval": False,
    }  # fmt: skip


def test_a_limit_in_the_wrong_size_says_35_to_42() -> None:
    for wrong in (3.73, 37, 3730, "37.3", True):
        fault = only(document(temperature(max=wrong)))
        assert fault.path == "rules[0].params.max" and fault.rule == "temperature" and fault.field == "max"
        assert fault.code == "param.range"
        assert "35 到 42" in fault.text.zh and "35 to 42" in fault.text.en


def test_a_float_is_refused_everywhere() -> None:
    assert only(document(rule("leave", "dwell_limit", stage="exit", params={"minutes": 60.0}))).code == "param.range"
    clause = {"fact": "people", "op": "at_least", "value": 2.0}
    assert only(document(rule(when=[clause]))).code == "clause.value"


def test_every_fault_is_named_not_only_the_first() -> None:
    bad = temperature(code="hot", max=9)
    bad["title"] = {"zh": "体温"}
    worse = rule("other", "no_such_kind", stage="sometime")
    codes = {(fault.path, fault.code) for fault in faults(document(bad, worse, extra=1))}
    assert codes == {
        ("extra", "field.unknown"),
        ("rules[0].title.en", "text.missing"),
        ("rules[0].params.max", "param.range"),
        ("rules[1].kind", "field.choice"),
        ("rules[1].stage", "field.choice"),
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "Ä", "question": "q"}, "rule.code"),
        ({"question": None}, "rule.question"),
        ({"question": "a.b"}, "rule.question"),
        ({"kind": ["confirm"]}, "field.choice"),
        ({"params": {"max": 1}}, "field.unknown"),
        ({"params": []}, "params.shape"),
        ({"overridable_by": ["guard"]}, "field.choice"),
        ({"consequence": "shoot"}, "field.choice"),
        ({"colour": 1}, "field.unknown"),
        ({"when": [{"fact": "arrived_at", "op": "eq", "value": 1}]}, "clause.fact"),
        ({"when": [{"fact": "cargo", "op": "at_least", "value": "coal"}]}, "clause.op"),
        ({"when": [{"fact": "cargo", "op": "in", "value": []}]}, "clause.list"),
        ({"when": [{"fact": "cargo", "op": "in", "value": ["gold"]}]}, "clause.value"),
        ({"when": [{"fact": "origin", "op": "within", "value": ["33"]}]}, "clause.value"),
        ({"when": [{"fact": "cold_chain", "op": "eq", "value": 1}]}, "clause.value"),
        ({"when": [{"fact": "people", "op": "eq", "value": True}]}, "clause.value"),
        ({"when": [{"fact": "people", "op": "eq", "value": 1}] * 51}, "rule.clauses"),
        ({"title": {"zh": "=1+1", "en": "x"}}, "text.formula"),
        ({"title": {"zh": " ＠甲", "en": "x"}}, "text.formula"),
        ({"title": {"zh": "字" * 61, "en": "x"}}, "text.long"),
        ({"title": {"zh": " ", "en": "x"}}, "text.missing"),
        ({"title": "x"}, "text.shape"),
        ({"source": None}, "text.shape"),
        ({"source": {"zh": "国标", "en": ""}}, "text.missing"),
        ({"source": {"zh": "字" * 201, "en": "x"}}, "text.long"),
        ({"title": {"zh": "a\x00b", "en": "x"}}, "document.type"),
    ],
)
def test_a_rule_with_one_fault_is_refused_with_its_code(change: dict[str, Any], code: str) -> None:
    assert only(document(rule(**change))).code == code


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (rule("n", "number", params={"unit": "furlong", "max": 3}), "param.unit"),
        (rule("n", "number", params={"max": 3}), "param.missing"),
        (rule("n", "number", params={"unit": "kg"}), "param.conflict"),
        (rule("n", "number", params={"unit": "kg", "min": 5, "max": 4}), "param.conflict"),
        (rule("n", "number", params={"unit": "kg", "min": 5, "max": 5, "max_inclusive": False}), "param.conflict"),
        (rule("n", "number", params={"unit": "kg", "max": 5, "max_inclusive": 1}), "param.bool"),
        (rule("c", "code_check", params={"accepted": []}), "param.list"),
        (rule("c", "code_check", params={"accepted": ["green", "green"]}), "param.twice"),
        (rule("c", "code_check", params={"accepted": [["green"]]}), "param.choice"),
        (rule("c", "choice", params={"options": [OPTION], "accepted": ["b"]}), "param.conflict"),
        (rule("c", "choice", params={"options": [{"code": "a", "zh": "甲"}]}), "text.missing"),
        (rule("t", "test", params={"within_hours": 48, "alternative_question": "antigen"}), "param.conflict"),
        (rule("d", "dwell_limit", params={"minutes": 60}), "rule.stage"),
        (rule("d", "dwell_limit", stage="exit", subject="occupant", params={"minutes": 60}), "rule.subject"),
        (rule("g", "gate_allowed"), "param.conflict"),
        (rule("g", "gate_allowed", params={"gates": ["a b"]}), "param.code"),
        (rule("g", "gate_allowed", question="g", params={"gates": ["a"]}), "rule.question"),
        (rule("s", "stay_in_cab", params={"at": ["on_site", "exit"]}), "rule.stage"),
        (rule("s", "stay_in_cab", params={"at": []}), "param.list"),
        (rule("x", "disinfection", params={"dilution_exact": True}), "param.conflict"),
        (rule("v", "text", params={"format": "vin", "longest": 16}), "param.conflict"),
        (rule("v", "text", params={"longest": 81}), "param.range"),
        (rule("k", "certificate", params={"spare_days": 366}), "param.range"),
        (rule("m", "visit_limit"), "param.missing"),
        (rule("m", "visit_limit", stage="before_arrival", params={"most": 2}), "rule.stage"),
        (rule("m", "visit_limit", subject="tractor", params={"most": 2}), "rule.subject"),
        (rule("n", "number", params={"unit": "days", "min": 3651}), "param.range"),
    ],
)  # fmt: skip
def test_a_kind_refuses_parameters_it_cannot_judge_by(made: dict[str, Any], code: str) -> None:
    assert [fault.code for fault in faults(document(made))] == [code]


def test_a_code_used_twice_names_the_second_rule() -> None:
    fault = only(document(rule("a", question="q1"), rule("a", question="q2")))
    assert (fault.path, fault.code, fault.rule) == ("rules[1].code", "rule.twice", "a")


def test_one_question_cannot_be_of_two_kinds_or_units() -> None:
    assert only(document(rule("a", question="q"), rule("b", "photo", question="q"))).code == "rule.question_kind"
    kilos = rule("load", "number", question="temperature", params={"unit": "kg", "max": 5})
    assert only(document(temperature(), kilos)).code == "rule.question_kind"
    vin = rule("vin", "text", question="number", params={"format": "vin"})
    assert only(document(vin, rule("note", "text", question="number"))).code == "rule.question_kind"


def test_at_most_200_rules() -> None:
    assert len(book(*(rule(f"r{n}") for n in range(200))).rules) == 200
    assert only(document(*(rule(f"r{n}") for n in range(201)))).code == "rules.count"


def test_a_document_nested_100000_deep_is_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert only(document(deep)).code == "document.depth"
    with pytest.raises(RulebookInvalid) as caught:
        codec.load("[" * 100_000 + "]" * 100_000, owner=Owner.TOWNSHIP, version="1")
    assert caught.value.faults[0].code == "document.depth"
    while deep:  # taken apart by hand: freeing it in one go would recurse
        deep = deep.pop()


def test_a_document_100000_wide_is_refused() -> None:
    assert only(document(*[1] * 100_000)).code == "document.size"
    assert only(document(rule(when=[{"fact": "people"}] * 100_000))).code == "document.size"
    assert only({str(n): n for n in range(100_000)}).code == "document.size"


@pytest.mark.parametrize("other", [None, 1, "x", [], {}, {"schema": "gate-rulebook/2"}])
def test_what_is_no_rulebook_is_refused(other: Any) -> None:
    assert only(other).code == "document.schema"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "document.json"),
        (b"\xff\xfe", "document.json"),
        ('{"a":1,"a":2}', "document.twice"),
        (" " * 1_000_001, "document.size"),
    ],
)
def test_a_text_that_is_no_document_is_refused(text: str | bytes, code: str) -> None:
    with pytest.raises(RulebookInvalid) as caught:
        codec.load(text, owner=Owner.TOWNSHIP, version="1")
    assert [fault.code for fault in caught.value.faults] == [code]


def test_canonical_bytes_do_not_depend_on_order_or_spaces() -> None:
    made = document(rule())
    turned = json.loads(json.dumps(made, indent=3), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert codec.canonical(made) == codec.canonical(turned)
    assert codec.canonical(made).isascii() and b" :" not in codec.canonical(made)
    assert codec.canonical(made) != codec.canonical(document(rule(consequence="note")))
