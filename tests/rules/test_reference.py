"""The documentation lists exactly what the program knows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from gatekeeper.rules.reference import BEGIN, reference

ROOT = Path(__file__).parent.parent.parent


def test_the_tables_of_the_documentation_are_those_of_the_program() -> None:
    own, tables = (ROOT / "docs/rules.md").read_text("utf-8").split(BEGIN)
    assert tables == reference(), "python -m gatekeeper.rules.reference docs/rules.md"
    assert "never" in own


def test_the_decision_bench_runs_in_both_languages_and_catches_its_planted_faults() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "bench/decision.py", "1", "30", "20"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    results = [json.loads(line) for line in made.stdout.splitlines()]
    assert [result["language"] for result in results] == ["Python", "JavaScript"], made.stderr
    for result in results:
        assert result["size"] == 30 and result["planted_caught"]
        assert result["verdicts"] == {"good": "admit", "empty": "refuse", "bad": "refuse"}
