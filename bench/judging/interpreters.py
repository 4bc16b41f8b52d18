"""What Python makes of a case, and whether JavaScript makes the same of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gatekeeper.rules import codec
from gatekeeper.rules.decide import Question, decide, decision_to_data, evidence_from_data, needs, questions
from gatekeeper.rules.values import Owner, Stage, Text

HERE = Path(__file__).parent
DESK = HERE.parent.parent / "static" / "desk"


def judged(case: dict[str, Any]) -> str:
    """The JSON text of decision, questions at that moment, questions at any, and needs of a case in the shape of
    ``tests/vectors/rules_*.json``."""
    books = [
        codec.parse(row["document"], owner=Owner(row["owner"]), version=row["version"]) for row in case["rulebooks"]
    ]
    evidence, stage, at = evidence_from_data(case["evidence"]), Stage(case["stage"]), case["at"]
    asked, listed = (
        [_question(one) for one in questions(books, evidence, stage, moment)] for moment in (at, None)
    )  # fmt: skip
    decision = decision_to_data(decide(books, evidence, stage, at))
    return _text([decision, asked, listed, sorted(needs(books))])


def _question(question: Question) -> dict[str, Any]:
    row = {name: getattr(question, name) for name in question.__dataclass_fields__}
    return {name: value._asdict() if isinstance(value, Text) else value for name, value in row.items()}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(cases: Iterable[dict[str, Any]], path: Path) -> None:
    """The cases with what Python makes of them, one a line."""
    with path.open("w", encoding="utf-8") as out:
        for case in cases:
            out.write(
                _text(
                    {name: case[name] for name in ("rulebooks", "evidence", "stage", "at")} | {"judged": judged(case)}
                )
                + "\n"
            )


def differences(
    path: Path, interpreters: Sequence[Path] = (DESK / "rules.js",), *, most: int = 3
) -> list[dict[str, Any]]:
    """For each interpreter in JavaScript what it makes otherwise of the written cases: ``{"read": cases judged,
    "differences": [{"index", "got"}, ...]}``, at most ``most`` of them (it stops there)."""
    command = ["node", str(HERE / "compare.mjs"), str(path), str(most), *map(str, interpreters)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in said.splitlines()]
