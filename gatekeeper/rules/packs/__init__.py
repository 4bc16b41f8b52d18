"""Rule packs that come with the program: rulebook documents to start from, with their code and purpose."""

from __future__ import annotations

import json
from datetime import date
from importlib import resources
from typing import Any

CODES = (
    "epidemic_2022",
    "emission_gate",
    "chemical_park",
    "farm_biosecurity",
    "food_gmp",
    "cement_logistics",
    "visitor_basic",
)


def codes() -> tuple[str, ...]:
    """The packs that there are."""
    return CODES


def load(code: str) -> dict[str, Any]:
    """A fresh copy of the document of pack ``code``, fit for ``codec.parse``; raises ``KeyError`` for no such pack."""
    document = _read(code)
    document.pop("ended", None)
    return document


def ended(code: str) -> date | None:
    """The day on which the duty behind a pack ended for good; None while it stands. Raises ``KeyError``."""
    day = _read(code).get("ended")
    return date.fromisoformat(day) if day else None


def _read(code: str) -> dict[str, Any]:
    if code not in CODES:
        raise KeyError(code)
    document: dict[str, Any] = json.loads((resources.files(__name__) / f"{code}.json").read_text("utf-8"))
    return document
