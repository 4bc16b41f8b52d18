"""The sample: chosen by nobody, the same for everybody, and drawn again from a file with a hash tool."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.ledger import checkpoints
from gatekeeper.reports import pdf, sample, service
from gatekeeper.visits.events import EventKind
from tests.factories import MORNING, World
from tests.figures.given import NINE, visit
from tests.visits.gate import AtGate

DAY = date(2026, 4, 18)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def book(world: World, engines: Engines) -> Iterator[Session]:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        yield session


def drawn(session: Session, world: World, root: str = "ab" * 32, seq: int = 0) -> sample.Sample:
    place = world.own
    return sample.draw(session, enterprise_id=place.id, slug=place.slug, first=DAY, last=DAY, seq=seq, root=root)


@pytest.mark.parametrize(("of", "size"), [(0, 0), (3, 3), (5, 5), (199, 5), (200, 6), (1000, 10), (18_000, 10)])
def test_five_to_ten_visits_are_drawn(of: int, size: int) -> None:
    assert sample.size(of) == size


def test_the_same_seed_draws_the_same_and_another_root_draws_others(book: Session, world: World) -> None:
    for number in range(40):
        visit(book, world.own, at=NINE + timedelta(minutes=number), plate=f"浙A{number:05d}")
    visit(book, world.own, state="void")
    visit(book, world.own, at=NINE + timedelta(days=1))
    first, again, other = drawn(book, world), drawn(book, world), drawn(book, world, "cd" * 32)
    assert first == again and first.of == 40
    assert {one.id for one in first.drawn} != {one.id for one in other.drawn}


@on_sqlite
def test_anybody_draws_the_same_with_a_hash_tool(book: Session, world: World) -> None:
    ids = [visit(book, world.own).id for _ in range(12)]

    def by_hand(visit_id: UUID) -> str:
        lines = ["gate-sample/1", world.own.slug, DAY.isoformat(), DAY.isoformat(), "ab" * 32, str(visit_id)]
        told = subprocess.run(
            ["sh", "-c", 'printf "%s\\n" "$@" | sha256sum', "sh", *lines], capture_output=True, text=True, check=True
        )
        return told.stdout.split()[0]

    assert [one.id for one in drawn(book, world).drawn] == sorted(ids, key=by_hand)[:5]


@on_sqlite
def test_the_windows_are_those_of_the_video(book: Session, world: World) -> None:
    five = timedelta(minutes=5)
    cases = {
        "left": visit(book, world.own, minutes=60),
        "turned_away": visit(book, world.own, state="turned_away", minutes=4),
        "at_gate": visit(book, world.own, state="at_gate", followed=None),
    }
    found = {one.id: one.windows for one in drawn(book, world).drawn}
    arrival, leaving = found[cases["left"].id]
    assert (arrival.start, arrival.end) == (NINE - five, NINE + 2 * five)
    assert (leaving.start, leaving.end) == (NINE + 12 * five, NINE + 14 * five)
    (turned,) = found[cases["turned_away"].id]
    assert turned.end == NINE + timedelta(minutes=9) + five
    (waiting,) = found[cases["at_gate"].id]
    assert waiting.end == NINE + timedelta(minutes=20)


def test_the_sample_is_that_of_where_the_book_stood(world: World, engines: Engines) -> None:
    for number in range(8):
        AtGate(world.engines, world.own, at=MORNING + timedelta(minutes=number)).arrive(f"浙A{number:05d}")
    day = clock.day_of(MORNING)

    def ids(seq: int) -> set[UUID]:
        with tenancy.open_session(engines, world.own.scope) as session:
            return set(sample.visits(session, enterprise_id=world.own.id, first=day, last=day, seq=seq))

    with tenancy.open_session(engines, world.own.scope) as session:
        tenant = find_tenant(engines, world.own.slug)
        assert tenant is not None
        standing = service.build(session, enterprise=tenant, first=day, last=day, at=MORNING).seq
    before = ids(standing)
    late = AtGate(world.engines, world.own, at=MORNING + timedelta(hours=2))
    late.arrive("浙A99999")
    AtGate(world.engines, world.own, at=late.at, visit_id=min(before)).send(
        EventKind.VOID, {"reason": "录错"}, by=world.own.lead
    )
    assert ids(standing) == before and len(before) == 8
    assert ids(10**9) == before - {min(before)} | {late.visit_id}


def test_the_command_draws_the_same_from_the_file_of_the_report(
    world: World, engines: Engines, command_app: Flask, tmp_path: Path
) -> None:
    for number in range(7):
        AtGate(world.engines, world.own, at=MORNING + timedelta(minutes=number)).arrive(f"浙A{number:05d}")
    day, runner, slug = clock.day_of(MORNING).isoformat(), command_app.test_cli_runner(), world.own.slug
    made = runner.invoke(args=["report", slug, day, day, "--out", str(tmp_path / "a.pdf")])
    told = runner.invoke(args=["report", slug, day, day, "--out", str(tmp_path / "a.json")])
    assert made.exit_code == told.exit_code == 0, made.output + told.output
    in_report = json.loads((tmp_path / "a.json").read_text())["sample"]
    for file in ("a.pdf", "a.json"):
        again = runner.invoke(args=["report-sample", slug, day, day, "--checkpoint", str(tmp_path / file)])
        assert again.exit_code == 0, again.output
        assert again.output.startswith(in_report["seed"])
        assert [line.split()[1] for line in again.output.splitlines()[6:]] == [one["id"] for one in in_report["drawn"]]
    every = runner.invoke(args=["report-sample", slug, day, day, "--all"]).output.splitlines()[6:]
    assert len(every) == 7 and every == sorted(every)
    for line in every:
        hashed, visit_id = line.split()
        assert hashed == hashlib.sha256(f"{in_report['seed']}{visit_id}\n".encode()).hexdigest()
    foreign = runner.invoke(
        args=["report-sample", world.neighbour.slug, day, day, "--checkpoint", str(tmp_path / "a.pdf")]
    )
    assert foreign.exit_code != 0 and "no proof of the book" in foreign.output
    (tmp_path / "none.txt").write_text("nothing")
    nothing = runner.invoke(args=["report-sample", slug, day, day, "--checkpoint", str(tmp_path / "none.txt")])
    assert nothing.exit_code != 0 and "no checkpoint" in nothing.output


@on_sqlite
def test_a_report_prints_its_sample_and_without_a_checkpoint_says_why_not(
    world: World, engines: Engines, platform: Engines, command_app: Flask
) -> None:
    gate = AtGate(world.engines, world.own)
    gate.arrive("浙A12345")
    tenant = find_tenant(engines, world.own.slug)
    assert tenant is not None
    day = clock.day_of(MORNING)
    with tenancy.open_session(engines, world.own.scope) as session:
        report = service.build(session, enterprise=tenant, first=day, last=day, at=MORNING)
        bare = replace(report, checkpoint=None, sample=None)
        assert "不能抽样" in pdf.document(bare)
        signer = command_app.extensions["gate"].open_signer()
        signed = checkpoints.at_report(platform, signer, enterprise_id=tenant.id, at=clock.now())
        page = pdf.document(service.witnessed(session, bare, signed, enterprise_id=tenant.id))
    assert str(gate.visit_id) in page and signed is not None and signed.said["root"] in page
