"""Decisions and evidence as JSON-ready data, integers and strings only, and back.

A decision: ``{"verdict", "stage", "books": [[owner, version]], "findings": [...], "open": [[question, subject, kind,
stage]]}``. A finding begins ``[book, rule, subject, consequence]`` with ``book`` an index into ``books``; one that is
met ends there, any other goes on ``state, reason, data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.rules.values import (
    Answer,
    Consequence,
    Decision,
    Evidence,
    Finding,
    Open,
    Owner,
    Stage,
    State,
    Verdict,
    Waiver,
)


def decision_to_data(decision: Decision) -> dict[str, Any]:
    """The decision as it is stored."""
    books: dict[tuple[str, str], int] = {}
    findings: list[list[Any]] = []
    met = State.MET
    for finding in decision.findings:  # ``_value_`` is a plain attribute, ``value`` a call: every entry passes here
        owner = finding.owner._value_, finding.version
        book = books.get(owner)
        if book is None:
            book = books[owner] = len(books)
        row: list[Any] = [book, finding.rule, finding.subject, finding.consequence._value_]
        if finding.state is not met:
            row += [finding.state._value_, finding.reason, dict(finding.data)]
        findings.append(row)
    return {
        "verdict": decision.verdict.value,
        "stage": decision.stage.value,
        "books": [list(book) for book in books],
        "findings": findings,
        "open": [[item.question, item.subject, item.kind, item.stage.value] for item in decision.open],
    }


def decision_from_data(data: Mapping[str, Any]) -> Decision:
    """The decision that was stored; raises ``ValueError``, ``KeyError`` or ``IndexError`` for anything else."""
    books = [(Owner(owner), str(version)) for owner, version in data["books"]]
    return Decision(
        Verdict(data["verdict"]),
        Stage(data["stage"]),
        tuple(_finding(books, row) for row in data["findings"]),
        tuple(Open(question, subject, kind, Stage(stage)) for question, subject, kind, stage in data["open"]),
    )


def _finding(books: list[tuple[Owner, str]], row: list[Any]) -> Finding:
    owner, version = books[row[0]]
    state, reason, found = row[4:7] if len(row) > 4 else ("met", "met", {})
    return Finding(owner, version, row[1], row[2], State(state), Consequence(row[3]), reason, found)


def evidence_to_data(evidence: Evidence) -> dict[str, Any]:
    """Evidence as in the shared cases; answers and facts as they are, so personal values stay in them."""
    return {
        "facts": dict(evidence.facts),
        "subjects": list(evidence.subjects),
        "answers": [
            {"question": question, "subject": subject, "value": dict(answer.value), "at": answer.at}
            for (question, subject), answer in evidence.answers.items()
        ],
        "waivers": sorted(
            ([waiver.owner.value, waiver.rule, waiver.subject] for waiver in evidence.waivers),
            key=lambda row: (row[0], row[1], row[2] or ""),
        ),
    }


def evidence_from_data(data: Mapping[str, Any]) -> Evidence:
    """The evidence of a shared case or a stored decision."""
    return Evidence(
        facts=dict(data.get("facts", {})),
        subjects=tuple(data.get("subjects", ("visit",))),
        answers={(row["question"], row["subject"]): Answer(row["value"], row["at"]) for row in data.get("answers", ())},
        waivers=frozenset(Waiver(Owner(owner), rule, subject) for owner, rule, subject in data.get("waivers", ())),
    )
