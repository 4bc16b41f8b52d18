"""P3: every look at what is masked is an entry with a purpose, and each person's looks are limited.

A township with two factories; an inspector, an admin and a shift lead ask, through the pages, to see the contacts of
more visits than they may within the hour, now and then without a purpose. Answers that show the canary are counted
against the entries. Two faults are planted: a look that is not written, and a limit that does not hold.
usage: bench/reveals.py [visits [seed]]; prints one JSON object for each database.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402
from sqlalchemy import select  # noqa: E402

from gatekeeper import create_app, schema, tenancy  # noqa: E402
from gatekeeper.access import Actor  # noqa: E402
from gatekeeper.db import connect, new_id  # noqa: E402
from gatekeeper.ledger.models import LedgerEntry  # noqa: E402
from gatekeeper.visits import reveal, reveal_views  # noqa: E402
from gatekeeper.visits.reveal_words import PURPOSES  # noqa: E402
from tests.conftest import Databases, make_database, populate, settings_of  # noqa: E402
from tests.factories import Factory, World, client_for  # noqa: E402
from tests.visits.gate import AtGate  # noqa: E402

CANARY = "19900001234"
EACH_ASKS_WITHOUT = 5


def trial(app: Flask, world: World, *, visits: int, chance: random.Random, most: int = 30) -> dict[str, Any]:
    """Play the looks and count them; ``most`` is how many visits each person may look into.

    ``shown``: answers in which the canary stood; ``entries``: looks in the books; ``purposes``: those with a known
    purpose; ``over``: answers past the limit that still showed it; ``without``: answers without a purpose that did.
    """
    before = len(_looks(world))
    ours = [_arrived(world, place, number) for number in range(visits) for place in (world.own, world.neighbour)]
    counted = {"shown": 0, "over": 0, "without": 0, "refused": 0, "asked": 0}
    for person in (world.towns[0].inspector, world.own.admin, world.own.lead):
        reach = [(p, v) for p, v in ours if person.is_township_staff or p.id == person.enterprise_id]
        chance.shuffle(reach)
        allowed = 0
        for number, (place, visit) in enumerate(reach):
            if number < EACH_ASKS_WITHOUT:
                counted["without"] += _ask(app, person, place, visit, "")[1]
            status, seen = _ask(app, person, place, visit, chance.choice(sorted(PURPOSES)))
            counted["asked"] += 1
            counted["shown"] += seen
            counted["refused"] += status == 429
            counted["over"] += seen and allowed >= most
            allowed += seen
    entries = _looks(world)[before:]
    purposes = sum(body["purpose"] in PURPOSES for body in entries)
    return {**counted, "entries": len(entries), "purposes": purposes}


def holds(result: dict[str, Any]) -> bool:
    """Whether every look shown was written with a purpose, the 31st refused, and nothing shown without one."""
    same = result["shown"] == result["entries"] == result["purposes"]
    return same and result["over"] == result["without"] == 0 and result["refused"] > 0


def _arrived(world: World, place: Factory, number: int) -> tuple[Factory, UUID]:
    gate = AtGate(world.engines, place)
    gate.arrive(f"浙A{10000 + number}")
    return place, gate.visit_id


def _ask(app: Flask, person: Actor, place: Factory, visit: UUID, purpose: str) -> tuple[int, bool]:
    data = {"look-event_id": str(new_id()), "look-classes": "contact", "look-purpose": purpose, "look-text": "核对"}
    answer = client_for(app, person).post(f"/e/{place.slug}/visits/{visit}/reveal", data=data)
    return answer.status_code, CANARY in answer.text


def _looks(world: World) -> list[dict[str, Any]]:
    """The bodies of every look in every book, read from the entries and through nothing of the looks' own code."""
    with tenancy.open_session(world.engines, tenancy.Platform()) as session:
        query = select(LedgerEntry.bytes).where(LedgerEntry.kind == "reveal").order_by(LedgerEntry.received_at)
        return [json.loads(text)["body"] for text in session.scalars(query)]


PLANTED = {
    "a look that is not written": lambda: patch.object(reveal_views, "_write", lambda *_: None),
    "a limit that does not hold": lambda: patch.object(reveal, "MOST", 10**6),
}


@contextmanager
def playing(databases: Databases, folder: Path) -> Iterator[tuple[Flask, World]]:
    """The program over a database with two townships in it."""
    owner = connect(databases.owner)
    schema.upgrade(owner)
    owner.dispose()
    populated = populate(databases, folder)
    app = create_app(settings_of(databases, folder), command_line=False, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    engines = connect(databases.platform)
    yield app, World(engines, populated.towns)
    engines.dispose()
    app.extensions["gate"].engines.dispose()


def run(name: str, make: Any, visits: int, seed: int) -> dict[str, Any]:
    """One database: the honest run, then each planted fault in a database of its own."""
    found: dict[str, dict[str, Any]] = {}
    for fault in ("", *PLANTED):
        with tempfile.TemporaryDirectory() as folder, playing(make(Path(folder)), Path(folder)) as (app, world):
            if fault:
                with PLANTED[fault]():
                    found[fault] = trial(app, world, visits=visits, chance=random.Random(seed))
            else:
                found[""] = trial(app, world, visits=visits, chance=random.Random(seed))
    caught = [fault for fault in PLANTED if not holds(found[fault])]
    return {
        "id": "P3", "database": name, "seed": seed, "visits": visits, **found[""], "planted": len(PLANTED),
        "planted_caught": len(caught), "pass": holds(found[""]) and len(caught) == len(PLANTED),
    }  # fmt: skip


def _sqlite(folder: Path) -> Databases:
    url = f"sqlite:///{folder / 'gate.db'}"
    return Databases(url, url, url)


def main(visits: int = 40, seed: int = 1) -> int:
    """1 when a look was not written, the limit did not hold, or a planted fault was not seen."""
    results = [run("SQLite", _sqlite, visits, seed)]
    if os.environ.get("GATE_TEST_PG"):
        results.append(run("PostgreSQL", lambda _: make_database("gate_bench_reveals"), visits, seed))
    for result in results:
        print(json.dumps(result, ensure_ascii=False))
    return 0 if all(result["pass"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
