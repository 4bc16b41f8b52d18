"""The closed lists as the phone has them: ``python -m gatekeeper.rules.desk_lists static/desk/words/lists.js``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gatekeeper.rules import vocabulary
from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.values import Text

HEAD = "// Codes with their names, in order. Made by gatekeeper/rules/desk_lists.py: do not edit.\n"
LISTS = (
    *("VISITOR_KINDS", "CARGO", "PURPOSES", "COLOURS", "RESULTS", "AGENTS", "DOCUMENTS", "METHODS", "STAGES"),
    *("GATE_KINDS", "OVERRIDE_ROLES"),
)
FIELDS_OF = ("code_check", "test", "disinfection", "document_handoff")
"""The kinds whose answers have fields that the phone names."""


def module() -> str:
    """The text of the module: each list as an object from code to name, the units with their bounds."""
    parts = [_list(name, ((c.code, c.label) for c in getattr(vocabulary, name))) for name in LISTS]
    parts.append(_list("FACTS", ((fact.name, fact.label) for fact in FACTS.values())))
    parts += [_list(f"FIELDS_{kind}", ((f.name, f.label) for f in KINDS[kind].fields)) for kind in FIELDS_OF]
    bounds = ("scale", "lowest", "highest")
    units = {
        unit.code: {"symbol": unit.symbol._asdict(), **{name: getattr(unit, name) for name in bounds}}
        for unit in UNITS.values()
    }
    parts.append(_object("UNITS", units))
    return HEAD + "".join(parts)


def _list(name: str, rows: Iterable[tuple[str, Text]]) -> str:
    return _object(name.upper(), {code: label._asdict() for code, label in rows})


def _object(name: str, rows: Mapping[str, Any]) -> str:
    lines = "".join(f"  {code}: {json.dumps(row, ensure_ascii=False)},\n" for code, row in rows.items())
    return f"\nexport const {name} = {{\n{lines}}};\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(module(), "utf-8")
