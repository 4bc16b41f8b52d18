"""Playing the demo: every planned event goes through ``record``, at the hour at which it is played."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import OPERATOR, Actor
from gatekeeper.clock import day_of, from_micros, local, micros, start_of
from gatekeeper.db import Engines
from gatekeeper.demo import script
from gatekeeper.demo.plan import Change, of_day
from gatekeeper.demo.script import Planned, Press
from gatekeeper.demo.world import Built, office_id
from gatekeeper.formats.risk_lists import parse
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.registrations import service as registrations
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.risk_areas import service as risk_lists
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.visits import book, sweep
from gatekeeper.visits import queries as visits
from gatekeeper.visits.events import Event
from gatekeeper.visits.folding import Fold, step
from gatekeeper.visits.models import Visit, VisitState
from gatekeeper.visits.record import record
from gatekeeper.visits.state import State

BATCH = 200
"""Events in one transaction."""
LIST = Path(__file__).with_name("risk_list.json")
REGISTERED = 0.85
"""Share of trucks from risk areas that were announced in time."""


def adopt_lists(engines: Engines, files: Iterable[Path], *, last: date) -> list[tuple[int, str]]:
    """Load official lists of days up to ``last``, each in force from its own hour: [(microseconds, hash)]."""
    found = sorted(((parse(raw).update_time, raw) for raw in (file.read_bytes() for file in files)), key=lambda x: x[0])
    adopted = []
    with tenancy.open_session(engines, tenancy.Enterprise(office_id()), write=True) as session:
        for update_time, raw in found:
            if day_of(update_time) <= last:
                row = risk_lists.store(session, raw, at=update_time)
                risk_lists.adopt(session, list_hash=row.hash, by=OPERATOR, at=update_time)
                adopted.append((micros(update_time), row.hash))
    return adopted


def adopt_own(engines: Engines, day: date) -> None:
    """Put the demo's small invented list in force from the morning of ``day`` on, once."""
    at = start_of(day) - timedelta(hours=4)
    document = json.loads(LIST.read_text(encoding="utf8"))
    moment = local(at)
    document["data"]["end_update_time"] = f"{moment:%Y-%m-%d} {moment.hour}时"
    raw = json.dumps(document, ensure_ascii=False).encode()
    with tenancy.open_session(engines, tenancy.Enterprise(office_id()), write=True) as session:
        if risk_areas.in_force(session, at=at) is None:
            row = risk_lists.store(session, raw, at=at)
            risk_lists.adopt(session, list_hash=row.hash, by=OPERATOR, at=at)


def _lists_of(session: Session, day: date) -> list[Any]:
    """The adoptions that hold during a day, oldest first."""
    end = start_of(day + timedelta(days=1))
    held = [a for a in risk_areas.history(session, at=end, limit=100) if a.update_time >= start_of(day)]
    before = risk_areas.in_force(session, at=start_of(day))
    return [*([before] if before else []), *reversed(held)]


def risk_of(session: Session, day: date) -> tuple[list[str], list[Change]]:
    """(counties on any list of the day, counties whose level changed during it)."""
    risky: set[str] = set()
    changes: list[Change] = []
    previous: dict[str, str] | None = None
    for adoption in _lists_of(session, day):
        index = risk_areas.index(session, adoption.list_hash)
        codes = {c[:6] for level in ("high", "medium") for c in index.codes(level)}
        levels = {code: index.level(code).level for code in codes}
        if previous is not None:
            differing = sorted(c for c in levels.keys() | previous.keys() if levels.get(c) != previous.get(c))
            changes += [Change(code, micros(adoption.update_time)) for code in differing]
        risky |= codes
        previous = levels
    return sorted(risky), changes


@dataclass(frozen=True, slots=True)
class Played:
    """How far a day of one enterprise was played: ``until`` in microseconds, with which seed and how many visits.

    ``done``: every visit of the day was played to its end, past midnight where it stayed longer.
    """

    until: int
    seed: int
    visits: int
    done: bool


def played(session: Session, day: date) -> Played | None:
    """What the enterprise's book says of an earlier play of ``day``; None when there was none."""
    found = None
    for text in session.scalars(select(LedgerEntry.bytes).where(LedgerEntry.kind == "act").order_by(LedgerEntry.seq)):
        body = json.loads(text)["body"]
        if body["act"] == "demo.played" and body["subject"] == day.isoformat():
            found = Played(**body["values"])
    return found


def play_day(engines: Engines, built: Built, day: date, *, seed: int, count: int, until: datetime) -> int:
    """Play ``day`` at one enterprise, as far as it has come by ``until``; answers how many events were written.

    A day that is done is never played again; one played in part goes on with the seed it began with.
    """
    scope, stop = tenancy.Enterprise(built.place.id), micros(until)
    with tenancy.open_session(engines, scope) as session:
        before = played(session, day)
        if before is not None and (before.done or before.until >= stop):
            return 0
        seed, count = (before.seed, before.visits) if before else (seed, count)
        risky, changes = risk_of(session, day)
        known = {row.id: row.state for row in session.execute(select(Visit.id, Visit.state))}
    planned = of_day(built.place, day, count=count, seed=seed, risky=risky, changes=changes, zones=built.zones)
    if before is None:
        _register(engines, built, planned, risky, day)
    written, done = _play(engines, built, planned, known, stop)
    with tenancy.open_session(engines, scope, write=True) as session:
        values = {"until": stop, "seed": seed, "visits": count, "done": done}
        at = min(until, start_of(day + timedelta(days=2)))
        ledger.act(session, by=OPERATOR, what="demo.played", subject=day.isoformat(), body=values, at=at)
    return written


def _register(engines: Engines, built: Built, planned: Sequence[Planned], risky: Sequence[str], day: date) -> None:
    """Most trucks from risk areas were announced two days before, some too late, and approved."""
    with tenancy.open_session(engines, tenancy.Enterprise(built.place.id), write=True) as session:
        for visit in planned:
            if visit.plate is None or visit.origin not in set(risky) or (visit.seed % 1000) / 1000 >= REGISTERED:
                continue
            at = start_of(day) - timedelta(hours=10 if visit.seed % 20 == 0 else 30)
            made = registrations.announce(
                session, plate=visit.plate, day=day, origin=visit.origin, cargo=visit.cargo, by=built.guards[0], at=at
            )
            registrations.approve(session, made, by=built.admin, at=at + timedelta(hours=1))


def _play(engines: Engines, built: Built, planned: Sequence[Planned], known: dict[UUID, str], stop: int | None) -> int:
    """Run every script in the order of time; a visit of an earlier play that is closed is passed over."""
    closed = (VisitState.LEFT, VisitState.TURNED_AWAY, VisitState.VOID)
    scope, keep_from = tenancy.Enterprise(built.place.id), day_of(built.made_at)
    with tenancy.open_session(engines, scope) as session:
        books = rulebooks.in_force(session, at=from_micros(planned[0].at)) if planned else []
    queue: list[tuple[int, int, Press, Any]] = []
    order = 0
    for visit in planned:
        if known.get(visit.id) in closed or visit.at > stop:
            continue
        running = script.play(visit, books, built)
        press = _caught_up(engines, built, visit, running) if visit.id in known else next(running)
        if press is not None:
            queue.append((press.at, order, press, (visit, running)))
            order += 1
    heapq.heapify(queue)
    written = 0
    swept = planned[0].at if planned else 0
    while queue:
        with tenancy.open_session(engines, scope, write=True) as session:
            for at, press, (visit, running) in _batch(queue, stop):
                if at - swept > script.HOUR:
                    swept = at
                    sweep.overdue(session, at=from_micros(at), keep_from=keep_from)
                state = _press(session, built, visit, press, keep_from)
                written += 1
                order += 1
                following = _following(running, state)
                if following is not None:
                    heapq.heappush(queue, (following.at, order, following, (visit, running)))
        if queue and queue[0][0] > stop:
            break
    return written, not queue and all(visit.at <= stop for visit in planned)


def _caught_up(engines: Engines, built: Built, visit: Planned, running: Any) -> Press | None:
    """Lead a script through what an earlier play recorded of its visit; answers its next event, None at its end."""
    with tenancy.open_session(engines, tenancy.Enterprise(built.place.id)) as session:
        lines = book.entries_of(session, enterprise_id=built.place.id, visit_id=visit.id)
    fold, states = Fold(), {}
    for line in lines:
        fold = step(fold, line)
        states[line.event_id] = fold.state
    press: Press | None = next(running)
    while press is not None and str(press.id) in states:
        press = _following(running, states[str(press.id)])
    return press


def _batch(queue: list[tuple[int, int, Press, Any]], stop: int) -> Iterator[tuple[int, Press, Any]]:
    for _ in range(BATCH):
        if not queue or queue[0][0] > stop:
            return
        at, _, press, rest = heapq.heappop(queue)
        yield at, press, rest


def _following(running: Any, state: State | None) -> Press | None:
    try:
        return running.send(state)
    except StopIteration:
        return None


def _press(session: Session, built: Built, visit: Planned, press: Press, keep_from: date) -> State | None:
    at = from_micros(press.at)
    event = Event(press.id, visit.id, press.kind, at, built.gate_id, press.body)
    by = {"lead": built.lead, "admin": built.admin}.get(press.by) or on_duty(built, at)
    return record(session, event, by=by, received_at=at, keep_from=max(keep_from, day_of(at))).visit


def on_duty(built: Built, at: datetime) -> Actor:
    """The guard of the shift: from 0, 8 and 16 o'clock."""
    return built.guards[local(at).hour // 8]


def end_sweep(engines: Engines, built: Built, at: datetime) -> int:
    """Overdue visits at the end of what was played get their stored decision."""
    with tenancy.open_session(engines, tenancy.Enterprise(built.place.id), write=True) as session:
        waiting = visits.due(session, enterprise_id=built.place.id, at=at)
        return sweep.overdue(session, at=at, keep_from=max(day_of(built.made_at), day_of(at))) if waiting else 0
