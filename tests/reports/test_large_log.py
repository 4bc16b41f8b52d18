"""A long gate log is written by the worker: once, for who asked, encrypted, and gone after a day."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gatekeeper import clock, jobs, tenancy
from gatekeeper.access import Actor
from gatekeeper.config import Settings
from gatekeeper.jobs import Job
from gatekeeper.reports import large, tasks
from tests.factories import World, client_for
from tests.figures.given import NINE, visit

DAYS = "first=2026-04-12&last=2026-04-18"
VISITS = 12


@pytest.fixture
def played(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Twelve visits, and ten are many."""
    monkeypatch.setattr(large, "LARGE", 10)
    monkeypatch.setattr(large, "STEP", 5)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        for number in range(VISITS):
            late = {"arrival": "hold", "verdict": "hold"} if number == 0 else {}
            visit(session, world.own, at=NINE + timedelta(minutes=number), plate=f"浙A{number:05d}", **late)
    return world


def asked(client: FlaskClient, world: World, more: str = "&file=csv") -> str:
    """The page that offers it, its button pressed, and the page that follows."""
    offer = html.unescape(client.get(f"/e/{world.own.slug}/reports/log?{DAYS}{more}").get_data(as_text=True))
    found = re.search(r'action="([^"]+/reports/log\?[^"]+)">\s*<input type="hidden" name="csrf_token"', offer)
    assert found is not None and "由后台准备" in offer and f"共 {VISITS} 次来访" in offer
    sent = client.post(found[1])
    assert sent.status_code == 302
    return page(client, world)


def page(client: FlaskClient, world: World) -> str:
    return html.unescape(client.get(f"/e/{world.own.slug}/reports/log").get_data(as_text=True))


def ready(client: FlaskClient, world: World) -> list[str]:
    """Addresses of the files that wait to be taken."""
    return re.findall(r'<a href="([^"]+/reports/log/[0-9a-f-]{36})">下载', page(client, world))


def run(command_app: Flask) -> int:
    return jobs.run_waiting(command_app.extensions["gate"])


def people(world: World) -> tuple[Actor, Actor]:
    return world.own.admin, world.towns[0].inspector


def test_who_asks_gets_the_whole_file_from_the_worker_and_nobody_else_does(
    command_app: Flask, app: Flask, played: World
) -> None:
    for person in people(played):
        client = client_for(app, person)
        assert "排队中" in asked(client, played) and ready(client, played) == []
        assert "排队中" in asked(client, played), "pressed again it is the same file"
        assert run(command_app) == 1
        (address,) = ready(client, played)
        answer = client.get(address)
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
        told, found = dict(rows[: rows.index([])]), rows[rows.index([]) + 2 :]
        assert [row[1] for row in found] == [f"浙A{number:05d}" for number in range(VISITS)]
        assert person.name in told["下载人"] and answer.mimetype == "text/csv"
        for other in (played.own.guard, played.neighbour.admin, played.towns[0].admin):
            assert client_for(app, other).get(address).status_code == 404
            assert client_for(app, other).post(f"{address}/cancel").status_code == 404


def test_columns_and_what_the_log_is_narrowed_to_come_with_it(command_app: Flask, app: Flask, played: World) -> None:
    client = client_for(app, played.own.admin)
    with tenancy.open_session(played.engines, played.own.scope, write=True) as session:
        visit(session, played.own, kind="van", plate="沪B00001")
    asked(client, played, "&file=xlsx&columns=plate&kind=truck&some=visits")
    run(command_app)
    (address,) = ready(client, played)
    assert client.get(address).data.startswith(b"PK")
    asked(client, played, "&file=csv&columns=plate&kind=truck&some=visits")
    run(command_app)
    text = client.get(ready(client, played)[0]).data.decode("utf-8-sig")
    assert "只看 未作废的；只看 货车" in text and "沪B00001" not in text and text.count("浙A0") == VISITS


def test_a_short_log_and_a_search_for_a_plate_come_at_once_and_no_job_holds_a_plate_or_a_name(
    command_app: Flask, app: Flask, played: World
) -> None:
    client, base = client_for(app, played.own.admin), f"/e/{played.own.slug}/reports/log?{DAYS}&file=csv"
    for more in ("&verdict=hold", "&plate=A000", "&person=王师傅"):
        assert client.get(base + more).mimetype == "text/csv", more
    asked(client, played)
    with tenancy.open_session(played.engines, played.own.scope) as session:
        (job,) = session.query(Job).all()
        said = json.loads(job.arguments)
    assert "plate" not in said and "person" not in said and said["by"] == str(played.own.admin.id)
    assert played.own.admin.name not in json.dumps(said, ensure_ascii=False)


def test_it_tells_how_far_it_is_and_what_is_called_off_writes_nothing(
    command_app: Flask, app: Flask, played: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, heard = client_for(app, played.own.admin), []
    progress = jobs.progress

    def telling(installation: Any, job: Job, percent: int, **more: Any) -> None:
        progress(installation, job, percent, **more)
        heard.append(percent)
        if len(heard) == 2:
            assert f'value="{percent}"' in page(client, played)
            client.post(f"/e/{played.own.slug}/reports/log/{job.id}/cancel")

    monkeypatch.setattr(tasks.jobs, "progress", telling)
    asked(client, played)
    run(command_app)
    assert heard == [0, 41] and ready(client, played) == [] and "后台准备的文件" not in page(client, played)
    assert [path for path in (settings.data_dir / large.FOLDER).rglob("*") if path.is_file()] == []


def test_the_file_is_unreadable_on_the_disk_and_gone_after_its_day(
    command_app: Flask, app: Flask, played: World, settings: Settings
) -> None:
    client = client_for(app, played.own.admin)
    asked(client, played)
    run(command_app)
    (address,) = ready(client, played)
    folder = settings.data_dir / large.FOLDER
    (file,) = (path for path in folder.rglob("*") if path.is_file())
    assert "浙A".encode() not in file.read_bytes()
    today = clock.today()
    large.expire(folder, today=today + timedelta(days=1))
    assert client.get(address).status_code == 200
    large.expire(folder, today=today + timedelta(days=2))
    gone = client.get(address)
    assert gone.status_code == 409 and "已过一天" in gone.get_data(as_text=True) and not file.exists()
