"""The privacy experiments in their quick form; full sizes run by ``scripts/bench privacy``."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from gatekeeper.config import ROOT


def test_nothing_personal_is_plain_and_nothing_opens_after_its_time() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "bench" / "privacy.py", "6", "1"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "GATE_TEST_PG": os.environ["GATE_TEST_PG"]},
        capture_output=True,
        text=True,
        check=False,
    )
    results = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [result["id"] for result in results if not result["pass"]] == [], ran.stderr
    assert ran.returncode == 0 and len(results) == 6, ran.stderr
