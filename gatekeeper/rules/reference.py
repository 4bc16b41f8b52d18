"""The tables of ``docs/rules.md``, from the vocabulary: ``python -m gatekeeper.rules.reference FILE``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from gatekeeper.rules.clauses import FACTS, OPS
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.kinds.shape import Field, Kind, Param
from gatekeeper.rules.retention import DAYS, LONGEST, SHORTEST
from gatekeeper.rules.vocabulary import PERSONAL, Choice
from gatekeeper.rules.words import REASONS

BEGIN = "<!-- written by gatekeeper/rules/reference.py -->\n"


BY = {"n": "by unit", "text": "`plate` of a `vin` or `engine_no`, else `note`"}
"""Fields whose personal class depends on the parameters of their question."""


def reference() -> str:
    """Facts, operators, units, kinds and reasons as Markdown."""
    parts = [
        _retention(),
        _facts(),
        _ops(),
        _units(),
        "## Kinds\n",
        *(_kind(kind) for kind in KINDS.values()),
        _reasons(),
    ]
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def _codes(choices: tuple[Choice, ...]) -> str:
    return " ".join(f"`{choice.code}` {choice.label.zh}" for choice in choices)


def _retention() -> str:
    rows = [(f"`{choice.code}`", choice.label.zh, choice.label.en, str(DAYS[choice.code])) for choice in PERSONAL]
    bounds = (
        f"`retention` may give each class {SHORTEST} to {LONGEST} days; of two rulebooks in force the longer holds.\n\n"
    )
    return "## Retention\n\n" + bounds + _table(("class", "", "what", "days, where no rulebook says"), rows)


def _facts() -> str:
    rows = [
        (
            f"`{fact.name}`",
            fact.label.zh,
            fact.type,
            " ".join(f"`{op}`" for op in fact.ops) or "-",
            " ".join(f"`{name}`" for name in fact.ask) or "the program knows it",
            _codes(fact.choices) or (f"{fact.minimum} to {fact.maximum}" if fact.type == "int" else "-"),
        )
        for fact in FACTS.values()
    ]
    return "## Facts\n\n" + _table(("fact", "", "type", "operators", "a guard is asked for", "values"), rows)


def _ops() -> str:
    rows = [(f"`{op}`", text.zh, text.en) for op, text in OPS.items()]
    return "## Operators\n\n" + _table(("operator", "", "reads"), rows)


def _units() -> str:
    rows = [
        (
            f"`{unit.code}`",
            unit.label.zh,
            f"1/{unit.scale}" if unit.scale > 1 else "1",
            f"{unit.lowest} to {unit.highest}",
            f"{unit.limit_lowest} to {unit.limit_highest}",
            unit.personal or "-",
        )
        for unit in UNITS.values()
    ]
    return "## Units of numbers\n\n" + _table(("unit", "", "stored in", "answers", "limits", "personal class"), rows)


def _kind(kind: Kind) -> str:
    text = [f"### `{kind.code}` {kind.label.zh} ({kind.label.en})\n"]
    text.append(f"Subjects: {', '.join(kind.subjects)}. Stages: {', '.join(kind.stages)}.\n")
    if kind.params:
        text.append(_table(("parameter", "", "type", "default", "values"), [_param(param) for param in kind.params]))
    if kind.asks:
        text.append(
            _table(("answer", "", "type", "values", "personal class"), [_field(field) for field in kind.fields])
        )
    else:
        text.append("Asks nothing: judged from facts.\n")
    if kind.seconds:
        text.append(f"Takes a guard about {kind.seconds} s.\n")
    text.append(f"Reasons: {' '.join(f'`{code}`' for code in kind.reasons)}\n")
    return "\n".join(text)


def _param(param: Param) -> tuple[str, ...]:
    values = _codes(param.choices)
    if param.type == "int":
        values = "within the limits of the unit" if param.by_unit else f"{param.minimum} to {param.maximum}"
    default = "required" if param.required else f"`{param.default}`".replace("()", "[]").replace("('", "['")
    unit = f" ({param.unit})" if param.unit else ""
    return (
        f"`{param.name}`",
        param.label.zh,
        param.type + unit,
        default.replace(",)", "]").replace("')", "']"),
        values or "-",
    )


def _field(field: Field) -> tuple[str, ...]:
    values = _codes(field.choices)
    if field.type == "int":
        values = f"{field.minimum} to {field.maximum}" if field.name != "n" else "by unit"
    kind = field.type + (", may be null" if field.optional else "")
    personal = BY.get(field.name) or field.personal or "-"
    return f"`{field.name}`", field.label.zh, kind, values or "-", personal


def _reasons() -> str:
    rows = [(f"`{code}`", known.meaning.zh, known.meaning.en) for code, known in REASONS.items()]
    return "## Reasons\n\n" + _table(("code", "", "means"), rows)


def main(path: str) -> None:
    """Write the tables into the document at ``path``, after its own text."""
    file = Path(path)
    own = file.read_text("utf-8").split(BEGIN)[0]
    file.write_text(own + BEGIN + reference(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
