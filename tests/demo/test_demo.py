"""The demo, played on the official lists: the book proves itself, and each list judges in its own hours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.config import ROOT, Settings
from gatekeeper.demo import play, world
from gatekeeper.demo.plan import of_day
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.risk_areas.models import RiskList
from gatekeeper.visits import sweep
from gatekeeper.visits.models import Visit
from tests.conftest import shared_folder
from tests.factories import make_town

LISTS = shared_folder() / "risk-areas"
LISTS = LISTS if LISTS.is_dir() else shared_folder() / "data" / "risk-areas"
DAY = date(2022, 4, 18)
official = pytest.mark.skipif(not LISTS.is_dir(), reason="the official lists are not beside the project")


def run(app: Flask, *words: str, ok: bool = True) -> str:
    result = app.test_cli_runner().invoke(args=list(words))
    assert (result.exit_code == 0) is ok, result.output
    return result.output


def demo(app: Flask, *words: str) -> str:
    """A small demo: the cement plant with 40 trucks."""
    return run(app, "demo", "--visits", "40", "--enterprises", "1", *words)


def visits(app: Flask, place: world.Place = world.CEMENT) -> list[Visit]:
    with tenancy.open_session(app.extensions["gate"].engines, tenancy.Enterprise(place.id)) as session:
        return list(session.scalars(select(Visit).order_by(Visit.arrived_at)))


@official
def test_each_official_list_judges_in_its_own_hours(command_app: Flask) -> None:
    demo(command_app, "--day", "2022-04-18", "--risk-areas", str(LISTS))
    run(command_app, "ledger", "verify")
    run(command_app, "ledger", "replay")
    with tenancy.open_session(command_app.extensions["gate"].engines, tenancy.Unscoped()) as session:
        hours = {row.hash: clock.local(row.update_time).hour for row in session.scalars(select(RiskList))}
    dianbai = [visit for visit in visits(command_app) if visit.origin == "440904"]
    judged = {(hours[v.risk_list], v.risk_level) for v in dianbai if v.risk_list is not None}
    assert {clock.local(v.arrived_at).hour < 12 for v in dianbai} == {True, False}
    assert judged == {(8, "medium"), (12, "none")}
    for visit in dianbai:
        assert hours[visit.risk_list or ""] == (8 if clock.local(visit.arrived_at).hour < 12 else 12)


def test_a_day_is_played_whole_and_never_again(command_app: Flask) -> None:
    demo(command_app, "--day", "2022-04-18")
    first = {(visit.id, visit.last_seq) for visit in visits(command_app)}
    assert len(first) == 40
    assert "shuini 2022-04-18: played" in demo(command_app, "--day", "2022-04-18", "--seed", "7")
    assert {(visit.id, visit.last_seq) for visit in visits(command_app)} == first
    demo(command_app, "--day", "2022-04-19")
    assert len(visits(command_app)) == 80


def test_today_is_played_until_now_and_later_goes_on_where_it_stopped(command_app: Flask) -> None:
    engines = command_app.extensions["gate"].engines
    demo(command_app, "--day", "2022-04-17")
    built = world.build(engines, count=1, password_hash="x", at=clock.now())[0]
    noon = clock.start_of(DAY) + timedelta(hours=12)
    play.play_day(engines, built, DAY, seed=1, count=40, until=noon)
    at_noon = [visit for visit in visits(command_app) if visit.day == DAY]
    assert {visit.state for visit in at_noon} >= {"inside"}
    assert max(visit.arrived_at for visit in at_noon) <= noon
    play.play_day(engines, built, DAY, seed=99, count=7, until=clock.now())
    evening = [visit for visit in visits(command_app) if visit.day == DAY]
    assert len(evening) == 40
    assert {visit.id for visit in at_noon} < {visit.id for visit in evening}
    run(command_app, "ledger", "verify", "shuini")


def test_the_same_seed_gives_the_same_day() -> None:
    plan = [of_day(world.CEMENT, DAY, count=50, seed=s, risky=[], changes=[], zones=["raw"]) for s in (1, 1, 2)]
    assert plan[0] == plan[1]
    assert plan[0] != plan[2]
    assert all(clock.day_of(clock.from_micros(visit.at)) == DAY for visit in plan[0])


def test_a_raw_scan_of_the_database_finds_no_name_and_no_phone(settings: Settings, command_app: Flask) -> None:
    demo(command_app, "--day", "2022-04-18")
    risky, changes = [], []
    with tenancy.open_session(command_app.extensions["gate"].engines, tenancy.Enterprise(world.CEMENT.id)) as session:
        risky, changes = play.risk_of(session, DAY)
    zones = tuple(code for code, _ in world.demo_rulebooks.ZONES["cement"])
    planned = of_day(world.CEMENT, DAY, count=40, seed=1, risky=risky, changes=changes, zones=zones)
    assert {visit.id for visit in planned} == {visit.id for visit in visits(command_app)}
    names = {name for visit in planned for name, _ in visit.people if len(name) > 2}
    phones = {phone for visit in planned for _, phone in visit.people}
    raw = _everything(settings)
    assert planned[0].plate.encode() in raw or json.dumps(planned[0].plate)[1:-1].encode() in raw
    for secret in names | phones:
        for encoded in (
            secret.encode(),
            secret.encode("gb18030"),
            secret.encode("utf-16-le"),
            secret.encode("utf-16-be"),
        ):
            assert encoded not in raw, secret


def _everything(settings: Settings) -> bytes:
    """The database as somebody would find it: SQLite's files, or every row of PostgreSQL as text."""
    if settings.is_sqlite:
        return b"".join(path.read_bytes() for path in Path(settings.data_dir).glob("gate.db*"))
    engine = sa.create_engine(settings.owner_database_url, poolclass=sa.NullPool)
    found = []
    with engine.connect() as connection:
        for table in sa.inspect(engine).get_table_names():
            found += [str(row).encode() for row in connection.exec_driver_sql(f'SELECT t::text FROM "{table}" t')]
    engine.dispose()
    return b"\n".join(found)


def test_entries_of_the_demo_hold_no_personal_value(command_app: Flask) -> None:
    demo(command_app, "--day", "2022-04-18")
    with tenancy.open_session(command_app.extensions["gate"].engines, tenancy.Enterprise(world.CEMENT.id)) as session:
        arrivals = [
            json.loads(e.bytes) for e in session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "arrive"))
        ]
    assert len(arrivals) == 40
    for entry in arrivals:
        event = entry["body"]["event"]["body"]
        assert all(set(plate) == {"subject", "class"} for plate in event["plates"])
        assert all(set(person) == {"subject", "role"} for person in event["people"])


def test_a_real_township_is_refused_over_a_demo(command_app: Flask) -> None:
    demo(command_app, "--day", "2022-04-18")
    words = ["township", "add", "真镇", "--slug", "zhen", "--username", "zhen-admin"]
    assert "演示" in run(command_app, *words, ok=False)


def test_a_demo_is_refused_over_a_real_township(command_app: Flask) -> None:
    make_town(command_app.extensions["gate"].engines, "真镇", "zhen")
    assert "real township" in run(command_app, "demo", "--day", "2022-04-18", ok=False)


def test_the_sweep_of_the_worker_finds_every_enterprise(command_app: Flask) -> None:
    engines = command_app.extensions["gate"].engines
    demo(command_app, "--day", "2022-04-17")
    built = world.build(engines, count=1, password_hash="x", at=clock.now())[0]
    noon = clock.start_of(DAY) + timedelta(hours=12)
    play.play_day(engines, built, DAY, seed=1, count=40, until=noon)
    inside = sum(visit.state in ("inside", "at_gate") and not visit.overdue for visit in visits(command_app))
    assert inside > 0
    assert sweep.everywhere(engines, at=noon + timedelta(days=2)) == inside


def test_the_workers_task_opens_the_database_by_itself_and_sweeps(command_app: Flask, settings: Settings) -> None:
    engines = command_app.extensions["gate"].engines
    demo(command_app, "--day", "2022-04-17")
    built = world.build(engines, count=1, password_hash="x", at=clock.now())[0]
    play.play_day(engines, built, DAY, seed=1, count=40, until=clock.start_of(DAY) + timedelta(hours=12))
    waiting = sum(visit.state in ("inside", "at_gate") and not visit.overdue for visit in visits(command_app))
    assert waiting > 0
    environment = {
        "PATH": os.environ["PATH"],
        "GATE_DATA_DIR": str(settings.data_dir),
        "GATE_DATABASE_URL": settings.database_url,
        "GATE_PLATFORM_DATABASE_URL": settings.platform_database_url,
        "GATE_OWNER_DATABASE_URL": settings.owner_database_url,
    }
    task = "from gatekeeper.worker import sweep_overdue; print(sweep_overdue.call_local())"
    ran = subprocess.run([sys.executable, "-c", task], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip()) == (0, str(waiting)), ran.stderr
