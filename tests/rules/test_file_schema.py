"""The schema of the documentation is that of the program, and every file we write fits it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.rules import file_schema, files, packs
from tests.rules.test_files import ORIGIN

DOCS = Path(__file__).parent.parent.parent / "docs"
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def misfits(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Paths where ``value`` does not fit: as much of JSON Schema as the schema uses."""
    if "anyOf" in schema:
        tried = [misfits(value, one, path) for one in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    kinds = schema.get("type", [])
    allowed = [TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    wrong = allowed and type(value) not in allowed
    wrong = wrong or ("enum" in schema and value not in schema["enum"])
    wrong = wrong or ("const" in schema and value != schema["const"])
    if wrong:
        return [path]
    found = []
    if isinstance(value, str):
        fits = re.search(schema.get("pattern", ""), value)
        if not fits or not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(path)
    if type(value) is int and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(path)
    if isinstance(value, list) and "items" in schema:
        found += [path] * (len(value) > schema.get("maxItems", len(value)))
        found += [bad for i, item in enumerate(value) for bad in misfits(item, schema["items"], f"{path}[{i}]")]
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        found += [f"{path}.{key}" for key in value if key not in known]
        found += [f"{path}.{key}" for key in schema.get("required", ()) if key not in value]
        found += [bad for key in value if key in known for bad in misfits(value[key], known[key], f"{path}.{key}")]
    return found


def test_the_schema_of_the_documentation_is_that_of_the_program():
    command = "python -m gatekeeper.rules.file_schema docs/rulebook.schema.json"
    assert (DOCS / "rulebook.schema.json").read_text("utf-8") == file_schema.text(), command


@pytest.mark.parametrize("pack", packs.codes())
def test_every_pack_fits_the_schema_as_it_is_and_as_a_file(pack: str):
    made = json.loads(json.dumps(packs.load(pack)))
    assert misfits(made, file_schema.schema()) == []
    assert misfits(json.loads(files.written(made, origin=ORIGIN)), file_schema.schema()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [("kind", "teleport"), ("stage", 3), ("code", "Not A Code"), ("title", {"zh": "只有中文"}), ("colour", "red")],
)
def test_what_the_reader_refuses_does_not_fit(path: str, value: Any):
    made = json.loads(json.dumps(packs.load("visitor_basic")))
    made["rules"][0][path] = value
    [bad] = misfits(made, file_schema.schema())
    assert bad.startswith(f".rules[0].{path}")
