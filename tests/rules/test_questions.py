"""What a screen asks, and whether an answer has the shape it needs."""

from __future__ import annotations

from typing import Any

from gatekeeper.rules.decide import questions
from gatekeeper.rules.kinds import KINDS, check_answer, personal_fields
from gatekeeper.rules.values import Answer, Evidence, Owner, Stage
from tests.rules.made import AT, HOUR, book, rule, temperature

CREW = ("visit", "tractor", "occupant:1", "occupant:2")
TEST = {
    "within_hours": 48, "alternative_question": "antigen", "alternative_title": {"zh": "抗原", "en": "antigen"},
}  # fmt: skip


def test_a_question_of_two_books_is_asked_once_with_the_stricter_limit() -> None:
    town = book(temperature(), owner=Owner.TOWNSHIP)
    plant = book(temperature(code="own", max=370, max_inclusive=True, min=355))
    first, second = questions([town, plant], Evidence({}, CREW), Stage.ARRIVAL)
    assert (first.code, first.subject, second.subject) == ("temperature", "occupant:1", "occupant:2")
    assert (first.params["max"], first.params["min"], first.params["unit"]) == (370, 355, "celsius")
    assert first.rules == ((Owner.TOWNSHIP, "temperature"), (Owner.ENTERPRISE, "own"))


def test_only_rules_that_apply_and_stages_reached_ask() -> None:
    coal = {"fact": "cargo", "op": "eq", "value": "coal"}
    made = book(rule("a", when=[coal]), rule("b", stage="exit"), rule("c"))
    assert [q.code for q in questions([made], Evidence({}, CREW), Stage.ARRIVAL)] == ["c"]
    assert [q.code for q in questions([made], Evidence({"cargo": "coal"}, CREW), Stage.EXIT)] == ["a", "b", "c"]


def test_staying_in_the_cab_is_asked_stage_by_stage() -> None:
    made = book(rule("stay", "stay_in_cab"))
    answers = {("stay.arrival", "visit"): Answer({"stayed": True}, AT)}
    found = questions([made], Evidence({}, CREW, answers), Stage.ON_SITE)
    assert [(q.code, q.stage, q.answered) for q in found] == [
        ("stay.arrival", Stage.ARRIVAL, True),
        ("stay.on_site", Stage.ON_SITE, False),
    ]


def test_the_other_test_is_asked_once_it_has_to_stand_in() -> None:
    made = book(rule("pcr", "test", params=TEST))
    evidence = Evidence({}, CREW)
    assert [q.code for q in questions([made], evidence, Stage.ARRIVAL, AT)] == ["pcr"]
    old = Answer({"result": "negative", "sampled_at": AT - 60 * HOUR}, AT)
    found = questions([made], Evidence({}, CREW, {("pcr", "visit"): old}), Stage.ARRIVAL, AT)
    assert [(q.code, q.title.zh, q.alternative) for q in found] == [
        ("pcr", "规则 pcr", False),
        ("antigen", "抗原", True),
    ]


def wrong(kind: str, params: dict[str, Any], value: Any) -> list[str]:
    return [field for field, _ in check_answer(kind, params, value)]


def test_a_temperature_of_370_hears_which_values_it_takes() -> None:
    ((field, text),) = check_answer("number", {"unit": "celsius"}, {"n": 3700})
    assert field == "n" and text.zh == "请填 30 到 45 ℃" and text.en == "30 to 45 °C"
    assert wrong("number", {"unit": "celsius"}, {"n": 366}) == []
    assert wrong("number", {"unit": "celsius"}, {"n": "三十六"}) == ["n"]
    assert wrong("number", {"unit": "kg"}, {"n": True}) == ["n"]


def test_answers_of_each_kind_are_checked() -> None:
    options = {"options": [{"code": "a", "zh": "甲", "en": "A"}]}
    assert wrong("choice", options, {"choice": "a"}) == []
    assert wrong("choice", options, {"choice": "b"}) == ["choice"]
    assert wrong("confirm", {}, {"ok": 1}) == ["ok"]
    assert wrong("confirm", {}, {"ok": True, "x": 1}) == ["x"]
    assert wrong("photo", {}, {"file": "A" * 64}) == ["file"]
    assert wrong("test", {}, {"result": "negative", "sampled_at": None}) == ["sampled_at"]
    assert wrong("test", {}, {"result": "none"}) == []
    assert wrong("code_check", {}, {"colour": "blue"}) == ["colour"]
    assert wrong("document_handoff", {}, {"documents": ["x"], "method": "box", "given": True, "received": True}) == [
        "documents"
    ]
    assert wrong("stay_in_cab", {}, []) == [""]


def test_personal_fields_of_an_answer_are_known_by_class() -> None:
    assert personal_fields("number", {"n": 366}, "celsius") == {"n": "health"}
    assert personal_fields("number", {"n": 40_000}, "kg") == {}
    assert personal_fields("number", {"n": 366}) == {"n": "health"}
    assert personal_fields("disinfection", {}) == {"operator": "contact"}
    assert personal_fields("stay_in_cab", {}) == {"reason": "note"}
    assert personal_fields("photo", {}) == {"file": "photo"}
    assert set(personal_fields("test", {}).values()) == set(personal_fields("code_check", {}).values()) == {"health"}
    assert personal_fields("unheard_of", {"x": 1}) == {"x": "health"}
    for fmt, cls in (("vin", "plate"), ("engine_no", "plate"), ("free", "note"), (None, "note"), ("x", "note")):
        assert personal_fields("text", {"text": "x"}, fmt) == {"text": cls}
    assert personal_fields("certificate", {"valid_until": 1}) == {}
    silent = ["registered", "dwell_limit", "visit_limit", "gate_allowed"]
    assert [kind for kind in KINDS if not KINDS[kind].asks] == silent
