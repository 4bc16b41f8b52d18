"""What has had its time is gone, class by class; the book, the figures and the neighbours are as they were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.config import ROOT
from gatekeeper.db import new_id
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.service import keystore
from gatekeeper.registrations import queries as announced
from gatekeeper.registrations import service as registrations
from gatekeeper.registrations.models import Registration
from gatekeeper.reports import service as reports
from gatekeeper.retention import erasing
from gatekeeper.retention.service import Done
from gatekeeper.rules import codec
from gatekeeper.rules.values import Owner, Rulebook
from gatekeeper.visits import book
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.models import Visit
from gatekeeper.visits.record import record
from tests.factories import MORNING, World
from tests.retention.given import Later, busy, on_day, parts, row, snapshot, sound
from tests.rules.made import document
from tests.visits.gate import AtGate


def test_each_class_goes_on_the_day_after_its_last(world: World, later: Later) -> None:
    busy(world, later.settings)
    assert parts(world.engines, world.own) == {"plate": 1, "contact": 1, "health": 1, "photo": 1, "note": 1}
    for days, left in (
        (14, {"plate": 1, "contact": 1, "health": 1, "photo": 1, "note": 1}),
        (15, {"plate": 1, "contact": 1, "note": 1}),
        (31, {"plate": 1, "note": 1}),
        (184, {}),
    ):
        later.run(days)
        assert parts(world.engines, world.own) == left
        assert sound(world.engines, world.own)


def test_the_rows_that_screens_read_forget_with_the_parts(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    visit, person = row(world.engines, world.own, gate.visit_id)
    assert (visit.plate, person.name_mask, person.phone_mask) == ("浙A12345", "张**", "199****1234")
    later.run(31)
    visit, person = row(world.engines, world.own, gate.visit_id)
    assert (person.name_mask, person.phone_mask, person.phone_index) == (None, None, None)
    assert visit.plate == "浙A12345"
    later.run(184)
    visit, person = row(world.engines, world.own, gate.visit_id)
    assert (visit.plate, visit.trailers, visit.people, visit.plate_class) == (None, "", 1, "ordinary")


def test_a_second_run_writes_nothing(world: World, later: Later) -> None:
    busy(world, later.settings)
    assert later.run(40).parts == 3
    before = snapshot(later.settings, world.own)
    assert later.run(40) == Done()
    assert later.run(-400) == Done()
    assert snapshot(later.settings, world.own) == before


def test_neighbours_stay_byte_for_byte(world: World, later: Later) -> None:
    busy(world, later.settings)
    neighbours = [place for town in world.towns for place in (town.office, *town.factories) if place != world.own]
    before = [snapshot(later.settings, place) for place in neighbours]
    assert later.run(40).parts == 3
    assert [snapshot(later.settings, place) for place in neighbours] == before


def test_the_keys_of_passed_days_are_destroyed_and_an_old_copy_stays_shut(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        before = book.folded(session, enterprise_id=world.own.id, visit_id=gate.visit_id).state
    assert before is not None and before.people["occupant:1"].name == "张伟强"
    assert later.run(40).keys == 3
    assert not keystore().has(world.own.id, "contact", on_day(30))
    assert keystore().has(world.own.id, "plate", on_day(183))


def test_a_fold_kept_in_memory_does_not_bring_back_what_was_erased(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    later.run(40)
    outcome = gate.send(EventKind.NOTE, {"text": "补记"})
    assert outcome.visit is not None
    assert outcome.visit.people["occupant:1"].name is None
    assert row(world.engines, world.own, gate.visit_id)[1].name_mask is None
    assert sound(world.engines, world.own)


def test_figures_of_past_reports_stay_and_their_details_shrink(world: World, later: Later) -> None:
    busy(world, later.settings)
    turned_away = AtGate(world.engines, world.own)
    turned_away.arrive("浙B99999")
    turned_away.temperature(390)
    turned_away.admit()
    day = clock.day_of(MORNING)

    def report():
        with tenancy.open_session(world.engines, world.own.scope) as session:
            tenant = enterprises.find_tenant(world.engines, world.own.slug)
            return reports.build(session, enterprise=tenant, first=day, last=day, at=clock.now())

    before = report()
    assert before.details.against_verdict[0].plate == "浙B99999"
    assert before.details.against_verdict[0].names == ("张**",)
    later.run(40)
    month = report()
    assert month.figures == before.figures
    assert (month.details.against_verdict[0].plate, month.details.against_verdict[0].names) == ("浙B99999", ("—",))
    later.run(200)
    half_year = report()
    assert half_year.figures == before.figures
    assert half_year.details.against_verdict[0].plate == ""


def test_registrations_forget_plate_and_reason(world: World, later: Later) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        made = registrations.announce(session, plate="浙A12345", day=clock.today(), by=world.own.guard, at=clock.now())
        registrations.decline(session, made, reason="李四说不行", by=world.own.admin, at=clock.now())

    def standing() -> tuple[str, str | None]:
        with tenancy.open_session(world.engines, world.own.scope) as session:
            found = session.get(Registration, (world.own.id, made.id))
            assert found is not None
            return found.plate, announced.reasons(session, [found]).get(found.id)

    later.run(184)
    assert standing() == ("浙A12345", "李四说不行")
    later.run(185)
    assert standing() == ("", None)


def test_a_registration_whose_parts_were_never_written_forgets_too(world: World, later: Later) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        day = clock.today() - timedelta(days=500)
        at = clock.start_of(day)
        made = registrations.announce(session, plate="浙A12345", day=day, by=world.own.guard, at=at)
    assert later.run(0).registrations == 1
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert session.get(Registration, (world.own.id, made.id)).plate == ""


def test_a_request_to_erase_takes_effect_at_once(world: World, later: Later, command_app: Flask) -> None:
    gate = busy(world, later.settings)
    run = command_app.test_cli_runner()
    args = ["retention", "erase", world.own.slug, str(gate.visit_id), "--class", "contact"]
    assert run.invoke(args=args).output == "1 parts erased\n"
    assert row(world.engines, world.own, gate.visit_id)[1].name_mask is None
    assert run.invoke(args=args).output == "0 parts erased\n"
    assert sound(world.engines, world.own)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        visit = session.get(Visit, (world.own.id, gate.visit_id))
        assert visit is not None and visit.plate == "浙A12345"
    refused = run.invoke(args=["retention", "erase", world.neighbour.slug, str(gate.visit_id)])
    assert refused.exit_code == 1 and "no such visit" in refused.output


def test_a_request_erases_the_announcement_of_the_visit_too(world: World, later: Later) -> None:
    plate = "浙A12345"
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        made, other = (
            registrations.announce(session, plate=each, day=on_day(0), by=world.own.guard, at=MORNING)
            for each in (plate, "浙A54321")
        )
    gate = busy(world, later.settings)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        assert session.get_one(Visit, (world.own.id, gate.visit_id)).registration_id == made.id
        erasing.erase_visit(session, gate.visit_id, ("plate",), by=OPERATOR, at=clock.now())
    with tenancy.open_session(world.engines, world.own.scope) as session:
        plates = {row.id: row.plate for row in session.scalars(select(Registration))}
    assert plates == {made.id: "", other.id: "浙A54321"}
    assert parts(world.engines, world.own)["plate"] == 1  # that of the other announcement
    assert sound(world.engines, world.own)


def test_the_command_runs_for_a_day(world: World, later: Later, command_app: Flask) -> None:
    busy(world, later.settings)
    ran = command_app.test_cli_runner().invoke(args=["retention", "run", "--today", on_day(40).isoformat()])
    assert ran.exit_code == 0, ran.output
    assert "parts 3, held 0" in ran.output and "photos 1" in ran.output and "keys 3" in ran.output


KILLED = """
import os, signal, sys
from datetime import date
from gatekeeper import clock, create_app
from gatekeeper.retention import entries, service

service.BATCH = 4
writing, count = entries.write, 0

def write(*given, **named):
    global count
    seq = writing(*given, **named)
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return seq

entries.write = write
gate = create_app(command_line=True).extensions["gate"]
gate.open_keystore()
service.run(gate.engines, gate.settings.data_dir, today=date.fromisoformat(sys.argv[1]), at=clock.now())
"""


def test_killed_half_way_it_converges(world: World, later: Later) -> None:
    for number in range(6):
        gate = AtGate(world.engines, world.own)
        gate.arrive(f"浙A1234{number}")
        gate.temperature(366)
        gate.leave()
    settings = later.settings
    environment = {
        "PATH": os.environ["PATH"],
        "GATE_DATA_DIR": str(settings.data_dir),
        "GATE_DATABASE_URL": settings.database_url,
        "GATE_PLATFORM_DATABASE_URL": settings.platform_database_url,
    }
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, on_day(40).isoformat()], env=environment, cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    left = parts(world.engines, world.own)
    assert 0 < sum(left.values()) < 18
    assert sound(world.engines, world.own)
    assert keystore().has(world.own.id, "contact", on_day(30))
    assert later.run(40).parts == 12 - 8
    assert parts(world.engines, world.own) == {"plate": 6}
    assert sound(world.engines, world.own)


def test_an_sqlite_file_keeps_nothing_of_what_was_erased(world: World, later: Later) -> None:
    if not later.settings.is_sqlite:
        pytest.skip("PostgreSQL forgets dead rows by itself, when it vacuums")
    gate = busy(world, later.settings)
    _, person = row(world.engines, world.own, gate.visit_id)
    raw = Path(world.engines.read.url.database or "")

    def everything() -> bytes:
        return b"".join(file.read_bytes() for file in raw.parent.glob(raw.name + "*"))

    needles = ["浙A12345".encode(), str(person.phone_index).encode(), b"199****1234"]
    assert all(needle in everything() for needle in needles)
    later.run(200)
    assert [needle for needle in needles if needle in everything()] == []


def test_a_longer_time_for_a_class_holds_from_the_entry_on(world: World, later: Later) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        ledger.append(
            session,
            event_id=new_id(),
            kind="act",
            received_at=MORNING,
            body={"act": "x", "subject": "x", "values": {}},
            parts={"plate": {"plate": "浙A12345"}, "health": {"n": 366}},
            retention=ledger.days_of([book_keeping({"plate": 730, "health": 7})]),
        )
    later.run(8)
    assert parts(world.engines, world.own) == {"plate": 1}
    later.run(730)
    assert parts(world.engines, world.own) == {"plate": 1}
    later.run(731)
    assert parts(world.engines, world.own) == {}


def book_keeping(days: dict[str, int]) -> Rulebook:
    return codec.parse(document(retention=days), owner=Owner.ENTERPRISE, version="1")


def test_what_a_demo_played_long_ago_is_kept_from_the_day_it_was_made(world: World, later: Later) -> None:
    gate = AtGate(world.engines, world.own, at=MORNING - timedelta(days=1000))
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        driver = {"subject": "occupant:1", "role": "driver", "name": "张伟强", "phone": "19900001234"}
        body = {"plates": [], "people": [driver]}
        event = Event(gate.visit_id, gate.visit_id, EventKind.ARRIVE, gate.at, world.own.gate_id, body)
        record(session, event, by=world.own.guard, received_at=gate.at, keep_from=clock.today())
    assert later.run(1).parts == 0
    assert later.run(40).parts == 1
