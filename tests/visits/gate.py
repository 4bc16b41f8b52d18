"""A guard at a gate, in a test: each verb records one event in a transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gatekeeper import tenancy
from gatekeeper.access import Actor
from gatekeeper.db import Engines, new_id
from gatekeeper.formats import plates
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.record import Outcome, record
from tests.factories import MORNING, Factory, World
from tests.rules.made import document, rule, temperature


@dataclass
class AtGate:
    """One visit as a test plays it; ``at`` moves on by a minute with every event."""

    engines: Engines
    place: Factory
    at: datetime = MORNING
    visit_id: UUID = field(default_factory=new_id)

    def send(
        self, kind: EventKind, body: dict[str, Any] | None = None, *, by: Actor | None = None, **more: Any
    ) -> Outcome:
        """Record one event and move the clock on."""
        event = Event(more.pop("id", None) or new_id(), self.visit_id, kind, self.at, self.place.gate_id, body or {})
        outcome = self.receive(replace(event, **more), by=by)
        self.at += timedelta(minutes=1)
        return outcome

    def receive(self, event: Event, *, by: Actor | None = None) -> Outcome:
        with tenancy.open_session(self.engines, self.place.scope, write=True) as session:
            return record(session, event, by=by or self.place.guard, received_at=self.at)

    def arrive(self, plate: str = "浙A12345", **body: Any) -> Outcome:
        found = plates.parse(plate)
        item = {"subject": "tractor", "written": plate, "plate": found.plate, "class": found.cls.value}
        driver = {"subject": "occupant:1", "role": "driver", "name": "张伟强", "phone": "19900001234"}
        return self.send(EventKind.ARRIVE, {"kind": "truck", "plates": [item], "people": [driver], **body})

    def answer(self, question: str, kind: str, value: dict[str, Any], subject: str = "visit", **body: Any) -> Outcome:
        given = {"question": question, "subject": subject, "kind": kind, "value": value}
        if kind == "number":
            given["unit"] = "celsius"
        return self.send(EventKind.ANSWER, {"answers": [given], **body})

    def temperature(self, tenths: int) -> Outcome:
        return self.answer("temperature", "number", {"n": tenths}, "occupant:1")

    def admit(self, *, by: Actor | None = None) -> Outcome:
        return self.send(EventKind.ADMIT, by=by)

    def turn_away(self) -> Outcome:
        return self.send(EventKind.TURN_AWAY, {"reason": "体温偏高，已劝返"})

    def leave(self) -> Outcome:
        return self.send(EventKind.LEAVE, {"seen": True, "subjects": []})


def publish(world: World, place: Factory, *rules: dict[str, Any], at: datetime | None = None) -> None:
    """Put a rulebook of these rules in force at a factory, or at its township's office."""
    owner = Owner.TOWNSHIP if place in [town.office for town in world.towns] else Owner.ENTERPRISE
    by = next(iter(place.people.values()))
    moment = at or MORNING - timedelta(days=2)
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        rulebooks.publish_document(session, document(*rules), owner=owner, by=by, at=moment, holds_from=moment)


FEVER = {**temperature(), "overridable_by": ["shift_lead"]}
BRIEFING = rule("briefing")
PAPERS = rule("papers", stage="exit", overridable_by=["shift_lead"])
