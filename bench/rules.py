"""The two interpreters of the rules, Python's and the desk's, over random rulebooks and visits: no difference.

Prints JSON: how many cases differ, what the cases cover, and the mutants. The planted faults: one mutant of the desk's
interpreter for each operator, each part of a kind's judgement, of the decision and of the questions; each must differ.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.judging.cases import Coverage, cases
from bench.judging.interpreters import differences, write
from bench.judging.mutants import MUTANTS, plant


def run(seed: int, size: int, folder: Path) -> dict[str, Any]:
    """What ``size`` cases show; files are written to ``folder``. ``first`` is the first difference, None without."""
    path, coverage = folder / "cases.jsonl", Coverage()
    write(coverage.seen(cases(seed, size)), path)
    (found,) = differences(path, most=size)
    planted = [plant(mutant, folder / f"mutant{index}") for index, mutant in enumerate(MUTANTS)]
    shown = differences(path, planted, most=1)
    missed = [mutant.name for mutant, one in zip(MUTANTS, shown, strict=True) if not one["differences"]]
    caught = [mutant.name for mutant in MUTANTS if mutant.name not in missed]
    return {
        "id": "rules", "seed": seed, "size": size, "differences": len(found["differences"]),
        "first": found["differences"][0] if found["differences"] else None, **coverage.counts(),
        "balanced": coverage.balanced(), "mutants_caught": len(caught), "mutants_missed": missed, "mutants": caught,
        "pass": found["read"] == size and not found["differences"] and not missed and coverage.balanced(),
    }  # fmt: skip


def main(seed: int = 1, size: int = 20_000) -> int:
    """Print the result; 1 when a case differs, a mutant does not, or the cases are not balanced."""
    with tempfile.TemporaryDirectory() as folder:
        result = run(seed, size, Path(folder))
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
