"""What the phone is given of the program as data: ``python -m gatekeeper.desk.made static/desk/made.js``.

Codes with their names, sentences, the kinds of rule with their parameters, what plates look like. It is made from the
modules that own it, so that the phone has no second text of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gatekeeper.formats import plates
from gatekeeper.formats.characters import LOOKALIKE
from gatekeeper.rules import saying, vocabulary, words
from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.demands import LIMITS
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.saying import Sentence
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import Choice
from gatekeeper.visits.history import TROUBLES

HEAD = "// What the program knows and says, as data. Made by gatekeeper/desk/made.py: do not edit.\n"
LISTS: Mapping[str, tuple[Choice, ...]] = {
    **{
        name: getattr(vocabulary, name)
        for name in (
            *("VISITOR_KINDS", "CARGO", "PURPOSES", "COLOURS", "RESULTS", "AGENTS", "DOCUMENTS", "METHODS", "STAGES"),
            *("GATE_KINDS", "OVERRIDE_ROLES"),
        )
    },
    **{name: getattr(saying, name) for name in ("PARTS", "SIDES", "WHO")},
    "FACTS": saying.NAMED["facts"],
}
FIELDS_OF = ("code_check", "test", "disinfection", "document_handoff")
"""The kinds whose answers have fields that the phone names."""


def module() -> str:
    """The text of the module: lists from code to name, and tables."""
    fields = {f"FIELDS_{kind}".upper(): [Choice(f.name, f.label) for f in KINDS[kind].fields] for kind in FIELDS_OF}
    parts = [_object(name, _named(choices)) for name, choices in {**LISTS, **fields}.items()]
    owners = {id(choices): name for name, choices in LISTS.items()}
    parts.append(_object("UNITS", {code: _unit(code) for code in UNITS}))
    tables = {
        "ASKED": _asked(),
        "KINDS": _kinds(),
        "REASONS": _reasons(),
        "LIMITS": _sentences(LIMITS),
        "STEPS": _steps(),
    }
    parts += [_object(name, rows) for name, rows in {**tables, "TROUBLES": TROUBLES, "PLATES": _plates()}.items()]
    named = ", ".join(f"{name}: {owners[id(choices)]}" for name, choices in saying.NAMED.items())
    return HEAD + "".join(parts) + f"export const NAMED = {{ {named} }};\n"


def _object(name: str, rows: Mapping[str, Any]) -> str:
    lines = "".join(f"  {json.dumps(code)}: {_json(row)},\n" for code, row in rows.items())
    return f"export const {name} = {{\n{lines}}};\n"


def _json(row: Any) -> str:
    return json.dumps(row._asdict() if isinstance(row, Text) else row, ensure_ascii=False, default=str)


def _named(choices: Iterable[Choice]) -> dict[str, Text]:
    return {choice.code: choice.label for choice in choices}


def _unit(code: str) -> dict[str, Any]:
    unit = UNITS[code]
    return {"symbol": unit.symbol._asdict(), **{name: getattr(unit, name) for name in ("scale", "lowest", "highest")}}


def _asked() -> dict[str, Any]:
    """Of each fact that conditions may name: its type, and the facts a guard is asked for when it is unknown."""
    return {fact.name: {"type": fact.type, "ask": fact.ask} for fact in FACTS.values() if fact.ops}


def _kinds() -> dict[str, Any]:
    """Of each kind of rule: whether it asks, and its parameters with what they are unless a rule says otherwise, and
    what holds when two rules ask one question."""
    return {
        kind.code: {
            "asks": kind.asks,
            "params": {one.name: {"value": one.default, "merge": one.merge} for one in kind.params},
        }
        for kind in KINDS.values()
    }


def _sentence(made: Sentence) -> dict[str, Any]:
    return {"parts": [[part.zh, part.en, *part.when] for part in made.parts], "between": made.between._asdict()}


def _sentences(made: Mapping[str, Sentence]) -> dict[str, Any]:
    return {name: _sentence(one) for name, one in made.items()}


def _reasons() -> dict[str, Any]:
    return {
        code: {"meaning": made.meaning._asdict(), **(_sentence(made.sentence) if made.sentence else {})}
        for code, made in words.REASONS.items()
    }


def _steps() -> dict[str, Any]:
    """The sentences of what comes next."""
    pairs = {"hold": words.HELD, "hold_inside": words.HELD_INSIDE, "refuse": words.REFUSED}
    pairs["refuse_inside"] = words.REFUSED_INSIDE
    pairs |= {f"admit_{stage}": said for stage, said in words.ADMITTED.items()}
    waits = {code: said._asdict() for code, said in words.WAITS.items()}
    return {**pairs, "waits": waits, **_sentences({"ask": words.ASK, "go_on": words.GO_ON})}


def _plates() -> dict[str, Any]:
    """What ``static/desk/plates.js`` reads plates by."""
    letters = {name: _swapped(table) for name, table in (("simplified", plates.SIMPLIFIED), ("lookalike", LOOKALIKE))}
    return {
        "provinces": plates.PROVINCES,
        "no_plate": plates.NO_PLATE,
        "twins": plates.TWINS,
        "unread": sorted(plates.CAMERA_WORDS),
        "dropped": "".join(sorted(plates.DROPPED)),
        **letters,
        "patterns": plates.PATTERNS,
        "colours": {cls: cls.colours for cls in plates.PlateClass},
        "notes": {code: note._asdict() for code, note in plates.NOTES.items()},
    }


def _swapped(table: Mapping[int, str | int]) -> dict[str, str]:
    return {chr(sign): chr(to) if isinstance(to, int) else to for sign, to in table.items()}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(module(), "utf-8")
