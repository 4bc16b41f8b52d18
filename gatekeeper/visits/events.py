"""Gate events: what is sent, and how its personal values are kept apart from the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from gatekeeper.clock import micros
from gatekeeper.errors import Invalid
from gatekeeper.rules.kinds import personal_fields
from gatekeeper.rules.values import Text, Verdict
from gatekeeper.tenancy import PLATFORM_ID
from gatekeeper.visits.shapes import shaped


class EventKind(StrEnum):
    """What can happen at a gate. ``judge`` is written by the server alone."""

    ARRIVE = "arrive"
    ANSWER = "answer"
    ADMIT = "admit"
    TURN_AWAY = "turn_away"
    OVERRIDE = "override"
    LEAVE = "leave"
    JOIN = "join"
    MOVE = "move"
    CORRECT = "correct"
    VOID = "void"
    NOTE = "note"
    PHOTO = "photo"
    CARE = "care"
    RESOLVE = "resolve"
    JUDGE = "judge"


SERVER = {"id": str(PLATFORM_ID), "name": "系统", "role": "server"}
"""Who stands in entries that the server makes by itself."""

SEEN = ("township", "enterprise", "list")
"""What a desk says its screen used: two rulebook versions and a risk list, by their ids."""
VERDICTS = tuple(verdict.value for verdict in Verdict)
"""What it may say that its screen showed, as ``verdict``."""
_SEEN = re.compile(r"[0-9a-f-]{1,64}", re.ASCII)

WITH_REASON = (EventKind.OVERRIDE, EventKind.CORRECT, EventKind.VOID, EventKind.RESOLVE)

FREE_TEXT = ("reason", "text")
"""Fields of a body that a person typed freely: kept as class ``note``."""


@dataclass(frozen=True, slots=True)
class Event:
    """One gate event as it was sent.

    ``id`` is a UUIDv7 made when the guard pressed; ``at`` the sender's clock; ``after`` the previous event of this
    visit on the same device; ``seen`` the rulebook versions and list of the screen. ``body``'s shape is its kind's.
    ``offset``: microseconds by which the server's clock was ahead of the device's when it sent the event.
    ``unproven``: why it is not believed that ``by`` made it, as a reason code; None: nothing speaks against it.
    """

    id: UUID
    visit_id: UUID
    kind: EventKind
    at: datetime
    gate_id: UUID
    body: Mapping[str, Any] = field(default_factory=dict)
    after: UUID | None = None
    device: str | None = None
    n: int | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)
    offset: int = 0
    unproven: str | None = None

    def envelope(self, public_body: Mapping[str, Any]) -> dict[str, Any]:
        """The event as the book keeps it, with a body that holds no personal value."""
        return {
            "id": str(self.id),
            "visit": str(self.visit_id),
            "kind": self.kind.value,
            "at": micros(self.at),
            "gate": str(self.gate_id),
            "after": str(self.after) if self.after else None,
            "device": self.device,
            "n": self.n,
            "offset": self.offset,
            "seen": dict(self.seen),
            "body": dict(public_body),
        }


def split(body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what anybody may read, personal values by retention class) of a body."""
    public = _copied(body)
    parts: dict[str, Any] = {}
    for index, plate in enumerate(public.get("plates", [])):
        taken = {key: plate.pop(key) for key in ("written", "plate") if key in plate}
        _put(parts, "plate", "plates", index, taken)
    for index, person in enumerate(public.get("people", [])):
        taken = {key: person.pop(key) for key in ("name", "phone") if person.get(key)}
        person.pop("name", None), person.pop("phone", None)
        _put(parts, "contact", "people", index, taken)
    for index, answer in enumerate(public.get("answers", [])):
        for name, cls in personal_fields(answer["kind"], answer["value"], answer.get("unit")).items():
            if name in answer["value"]:
                _put(parts, cls, "answers", index, {name: answer["value"].pop(name)})
    texts = {key: public.pop(key) for key in FREE_TEXT if public.get(key)}
    if texts:
        parts.setdefault("note", {})["texts"] = texts
    return public, parts


def _copied(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body whose plates, people and answers (with their values) can be changed without changing ``body``."""
    copy = dict(body)
    for group in ("plates", "people", "answers"):
        if group in copy:
            copy[group] = [dict(item) for item in copy[group]]
    for answer in copy.get("answers", ()):
        answer["value"] = dict(answer["value"])
    return copy


def _put(parts: dict[str, Any], cls: str, group: str, index: int, values: dict[str, Any]) -> None:
    if values:
        parts.setdefault(cls, {}).setdefault(group, {}).setdefault(str(index), {}).update(values)


def merge(public: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it was sent, as far as its parts are still there; what was erased stays absent."""
    return filled(_copied(public), parts)


def filled(body: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """As ``merge``, for a body that is nobody else's: the values are put into it."""
    for part in parts.values():
        for group, values_of in part.items():
            if group == "texts":
                body.update(values_of)
            elif group == "answers":
                for index, values in values_of.items():
                    body["answers"][int(index)]["value"].update(values)
            elif group in ("plates", "people"):
                for index, values in values_of.items():
                    body[group][int(index)].update(values)
    return body


def checked(event: Event) -> Event:
    """The event with its body as ``shapes`` reads it; ``Invalid`` where that is none of its kind's.

    That is a fault of the sender, not of the gate: what stands before a guard can always be written.
    """
    body = shaped(event.kind.value, event.body)
    if event.kind == EventKind.RESOLVE and (not body.get("events") or "how" not in body):
        raise Invalid("event.resolves", Text("请选择要处理的记录", "Choose the entries to resolve"), field="events")
    if event.kind == EventKind.MOVE and "zone" not in body:
        raise Invalid("event.zone", Text("请选择分区", "Choose the zone"), field="zone")
    if event.kind == EventKind.OVERRIDE and not body.get("findings"):
        raise Invalid("override.nothing", Text("请选择要放行的规则", "Choose the rules to override"), field="findings")
    if event.kind in WITH_REASON and not body.get("reason"):
        raise Invalid("event.reason", Text("请写明原因", "Please write the reason"), field="reason")
    seen = {name: str(value)[:64] for name, value in event.seen.items() if name in SEEN and _SEEN.fullmatch(str(value))}
    if event.seen.get("verdict") in VERDICTS:
        seen["verdict"] = event.seen["verdict"]
    return replace(event, body=body, seen=seen)
