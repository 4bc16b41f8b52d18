"""From a form to the body of an event."""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import Invalid
from gatekeeper.formats import plates
from gatekeeper.forms import OnceForm
from gatekeeper.rules.values import Text
from gatekeeper.visits.forms import CorrectForm, OverrideForm
from gatekeeper.visits.state import State


def plate_item(subject: str, written: str) -> dict[str, str]:
    """A plate as written and as known; an odd one is kept as written, class ``other``."""
    found = plates.parse(written)
    return {"subject": subject, "written": found.written, "plate": found.plate, "class": found.cls.value}


def plain(form: OnceForm) -> dict[str, Any]:
    """The body of an act whose form holds just that: a reason, a note, what was handed out."""
    return {name: value for name, value in form.columns().items() if name != "event_id"}


def override(form: OverrideForm) -> dict[str, Any]:
    """The body of ``override``: the findings that were ticked, and why."""
    names = ("owner", "rule", "subject", "consequence")
    findings = [dict(zip(names, chosen.split("|"), strict=True)) for chosen in form.findings.data or ()]
    return {"findings": findings, "reason": form.reason.data}


def correction(form: CorrectForm, state: State) -> dict[str, Any]:
    """The body of ``correct``: only what differs; raises ``Invalid`` when nothing does."""
    body: dict[str, Any] = {"reason": form.reason.data}
    written, tractor = (form.plate.data or "").strip(), state.plates.get("tractor")
    if written and (tractor is None or plates.parse(written).plate != tractor.plate):
        body["plates"] = [plate_item("tractor", written)]
    changed = {
        fact: value
        for fact, value in (("origin", form.origin_code.data), ("cargo", form.cargo.data))
        if value and value != state.facts.get(fact)
    }
    if changed.get("origin"):
        changed.setdefault("stops", [])
    if changed:
        body["facts"] = changed
    if len(body) == 1:
        said = Text("没有改动，请先填写要更正的内容", "Nothing differs; enter what is to be corrected")
        raise Invalid("correct.nothing", said, field="plate")
    return body
