"""A batch of duty entries, looked at as something a stranger sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gatekeeper.access import Actor, SignedDesk
from gatekeeper.clock import from_micros, micros
from gatekeeper.errors import Invalid
from gatekeeper.formats.characters import storable
from gatekeeper.rules.values import Text
from gatekeeper.visits.outcomes import ONLINE
from gatekeeper.visits.shapes import CODE, LONGEST
from gatekeeper.visits.sync import MOST_EVENTS, BatchInvalid, moment

BODIES: Mapping[str, frozenset[str]] = {
    "duty": frozenset({"pin"}),
    "handover": frozenset({"note", "supplies", "open", "pin"}),
    "accept": frozenset({"handover", "pin"}),
    "off": frozenset({"pin"}),
}
"""What may stand in the body of each kind of entry."""
MOST_SUPPLIES, MOST_OF_ONE = 30, 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it can be read; ``at`` is put right by the server's clock, ``pin`` still sealed."""

    id: UUID
    kind: str
    at: datetime
    n: int | None = None
    pin: Any = None
    note: str | None = None
    supplies: Mapping[str, int] = field(default_factory=dict)
    open: int | None = None
    handover: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with who stands behind it; or, in its place, why it cannot be taken."""

    id: str
    entry: Entry | None = None
    by: Actor | None = None
    refused: Invalid | None = None


def read(desk: SignedDesk, *, received_at: datetime) -> list[Told]:
    """The entries of ``{"sent_at": micros, "entries": [...]}``; raises ``BatchInvalid`` where it is none."""
    data = desk.data
    items = data.get("entries") if isinstance(data, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= MOST_EVENTS:
        raise BatchInvalid
    sent_at = moment(data.get("sent_at"))
    offset = timedelta(microseconds=micros(received_at) - sent_at if sent_at is not None else 0)
    return [_told(desk, item if isinstance(item, dict) else {}, offset, received_at) for item in items]


def _told(desk: SignedDesk, item: Mapping[str, Any], offset: timedelta, received_at: datetime) -> Told:
    name = str(item.get("id"))[:64]
    try:
        entry = _entry(item, offset, received_at)
    except (KeyError, TypeError, ValueError, AttributeError):
        said = Text("记录的格式不对，请更新页面后再上传", "The entry has the wrong shape; update the page and retry")
        return Told(name, refused=Invalid("event.shape", said))
    by = desk.people.get(str(item.get("by")))
    if by is None:
        said = Text("值班人不在本企业名单中或已停用", "The person on duty is not of this enterprise, or is disabled")
        return Told(name, refused=Invalid("event.by", said))
    return Told(name, entry, by)


def _entry(item: Mapping[str, Any], offset: timedelta, received_at: datetime) -> Entry:
    kind, body, at, number = item["kind"], item.get("body", {}), moment(item["at"]), item.get("n")
    if at is None or not isinstance(body, dict) or not body.keys() <= BODIES[kind]:
        raise ValueError
    happened = from_micros(at) + offset
    return Entry(
        id=UUID(item["id"]),
        kind=kind,
        at=received_at if received_at - happened < ONLINE else happened,
        n=number if type(number) is int and 0 <= number < 2**53 else None,
        pin=body.get("pin"),
        note=_note(body.get("note")),
        supplies=_supplies(body.get("supplies") or {}),
        open=_count(body["open"]) if body.get("open") is not None else None,
        handover=UUID(body["handover"]) if body.get("handover") is not None else None,
    )


def _note(value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > LONGEST):
        raise ValueError
    return storable(value).strip() or None if value else None


def _supplies(value: Any) -> dict[str, int]:
    if len(value) > MOST_SUPPLIES or not all(CODE.fullmatch(name) for name in value):
        raise ValueError
    return {name: _count(count) for name, count in value.items()}


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_OF_ONE:
        raise ValueError
    return value
