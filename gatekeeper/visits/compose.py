"""From a form to the body of an event."""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import Invalid
from gatekeeper.formats import plates
from gatekeeper.rules.values import Text
from gatekeeper.visits.forms import ArrivalForm, CorrectForm, FactsForm
from gatekeeper.visits.state import State


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
    people = form.occupants()
    if people and kind == "walk_in":
        people[0]["role"] = "visitor"
    if people:
        body["people"] = people
    if form.facts():
        body["facts"] = form.facts()
    if form.already.data in ("exit_missed", "came_back", "wrong_plate"):
        body["already"] = form.already.data
    return body


def facts(form: FactsForm) -> dict[str, Any]:
    """The body of an ``answer`` that says what was still unknown."""
    body: dict[str, Any] = {"answers": [], "facts": form.facts()}
    if "visitor_kind" in form and form.visitor_kind.data:
        body["facts"]["visitor_kind"] = form.visitor_kind.data
    if form.occupants():
        body["people"] = form.occupants()
    return body


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
        raise Invalid("correct.nothing", Text("没有改动，请先修改要更正的内容", "Nothing differs; change what is wrong"))
    return body
