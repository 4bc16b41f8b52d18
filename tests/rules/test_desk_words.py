"""The phone says what the server says: every reason, every next step, every limit, in both languages."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from flask import Flask

from bench.judging import rulebooks
from bench.judging.cases import cases
from bench.judging.interpreters import judged
from gatekeeper import language
from gatekeeper.config import ROOT
from gatekeeper.desk import made
from gatekeeper.rules import codec, saying, words
from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.decide import Question, decision_from_data, questions
from gatekeeper.rules.demands import DEMANDS
from gatekeeper.rules.kinds import UNITS
from gatekeeper.rules.saying import code_itself
from gatekeeper.rules.values import Consequence, Evidence, Finding, Owner, Rulebook, Stage, State, Text
from gatekeeper.rules.vocabulary import DOCUMENTS, GATE_KINDS, METHODS
from gatekeeper.visits.shown import subject_label
from gatekeeper.visits.state import Person
from gatekeeper.visits.state import State as Visit

SAY = """
import * as words from "./static/desk/words.js";
let text = "";
for await (const piece of process.stdin) text += piece;
console.log(JSON.stringify(JSON.parse(text).map(([name, ...given]) => words[name](...given))));
"""


def on_the_phone(calls: Iterable[list[Any]]) -> list[Any]:
    command = ["node", "--input-type=module", "--eval", SAY]
    ran = subprocess.run(command, input=json.dumps(list(calls)), capture_output=True, text=True, check=True, cwd=ROOT)
    found: list[Any] = json.loads(ran.stdout)
    return found


def same(calls: list[list[Any]], wanted: list[Text | None]) -> None:
    """The phone says it in the same words; the first that it says otherwise is shown."""
    for call, said, want in zip(calls, on_the_phone(calls), wanted, strict=True):
        assert said == (want._asdict() if want else None), call


def some(chance: Random, codes: Iterable[str]) -> list[str]:
    known = [*codes, "unheard_of"]
    return chance.sample(known, chance.randint(0, min(3, len(known))))


def data_of(chance: Random) -> dict[str, Any]:
    """The numbers of a finding, whichever they are: a part of them may lack, as in the book of an older program."""
    unit = chance.choice(list(UNITS.values()))
    lengths = (0, 1, 59, 60, 370, 3_600, 3_661, 86_399, 86_400, 90_061, chance.randint(0, 10**7))
    made = {
        "limit": chance.randint(unit.limit_lowest, unit.limit_highest), "unit": unit.code,
        "inclusive": chance.random() < 0.5, "facts": some(chance, FACTS), "at": some(chance, Stage),
        "within_hours": chance.randint(1, 720), "alternative_within_hours": chance.randint(1, 720),
        "wrong": some(chance, [c.code for c in saying.PARTS]), "lacking": some(chance, [c.code for c in saying.PARTS]),
        "remaining_s": chance.choice(lengths), "short_s": chance.choice(lengths), "over_s": chance.choice(lengths),
        "methods": some(chance, [c.code for c in METHODS]), "documents": some(chance, [c.code for c in DOCUMENTS]),
        "sides": some(chance, ("given", "received")), "lead": chance.randint(0, 720), "minutes": chance.randint(1, 99),
        "short_days": chance.randint(1, 9), "by": some(chance, ("enterprise", "township")),
        "spare_days": chance.choice((0, 0, 1, 30)), "most": chance.randint(1, 30),
        "gates": some(chance, ("g1", "g2")), "gate_kinds": some(chance, [c.code for c in GATE_KINDS]),
    }  # fmt: skip
    kept = chance.choice((1, 0.9, 0.5))
    return {name: value for name, value in made.items() if chance.random() < kept}


def test_what_the_phone_is_given_as_data_is_what_the_program_has() -> None:
    kept = (ROOT / "static/desk/made.js").read_text("utf-8")
    assert kept == made.module(), "python -m gatekeeper.desk.made static/desk/made.js"


def test_every_reason_is_said_in_the_same_words() -> None:
    chance, calls, wanted = Random(1), [], []
    for code in [*words.REASONS, "of.tomorrow"]:
        for _ in range(60):
            state, data = chance.choice(list(State)), data_of(chance)
            calls.append(["reason", {"reason": code, "state": state.value, "data": data}])
            finding = Finding(Owner.ENTERPRISE, "1", "r", "visit", state, Consequence.HOLD, code, data)
            wanted.append(words.reason(finding))
    same(calls, wanted)
    assert len({said.zh for said in wanted if said}) > 500


def test_every_next_step_is_said_in_the_same_words() -> None:
    calls: list[list[Any]] = []
    wanted: list[Text | None] = []
    for one in cases(2, 1_500):
        made = json.loads(judged(one))[0]
        calls.append(["nextStep", made])
        wanted.append(words.next_step(decision_from_data(made)))
    waits = [("disinfection.contact_running", {"remaining_s": 370}), ("registered.not_approved", {"by": ["township"]})]
    for stage in Stage:
        for verdict in ("admit", "hold", "refuse"):
            for reasons in ([], waits[:1], waits[1:], waits, [*waits, ("dwell.over", {"minutes": 1, "over_s": 1})]):
                rows = [[0, "r", "visit", "hold", "missing", code, data] for code, data in reasons]
                books = [["enterprise", "1"]]
                made = {"verdict": verdict, "stage": stage.value, "books": books, "findings": rows, "open": []}
                calls.append(["nextStep", made])
                wanted.append(words.next_step(decision_from_data(made)))
    same(calls, wanted)
    assert len({said.zh for said in wanted if said}) > 20


def asked(chance: Random) -> list[Question]:
    """Questions of random rules, all of which apply."""
    made = rulebooks.document(chance, 0)
    made["rules"] = [{**rule, "when": []} for rule in made["rules"]]
    book: Rulebook = codec.parse(made, owner=Owner.ENTERPRISE, version="1")
    subjects = ("visit", "tractor", "trailer:1", "occupant:1", "occupant:2")
    return list(questions([book], Evidence({}, subjects), Stage.EXIT))


def test_every_limit_is_said_in_the_same_words() -> None:
    chance, calls, wanted = Random(3), [], []
    for question in [one for _ in range(600) for one in asked(chance)]:
        calls.append(["limit", {"kind": question.kind, "params": question.params, "alternative": False}])
        say = DEMANDS.get(question.kind) if question.kind != "stay_in_cab" else None
        wanted.append(say(dict(question.params), code_itself) if say else None)
    same(calls, wanted)
    assert len({call[1]["kind"] for call, want in zip(calls, wanted, strict=True) if want}) == 8


def test_the_other_test_has_its_own_hours_under_it() -> None:
    params = {"within_hours": 48, "alternative_within_hours": 24, "alternative_title": {"zh": "抗原", "en": "antigen"}}
    first, other = ({"kind": "test", "params": params, "alternative": which} for which in (False, True))
    assert [said["zh"] for said in on_the_phone([["limit", first], ["limit", other]])] == [
        "48 小时内阴性，或者抗原阴性", "24 小时内阴性",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_subject_has_the_same_name(lang: str) -> None:
    app = Flask(__name__)
    app.secret_key = "none"
    language.init_app(app)
    people = {f"occupant:{n}": Person(role, None, None) for n, role in enumerate(("driver", "passenger", "visitor"), 1)}
    visit = Visit("v", "at_gate", "g", 0, {}, people=people)
    state = {"people": {subject: {"role": person.role} for subject, person in people.items()}}
    subjects = ["visit", "tractor", "trailer:1", *people, "occupant:9"]
    said = on_the_phone([["about", {"subject": subject}, state] for subject in subjects])
    with app.test_request_context(f"/?lang={lang}"):
        assert language.current() == lang
        assert [one[lang] for one in said] == [subject_label(subject, visit) for subject in subjects]
