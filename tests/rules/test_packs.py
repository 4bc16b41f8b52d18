"""The packs: every rule of every pack can be met, broken and left open, in words of both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.rules import codec, pack_reference, pack_words, packs
from gatekeeper.rules.decide import decide
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.questions import needs, seconds, uses
from gatekeeper.rules.retention import DAYS, LONGEST, SHORTEST
from gatekeeper.rules.sentences import sentence
from gatekeeper.rules.values import Answer, Evidence, Owner, Rule, Rulebook, Stage, State, Text
from gatekeeper.rules.words import reason
from tests.rules.made import AT
from tests.rules.proving import CREW, prove, stage_of

BOOKS = {code: codec.parse(packs.load(code), owner=Owner.ENTERPRISE, version=f"pack-{code}") for code in packs.codes()}
RULES = [pytest.param(book, rule, id=f"{code}.{rule.code}") for code, book in BOOKS.items() for rule in book.rules]
RECORDED = {
    "registration_date", "fuel", "vehicle_use", "fleet", "photo_body", "photo_plate", "photo_cargo_list", "disinfect",
}  # fmt: skip
"""Rules that ask for something to be noted: no answer breaks them."""

NAMED = {
    "epidemic_2022": {
        "registered", "code_check", "number", "test", "disinfection", "stay_in_cab", "document_handoff", "confirm",
        "dwell_limit",
    },
    "emission_gate": {"choice", "text", "photo", "number"},
    "chemical_park": {"registered", "certificate", "confirm"},
    "farm_biosecurity": {"confirm", "disinfection", "number", "visit_limit", "stay_in_cab"},
    "food_gmp": {"confirm", "choice"},
    "cement_logistics": {"gate_allowed", "confirm", "disinfection", "choice", "dwell_limit"},
    "visitor_basic": {"confirm"},
}  # fmt: skip


def judged(book: Rulebook, rule: Rule, state: str) -> set[tuple[State, str]]:
    """(state, reason) of the findings of ``rule`` where the whole pack judges."""
    decision = decide([book], prove(rule, state), stage_of(rule), AT)
    found = [finding for finding in decision.findings if finding.rule == rule.code]
    for finding in found:
        said = reason(finding, rule)
        assert said.zh and said.en and "{" not in said.zh + said.en
    return {(finding.state, finding.reason) for finding in found}


def test_there_are_the_seven_packs_with_their_kinds_of_rule() -> None:
    assert {code: {rule.kind for rule in book.rules} for code, book in BOOKS.items()} == NAMED


@pytest.mark.parametrize(("book", "rule"), RULES)
def test_every_rule_of_a_pack_can_be_met(book: Rulebook, rule: Rule) -> None:
    assert judged(book, rule, "met") == {(State.MET, "met")}


@pytest.mark.parametrize(("book", "rule"), [param for param in RULES if param.values[1].code not in RECORDED])
def test_every_rule_of_a_pack_can_be_violated(book: Rulebook, rule: Rule) -> None:
    assert {state for state, _ in judged(book, rule, "violated")} == {State.VIOLATED}


@pytest.mark.parametrize(("book", "rule"), RULES)
def test_every_rule_of_a_pack_can_be_missing(book: Rulebook, rule: Rule) -> None:
    assert {state for state, _ in judged(book, rule, "missing")} == {State.MISSING}


def test_what_cannot_be_violated_says_that_it_is_only_recorded() -> None:
    text = pack_reference.reference()
    for book in BOOKS.values():
        for rule in book.rules:
            section = text[text.index(f"### `{rule.code}`") :].split("\n### ")[0]
            records = KINDS[rule.kind].records(rule.params)
            assert ("只作记录" in section) is records is ("违反时" not in sentence(rule).zh)
            assert records is (rule.code in RECORDED)


@pytest.mark.parametrize("code", packs.codes())
def test_a_pack_states_purpose_and_what_it_keeps_in_both_languages(code: str) -> None:
    document, book = packs.load(code), BOOKS[code]
    purpose = Text(**document["purpose"])
    assert document["pack"] == code and codec.contradictions(book) == []
    for said in (purpose, book.title, *(text for rule in book.rules for text in (rule.title, rule.why, rule.source))):
        assert said is not None and re.search("[\u4e00-\u9fff]", said.zh) and not re.search("[\u4e00-\u9fff]", said.en)
        assert re.search("[A-Za-z]", said.en)
    assert book.retention and all(SHORTEST <= days <= LONGEST for days in book.retention.values())
    assert set(book.retention) <= set(DAYS) and pack_words.kept(book).zh
    usual = {cls: days for cls, days in book.retention.items() if days != DAYS[cls]}
    assert usual == ({"plate": 731, "photo": 731, "note": 731} if code == "emission_gate" else {})


@pytest.mark.parametrize(("book", "rule"), RULES)
def test_a_reason_is_short_enough_to_be_read_aloud_and_a_limit_lies_inside_its_bounds(
    book: Rulebook, rule: Rule
) -> None:
    assert 8 <= len(rule.why.zh) <= 80 and len(rule.why.en) <= 160
    assert "条" not in (rule.source.zh if rule.source else "条"), "no clause numbers"
    for param in KINDS[rule.kind].params:
        value = rule.params[param.name]
        if type(value) is int and param.by_unit:
            unit = UNITS[rule.params["unit"]]
            assert unit.limit_lowest <= value <= unit.limit_highest and unit.lowest <= value <= unit.highest
        elif type(value) is int:
            assert param.minimum <= value <= param.maximum


def test_who_may_override_fits_what_follows() -> None:
    for book in BOOKS.values():
        for rule in book.rules:
            assert rule.consequence != "refuse" or "shift_lead" not in rule.overridable_by, rule.code
            assert rule.consequence != "note" or not rule.overridable_by, rule.code


@pytest.mark.parametrize(
    ("stage", "level", "verdict"),
    [
        ("china_4", 0, "hold"),
        ("china_5", 0, "admit"),
        ("china_6", 0, "admit"),
        ("unknown", 0, "hold"),
        ("china_5", 1, "refuse"),
        ("china_6", 1, "admit"),
        ("new_energy", 3, "admit"),
    ],
)
def test_the_emission_stage_that_comes_in_depends_on_the_alert(stage: str, level: int, verdict: str) -> None:
    book = BOOKS["emission_gate"]
    asked = replace(book, rules=tuple(rule for rule in book.rules if rule.question == "emission_stage"))
    answers = {("emission_stage", "tractor"): Answer({"choice": stage}, AT)}
    evidence = Evidence({"visitor_kind": "truck", "alert_level": level}, CREW, answers)
    assert decide([asked], evidence, Stage.ARRIVAL, AT).verdict == verdict


@pytest.mark.parametrize(
    ("pack", "code", "params"),
    [
        ("epidemic_2022", "registered_ahead", {"lead": 24, "lead_unit": "hours", "enterprise_approval": True}),
        ("epidemic_2022", "temperature", {"max": 373, "max_inclusive": False}),
        ("epidemic_2022", "nucleic_acid", {"within_hours": 48, "alternative_question": "antigen"}),
        ("epidemic_2022", "disinfect_vehicle", {"operator": True, "protective_clothing": True}),
        ("chemical_park", "booked_for_the_day", {"enterprise_approval": True, "township_approval": True}),
        ("farm_biosecurity", "wash_gate", {"dilution": 200, "contact_minutes": 20}),
        ("farm_biosecurity", "pig_contact", {"unit": "days", "min": 3, "min_inclusive": False}),
        ("farm_biosecurity", "livestock_twice", {"most": 2}),
        ("farm_biosecurity", "farm_stay_in_cab", {"at": ("arrival", "on_site", "exit")}),
    ],
)
def test_the_numbers_of_a_pack_are_those_of_its_measure(pack: str, code: str, params: dict[str, Any]) -> None:
    (rule,) = [rule for rule in BOOKS[pack].rules if rule.code == code]
    assert {name: rule.params[name] for name in params} == params


def test_facts_of_history_and_of_the_township_are_used() -> None:
    used = {code: set(uses([book])) for code, book in BOOKS.items()}
    assert "alert_level" in used["emission_gate"] and "visits_of_plate_in_days" in used["farm_biosecurity"]
    assert needs([BOOKS["emission_gate"]]) == {"visitor_kind", "cargo"}


def test_a_guard_gets_through_a_pack_in_a_minute_and_a_half() -> None:
    for code, book in BOOKS.items():
        for stage, (count, total) in seconds([book], ("visit", "tractor", "occupant:1")).items():
            assert count and total <= (90 if stage == "arrival" else 30), (code, stage)
    alone = seconds([BOOKS["visitor_basic"]], ("visit", "occupant:1"))["arrival"]
    together = seconds([BOOKS["visitor_basic"]], ("visit", "occupant:1", "occupant:2"))["arrival"]
    assert together == (alone[0] + 1, alone[1] + KINDS["confirm"].seconds)


def test_packs_together_ask_a_shared_question_once() -> None:
    both = [BOOKS["epidemic_2022"], BOOKS["farm_biosecurity"]]
    apart = sum(seconds([book], CREW)["arrival"][0] for book in both)
    assert seconds(both, CREW)["arrival"][0] == apart - 2  # disinfection and staying in the cab


def test_the_documentation_of_the_packs_is_made_from_their_files() -> None:
    own, made = (Path(__file__).parents[2] / "docs/packs.md").read_text("utf-8").split(pack_reference.BEGIN)
    assert made == pack_reference.reference(), "python -m gatekeeper.rules.pack_reference docs/packs.md"
    assert "rules.md" in own
