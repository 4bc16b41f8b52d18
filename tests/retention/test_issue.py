"""An issued report comes back byte for byte, until the plates in it have had their time."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, durable, jobs, tenancy
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.reports import issue, tasks  # noqa: F401 - the worker's part
from gatekeeper.reports.models import IssuedReport
from tests.factories import World, client_for
from tests.retention.given import Later, busy, on_day, sound


@pytest.fixture
def issued(world: World, later: Later, app: Flask, command_app: Flask) -> IssuedReport:
    busy(world, later.settings)
    client = client_for(app, world.own.admin)
    day = on_day(0).isoformat()
    sent = client.post(f"/e/{world.own.slug}/reports/issued", data={"issue-first": day, "issue-last": day})
    assert sent.status_code == 302
    assert jobs.run_waiting(command_app.extensions["gate"]) == 1
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return session.scalars(select(IssuedReport)).one()


def address(world: World, row: IssuedReport) -> str:
    return f"/e/{world.own.slug}/reports/issued/{row.id}.pdf"


def test_it_is_kept_encrypted_named_in_the_book_and_read_back_by_who_may(
    app: Flask, world: World, later: Later, issued: IssuedReport
) -> None:
    file = issue.place(later.settings.data_dir / "issued", issued)
    assert b"%PDF" not in file.read_bytes()
    for person in (world.own.admin, world.towns[0].inspector):
        answer = client_for(app, person).get(address(world, issued))
        assert answer.status_code == 200
        assert hashlib.sha256(answer.data).hexdigest() == issued.sha256
    assert client_for(app, world.neighbour.admin).get(address(world, issued)).status_code == 404
    with tenancy.open_session(world.engines, world.own.scope) as session:
        text = session.scalars(select(LedgerEntry.bytes).where(LedgerEntry.bytes.contains("report.issued"))).one()
    assert issued.sha256 in text and issued.figures_digest in text
    page = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/reports").get_data(as_text=True)
    assert issued.number in page and address(world, issued) in page


def test_its_file_expires_with_the_plates_and_its_figures_stay(
    app: Flask, world: World, later: Later, issued: IssuedReport
) -> None:
    file = issue.place(later.settings.data_dir / "issued", issued)
    assert later.run(184).reports == 0
    assert file.exists()
    assert later.run(185).reports == 1
    assert later.run(185).reports == 0
    assert not file.exists() and not file.parent.exists()
    answer = client_for(app, world.own.admin).get(address(world, issued))
    assert answer.status_code == 409
    assert "已过保存期限" in answer.get_data(as_text=True)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        row = session.scalars(select(IssuedReport)).one()
    assert row.figures == issued.figures and re.search(r'"visits":1', row.figures)
    assert sound(world.engines, world.own)


def test_an_impossible_period_is_shown_again(app: Flask, world: World) -> None:
    client = client_for(app, world.own.admin)
    dates = {"issue-first": "2026-05-02", "issue-last": "2026-05-01"}
    answer = client.post(f"/e/{world.own.slug}/reports/issued", data=dates)
    assert answer.status_code == 422
    assert "请对调" in answer.get_data(as_text=True)


def aged(path: Path, hours: int) -> Path:
    moment = clock.now().timestamp() - hours * 3600
    os.utime(path, (moment, moment))
    return path


def test_files_that_no_row_names_are_swept_after_a_day(world: World, later: Later, issued: IssuedReport) -> None:
    folder = later.settings.data_dir / "issued" / str(world.own.id)
    left = [folder / on_day(183).isoformat() / name for name in ("nobody", f"half{durable.UNFINISHED}")]
    left.append(folder / on_day(190).isoformat() / str(issued.id))  # of a try that was killed on another day
    for file in left:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"x")
    assert later.run(0).orphans == 0
    for file in left:
        aged(file, 25)
    aged(issue.place(later.settings.data_dir / "issued", issued), 25)
    assert later.run(0).orphans == 3
    assert issue.place(later.settings.data_dir / "issued", issued).exists()
