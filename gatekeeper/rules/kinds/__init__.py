"""The kinds of rule: one table, from which documents are checked, forms built and rules judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.rules.kinds import answers
from gatekeeper.rules.kinds.handling import HANDLING
from gatekeeper.rules.kinds.health import HEALTH
from gatekeeper.rules.kinds.known import KNOWN
from gatekeeper.rules.kinds.papers import PAPERS
from gatekeeper.rules.kinds.plain import PLAIN, UNITS, Unit
from gatekeeper.rules.kinds.shape import Field, Judged, Kind, Param
from gatekeeper.rules.values import Text

__all__ = ["KINDS", "UNITS", "Field", "Judged", "Kind", "Param", "Unit", "check_answer", "personal_fields"]

KINDS: Mapping[str, Kind] = {kind.code: kind for kind in (*PLAIN, *PAPERS, *HEALTH, *HANDLING, *KNOWN)}
"""Kinds by code, in the order of the documentation."""


def personal_fields(kind: str, value: Mapping[str, Any], unit: str | None = None) -> dict[str, str]:
    """Field -> retention class (health, contact, photo, plate, note) of the personal fields of an answer of ``kind``.

    ``unit`` is the number's unit, or the text's format; a number without a known one is taken for a temperature. An
    unknown kind: every field is taken for health, so that nothing personal is ever taken for public.
    """
    known = KINDS.get(kind)
    if known is None or (kind == "number" and unit not in UNITS):
        return dict.fromkeys(value, "health")
    named = {"unit": unit, "format": unit} if unit else {}
    return {field.name: field.personal for field in known.answer_fields(named) if field.personal}


def check_answer(kind: str, params: Mapping[str, Any], value: Any) -> list[tuple[str, Text]]:
    """(field, what it takes) for everything in an answer that is not as its question asks; empty when it is right.

    Raises ``KeyError`` for an unknown kind.
    """
    return answers.answer_faults(KINDS[kind], params, value)
