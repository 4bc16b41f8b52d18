"""Rulebooks for tests: a rule that is right in every field, and ways to publish and to fill its form."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

from flask.testing import FlaskClient

from gatekeeper import tenancy
from gatekeeper.access import Actor
from gatekeeper.db import Engines
from gatekeeper.rulebooks import service
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.rules.values import Owner
from tests.factories import MORNING, Factory


def rule(code: str = "temperature", **changes: Any) -> dict[str, Any]:
    """A temperature below 37.3 °C for each person, unless said otherwise."""
    return {
        "code": code,
        "stage": "arrival",
        "kind": "number",
        "subject": "occupant",
        "when": [],
        "question": "temperature",
        "params": {"unit": "celsius", "max": 373, "max_inclusive": False},
        "consequence": "hold",
        "evidence": [],
        "overridable_by": ["shift_lead"],
        "title": {"zh": "测体温", "en": "Temperature"},
        "why": {"zh": "体温要低于 37.3 度", "en": "The temperature has to be below 37.3 °C"},
    } | changes


def confirm(code: str, zh: str, en: str, **changes: Any) -> dict[str, Any]:
    """Something the guard confirms of the visit."""
    plain = {"kind": "confirm", "question": code, "params": {}, "subject": "visit"}
    return rule(code, title={"zh": zh, "en": en}, **plain) | changes


def document(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "gate-rulebook/1", "title": {"zh": "门岗规则", "en": "Gate rules"}, "rules": list(rules)}


def published(
    engines: Engines,
    place: Factory,
    *rules: dict[str, Any],
    by: Actor | None = None,
    at: datetime = MORNING,
    holds_from: datetime | None = None,
) -> RulebookVersion:
    """A version of ``place``: an office's is the township's."""
    office = not any(role == "guard" for role in place.people)
    owner = Owner.TOWNSHIP if office else Owner.ENTERPRISE
    who = by or next(iter(place.people.values()))
    with tenancy.open_session(engines, place.scope, write=True) as session:
        return service.publish_document(session, document(*rules), owner=owner, by=who, at=at, holds_from=holds_from)


def begun(engines: Engines, place: Factory, *rules: dict[str, Any], at: datetime = MORNING) -> int:
    """A draft with these rules; its revision."""
    who = next(iter(place.people.values()))
    with tenancy.open_session(engines, place.scope, write=True) as session:
        draft = service.draft(session, by=who, at=at)
        for item in rules:
            service.save_rule(session, draft, rule=item, by=who, at=at)
        return draft.revision


def inputs(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form ``rule-form``, buttons left out."""
    form = re.search(r'<form[^>]*id="rule-form".*?</form>', page, re.S)
    assert form is not None
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        ticked = attributes.get("type") not in ("checkbox", "radio") or re.search(r"\schecked", tag)
        if "name" in attributes and ticked:
            found.setdefault(attributes["name"], []).append(unescape(attributes.get("value", "y")))
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.S):
        found[name] = [unescape(body).strip()]
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.S):
        options = re.findall(r"<option([^>]*)value=\"([^\"]*)\"", body)
        chosen = [value for before, value in options if "selected" in before]
        found[name] = chosen or [value for _, value in options][:1]
    return found


def get(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)
