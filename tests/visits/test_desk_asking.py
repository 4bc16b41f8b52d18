"""What a guard presses and types on the phone is the answer that the book takes, judged as it was meant."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from bench.judging import rulebooks
from gatekeeper.clock import ZONE, micros
from gatekeeper.config import ROOT
from gatekeeper.formats.people import clean_text
from gatekeeper.rules import codec
from gatekeeper.rules.decide import Question, decide, questions
from gatekeeper.rules.kinds import KINDS, UNITS, check_answer
from gatekeeper.rules.values import Answer, Evidence, Owner, Rulebook, Stage, State, Text
from gatekeeper.rules.vocabulary import AGENTS, COLOURS, METHODS, RESULTS
from gatekeeper.visits.shapes import shaped
from tests.rules.made import AT, HOUR, book, rule, temperature

ASK = """
globalThis.document = { createTreeWalker() {} };
const asking = await import("./static/desk/asking.js");
let text = "";
for await (const piece of process.stdin) text += piece;
console.log(JSON.stringify(JSON.parse(text).map(([name, ...given]) => asking[name](...given))));
"""
SUBJECTS = ("visit", "tractor", "trailer:1", "occupant:1", "occupant:2")
Typed = Mapping[str, Any]


def on_the_phone(calls: Iterable[list[Any]]) -> list[Any]:
    command = ["node", "--input-type=module", "--eval", ASK]
    ran = subprocess.run(command, input=json.dumps(list(calls)), capture_output=True, text=True, check=True, cwd=ROOT)
    found: list[Any] = json.loads(ran.stdout)
    return found


def sent(question: Question) -> dict[str, Any]:
    """A question as the phone's rules give it."""
    names = ("code", "kind", "subject", "params", "alternative")
    title = question.title._asdict()
    return {**{name: getattr(question, name) for name in names}, "title": title}


def asked_in(made: Rulebook) -> list[Question]:
    return list(questions([made], Evidence({}, SUBJECTS), Stage.EXIT))


def asked(chance: Random) -> list[Question]:
    """Questions of random rules, all of which apply."""
    made = rulebooks.document(chance, 0)
    made["rules"] = [{**rule, "when": []} for rule in made["rules"]]
    return asked_in(codec.parse(made, owner=Owner.ENTERPRISE, version="1"))


def minute(chance: Random) -> datetime:
    return datetime(2022, 4, 18, 10, 0, tzinfo=ZONE) + timedelta(minutes=chance.randint(-200_000, 200_000))


NUMBERS = ["36.6", "37.3", "３７．0", "37。2", "38.05", "12", "0", "4e2", " 450 ", "36.6 °C", "1.5", "99999", "", "-1"]
TEXTS = ("LZGJDR459NX012345", " wp10 ", "卸\t货\r\n完", "x\u202ey", "\u3000", "", "e\u0301", "a\x07b", "😀")


def stored(typed: str, unit: str) -> int | None:
    """The number that was typed, in the steps that are stored; None for none, and for one out of range."""
    text = unicodedata.normalize("NFKC", typed).replace("。", ".").strip().rstrip("°cC度 ")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,4})?", text):
        return None
    scaled = Decimal(text) * UNITS[unit].scale
    return int(scaled) if scaled == int(scaled) and UNITS[unit].lowest <= scaled <= UNITS[unit].highest else None


def typed(question: Question, chance: Random) -> tuple[Typed, Typed | None]:
    """What is pressed and typed, and the value it stands for; None where it is none."""
    yes, params = chance.choice((True, False)), question.params
    match question.kind:
        case "confirm":
            return {"ok": yes}, {"ok": yes}
        case "number":
            n = chance.choice(NUMBERS)
            found = stored(n, params["unit"])
            return {"n": n}, None if found is None else {"n": found}
        case "choice":
            chosen = {"choice": chance.choice(params["options"])["code"]}
            return chosen, chosen
        case "text":
            text = chance.choice(TEXTS)
            clean = clean_text(text, 200)
            return {"text": text}, {"text": clean} if 0 < len(clean) <= params["longest"] else None
        case "certificate":
            day = minute(chance)
            return {"day": f"{day:%Y%m%d}"}, {"valid_until": micros(datetime.combine(day, time.max, ZONE))}
        case "code_check":
            until = {"valid_until": micros(minute(chance))} if params["valid_until_required"] else {}
            code = {"colour": chance.choice(COLOURS).code, **until}
            return code, code
        case "test":
            result = chance.choice(RESULTS).code
            value = {"result": result, **({"sampled_at": micros(minute(chance))} if result == "negative" else {})}
            return {"sampled_at": AT, **value}, value
        case "stay_in_cab":
            reason = chance.choice(("", "装卸货", " 用卫生间 "))
            said = {"reason": reason.strip()} if reason and not yes else {}
            return {"stayed": yes, "reason": reason}, {"stayed": yes, **said}
        case "disinfection":
            return _disinfection(question, chance)
    documents = [code for code in params["documents"] or ("waybill", "weigh_slip") if chance.random() < 0.6]
    method = chance.choice(params["methods"] or [choice.code for choice in METHODS])
    value = {"method": method, "given": yes, "received": True}
    return {"documents": documents, **value}, {**({"documents": documents} if documents else {}), **value}


def _disinfection(question: Question, chance: Random) -> tuple[Typed, Typed]:
    start, (written, dilution) = micros(minute(chance)), chance.choice((("100", 100), ("1", 1), ("９９", 99)))
    value = {
        "agent": chance.choice(question.params["agents"] or [choice.code for choice in AGENTS]),
        "dilution": dilution,
        "operator": "张三",
        "protective_clothing": True,
        "started_at": start,
        **chance.choice(({}, {"finished_at": start + HOUR})),
    }
    return {**value, "dilution": written, "operator": " 张三"}, value


def test_what_is_pressed_and_typed_is_the_answer_that_an_event_carries() -> None:
    calls: list[list[Any]] = []
    wanted: list[Any] = []
    chance = Random(4)
    for question in [one for _ in range(300) for one in asked(chance) if one.kind != "photo"]:
        draft, value = typed(question, chance)
        read_in = {"number": "unit", "text": "format"}.get(question.kind)
        answer = {"question": question.code, "subject": question.subject, "kind": question.kind, "value": value}
        answer |= {"unit": question.params[read_in]} if read_in else {}
        calls.append(["answer", sent(question), draft])
        wanted.append(None if value is None else answer)
        assert value is None or check_answer(question.kind, question.params, value) in ([], MAY_LACK)
    for call, made, want in zip(calls, on_the_phone(calls), wanted, strict=True):
        assert made == want, call
        if made:
            assert shaped("answer", {"answers": [made]})["answers"] == [made]
    assert {call[1]["kind"] for call in calls} == {kind.code for kind in KINDS.values() if kind.asks} - {"photo"}
    assert sum(want is None for want in wanted) > 20


MAY_LACK = [("documents", Text("请填写“交接的单据”", "Give: documents"))]
"""A handoff where no paper is ticked is told as what lacks of it."""


LIMITED: list[tuple[dict[str, Any], Typed, Typed]] = [
    (rule("a", "confirm"), {"ok": True}, {"ok": False}),
    (temperature(), {"n": "37.2"}, {"n": "37.3"}),
    (
        rule("a", "choice", params={"options": rulebooks.OPTIONS, "accepted": ["g1"]}),
        {"choice": "g1"},
        {"choice": "g2"},
    ),
    (rule("a", "text", params={"format": "vin"}), {"text": "lzgjdr459nx012345 "}, {"text": "LZGJDR459NX01234O"}),
    (rule("a", "certificate"), {"day": "20220418"}, {"day": "20220417"}),
    (
        rule("a", "code_check", params={"valid_until_required": True}),
        {"colour": "green", "valid_until": AT + HOUR},
        {"colour": "red"},
    ),
    (
        rule("a", "test", params={"within_hours": 24}),
        {"result": "negative", "sampled_at": AT - HOUR},
        {"result": "positive"},
    ),
    (rule("a", "stay_in_cab", params={"at": ["arrival"]}), {"stayed": True}, {"stayed": False, "reason": "装卸货"}),
    (
        rule("a", "disinfection", params={"agents": ["alcohol"], "dilution": 100, "contact_minutes": 30}),
        {"agent": "alcohol", "dilution": "100", "operator": "张三", "started_at": AT - HOUR},
        {"agent": "alcohol", "dilution": "200", "operator": "张三", "started_at": AT - HOUR},
    ),
    (
        rule("a", "document_handoff", params={"documents": ["waybill"], "methods": ["box"]}),
        {"documents": ["waybill"], "method": "box", "given": True, "received": True},
        {"documents": ["waybill"], "method": "by_hand", "given": True, "received": True},
    ),
]


@pytest.mark.parametrize(("made", "good", "bad"), LIMITED, ids=lambda made: made.get("kind", "") if made else "")
def test_what_is_pressed_is_judged_as_it_was_meant(made: dict[str, Any], good: Typed, bad: Typed) -> None:
    rules = book({**made, "subject": "visit"})
    (question,) = asked_in(rules)
    for draft, meant in ((good, State.MET), (bad, State.VIOLATED)):
        (value,) = on_the_phone([["value", sent(question), draft]])
        assert check_answer(question.kind, question.params, {**_rest(question.kind), **value}) == []
        given = Evidence({}, ("visit",), {(question.code, "visit"): Answer(value, AT)})
        assert decide([rules], given, Stage.EXIT, AT).findings[0].state is meant


def _rest(kind: str) -> dict[str, Any]:
    """What a disinfection may leave open because its rule does not ask for it."""
    return {"protective_clothing": True} if kind == "disinfection" else {}


@pytest.mark.parametrize("made", [made for made, _, _ in LIMITED], ids=lambda made: made["kind"])
def test_an_untouched_question_has_no_value_and_an_answered_one_keeps_it(made: dict[str, Any]) -> None:
    (question,) = asked_in(book({**made, "subject": "visit"}))
    good = next(good for one, good, _ in LIMITED if one is made)
    fresh, value = on_the_phone([["begin", sent(question), {}], ["value", sent(question), good]])
    state = {"answers": {f"{question.code}\0visit": {"value": value, "at": AT}}}
    (again,) = on_the_phone([["begin", sent(question), state]])
    untouched, kept, done = on_the_phone(
        [["value", sent(question), fresh], ["value", sent(question), again], ["complete", sent(question), again]]
    )
    assert untouched is None and kept == value and done is False


HALF = [
    ("code_check", {"valid_until_required": True}, {"colour": "green"}),
    ("test", {"within_hours": 24}, {"result": "negative"}),
    ("certificate", {}, {"day": "2022041"}),
    ("certificate", {}, {"day": "20220230"}),
    ("text", {"format": "free", "longest": 3}, {"text": "四个字符"}),
    ("disinfection", {"contact_minutes": 30}, {"agent": "alcohol", "operator": "张三"}),
    ("disinfection", {}, {"agent": "alcohol", "operator": "张三", "dilution": "一百"}),
    ("document_handoff", {}, {"given": True, "received": True}),
    ("photo", {}, {}),
]


@pytest.mark.parametrize(("kind", "params", "draft"), HALF)
def test_half_an_answer_is_none(kind: str, params: dict[str, Any], draft: Typed) -> None:
    (question,) = asked_in(book(rule("a", kind, params=params)))
    assert on_the_phone([["value", sent(question), draft]]) == [None]


def test_the_clock_of_a_disinfection_is_kept_before_the_rest_is_filled_in() -> None:
    (question,) = asked_in(book(rule("a", "disinfection", params={"contact_minutes": 30, "dilution": 100})))
    draft = {"dilution": 100, "started_at": AT}
    value, runs = on_the_phone([["value", sent(question), draft], ["runs", sent(question), draft]])
    assert value == draft and runs is True


def test_a_mask_never_takes_the_place_of_a_name() -> None:
    (question,) = asked_in(book(rule("a", "disinfection", params={"contact_minutes": 30})))
    before = {"agent": "alcohol", "operator": "张*", "started_at": AT}
    (draft,) = on_the_phone([["begin", sent(question), {"answers": {"a\0visit": {"value": before, "at": AT}}}]])
    assert "operator" not in draft and draft["started_at"] == AT
    drafts = [draft, {**draft, "operator": "李四", "finished_at": AT + HOUR}]
    masked, written = on_the_phone(["value", sent(question), one] for one in drafts)
    assert masked is None and written == {**before, "operator": "李四", "finished_at": AT + HOUR}


PRESSED = [
    ("confirm", {}, {"ok": True, "quick": True}, True),
    ("stay_in_cab", {"at": ["arrival"]}, {"stayed": False, "quick": False}, False),
    ("code_check", {"valid_until_required": True}, {"colour": "green", "quick": True}, False),
    ("code_check", {"valid_until_required": True}, {"colour": "red", "quick": True}, True),
    ("test", {"within_hours": 24}, {"result": "none", "quick": True}, True),
    ("number", {"unit": "celsius", "max": 373}, {"n": "36.6", "quick": True}, True),
    ("number", {"unit": "celsius", "max": 373}, {"n": "36.6", "quick": False}, False),
]


@pytest.mark.parametrize(("kind", "params", "draft", "done"), PRESSED)
def test_one_press_goes_on_only_where_it_answers_all(
    kind: str, params: dict[str, Any], draft: Typed, done: bool
) -> None:
    (question,) = asked_in(book(rule("a", kind, params=params)))
    assert on_the_phone([["complete", sent(question), draft]]) == [done]


def test_the_other_test_is_judged_by_its_own_hours() -> None:
    params = {
        "within_hours": 24,
        "alternative_question": "antigen",
        "alternative_title": {"zh": "抗原", "en": "antigen"},
        "alternative_within_hours": 6,
    }
    rules = book(rule("pcr", "test", params=params))
    first, other = asked_in(rules)
    assert other.alternative and not first.alternative
    values = on_the_phone([
        ["value", sent(first), {"result": "pending"}],
        ["value", sent(other), {"result": "negative", "sampled_at": AT - HOUR}],
    ])  # fmt: skip
    answers = {(q.code, "visit"): Answer(value, AT) for q, value in zip((first, other), values, strict=True)}
    assert decide([rules], Evidence({}, ("visit",), answers), Stage.EXIT, AT).verdict == "admit"
