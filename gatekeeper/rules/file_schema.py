"""The JSON schema of a rulebook file, from the vocabulary: ``python -m gatekeeper.rules.file_schema FILE``.

It says what shape a file has; limits that hang together, such as a temperature's, are told by ``files.read_file``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from gatekeeper.rules import checks, codec, files
from gatekeeper.rules.bounds import LETTERS
from gatekeeper.rules.clauses import FACTS, OPS
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.retention import LONGEST, SHORTEST
from gatekeeper.rules.vocabulary import CONSEQUENCES, EVIDENCE, OVERRIDE_ROLES, PERSONAL, STAGES, SUBJECTS, Choice

NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}


def schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12)."""
    days = {"type": "integer", "minimum": SHORTEST, "maximum": LONGEST}
    book = {
        "schema": {"const": codec.SCHEMA},
        "title": _text(codec.TITLE),
        "rules": {"type": "array", "maxItems": codec.RULES, "items": _rule()},
        "retention": _closed({choice.code: days for choice in PERSONAL}),
        "pack": NAME,
        "purpose": _text(codec.WHY),
        "origin": _origin(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Rulebook file {codec.SCHEMA}",
        **_closed(book, needed=("schema", "title", "rules")),
    }


def _rule() -> dict[str, Any]:
    fields = {
        "code": NAME,
        "stage": _one(STAGES),
        "kind": {"enum": list(KINDS)},
        "subject": _one(SUBJECTS),
        "when": {"type": "array", "maxItems": checks.CLAUSES, "items": _clause()},
        "question": {"anyOf": [NAME, {"type": "null"}]},
        "params": {"type": "object"},
        "consequence": _one(CONSEQUENCES),
        "evidence": {"type": "array", "items": _one(EVIDENCE)},
        "overridable_by": {"type": "array", "items": _one(OVERRIDE_ROLES)},
        "title": _text(codec.TITLE),
        "why": _text(codec.WHY),
        "source": _text(LETTERS),
    }
    known = {key: value for key, value in fields.items() if key in codec.RULE_KEYS}
    needed = ("code", "stage", "kind", "subject", "consequence", "title", "why")
    return _closed(known, needed=needed)


def _clause() -> dict[str, Any]:
    value = {"type": ["string", "integer", "boolean", "array"]}
    fields = {"fact": {"enum": [name for name, fact in FACTS.items() if fact.ops]}, "op": {"enum": list(OPS)}}
    return _closed({**fields, "value": value}, needed=("fact", "op", "value"))


def _origin() -> dict[str, Any]:
    name = {"type": "string", "minLength": 1, "maxLength": files.NAMED}
    fields = {
        "township": name,
        "enterprise": name,
        "number": {"type": "integer", "minimum": 1, "maximum": files.MOST_NUMBER},
        "content_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "published_at": {"type": "string", "format": "date-time"},
    }
    return _closed(fields, needed=files.ORIGIN_KEYS)


def _text(most: int) -> dict[str, Any]:
    said = {"type": "string", "minLength": 1, "maxLength": most}
    return _closed({"zh": said, "en": said}, needed=("zh", "en"))


def _one(choices: tuple[Choice, ...]) -> dict[str, Any]:
    return {"enum": [choice.code for choice in choices]}


def _closed(fields: dict[str, Any], *, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    made = {"type": "object", "properties": fields, "additionalProperties": False}
    return {**made, "required": list(needed)} if needed else made


def text() -> str:
    """The schema as it stands in ``docs/rulebook.schema.json``."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), "utf-8")
