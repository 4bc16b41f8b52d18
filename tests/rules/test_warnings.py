"""Warnings about rules: each is given where it is due, and none over the packs."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.rules import codec, packs
from gatekeeper.rules.seconds import LIMIT, longest, seconds, slowest
from gatekeeper.rules.sentences import code_itself
from gatekeeper.rules.values import Owner, Rulebook, Stage
from gatekeeper.rules.warnings import Here, Warned, warnings
from tests.rulebooks.given import confirm, document, rule

FACTORY = Here(
    {"gate": ("g1",), "gate_kind": ("logistics",), "zone": ("A", "B"), "cluster": ("hardware",), "exporter": (False,)}
)
BARE = Here({"gate": (), "gate_kind": (), "zone": (), "cluster": (), "exporter": (False,)})


def book(*rules: dict[str, Any], owner: Owner = Owner.ENTERPRISE) -> Rulebook:
    return codec.parse(document(*rules), owner=owner, version="one")


def when(*clauses: tuple[str, str, Any], **changes: Any) -> dict[str, Any]:
    written = [{"fact": fact, "op": op, "value": value} for fact, op, value in clauses]
    return confirm("mask", "戴口罩", "Mask", when=written, **changes)


def warned(*rules: dict[str, Any], here: Here = FACTORY, township: Rulebook | None = None) -> list[Warned]:
    return warnings(book(*rules), here, township=township, place=code_itself)


def said(*rules: dict[str, Any], here: Here = FACTORY, township: Rulebook | None = None) -> list[str]:
    return [one.code for one in warned(*rules, here=here, township=township)]


@pytest.mark.parametrize("pack", packs.codes())
def test_no_pack_is_warned_of_at_a_factory_that_has_what_it_is_about(pack: str) -> None:
    rules = codec.parse(packs.load(pack), owner=Owner.ENTERPRISE, version=pack)
    assert warnings(rules, FACTORY, township=None, place=code_itself) == []
    assert seconds([rules], slowest([rules]))[Stage.ARRIVAL] <= LIMIT


@pytest.mark.parametrize(
    "clauses",
    [
        [("risk_level", "at_least", "high"), ("risk_level", "at_most", "low")],
        [("visitor_kind", "eq", "truck"), ("visitor_kind", "ne", "truck")],
        [("visitor_kind", "in", ["truck", "van"]), ("visitor_kind", "in", ["car"])],
        [("cold_chain", "eq", True), ("cold_chain", "eq", False)],
        [("people", "at_least", 5), ("people", "at_most", 4)],
        [("people", "eq", 5), ("people", "ne", 5)],
        [("alert_level", "at_most", 0), ("alert_level", "at_least", 1)],
        [("origin", "within", ["330100"]), ("origin", "not_within", ["330000"])],
        [("stops", "within", ["330100"]), ("stops", "not_within", ["330000"])],
        [("zone", "eq", "A"), ("zone", "eq", "B")],
    ],
)
def test_conditions_that_exclude_each_other_never_apply(clauses: list[tuple[str, str, Any]]) -> None:
    [one] = warned(when(*clauses))
    assert (one.code, one.rules, one.blocks) == ("rule.never", ("mask",), False)
    assert "互相排斥" in one.what.zh and "exclude each other" in one.what.en


@pytest.mark.parametrize(
    "clauses",
    [
        [("risk_level", "at_least", "medium"), ("risk_level", "at_most", "medium")],
        [("people", "at_least", 5), ("people", "at_most", 5)],
        [("people", "ne", 0), ("people", "ne", 200)],
        [("origin", "within", ["330000"]), ("origin", "not_within", ["330100"])],
        [("origin", "not_within", ["330000"]), ("origin", "not_within", ["110000"])],
        [("stops", "within", ["330100"]), ("stops", "within", ["110000"]), ("stops", "not_within", ["310000"])],
        [("visitor_kind", "ne", "walk_in"), ("plate_class", "ne", "military")],
        [("zone", "ne", "A")],
        [("gate", "eq", "g1")],
    ],
)
def test_conditions_that_some_visit_meets_are_not_accused(clauses: list[tuple[str, str, Any]]) -> None:
    assert said(when(*clauses)) == []


@pytest.mark.parametrize(
    "clause", [("zone", "eq", "C"), ("gate", "eq", "g2"), ("gate_kind", "eq", "people"), ("exporter", "eq", True)]
)
def test_a_value_that_the_enterprise_does_not_have_never_applies(clause: tuple[str, str, Any]) -> None:
    [one] = warned(when(clause))
    assert one.code == "rule.never" and "这里不会有" in one.what.zh


def test_a_rule_about_vehicles_for_people_on_foot_never_applies() -> None:
    assert said(when(("visitor_kind", "eq", "walk_in"), subject="tractor")) == ["rule.never"]
    assert said(when(("visitor_kind", "ne", "truck"), subject="tractor")) == []


@pytest.mark.parametrize("fact", ["zone", "cluster", "gate", "gate_kind"])
def test_a_condition_about_what_nobody_asks_blocks_and_names_what_to_add(fact: str) -> None:
    [one] = warned(when((fact, "eq", "A")), here=BARE)
    assert (one.code, one.blocks) == ("fact.unasked", True)
    assert one.mend.zh.startswith("请先") and one.mend.en
    assert said(when((fact, "ne", "A"))) == []


def test_a_plate_is_never_asked_of_people_on_foot() -> None:
    on_foot = when(("visitor_kind", "eq", "walk_in"), ("plate_class", "eq", "military"))
    [one] = warned(on_foot)
    assert (one.code, one.blocks) == ("fact.unasked", True) and "步行来访没有号牌" in one.mend.zh


def gates(**params: Any) -> dict[str, Any]:
    return rule("gate", kind="gate_allowed", subject="visit", question=None, params=params)


def test_a_gate_that_is_not_there_is_satisfied_by_no_visit() -> None:
    assert said(gates(gates=["g2"])) == ["rule.unmeetable"]
    assert said(gates(gate_kinds=["people"])) == ["rule.unmeetable"]
    assert said(gates(gates=["g2"], gate_kinds=["logistics"])) == []
    assert said(gates(gates=["g1"])) == []
    elsewhere = gates(gates=["g1"]) | {"when": [{"fact": "gate", "op": "ne", "value": "g1"}]}
    two = Here({"gate": ("g1", "g2")})
    assert said(elsewhere, here=two) == ["rule.unmeetable"]


def test_a_limit_that_no_reading_passes_is_satisfied_by_none() -> None:
    highest = {"unit": "count", "min": 100_000, "min_inclusive": False}
    assert said(rule(params=highest)) == ["rule.unmeetable"]
    assert said(rule(params=highest | {"min_inclusive": True})) == []


def test_a_limit_of_visits_below_the_rules_own_condition_is_satisfied_by_none() -> None:
    often = [{"fact": "visits_of_plate_in_days", "op": "at_least", "value": 2}]
    limit = {"kind": "visit_limit", "subject": "visit", "question": None, "when": often}
    assert said(rule("twice", **limit, params={"most": 2})) == ["rule.unmeetable"]
    assert said(rule("twice", **limit, params={"most": 3})) == []


def test_a_rule_that_the_townships_makes_idle_says_which_limit_holds() -> None:
    above = book(rule(), owner=Owner.TOWNSHIP)
    [one] = warned(rule("own", params={"unit": "celsius", "max": 375}), township=above)
    assert one.code == "rule.idle"
    assert one.what == ("无效果：镇里的 37.3 ℃ 已在执行", "No effect: the township's 37.3 °C already applies")
    assert said(rule("own", params={"unit": "celsius", "max": 370}), township=above) == []
    narrow = book(rule(when=[{"fact": "visitor_kind", "op": "eq", "value": "truck"}]), owner=Owner.TOWNSHIP)
    assert said(rule("own"), township=narrow) == []


def test_a_list_that_takes_too_long_says_what_takes_most() -> None:
    sprays = [
        rule(f"spray_{n}", kind="disinfection", subject="tractor", question=f"spray_{n}", params={}) for n in range(12)
    ]
    [one] = warned(*sprays)
    assert one.code == "list.long" and "180 秒" in one.what.zh and "测体温（15 秒）" in one.mend.zh
    assert len(one.rules) == 3
    assert said(*sprays[:9]) == []


def test_seconds_are_of_whom_it_takes_longest_and_count_a_shared_question_once() -> None:
    shared = [confirm("one", "一", "One", question="same"), confirm("two", "二", "Two", question="same")]
    alone = book(shared[0])
    assert seconds([alone], "truck") == seconds([book(*shared)], "truck")
    on_foot = book(when(("visitor_kind", "ne", "truck")))
    assert slowest([on_foot]) == "van"
    assert seconds([on_foot], "truck")[Stage.ARRIVAL] < seconds([on_foot], "walk_in")[Stage.ARRIVAL]
    assert [title.zh for title, _, _ in longest([alone], "truck")] == ["一"]
