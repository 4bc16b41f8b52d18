"""L4 and L5: what happens when two, or two hundred, do the same at once.

L4: many guards admit one visit through HTTP at the same moment, round after round: exactly one admits, the others are
kept as "also". L5: pairs of conflicting acts at once; what comes out is what one after the other would have given.
The planted fault of both: everybody looks at the visit before anybody locks it, and writes by what was seen then. It
must show several admissions of one visit, and visits that were admitted and turned away.

usage: bench/races.py [--guards 200] [--rounds 100] [--pairs 1000] [--only sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.record import Connection, environment, request, served  # noqa: E402
from gatekeeper import clock, create_app, tenancy  # noqa: E402
from gatekeeper.cli import prepare  # noqa: E402
from gatekeeper.config import from_environment  # noqa: E402
from gatekeeper.db import Engines, new_id  # noqa: E402
from gatekeeper.errors import DomainError  # noqa: E402
from gatekeeper.ledger import service as ledger  # noqa: E402
from gatekeeper.ledger.models import LedgerEntry  # noqa: E402
from gatekeeper.registrations import queries as registrations  # noqa: E402
from gatekeeper.registrations import service as announcing  # noqa: E402
from gatekeeper.retention import erasing  # noqa: E402
from gatekeeper.rulebooks import queries as rulebooks  # noqa: E402
from gatekeeper.rulebooks import service as publishing  # noqa: E402
from gatekeeper.rules.values import Owner  # noqa: E402
from gatekeeper.visits import batch, book, proof  # noqa: E402
from gatekeeper.visits.events import Event, EventKind  # noqa: E402
from gatekeeper.visits.folding import standings  # noqa: E402
from gatekeeper.visits.models import Visit  # noqa: E402
from gatekeeper.visits.record import Outcome, record_many  # noqa: E402
from tests import factories  # noqa: E402
from tests.phone import Phone, enrol  # noqa: E402
from tests.rules.made import document, rule  # noqa: E402


@dataclass
class Place:
    """One factory on one database, with what an experiment needs of it; ``env`` is what a server of it starts with."""

    engines: Engines
    factory: factories.Factory
    env: dict[str, str] = field(default_factory=dict)

    def write(self, work: Callable[[Any], Any]) -> Any:
        """Do ``work`` in a transaction; a refusal is its code."""
        try:
            with tenancy.open_session(self.engines, self.factory.scope, write=True) as session:
                return work(session)
        except DomainError as refused:
            return refused.code

    def read(self, work: Callable[[Any], Any]) -> Any:
        with tenancy.open_session(self.engines, self.factory.scope) as session:
            return work(session)

    def event(self, visit: UUID, kind: EventKind, body: dict[str, Any] | None = None) -> Outcome:
        made = Event(new_id(), visit, kind, clock.now(), self.factory.gate_id, body or {})
        outcome = self.write(lambda s: record_many(s, [(made, self.factory.guard)], received_at=clock.now())[0])
        assert isinstance(outcome, Outcome), outcome
        return outcome

    def arrival(self) -> UUID:
        visit = new_id()
        plate = {"subject": "tractor", "written": "浙A12345", "plate": "浙A12345", "class": "ordinary"}
        driver = {"subject": "occupant:1", "role": "driver", "name": "周某某", "phone": "19900001234"}
        self.event(visit, EventKind.ARRIVE, {"kind": "truck", "plates": [plate], "people": [driver]})
        return visit

    def sound(self) -> bool:
        found = self.read(lambda session: proof.verify(session, enterprise_id=self.factory.id))
        return isinstance(found, proof.Sound)


def new_place(urls: dict[str, str], folder: str) -> Place:
    """A factory on a database of its own."""
    env = environment(Path(folder), urls)
    settings = from_environment({k: v for k, v in env.items() if k.startswith("GATE_")})
    installation = create_app(settings, command_line=True).extensions["gate"]
    prepare(installation)
    ledger.use_keystore(installation.keystore)
    town = factories.make_town(installation.engines, "测镇", "ce")
    return Place(installation.engines, factories.make_factory(installation.engines, town, "测1厂", "ce1"), env)


# L4: many admit one ---------------------------------------------------------------------------------------------------


def admitted(place: Place, visit: UUID) -> Counter[str]:
    """How each admission of a visit stands in the book."""
    lines = place.read(lambda s: book.entries_of(s, enterprise_id=place.factory.id, visit_id=visit))
    return Counter(line.outcome["act"] for line in lines if line.kind == "admit")


def many_admit_one(place: Place, guards: int, rounds: int) -> dict[str, Any]:
    phones = [enrol(place.engines, place.factory, place.factory.guard) for _ in range(guards)]
    visits = [place.arrival() for _ in range(rounds)]
    place.engines.dispose()
    with served("app:app", place.env):
        connections = [Connection(number) for number in range(len(phones))]
        faults = [_round(connections, phones, visit) for visit in visits]
    counts = [admitted(place, visit) for visit in visits]
    firsts = Counter(sum(n for act, n in count.items() if act != "also") for count in counts)
    kept = sum(sum(count.values()) for count in counts)
    return {
        "guards": guards,
        "rounds": rounds,
        "admitted_by": {str(k): v for k, v in firsts.items()},
        "kept": kept,
        "not_answered": sum(faults),
        "sound": place.sound(),
        "pass": firsts == {1: rounds} and kept == guards * rounds and not sum(faults),
    }


def _round(connections: list[Connection], phones: list[Phone], visit: UUID) -> int:
    """Everybody presses at once; answers how many were not told an outcome."""
    made = []
    for phone in phones:
        body = phone.batch(phone.event("admit", visit))
        made.append(request("/desk/sync", body, "application/json", phone.headers(body)))
    start, wrong = threading.Barrier(len(phones)), []

    def press(connection: Connection, sent: bytes) -> None:
        start.wait()
        status, answer = connection.send(sent)
        if status != 200 or json.loads(answer)["outcomes"][0]["state"] != "applied":
            wrong.append(status)

    threads = [threading.Thread(target=press, args=pair) for pair in zip(connections, made, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(wrong)


@contextmanager
def looked_before_locked(guards: int) -> Any:
    """The planted fault: each looks at the visit first, and writes by what it saw."""
    everyone = threading.Barrier(guards)
    honest = batch.Batch.lock

    def lock(self: batch.Batch, events: Any) -> None:
        visits = {event.visit_id for event in events}
        with tenancy.open_session(_ENGINES[0], tenancy.Enterprise(self.enterprise_id)) as session:
            seen = {v: book.folded(session, enterprise_id=self.enterprise_id, visit_id=v) for v in visits}
        everyone.wait(30)
        honest(self, events)
        self.before.update(seen)
        self.folds.update(seen)

    with patch.object(batch.Batch, "lock", lock):
        yield


_ENGINES: list[Any] = []


def admitted_too_often(place: Place, guards: int = 8) -> int:
    """Admissions of one visit under the planted fault."""
    _ENGINES[:] = [place.engines]
    visit = place.arrival()
    with looked_before_locked(guards), ThreadPoolExecutor(guards) as pool:
        list(pool.map(lambda _: place.event(visit, EventKind.ADMIT), range(guards)))
    return sum(n for act, n in admitted(place, visit).items() if act != "also")


# L5: pairs of conflicting acts ----------------------------------------------------------------------------------------


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each came to, done at the same moment."""
    start = threading.Barrier(len(acts))

    def go(act: Callable[[], Any]) -> Any:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(go, act) for act in acts]]


def leave_and_leave(place: Place) -> bool:
    visit = place.arrival()
    place.event(visit, EventKind.ADMIT)
    states = [o.state for o in at_once(*[lambda: place.event(visit, EventKind.LEAVE, {"subjects": []})] * 2)]
    return sorted(states) == ["applied", "attention"]


def admit_and_turn_away(place: Place) -> bool:
    visit = place.arrival()
    states = at_once(
        lambda: place.event(visit, EventKind.ADMIT).state,
        lambda: place.event(visit, EventKind.TURN_AWAY, {"reason": "证件不全"}).state,
    )
    return sorted(states) == ["applied", "attention"]


def two_gates_one_truck(place: Place) -> bool:
    """Two desks send the arrival of one visit, under ids of their own."""
    visit = new_id()
    plate = {"subject": "tractor", "written": "浙A54321", "plate": "浙A54321", "class": "ordinary"}
    body = {"kind": "truck", "plates": [plate]}
    outcomes = at_once(*[lambda: _retried(place, visit, EventKind.ARRIVE, body)] * 2)
    return sorted(o.state for o in outcomes) == ["applied", "attention"]


def arrive_and_answer(place: Place) -> bool:
    """An answer that comes after its arrival, sent by another connection at the same moment, is applied once."""
    visit, first = new_id(), new_id()
    arrive = Event(
        first, visit, EventKind.ARRIVE, clock.now(), place.factory.gate_id, {"kind": "walk_in", "plates": []}
    )
    note = Event(new_id(), visit, EventKind.NOTE, clock.now(), place.factory.gate_id, {"text": "在等"}, after=first)
    at_once(lambda: _sent(place, arrive), lambda: _sent(place, note))
    lines = place.read(lambda s: book.entries_of(s, enterprise_id=place.factory.id, visit_id=visit))
    return sorted(standings(lines).values()) == ["applied", "applied"]


def _sent(place: Place, event: Event) -> Any:
    for _ in range(5):
        try:
            return place.write(
                lambda s: record_many(s, [(event, place.factory.guard)], received_at=clock.now(), look_up=True)[0]
            )
        except IntegrityError:
            continue
    raise RuntimeError("lost every race")


def _retried(place: Place, visit: UUID, kind: EventKind, body: dict[str, Any]) -> Outcome:
    made: Outcome = _sent(place, Event(new_id(), visit, kind, clock.now(), place.factory.gate_id, body))
    return made


def approve_and_decline(place: Place) -> bool:
    """Whoever comes second: an approved one may still be declined, a declined one is never approved."""
    admin, at = place.factory.admin, clock.now()
    plate = f"浙B{abs(hash(new_id())) % 90000 + 10000}"
    made = place.write(lambda s: announcing.announce(s, plate=plate, day=clock.today(), by=admin, at=at).id)

    def found(session: Any) -> Any:
        return registrations.get(session, enterprise_id=place.factory.id, registration_id=made)

    def approve(session: Any) -> str:
        announcing.approve(session, found(session), by=admin, at=at)
        return "approved"

    def decline(session: Any) -> str:
        announcing.decline(session, found(session), reason="车况不符", by=admin, at=at)
        return "declined"

    outcomes = at_once(lambda: place.write(approve), lambda: place.write(decline))
    row = place.read(found)
    first_approved = outcomes == ["approved", "declined"] and _acts(place, made)[-2:] == ["approved", "declined"]
    first_declined = outcomes == ["registration.declined", "declined"] and row.enterprise_approved_at is None
    return row.declined_at is not None and (first_approved or first_declined)


def _acts(place: Place, subject: UUID) -> list[str]:
    """What was done to a registration, in the order of the book."""
    query = select(LedgerEntry.bytes).where(LedgerEntry.kind == "act").order_by(LedgerEntry.seq.desc()).limit(10)
    bodies = [json.loads(text)["body"] for text in place.read(lambda s: list(s.scalars(query)))]
    return [
        body["act"].rpartition("_")[2].rpartition(".")[2]
        for body in reversed(bodies)
        if body["subject"] == str(subject)
    ]


def edit_and_publish(place: Place) -> bool:
    """What is published holds the edit, or the edit was refused; it is never lost in silence."""
    admin, at = place.factory.admin, clock.now()

    def begin(session: Any) -> int:
        made = publishing.draft(session, by=admin, at=at)
        if not json.loads(made.document)["rules"]:
            publishing.add_rule(session, made, rule=rule("first"), by=admin, at=at)
        return made.revision

    shown = place.write(begin)
    code = f"edit_{new_id().hex[-12:]}"

    def edit(session: Any) -> str:
        draft = publishing.resume(session, revision=shown, by=admin, at=at)
        publishing.add_rule(session, draft, rule=rule(code), by=admin, at=at, revision=shown)
        return "edited"

    def publish(session: Any) -> str:
        draft = publishing.resume(session, revision=shown, by=admin, at=at)
        publishing.publish(session, draft, by=admin, at=at, revision=shown)
        return "published"

    outcomes = at_once(lambda: place.write(edit), lambda: place.write(publish))
    last = place.read(lambda s: rulebooks.last(s, enterprise_id=place.factory.id))
    standing = place.read(lambda s: rulebooks.draft(s, enterprise_id=place.factory.id))
    published = code in (last.document if last else "")
    if outcomes[0] == "edited":
        return outcomes[1] != "published" and standing is not None and code in standing.document
    return outcomes[1] == "published" and not published


def erase_and_read(place: Place) -> bool:
    """A visit is read whole or erased, never in pieces, and what was erased does not come back with the next event."""
    visit = place.arrival()
    admin, at = place.factory.admin, clock.now()

    def folded(session: Any) -> Any:
        return book.folded(session, enterprise_id=place.factory.id, visit_id=visit).state

    def erase(session: Any) -> int:
        return erasing.erase_visit(session, visit, ["plate", "contact"], by=admin, at=at)

    read, _, told = at_once(
        lambda: place.read(folded),
        lambda: place.write(erase),
        lambda: place.event(visit, EventKind.ANSWER, {"facts": {"cargo": "coal"}}).state,
    )
    seen = (read.plates["tractor"].plate, read.people["occupant:1"].name)
    left, row = place.read(folded), place.read(lambda s: s.get(Visit, (place.factory.id, visit)))
    gone = (left.plates["tractor"].plate, left.people["occupant:1"].name, row.plate) == (None, None, None)
    return told == "applied" and gone and seen in (("浙A12345", "周某某"), (None, None))


PAIRS: dict[str, Callable[[Place], bool]] = {
    "leave/leave": leave_and_leave,
    "admit/turn away": admit_and_turn_away,
    "two gates, one truck": two_gates_one_truck,
    "arrive/answer": arrive_and_answer,
    "approve/decline": approve_and_decline,
    "edit/publish": edit_and_publish,
    "erase/read": erase_and_read,
}


def violations_without_locks(place: Place, pairs: int = 5) -> int:
    _ENGINES[:] = [place.engines]
    broken = 0
    for _ in range(pairs):
        visit = place.arrival()
        admit = partial(place.event, visit, EventKind.ADMIT)
        turn_away = partial(place.event, visit, EventKind.TURN_AWAY, {"reason": "证件不全"})
        with looked_before_locked(2):
            states = [outcome.state for outcome in at_once(admit, turn_away)]
        broken += sorted(states) != ["applied", "attention"]
    return broken


# Running --------------------------------------------------------------------------------------------------------------


def run(name: str, urls: dict[str, str], guards: int, rounds: int, pairs: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        place = new_place(urls, folder)
        publish_nothing(place)
        one = many_admit_one(place, guards, rounds)
        one["planted_admissions"] = admitted_too_often(place)
        one["pass"] = one["pass"] and one["sound"] and one["planted_admissions"] > 1
        results = [{"experiment": "L4", "database": name, **one}]
    with tempfile.TemporaryDirectory() as folder:
        place = new_place(fresh(urls), folder)
        publish_nothing(place)
        broken = {pair: sum(not act(place) for _ in range(pairs)) for pair, act in PAIRS.items()}
        two: dict[str, Any] = {"pairs": pairs, "not_serial": broken, "sound": place.sound()}
        two["planted_violations"] = violations_without_locks(place)
        two["pass"] = not any(broken.values()) and two["sound"] and two["planted_violations"] > 0
        results.append({"experiment": "L5", "database": name, **two})
        place.engines.dispose()
    return results


def publish_nothing(place: Place) -> None:
    """A rulebook with one rule that nobody is asked about at the gate: every visit may go in."""
    at = clock.now()
    exit_only = document(rule("papers", stage="exit"))
    place.write(
        lambda s: publishing.publish_document(
            s, exit_only, owner=Owner.ENTERPRISE, by=place.factory.admin, at=at, holds_from=at
        )
    )


def fresh(urls: dict[str, str]) -> dict[str, str]:
    """Another database of the same kind."""
    return postgresql() if urls else {}


def postgresql() -> dict[str, str]:
    from tests.conftest import make_database

    made = make_database("gate_bench_races")
    return {
        "GATE_DATABASE_URL": made.app,
        "GATE_PLATFORM_DATABASE_URL": made.platform,
        "GATE_OWNER_DATABASE_URL": made.owner,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="L4 and L5")
    parser.add_argument("--guards", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    args = parser.parse_args()
    results: list[dict[str, Any]] = []
    if args.only != "postgresql":
        results += run("sqlite", {}, args.guards, args.rounds, args.pairs)
    if args.only != "sqlite" and os.environ.get("GATE_TEST_PG"):
        results += run("postgresql", postgresql(), args.guards, args.rounds, args.pairs)
    for result in results:
        print(json.dumps(result, ensure_ascii=False))
    return 0 if all(result["pass"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
