"""The issued report of a township is sealed and can be checked like any other, and is offered again like any other."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from gatekeeper import clock, jobs, tenancy
from gatekeeper.ledger.chain import content_hash
from gatekeeper.reports import printing, schedules, tasks, ticking, town_queries, verify
from gatekeeper.reports.models import IssuedReport
from tests.factories import World, client_for
from tests.figures.given import visit
from tests.reports import attacks
from tests.visits.gate import FEVER, AtGate, publish


@pytest.fixture
def gate(world: World) -> AtGate:
    """An enterprise of the township with a visit of yesterday."""
    publish(world, world.own, FEVER)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        visit(session, world.own, at=clock.now() - timedelta(days=1))
    return AtGate(world.engines, world.own, at=clock.now())


@pytest.fixture
def town(app: Flask, world: World) -> FlaskClient:
    return client_for(app, world.towns[0].admin)


@pytest.fixture
def installation(command_app: Flask) -> Any:
    return command_app.extensions["gate"]


def press(town: FlaskClient, world: World, days: int = 1) -> str:
    """The button below the report of ``days`` up to yesterday; the page that follows."""
    last = clock.today() - timedelta(days=1)
    data = {"first": str(last - timedelta(days=days - 1)), "last": str(last)}
    sent = town.post(f"/e/{world.towns[0].office.slug}/reports/town/issued", data=data, follow_redirects=True)
    assert sent.status_code == 200
    return sent.get_data(as_text=True)


def rows(world: World) -> list[IssuedReport]:
    with tenancy.open_session(world.engines, world.towns[0].office.scope) as session:
        return list(session.scalars(select(IssuedReport).order_by(IssuedReport.made_at, IssuedReport.id)))


@pytest.mark.parametrize("days", [1, 3], ids=["bulletin", "report"])
def test_it_is_issued_once_signed_and_anybody_can_check_it(
    app: Flask, installation: Any, world: World, gate: AtGate, town: FlaskClient, tmp_path: Path, days: int
) -> None:
    press(town, world, days)
    assert "排队中" in press(town, world, days)
    assert tasks.issue.TOWN_KIND in jobs.TASKS and jobs.run_waiting(installation) == 1
    (row,) = rows(world)
    data = town.get(f"/e/{world.towns[0].office.slug}/reports/issued/{row.id}.pdf").data
    assert content_hash(data) == row.sha256 and row.certificate == installation.open_certificate().fingerprint
    said = attacks.script().check(data, row.certificate)
    assert row.number in said[0] and row.payload_digest in said[2] and row.figures_digest in said[2]
    assert str(world.towns[0].office.id) in said[3]
    address = verify.address(installation.settings.base_url, row.id)
    assert said[-1].endswith(address)
    with pytest.raises(attacks.script().Fault):
        attacks.script().check(data.replace(b"%%EOF", b"%%EOG", 1), row.certificate)
    reader = PdfReader(io.BytesIO(data))
    assert sorted(reader.attachments) == ["checkpoint.json", "payload.csv", "payload.json"]
    assert reader.xmp_metadata is not None and reader.xmp_metadata.stream.get_data().count(b'pdfaid:part="3"') == 1
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert address in text and row.figures_digest in text
    anybody = client_for(app, None).get(f"/v/{row.id}").get_data(as_text=True)
    assert "真实有效" in anybody and row.sha256 in anybody and world.own.name not in anybody
    assert row.number in town.get(f"/e/{world.towns[0].office.slug}/reports/town").get_data(as_text=True)


def test_it_is_offered_again_until_a_book_of_the_township_moves(
    app: Flask, installation: Any, world: World, gate: AtGate, town: FlaskClient
) -> None:
    press(town, world)
    jobs.run_waiting(installation)
    assert "已做好" in press(town, world) and jobs.run_waiting(installation) == 0
    gate.arrive()
    assert "已做好" not in press(town, world) and jobs.run_waiting(installation) == 1
    old, new = rows(world)
    pages = [client_for(app, None).get(f"/v/{row.id}").get_data(as_text=True) for row in (old, new)]
    assert "已被取代" in pages[0] and "真实有效" in pages[1]


def test_one_that_was_withdrawn_is_not_offered_again(
    app: Flask, installation: Any, world: World, gate: AtGate, town: FlaskClient
) -> None:
    press(town, world)
    jobs.run_waiting(installation)
    (row,) = rows(world)
    office = world.towns[0].office.slug
    sent = town.post(f"/e/{office}/reports/issued/{row.id}/withdraw", data={"why": "other"}, follow_redirects=True)
    assert sent.request.path == f"/e/{office}/reports/town" and "已撤回" in sent.get_data(as_text=True)
    assert "已撤回" in client_for(app, None).get(f"/v/{row.id}").get_data(as_text=True)
    assert "已做好" not in press(town, world) and jobs.run_waiting(installation) == 1
    assert len(rows(world)) == 2


def test_a_withdrawn_report_of_an_enterprise_is_missing_again(
    app: Flask, installation: Any, world: World, gate: AtGate
) -> None:
    day, admin = clock.today() - timedelta(days=1), client_for(app, world.own.admin)
    admin.post(f"/e/{world.own.slug}/reports/issued", data={"issue-first": str(day), "issue-last": str(day)})
    jobs.run_waiting(installation)
    township = tenancy.Township(world.own.township_id)
    with tenancy.open_session(world.engines, township) as session:
        assert town_queries.reported(session, first=day, last=day) == {world.own.id}
        report = session.scalars(select(IssuedReport)).one()
    admin.post(f"/e/{world.own.slug}/reports/issued/{report.id}/withdraw", data={"why": "corrected"})
    with tenancy.open_session(world.engines, township) as session:
        assert town_queries.reported(session, first=day, last=day) == set()


def test_one_that_is_too_large_says_so_and_the_sheet_is_still_there(
    installation: Any, world: World, gate: AtGate, town: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "MEMORY", 150 * 1024**2)
    press(town, world)
    jobs.run_waiting(installation)
    office, day = world.towns[0].office.slug, clock.today() - timedelta(days=1)
    assert "超出了内存或时间的上限" in town.get(f"/e/{office}/reports/town").get_data(as_text=True)
    assert rows(world) == [] and town.get(f"/e/{office}/reports/town/{day}/{day}.xlsx").status_code == 200


def test_the_calendar_issues_the_bulletin_at_the_office(installation: Any, world: World, gate: AtGate) -> None:
    office, now = world.towns[0].office, clock.now()
    with tenancy.open_session(world.engines, office.scope, write=True) as session:
        by = world.towns[0].admin
        schedules.begin(session, every="day", hour=0, lang="zh", by=by, at=now - timedelta(days=1))
    assert ticking.everywhere(installation, at=now) == 1 and jobs.run_waiting(installation) == 1
    (row,) = rows(world)
    assert row.first == row.last == clock.today() - timedelta(days=1) and row.certificate
