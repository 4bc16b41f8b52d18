"""The shared cases: what every interpreter of the rules must answer."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.rules import codec
from gatekeeper.rules.clauses import OPS
from gatekeeper.rules.decide import decide, decision_from_data, decision_to_data, evidence_from_data, evidence_to_data
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.values import Decision, Owner, Stage
from gatekeeper.rules.words import REASONS
from tests.rules.same import renamed

FILES = sorted((Path(__file__).parent.parent / "vectors").glob("rules_*.json"))
CASES: list[dict[str, Any]] = [case for file in FILES for case in json.loads(file.read_text("utf-8"))]


def judged(case: dict[str, Any]) -> Decision:
    books = [
        codec.parse(book["document"], owner=Owner(book["owner"]), version=book["version"]) for book in case["rulebooks"]
    ]
    return decide(books, evidence_from_data(case["evidence"]), Stage(case["stage"]), case["at"])


def seen(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict.value,
        "findings": [[f.owner.value, f.rule, f.subject, f.state.value, f.reason] for f in decision.findings],
        "open": [[item.question, item.subject] for item in decision.open],
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case_is_decided_as_written(case: dict[str, Any]) -> None:
    assert seen(judged(case)) == case["expect"]


def test_a_stored_decision_reads_back_as_it_was() -> None:
    for case in CASES:
        decision = judged(case)
        stored = json.loads(json.dumps(decision_to_data(decision)))
        assert decision_from_data(stored) == decision


def test_evidence_reads_back_as_it_was() -> None:
    for case in CASES:
        evidence = evidence_from_data(case["evidence"])
        assert evidence_from_data(json.loads(json.dumps(evidence_to_data(evidence)))) == evidence


def test_every_kind_is_met_violated_and_missing_somewhere() -> None:
    states = set()
    for case in CASES:
        kinds = {rule["code"]: rule["kind"] for book in case["rulebooks"] for rule in book["document"]["rules"]}
        states |= {(kinds[rule], state) for _, rule, _, state, _ in case["expect"]["findings"]}
    wanted = {(kind, state) for kind in KINDS for state in ("met", "violated", "missing")}
    assert wanted - states == {("photo", "violated")}  # a photo is there or not


def test_every_operator_and_every_reason_has_a_case() -> None:
    text = json.dumps([case["rulebooks"] for case in CASES])
    assert [op for op in OPS if f'"op": "{op}"' not in text] == []
    reasons = Counter(row[4] for case in CASES for row in case["expect"]["findings"])
    assert set(reasons) == set(REASONS)


def test_case_names_are_unique_and_there_are_enough() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names)) >= 400


def test_no_two_cases_say_the_same_in_other_names() -> None:
    said: dict[str, list[str]] = {}
    for case in CASES:
        said.setdefault(renamed(case), []).append(case["name"])
    assert [names for names in said.values() if len(names) > 1] == []


def test_a_case_in_other_names_is_seen_to_be_the_same() -> None:
    for case in CASES:
        text = json.dumps(case, ensure_ascii=False)
        for old, new in (('"code": "r', '"code": "x'), ('"version": "', '"version": "v'), ("occupant:", "occupant:7")):
            text = text.replace(old, new)
        other = json.loads(text)
        for row in [row for book in other["rulebooks"] for row in book["document"]["rules"]]:
            row.update(title={"zh": "另", "en": "other"}, question=row["question"] and "z" + row["question"])
            if "alternative_question" in row["params"]:
                row["params"]["alternative_question"] = "z" + row["params"]["alternative_question"]
        for row in other["evidence"]["answers"]:
            row["question"] = "z" + row["question"]
        for row in other["evidence"]["waivers"]:
            row[1] = "x" + row[1][1:] if row[1].startswith("r") else row[1]
        assert renamed(other) == renamed(case), case["name"]


def test_findings_hold_no_value_of_a_personal_answer() -> None:
    words = ("yellow", "red", "positive", "negative", "pending", "某", "卸货", 374, 380, 381, 390)
    for case in CASES:
        held = [item for finding in judged(case).findings for item in flat(finding.data) if item not in ("green",)]
        assert [word for word in words if word in held] == []


def flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [item for inner in value.values() for item in flat(inner)]
    return [item for inner in value for item in flat(inner)] if isinstance(value, list) else [value]
