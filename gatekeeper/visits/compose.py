"""From a form to the body of an event."""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import Invalid
from gatekeeper.formats import plates
from gatekeeper.forms import OnceForm
from gatekeeper.rules.values import Stage, Text
from gatekeeper.visits.answers import AnswerForm
from gatekeeper.visits.forms import ArrivalForm, CorrectForm, FactsForm, OverrideForm
from gatekeeper.visits.state import State


def _nothing() -> Invalid:
    return Invalid("answer.nothing", Text("还没有填写任何一项", "Nothing was filled in yet"))


def plate_item(subject: str, written: str) -> dict[str, str]:
    """A plate as written and as known; an odd one is kept as written, class ``other``."""
    found = plates.parse(written)
    return {"subject": subject, "written": found.written, "plate": found.plate, "class": found.cls.value}


def arrival(form: ArrivalForm) -> dict[str, Any]:
    """The body of ``arrive``; raises ``Invalid`` for a vehicle without anything in the plate field."""
    kind = form.visitor_kind.data if "visitor_kind" in form else None
    written = (form.plate.data or "").strip()
    if not written and kind != "walk_in":
        raise Invalid(
            "arrival.no_plate",
            Text("请填车牌；没有车牌就写“无牌”，步行的请选步行来访", "Enter the plate; write 无牌 where there is none"),
            field="plate",
        )
    body: dict[str, Any] = {"kind": kind or ("truck" if written else "walk_in"), "plates": []}
    if written:
        body["plates"].append(plate_item("tractor", written))
    if (form.trailer.data or "").strip():
        body["plates"].append(plate_item("trailer:1", form.trailer.data))
    people = form.occupants(walking=body["kind"] == "walk_in")
    if people:
        body["people"] = people
    if form.facts():
        body["facts"] = form.facts()
    if form.already.data in ("exit_missed", "came_back", "wrong_plate"):
        body["already"] = form.already.data
    return body


def facts(form: FactsForm, state: State) -> dict[str, Any]:
    """The body of an ``answer`` that says what was still unknown; raises ``Invalid`` where nothing was said."""
    body: dict[str, Any] = {"answers": []}
    if form.facts():
        body["facts"] = form.facts()
    people = form.occupants(walking=state.facts.get("visitor_kind") == "walk_in")
    if people:
        body["people"] = people
    if len(body) == 1:
        raise _nothing()
    return body


def answers(form: AnswerForm, *, at_exit: bool) -> dict[str, Any]:
    """The body of ``answer``; raises ``Invalid`` where nothing was answered."""
    given = form.answers()
    if not given:
        raise _nothing()
    return {"answers": given, **({"stage": Stage.EXIT.value} if at_exit else {})}


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
