"""Books as a whole: contradictions, comparison, packs."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.rules import codec, packs
from gatekeeper.rules.decide import needs
from gatekeeper.rules.values import Owner
from tests.rules.made import book, rule, temperature

OPTIONS = [{"code": code, "zh": code, "en": code} for code in ("a", "b", "c")]
TRUCK = {"fact": "visitor_kind", "op": "eq", "value": "truck"}
COAL = {"fact": "cargo", "op": "eq", "value": "coal"}


def accused(*rules: dict[str, Any]) -> list[tuple[str, ...]]:
    return [codes for codes, _ in codec.contradictions(book(*rules))]


def load(code: str, when: tuple[dict[str, Any], ...] = (), **limits: Any) -> dict[str, Any]:
    return rule(code, "number", question="load", when=list(when), params={"unit": "kg", **limits})


def zone(code: str, *accepted: str) -> dict[str, Any]:
    return rule(code, "choice", question="zone", params={"options": OPTIONS, "accepted": list(accepted)})


def test_limits_without_a_value_between_them_contradict() -> None:
    assert accused(load("heavy", min=20_000), load("light", max=10_000)) == [("heavy", "light")]


def test_limits_that_touch_meet_only_when_both_are_inclusive() -> None:
    assert accused(load("low", min=10), load("high", max=10)) == []
    assert accused(load("low", min=10, min_inclusive=False), load("high", max=10)) == [("high", "low")]


def test_rules_for_different_visits_do_not_contradict() -> None:
    assert accused(load("heavy", (TRUCK,), min=20_000), load("light", (COAL,), max=10_000)) == []


def test_a_rule_for_all_contradicts_one_for_trucks() -> None:
    assert accused(load("heavy", (TRUCK,), min=20_000), load("light", max=10_000)) == [("heavy", "light")]


def test_accepted_options_without_a_common_one_contradict() -> None:
    assert accused(zone("one", "a"), zone("two", "b", "c")) == [("one", "two")]
    assert accused(zone("one", "a", "b"), zone("two", "b", "c")) == []


def test_three_rules_that_meet_in_pairs_but_not_together_are_named_together() -> None:
    assert accused(zone("x", "a", "b"), zone("y", "b", "c"), zone("z", "a", "c")) == [("x", "y", "z")]


def test_gates_colours_agents_and_ways_without_a_common_one_contradict() -> None:
    gates = [rule(code, "gate_allowed", params={"gates": [code]}) for code in ("g1", "g2")]
    colours = [rule(f"c{c}", "code_check", question="code", params={"accepted": [c]}) for c in ("green", "yellow")]
    agents = [rule(f"d{a}", "disinfection", question="d", params={"agents": [a]}) for a in ("chlorine", "alcohol")]
    ways = [rule(f"w{m}", "document_handoff", question="w", params={"methods": [m]}) for m in ("box", "by_hand")]
    exact = [
        rule(f"e{n}", "disinfection", question="e", params={"dilution": n, "dilution_exact": n == 200})
        for n in (100, 200)
    ]
    for pair in (gates, colours, agents, ways, exact):
        assert accused(*pair) == [tuple(sorted(made["code"] for made in pair))]


def test_the_sentence_names_both_rules() -> None:
    ((_, text),) = codec.contradictions(book(load("heavy", min=20_000), load("light", max=10_000)))
    assert "规则 heavy" in text.zh and "规则 light" in text.zh and "Rule light" in text.en


def test_a_changed_limit_reads_as_old_arrow_new() -> None:
    one = book(temperature())
    two = book(temperature(max=370))
    assert [text.zh for text in codec.compare(one, two)] == ["规则 temperature：上限 37.3 → 37.0 ℃"]
    assert [text.en for text in codec.compare(one, two)] == ["Rule temperature: upper limit 37.3 → 37.0 °C"]


def test_added_removed_and_moved_rules_are_told() -> None:
    old = book(rule("a"), rule("b"), rule("c"))
    new = book(rule("c"), rule("b"), rule("d", consequence="refuse"))
    assert [text.zh for text in codec.compare(old, new)] == [
        "取消：所有来访，规则 a；违反时：待定",
        "新增：所有来访，规则 d；违反时：劝返",
        "规则的先后顺序有调整",
    ]


def test_every_field_that_changes_gives_one_sentence() -> None:
    old = book(rule("a"))
    for change in (
        {"stage": "exit"}, {"subject": "tractor"}, {"when": [COAL]}, {"question": "z"}, {"consequence": "note"},
        {"evidence": ["photo"]}, {"overridable_by": ["shift_lead"]}, {"title": {"zh": "甲", "en": "A"}},
        {"why": {"zh": "甲", "en": "A"}}, {"source": {"zh": "甲", "en": "A"}}, {"kind": "photo"},
    ):  # fmt: skip
        (text,) = codec.compare(old, book(rule("a", **change)))
        assert text.zh and text.en
    assert codec.compare(old, old) == []


def test_packs_together_do_not_contradict_each_other() -> None:
    rows = [row for code in packs.codes() for row in packs.load(code)["rules"]]
    assert codec.contradictions(book(*rows)) == []


def test_a_loaded_pack_is_a_copy() -> None:
    packs.load("visitor_basic")["rules"].clear()
    assert packs.load("visitor_basic")["rules"]


def test_an_unknown_pack_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        packs.load("../values")


def test_rules_say_which_facts_a_guard_is_asked_for() -> None:
    epidemic = codec.parse(packs.load("epidemic_2022"), owner=Owner.TOWNSHIP, version="1")
    assert needs([epidemic]) == {"origin", "stops", "visitor_kind", "people"}
    assert needs([book(rule("a"))]) == frozenset()
    assert needs([book(rule("a", when=[COAL]))]) == {"cargo"}
