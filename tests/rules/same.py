"""Two cases are the same when only names differ: of rules, questions, versions, titles, or which trailer is first."""

from __future__ import annotations

import json
from typing import Any

UNREAD = ("title", "why", "source", "evidence", "overridable_by", "pack", "purpose", "retention", "schema")
"""What no judgement looks at."""


class Names:
    """New names in the order of appearance, a number for each kind of name: ``rule1``, ``rule2``, ``question1``."""

    def __init__(self) -> None:
        self.given: dict[tuple[str, str], str] = {}

    def of(self, sort: str, name: Any) -> Any:
        """The new name; anything that is no text stays."""
        if not isinstance(name, str):
            return name
        taken = sum(1 for one, _ in self.given if one == sort)
        return self.given.setdefault((sort, name), f"{sort}{taken + 1}")

    def question(self, name: Any) -> Any:
        """A question's new name, an attestation's stage kept: ``question1.exit``."""
        if not isinstance(name, str):
            return name
        base, dot, stage = name.partition(".")
        return f"{self.of('question', base)}{dot}{stage}"

    def subject(self, name: Any) -> Any:
        """``trailer:7`` becomes ``trailer:trailer1`` where it is the first that appears."""
        if not isinstance(name, str) or ":" not in name:
            return name
        return f"{name.partition(':')[0]}:{self.of(name.partition(':')[0], name)}"


def renamed(case: dict[str, Any]) -> str:
    """The text of a case with every name replaced; equal for two cases that say the same."""
    names = Names()
    evidence = case["evidence"]
    books = [
        {"owner": book["owner"], "version": names.of("version", book["version"]), "rules": [
            _rule(row, names) for row in book["document"]["rules"]
        ]}
        for book in case["rulebooks"]
    ]  # fmt: skip
    subjects = [names.subject(one) for one in evidence["subjects"]]
    answers = sorted(
        json.dumps([names.question(row["question"]), names.subject(row["subject"]), row["value"]], sort_keys=True)
        for row in evidence["answers"]
    )
    waivers = sorted(
        json.dumps([owner, names.of("rule", rule), names.subject(subject)])
        for owner, rule, subject in evidence["waivers"]
    )
    said = [books, evidence["facts"], subjects, answers, waivers, case["stage"], case["at"]]
    return json.dumps(said, sort_keys=True)


def _rule(row: dict[str, Any], names: Names) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in UNREAD and value not in ([], {}, None)}
    kept["code"] = names.of("rule", row["code"])
    kept["question"] = names.question(row.get("question"))
    params = {name: value for name, value in row.get("params", {}).items() if name != "alternative_title"}
    if "alternative_question" in params:
        params["alternative_question"] = names.question(params["alternative_question"])
    if "options" in params:
        params["options"] = [option["code"] for option in params["options"]]
    return {**kept, "params": params}
