"""L3: desk events replayed three times, shuffled, with clocks that are days off and lines that are cut.

Several phones, each with a clock of its own up to two days off, write what happens to some hundred trucks; now and then
two phones act on one truck. Every batch is delivered three times in an order of chance; some deliveries are cut in the
middle, of some the answer is lost. Afterwards every event must stand in the book once, the visits must stand as they do
where the same events came in order, replays must change nothing, and each event that could not be applied, or came
second, must be told to its phone (``static/desk/conflicts.js``) or lie in the tray. Two faults are planted in the
phones: one makes a new id for each try, one forgets what it sent before the answer is there; both must be seen.

usage: bench/desk.py [--events 1000] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from gatekeeper import clock, create_app, tenancy  # noqa: E402
from gatekeeper.cli import prepare  # noqa: E402
from gatekeeper.config import from_environment  # noqa: E402
from gatekeeper.db import Engines, new_id  # noqa: E402
from gatekeeper.ledger import service as ledger  # noqa: E402
from gatekeeper.ledger.models import LedgerEntry  # noqa: E402
from gatekeeper.rulebooks import service as publishing  # noqa: E402
from gatekeeper.rules.values import Owner  # noqa: E402
from gatekeeper.visits import book, proof  # noqa: E402
from gatekeeper.visits.models import VisitEvent  # noqa: E402
from tests import factories  # noqa: E402
from tests.phone import Phone, enrol  # noqa: E402
from tests.rules.made import document, rule, temperature  # noqa: E402

MICRO = 1_000_000
DAYS_OFF, SHIFT_S, MOST_BATCH = 2, 12 * 3600, 12
LISTED = """
import { conflictsOf } from "./static/desk/conflicts.js";
let text = "";
for await (const piece of process.stdin) text += piece;
const found = new Map(JSON.parse(text).flatMap(([event, answer]) => conflictsOf(event, answer)));
console.log(JSON.stringify([...found].filter(([, conflict]) => conflict).map(([id]) => id)));
"""


@dataclass
class Desk:
    """A phone with a clock of its own, what it wrote, and the last answer to each."""

    phone: Phone
    off: int
    events: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, kind: str, visit: UUID, body: dict[str, Any], ago: int) -> None:
        at = clock.micros(clock.now()) - ago * MICRO + self.off
        self.events.append(self.phone.event(kind, visit, body, at=at, seen={"verdict": "hold"}))


def written(chance: Random, desks: Sequence[Desk], count: int) -> list[UUID]:
    """``count`` events on the desks; the ids of the visits that only one desk touched."""
    alone, made, number = [], 0, 0
    while made < count:
        visit, ago, desk = new_id(), chance.randrange(600, SHIFT_S), chance.choice(desks)
        steps = _life(chance, f"浙A{10000 + number}")[: count - made]
        other = chance.choice(desks) if chance.random() < 0.3 else desk
        for step, (kind, body) in enumerate(steps):
            (other if step and chance.random() < 0.5 else desk).write(kind, visit, body, ago - 20 * step)
        if other is desk:
            alone.append(visit)
        made, number = made + len(steps), number + 1
    return alone


def _life(chance: Random, plate: str) -> list[tuple[str, dict[str, Any]]]:
    driver = {"subject": "occupant:1", "role": "driver", "name": "张伟强", "phone": "19900001234"}
    arrive = {"kind": "truck", "plates": [{"subject": "tractor", "written": plate}], "people": [driver]}
    warm = {"question": "temperature", "subject": "occupant:1", "kind": "number", "unit": "celsius"}
    tenths = chance.choice([365, 366, 381])
    briefed = {"question": "briefing", "subject": "visit", "kind": "confirm", "value": {"ok": True}}
    steps = [("answer", {"answers": [{**warm, "value": {"n": tenths}}]}), ("answer", {"answers": [briefed]})]
    chance.shuffle(steps)
    if tenths > 373:
        return [("arrive", arrive), *steps, ("turn_away", {"reason": "体温偏高"})]
    going = [("admit", {}), ("care", {"item": "water"}), ("leave", {"seen": True, "subjects": []})]
    return [("arrive", arrive), *steps, *going][: chance.randint(3, 6)]


def batches(chance: Random, desk: Desk) -> list[list[dict[str, Any]]]:
    found, rest = [], list(desk.events)
    while rest:
        size = chance.randint(1, MOST_BATCH)
        found.append(rest[:size])
        rest = rest[size:]
    return found


@dataclass
class Replay:
    """How a delivery goes: ``renews`` and ``forgets`` are the planted faults."""

    chance: Random
    shuffled: bool = True
    times: int = 3
    renews: bool = False
    forgets: bool = False
    cut: int = 0
    lost: int = 0

    def run(self, app: Flask, desks: Sequence[Desk]) -> None:
        waits = [(desk, batch) for desk in desks for batch in batches(self.chance, desk)]
        for _ in range(self.times):
            if self.shuffled:
                self.chance.shuffle(waits)
            waits = [(desk, batch) for desk, batch in waits if not self._sent(app, desk, batch)]

    def _sent(self, app: Flask, desk: Desk, batch: list[dict[str, Any]]) -> bool:
        """Deliver one batch; whether its phone forgets it."""
        if self.renews:
            batch = [{**event, "id": str(new_id()), "after": None} for event in batch]
        body = desk.phone.batch(*batch, sent_at=clock.micros(clock.now()) + desk.off)
        fate = self.chance.random() if self.shuffled else 1.0
        if fate < 0.25:
            self.cut += 1
            whole = desk.phone.headers(body)
            answer = app.test_client().post("/desk/sync", data=body[: len(body) // 2], headers=whole)
            assert answer.status_code == 401, answer.text
            return self.forgets
        answer = desk.phone.post(app, raw=body)
        assert answer.status_code == 200, answer.text
        if fate < 0.4:
            self.lost += 1
            return self.forgets
        for event, told in zip(batch, answer.json["outcomes"], strict=True):
            desk.told[event["id"]] = told
        return False


def delivered(app: Flask, desks: Sequence[Desk], replay: Replay) -> None:
    """Replay, and then once in order what a cut left undelivered: a phone sends until it was answered."""
    replay.run(app, desks)
    if not replay.forgets and not replay.renews:
        Replay(replay.chance, shuffled=False, times=1).run(app, desks)


def standing(engines: Engines, place: factories.Factory, visits: Iterable[UUID]) -> dict[UUID, Any]:
    """Each visit as its book has it, without the times of this run."""
    found = {}
    with tenancy.open_session(engines, place.scope) as session:
        for visit in visits:
            state = book.folded(session, enterprise_id=place.id, visit_id=visit).state
            found[visit] = state and (
                state.status, state.verdict, state.stage, state.open_count, sorted(state.present),
                sorted((key, dict(answer.value)) for key, answer in state.answers.items()),
                {subject: plate.plate for subject, plate in state.plates.items()},
                {subject: person.name for subject, person in state.people.items()},
            )  # fmt: skip
    return found


def stored(engines: Engines, place: factories.Factory) -> tuple[Counter[str], dict[str, str], set[str], int, bool]:
    """(how often each event stands in the book, what became of each, those that admitted second, entries, sound)."""
    with tenancy.open_session(engines, place.scope) as session:
        became = {str(one): state for one, state in session.execute(select(VisitEvent.event_id, VisitEvent.state))}
        bodies = [json.loads(text)["body"] for text in session.scalars(select(LedgerEntry.bytes))]
        sound = isinstance(proof.verify(session, enterprise_id=place.id), proof.Sound)
    events = [body for body in bodies if "event" in body]
    second = {body["event"]["id"] for body in events if body["outcome"].get("act") == "also"}
    second |= {
        late["event"] for body in events for late in body["outcome"].get("released", ()) if late.get("act") == "also"
    }
    return Counter(body["event"]["id"] for body in events), became, second, len(bodies), sound


def listed(desks: Sequence[Desk]) -> set[str]:
    """The events of which the phones' own program tells a person, after the last answer to each."""
    pairs = [[event, desk.told[event["id"]]] for desk in desks for event in desk.events if event["id"] in desk.told]
    command = ["node", "--input-type=module", "--eval", LISTED]
    ran = subprocess.run(command, input=json.dumps(pairs), capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(ran.stdout))


def enrolled(engines: Engines, place: factories.Factory, chance: Random, count: int = 4) -> list[Desk]:
    publish(engines, place)
    spread = DAYS_OFF * 86_400 * MICRO
    return [Desk(enrol(engines, place, place.guard), chance.randrange(-spread, spread)) for _ in range(count)]


def publish(engines: Engines, place: factories.Factory) -> None:
    at = clock.from_micros(clock.micros(clock.now()) - 10 * 86_400 * MICRO)
    rules = document(temperature(), rule("briefing"))
    with tenancy.open_session(engines, place.scope, write=True) as session:
        publishing.publish_document(session, rules, owner=Owner.ENTERPRISE, by=place.admin, at=at, holds_from=at)


def experiment(
    app: Flask, engines: Engines, places: Sequence[factories.Factory], events: int, seed: int
) -> dict[str, Any]:
    """Four factories: shuffled, in order, and the two planted faults."""
    shuffled, ordered, renewing, forgetting = places
    desks = enrolled(engines, shuffled, Random(seed))
    alone = written(Random(seed + 1), desks, events)
    replay = Replay(Random(seed + 2))
    delivered(app, desks, replay)
    counts, became, second, entries, sound = stored(engines, shuffled)
    visits = [UUID(event["visit"]) for desk in desks for event in desk.events]
    before = standing(engines, shuffled, visits)
    delivered(app, desks, Replay(Random(seed + 3), times=1))
    again = stored(engines, shuffled)
    same = standing(engines, shuffled, visits) == before and again[3] == entries

    mirror = enrolled(engines, ordered, Random(seed))
    instead = {str(desk.phone.by): str(twin.phone.by) for desk, twin in zip(desks, mirror, strict=True)}
    for desk, twin in zip(desks, mirror, strict=True):
        twin.events = [{**event, "by": instead[event["by"]]} for event in desk.events]
    delivered(app, mirror, Replay(Random(seed), shuffled=False, times=1))
    in_order = standing(engines, ordered, alone)
    otherwise = [visit for visit in alone if before[visit] != in_order[visit]]

    told, sent = listed(desks), {event["id"] for desk in desks for event in desk.events}
    conflicts = {event for event, state in became.items() if state != "applied"} | second
    planted = {
        "new_ids_duplicates": _planted(app, engines, renewing, events, seed, renews=True)[1],
        "forgetting_lost": _planted(app, engines, forgetting, events, seed, forgets=True)[0],
    }
    return {
        "events": len(sent),
        "visits": len(set(visits)),
        "deliveries_cut": replay.cut,
        "answers_lost": replay.lost,
        "lost": len(sent - counts.keys()),
        "duplicated": sum(times - 1 for times in counts.values()),
        "unknown": len(counts.keys() - sent),
        "other_than_in_order": len(otherwise),
        "compared_with_in_order": len(alone),
        "replays_change_nothing": same,
        "conflicts": len(conflicts),
        "conflicts_not_listed": len(conflicts - told),
        "sound": sound and again[4],
        "planted": planted,
        "pass": sent == counts.keys() and set(counts.values()) == {1} and not otherwise and same and sound
        and not conflicts - told and len(conflicts) > 0 and all(planted.values()),
    }  # fmt: skip


def _planted(
    app: Flask, engines: Engines, place: factories.Factory, events: int, seed: int, **fault: bool
) -> tuple[int, int]:
    """(events lost, trucks that stand in the book twice) where the phones have a fault."""
    desks = enrolled(engines, place, Random(seed))
    written(Random(seed + 1), desks, events // 4)
    delivered(app, desks, Replay(Random(seed + 2), **fault))
    counts = stored(engines, place)[0]
    sent = {event["id"] for desk in desks for event in desk.events}
    return len(sent - counts.keys()), sum(counts.values()) - len(sent)


def main() -> int:
    parser = argparse.ArgumentParser(description="L3")
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = from_environment({"GATE_DATA_DIR": folder})
        installation = create_app(settings, command_line=True).extensions["gate"]
        prepare(installation)
        ledger.use_keystore(installation.keystore)
        town = factories.make_town(installation.engines, "测镇", "ce")
        places = [factories.make_factory(installation.engines, town, f"测{n}厂", f"ce{n}") for n in range(4)]
        app = create_app(settings, command_line=False)
        result = {"experiment": "L3", **experiment(app, installation.engines, places, args.events, args.seed)}
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
