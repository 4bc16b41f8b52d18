"""Hours in which nobody kept a gate, counted again minute by minute from the acts in the book."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from gatekeeper import clock, tenancy
from gatekeeper.access import SignedDesk
from gatekeeper.clock import micros
from gatekeeper.db import Engines, new_id
from gatekeeper.desk import entries
from gatekeeper.desk.reading import Entry
from gatekeeper.figures import manning
from tests.conftest import Databases
from tests.factories import MORNING, World
from tests.phone import enrol

MINUTE = timedelta(minutes=1)
FIRST = clock.day_of(MORNING)
STAYS = {"duty.taken": True, "duty.accepted": True, "duty.handed_over": False, "duty.ended": False}


def told(world: World, desk: SignedDesk, kind: str, at: datetime, code: str | None = None) -> None:
    entry = Entry(new_id(), kind, at)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        entries._written(session, desk, entry, world.own.guard, code, at)


def recount(url: str, start: datetime, end: datetime) -> tuple[int, int]:
    """(minutes without anybody, minutes in all) from the acts in the book alone."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT bytes FROM ledger_entry WHERE kind = 'act' ORDER BY seq").fetchall()
    engine.dispose()
    bodies: list[dict[str, Any]] = [json.loads(row[0])["body"] for row in rows]
    acts = [body for body in bodies if body["act"] in STAYS and body["values"]["code"] is None]
    acts.sort(key=lambda body: body["values"]["at"])
    empty = whole = 0
    minute = start
    while minute < end:
        before = [body for body in acts if body["values"]["at"] <= micros(minute)]
        whole += bool(before)
        if before:
            last = before[-1]
            on = STAYS[last["act"]] and micros(minute) - last["values"]["at"] < 36 * 3600 * 1_000_000
            empty += not on
        minute += MINUTE
    return empty, whole


@pytest.mark.parametrize("seed", [1, 2])
def test_hours_without_a_guard_equal_a_recount(world: World, engines: Engines, databases: Databases, seed: int) -> None:
    rng = random.Random(seed)
    phone = enrol(world.engines, world.own, world.own.guard)
    desk = SignedDesk(world.own.id, phone.id, world.own.gate_id, False, {}, None)
    at = clock.start_of(FIRST) - 30 * MINUTE if seed == 1 else clock.start_of(FIRST) + 90 * MINUTE
    for _ in range(9):
        kind = rng.choice(["duty", "handover", "accept", "off"])
        told(world, desk, kind, at, "duty.pin" if rng.random() < 0.2 else None)
        at += MINUTE * rng.randrange(1, 900)
    last = FIRST + timedelta(days=3)
    until = clock.start_of(last) + timedelta(hours=20)
    with tenancy.open_session(engines, world.own.scope) as session:
        (found,) = manning.hours(session, enterprise_id=world.own.id, first=FIRST, last=last, at=until) or ()
    empty, whole = recount(databases.owner, clock.start_of(FIRST), until)
    assert (found.unmanned, found.of) == (empty * 60, whole * 60) and 0 < empty < whole


def test_where_no_gate_keeps_duty_there_is_nothing_to_say(world: World, engines: Engines) -> None:
    with tenancy.open_session(engines, world.own.scope) as session:
        assert manning.hours(session, enterprise_id=world.own.id, first=FIRST, last=FIRST, at=MORNING) is None
