"""A book of many visits in a moment: some that were really recorded, copied row by row to other times and plates.

The copies have what lists are made of: the visit, its people, its decisions, and the entry of who let it in. Their
entries are not chained, so such a book is for reading lists and not for verifying.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gatekeeper import clock, create_app, schema
from gatekeeper.clock import day_of
from gatekeeper.db import connect, new_id
from gatekeeper.figures import rolling
from gatekeeper.ledger.models import LedgerEntry, LedgerHead
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant, VisitStage
from tests.conftest import Databases, settings_of
from tests.factories import World, make_factory, make_town
from tests.visits.gate import FEVER, AtGate, publish

RECORDED, AT_ONCE = 40, 5_000
VISITS, PEOPLE, STAGES = Visit.__table__, VisitOccupant.__table__, VisitStage.__table__
EVENTS, ENTRIES, HEADS = VisitEvent.__table__, LedgerEntry.__table__, LedgerHead.__table__
ORDER = (VISITS, PEOPLE, STAGES, ENTRIES, EVENTS)


def filled(
    databases: Databases, folder: Path, visits: int, days: int, plate: Callable[[int], str]
) -> tuple[str, UUID, date]:
    """A factory with so many visits in so many days, by arrival with the plates of 0, 1, 2 and so on.

    Answers the database's address, the enterprise, and the first day.
    """
    owner = connect(databases.owner)
    schema.upgrade(owner)
    owner.dispose()
    installation = create_app(settings_of(databases, folder), command_line=True, testing=True).extensions["gate"]
    installation.open_keystore(may_create=True)
    engines = installation.engines
    town = make_town(engines, "甲镇", "jia")
    place = make_factory(engines, town, "青溪水泥厂", "shuini")
    first = clock.start_of(clock.today()) - timedelta(days=days + 1)
    publish(World(engines, [town]), place, FEVER, at=first - timedelta(days=1))
    for number in range(RECORDED):
        gate = AtGate(engines, place, at=first + timedelta(minutes=number))
        gate.arrive()
        gate.temperature(381 if number % 20 == 0 else 365)
        if number % 20 == 0:
            gate.turn_away()
        else:
            gate.admit()
            gate.leave()
    engine = sa.create_engine(databases.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        _copy(connection, first, timedelta(days=days) / visits, visits, plate)
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    rolling.refresh(engines, place.id, anew=True)
    engines.dispose()
    return databases.app, place.id, day_of(first)


def _copy(
    connection: sa.Connection, first: datetime, step: timedelta, visits: int, plate: Callable[[int], str]
) -> None:
    recorded = [dict(row) for row in connection.execute(sa.select(VISITS)).mappings()]
    of_visit = {table: _by_visit(connection, table) for table in (PEOPLE, STAGES, EVENTS)}
    entries = {row["seq"]: dict(row) for row in connection.execute(sa.select(ENTRIES)).mappings()}
    seq, made = max(entries), {table: [] for table in ORDER}
    for number in range(visits):
        old = recorded[number % len(recorded)]
        new, later = new_id(), first + step * number - old["arrived_at"]
        times = {name: old[name] and old[name] + later for name in ("arrived_at", "admitted_at", "closed_at")}
        made[VISITS].append(
            {**old, **times, "id": new, "plate": plate(number), "day": day_of(times["arrived_at"]), "late": False}
        )
        for table in (PEOPLE, STAGES):
            made[table] += [{**row, "visit_id": new} for row in of_visit[table][old["id"]]]
        for row in of_visit[EVENTS][old["id"]]:
            if row["kind"] in ("admit", "turn_away"):
                seq, named = seq + 1, new_id()
                made[EVENTS].append({**row, "visit_id": new, "seq": seq, "event_id": named})
                made[ENTRIES].append({**entries[row["seq"]], "seq": seq, "event_id": named})
        if len(made[VISITS]) == AT_ONCE or number == visits - 1:
            for table in ORDER:
                connection.execute(sa.insert(table), made[table])
                made[table].clear()
    for table in (EVENTS, PEOPLE, STAGES, VISITS):
        key = table.c.id if table is VISITS else table.c.visit_id
        connection.execute(sa.delete(table).where(key.in_([row["id"] for row in recorded])))
    head = HEADS.c.enterprise_id == recorded[0]["enterprise_id"]
    connection.execute(sa.update(HEADS).where(head).values(seq=seq))


def _by_visit(connection: sa.Connection, table: Any) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in connection.execute(sa.select(table)).mappings():
        found.setdefault(row["visit_id"], []).append(dict(row))
    return found
