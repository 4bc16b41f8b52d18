"""The experiments of bench/ledger.py in small: each passes, and each sees its planted fault."""

from __future__ import annotations

import json

import pytest

from bench import ledger


def test_nothing_is_changed_unseen_and_each_planted_fault_is_missed_by_closed_eyes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sizes = {"trials": 60, "rewrites": 6, "erasures": 30, "decisions": 200, "entries": 200}
    arguments = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    assert ledger.main(arguments) == 0
    told = {result["id"]: result for result in map(json.loads, capsys.readouterr().out.splitlines())}
    assert list(told) == ["T1", "T2", "T3", "T5", "S9"]
    assert told["T1"]["missed"] == told["T1"]["unnamed"] == told["T2"]["missed"] == told["T3"]["alarms"] == 0
    assert told["T3"]["replayed"]["erased"] > 0 and told["T3"]["different_without_an_entry"] > 0
    assert all(told[name]["planted_caught"] for name in ("T5", "S9"))
