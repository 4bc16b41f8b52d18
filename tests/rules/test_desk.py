"""The desk's interpreter in JavaScript decides, asks and needs what Python's does, to the last finding and number."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bench import rules
from bench.judging.cases import Coverage
from bench.judging.interpreters import DESK, differences, judged, write
from bench.judging.mutants import MUTANTS, Mutant, plant
from tests.rules.test_vectors import CASES


def test_the_desk_makes_of_every_shared_case_what_python_makes_of_it(tmp_path: Path) -> None:
    write(CASES, tmp_path / "cases.jsonl")
    (found,) = differences(tmp_path / "cases.jsonl")
    assert [
        (CASES[row["index"]]["name"], row["got"], judged(CASES[row["index"]])) for row in found["differences"]
    ] == []
    assert found["read"] == len(CASES)


def test_the_desk_makes_the_same_of_random_rulebooks_and_every_planted_fault_shows(tmp_path: Path) -> None:
    figures = rules.run(1, 2_000, tmp_path)
    assert figures["first"] is None and figures["differences"] == 0
    assert figures["mutants_missed"] == [] and figures["mutants_caught"] == len(MUTANTS)
    assert figures["balanced"] and figures["pass"], json.dumps(figures)


def test_cases_of_one_sort_are_not_balanced() -> None:
    coverage = Coverage()
    for case in CASES[:50]:
        coverage.add(case)
    assert not coverage.balanced()


def test_a_fault_that_would_change_nothing_is_not_planted(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 times"):
        plant(Mutant("gone", "rules.js", "no such text", ""), tmp_path / "gone")


@pytest.mark.parametrize(
    ("rule", "said"),
    [({"kind": "horoscope"}, "no kind of rule is called horoscope"),
     ({"kind": "confirm", "when": [{"fact": "mood", "op": "eq", "value": "good"}]}, "no condition is called mood"),
     ({"kind": "confirm", "when": [{"fact": "people", "op": "near", "value": 1}]}, "no operator is called near")],
)  # fmt: skip
def test_the_desk_refuses_a_rule_it_does_not_know_instead_of_passing_over_it(rule: dict[str, str], said: str) -> None:
    row = {"code": "r", "stage": "arrival", "subject": "visit", "consequence": "hold", "question": "q", **rule}
    book = {"owner": "enterprise", "version": "1", "document": {"rules": [row]}}
    script = f"import {{ decide }} from '{DESK / 'rules.js'}'; decide([{json.dumps(book)}], {{}}, 'arrival', 0)"
    ended = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=False)
    assert ended.returncode != 0 and said in ended.stderr
