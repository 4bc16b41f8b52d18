"""Rules with good defaults, so that a test shows only what it is about."""

from __future__ import annotations

from typing import Any

from gatekeeper.rules import codec
from gatekeeper.rules.values import Owner, Rulebook

HOUR = 3_600_000_000
AT = 1_650_247_200_000_000
"""10 in the morning of 18 April 2022 in Shanghai."""


def rule(code: str = "briefing", kind: str = "confirm", **fields: Any) -> dict[str, Any]:
    """The document of one rule."""
    title = {"zh": f"规则 {code}", "en": f"Rule {code}"}
    question = None if kind in ("registered", "dwell_limit", "visit_limit", "gate_allowed") else code
    made = {
        "code": code, "stage": "arrival", "kind": kind, "subject": "visit", "when": [], "question": question,
        "params": {}, "consequence": "hold", "evidence": [], "overridable_by": [], "title": title, "why": title,
    }  # fmt: skip
    return {**made, **fields}


def temperature(code: str = "temperature", **params: Any) -> dict[str, Any]:
    """A temperature of each person, below 37.3 °C."""
    limit = {"unit": "celsius", "max": 373, "max_inclusive": False, **params}
    return rule(code, "number", subject="occupant", question="temperature", params=limit)


def document(*rules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A rulebook document."""
    title = {"zh": "进厂规则", "en": "Rules of the gate"}
    return {"schema": "gate-rulebook/1", "title": title, "rules": list(rules), **fields}


def book(*rules: dict[str, Any], owner: Owner = Owner.ENTERPRISE, version: str = "1") -> Rulebook:
    """A rulebook."""
    return codec.parse(document(*rules), owner=owner, version=version)
