"""A report is issued by the worker: once, with a checkpoint in it, and whoever asked sees how far it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gatekeeper import clock, heartbeat, jobs, tenancy
from gatekeeper.access import Actor
from gatekeeper.config import ROOT, Settings
from gatekeeper.jobs import Job
from gatekeeper.ledger import witness
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.reports import issue, tasks
from gatekeeper.reports.models import IssuedReport
from gatekeeper.visits.events import EventKind
from tests.conftest import Databases
from tests.factories import World, client_for
from tests.ledger.intruder import Intruder
from tests.visits.gate import FEVER, AtGate, publish


@pytest.fixture
def played(world: World) -> AtGate:
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    return gate


@pytest.fixture
def installation(command_app: Flask) -> Any:
    return command_app.extensions["gate"]


@pytest.fixture
def admin(app: Flask, played: AtGate) -> FlaskClient:
    return client_for(app, played.place.admin)


def press(client: FlaskClient, played: AtGate) -> str:
    """The button below the two days; the page that follows."""
    day = str(clock.today())
    sent = client.post(f"/e/{played.place.slug}/reports/issued", data={"issue-first": day, "issue-last": day})
    assert sent.status_code == 302, sent.get_data(as_text=True)
    return page(client, played)


def page(client: FlaskClient, played: AtGate, lang: str = "zh") -> str:
    answer = client.get(f"/e/{played.place.slug}/reports?lang={lang}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def rows(world: World) -> list[IssuedReport]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return list(session.scalars(select(IssuedReport)))


def acts(world: World) -> int:
    """How many entries of the book say that a report was issued."""
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return len(session.scalars(select(LedgerEntry.seq).where(LedgerEntry.bytes.contains("report.issued"))).all())


def files(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "issued").rglob("*") if path.is_file()]


def pdf_of(client: FlaskClient, played: AtGate, row: IssuedReport) -> bytes:
    return client.get(f"/e/{played.place.slug}/reports/issued/{row.id}.pdf").data


def test_pressed_twice_it_is_one_report_with_a_checkpoint_signed_as_it_was_issued(
    installation: Any, world: World, played: AtGate, admin: FlaskClient
) -> None:
    press(admin, played)
    assert rows(world) == [], "the web server issues nothing"
    press(admin, played)
    assert jobs.run_waiting(installation) == 1
    (row,) = rows(world)
    seen = witness.read(pdf_of(admin, played, row))
    assert (seen.n, acts(world)) == (row.checkpoint, 1)
    assert seen.proof is not None and seen.proof.book == str(played.place.id) and seen.proof.seq >= row.seq
    assert witness.fault(seen, installation.open_signer().public_key) is None
    assert row.made_by == played.place.admin.id
    assert row.number in page(admin, played)


def test_each_issued_report_is_a_witness_of_the_book(
    command_app: Flask, world: World, played: AtGate, admin: FlaskClient, databases: Databases, tmp_path: Path
) -> None:
    press(admin, played)
    jobs.run_waiting(command_app.extensions["gate"])
    file = tmp_path / "issued.pdf"
    file.write_bytes(pdf_of(admin, played, rows(world)[0]))
    verify = ["ledger", "verify", played.place.slug, "--against", str(file)]
    told = command_app.test_cli_runner().invoke(args=verify)
    assert told.exit_code == 0, told.output
    Intruder(databases).rewrite(played.place.id, find='"followed"', put='"Followed"')
    assert command_app.test_cli_runner().invoke(args=verify).exit_code == 1


def test_what_is_written_while_it_is_made_leaves_the_checkpoint_behind_no_entry_of_the_report(
    installation: Any, world: World, played: AtGate, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = tasks.checkpoints.at_report

    def busy(*words: Any, **more: Any) -> Any:
        played.send(EventKind.NOTE, {"text": "已通知库房"})
        return signed(*words, **more)

    monkeypatch.setattr(tasks.checkpoints, "at_report", busy)
    press(admin, played)
    jobs.run_waiting(installation)
    (row,) = rows(world)
    seen = witness.read(pdf_of(admin, played, row))
    assert seen.proof is not None and seen.proof.seq == row.seq + 1


WORKER = """
import sys, time
from gatekeeper import clock, create_app, jobs
from gatekeeper.reports import issue, tasks

handed_out = issue.issue

def slow(*words, **more):
    row = handed_out(*words, **more)
    print("written", flush=True)
    time.sleep(60)
    return row

if sys.argv[1] == "hang":
    issue.issue = slow
app = create_app(command_line=True)
app.extensions["gate"].open_keystore()
jobs.wake_with(None)
at = clock.now() + __import__("datetime").timedelta(minutes=int(sys.argv[2]))
print(jobs.run_waiting(app.extensions["gate"], at=at), flush=True)
"""


def test_a_worker_killed_before_its_commit_leaves_one_report_after_the_next_run_and_no_other_file(
    world: World, played: AtGate, admin: FlaskClient, settings: Settings
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "GATE_DATA_DIR": str(settings.data_dir),
        "GATE_DATABASE_URL": settings.database_url,
        "GATE_PLATFORM_DATABASE_URL": settings.platform_database_url,
        "GATE_OWNER_DATABASE_URL": settings.owner_database_url,
    }

    def worker(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WORKER, *words]
        return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    press(admin, played)
    with worker("hang", "0") as first:
        assert first.stdout is not None and first.stdout.readline() == "written\n"
        os.kill(first.pid, signal.SIGKILL)
    assert rows(world) == [] and len(files(settings)) == 1, "the file is there before its row"
    with worker("on", "6") as second:
        assert second.communicate()[0] == "1\n"
    (row,) = rows(world)
    assert files(settings) == [issue.place(settings.data_dir / "issued", row)] and acts(world) == 1
    assert witness.read(pdf_of(admin, played, row)).n == row.checkpoint


def test_a_worker_that_was_too_slow_writes_over_nothing(
    installation: Any, world: World, played: AtGate, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(admin, played)
    render = tasks.printing.render

    def slow(*words: Any, **more: Any) -> bytes:
        monkeypatch.setattr(tasks.printing, "render", render)
        assert jobs.run_waiting(installation, at=clock.now() + timedelta(minutes=6)) == 1
        return render(*words, **more) + b"\n"

    monkeypatch.setattr(tasks.printing, "render", slow)
    jobs.run_waiting(installation)
    (row,) = rows(world)
    assert acts(world) == 1 and issue.content_hash(pdf_of(admin, played, row)) == row.sha256


def test_a_book_that_cannot_be_signed_is_told_in_both_languages_and_asked_for_again_by_the_same_form(
    installation: Any, world: World, played: AtGate, admin: FlaskClient, databases: Databases, settings: Settings
) -> None:
    press(admin, played)
    jobs.run_waiting(installation)
    Intruder(databases).rewrite(played.place.id, find='"followed"', put='"Followed"')
    played.send(EventKind.NOTE, {"text": "已通知库房"})
    press(admin, played)
    assert jobs.run_waiting(installation) == 1
    chinese, english = page(admin, played), page(admin, played, "en")
    assert "账本未能签名" in chinese and "could not be signed" not in chinese and "没有出具" in chinese
    assert "The book could not be signed" in english and "账本未能签名" not in english
    assert "hx-get" not in chinese
    assert len(rows(world)) == 1 and len(files(settings)) == 1
    page(admin, played, "zh")
    again = press(admin, played)
    assert "账本未能签名" not in again and "排队中" in again


def test_a_missing_signing_key_is_told_at_once(
    installation: Any, world: World, played: AtGate, admin: FlaskClient, settings: Settings
) -> None:
    settings.signing_key_file.rename(settings.signing_key_file.with_name("away"))
    press(admin, played)
    jobs.run_waiting(installation)
    assert "账本未能签名" in page(admin, played) and rows(world) == []


def test_the_page_tells_how_far_it_is_and_looks_again_while_one_is_open(
    installation: Any, played: AtGate, admin: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat.beat(settings.data_dir, at=clock.now())
    assert "hx-get" not in page(admin, played)
    asked = press(admin, played)
    assert "排队中" in asked and 'hx-trigger="every 1s"' in asked and 'value="0"' in asked
    assert "没有运行" not in asked
    seen: list[str] = []
    for name in ("build", "days_of"):
        place = issue.service if name == "build" else issue
        inner = getattr(place, name)

        def look(*words: Any, inner: Any = inner, **more: Any) -> Any:
            seen.append(page(admin, played))
            return inner(*words, **more)

        monkeypatch.setattr(place, name, look)
    jobs.run_waiting(installation)
    assert ["正在统计" in text for text in seen] == [True, False] and "正在排版" in seen[1]
    monkeypatch.undo()
    done = page(admin, played)
    assert "hx-get" not in done and "还没出具的" not in done


def test_a_failed_try_that_is_repeated_is_told(
    installation: Any, played: AtGate, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_words: Any, **_more: Any) -> bytes:
        raise OSError("no room")

    monkeypatch.setattr(tasks.printing, "render", broken)
    press(admin, played)
    jobs.run_waiting(installation)
    assert "稍后自动再试" in page(admin, played)
    for minutes in (10, 20):
        jobs.run_waiting(installation, at=clock.now() + timedelta(minutes=minutes))
    assert "多次尝试都没有成功" in page(admin, played)


def test_a_worker_that_does_not_run_is_told_with_what_to_do(
    played: AtGate, admin: FlaskClient, settings: Settings
) -> None:
    assert "没有运行" in page(admin, played) and "请联系平台运维" in page(admin, played)
    heartbeat.beat(settings.data_dir, at=clock.now())
    assert "没有运行" not in page(admin, played)
    heartbeat.beat(settings.data_dir, at=clock.now() - timedelta(minutes=4))
    asked = press(admin, played)
    assert "The worker is not running" in page(admin, played, "en") and "every 30s" in asked


def test_a_wrong_day_is_not_wiped_from_the_form_by_looking_again(played: AtGate, admin: FlaskClient) -> None:
    assert "hx-get" in press(admin, played)
    dates = {"issue-first": "2026-05-02", "issue-last": "2026-05-01"}
    answer = admin.post(f"/e/{played.place.slug}/reports/issued", data=dates)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and text.index('value="2026-05-02"') < text.index('hx-select="#issued"')


def test_the_township_sees_what_is_asked_for_and_a_neighbour_nothing(
    app: Flask, world: World, played: AtGate, admin: FlaskClient
) -> None:
    press(admin, played)

    def sees(person: Actor, slug: str) -> bool:
        return "排队中" in client_for(app, person).get(f"/e/{slug}/reports").get_data(as_text=True)

    assert sees(world.towns[0].inspector, played.place.slug)
    assert not sees(world.towns[0].inspector, world.neighbour.slug)
    assert not sees(world.neighbour.admin, world.neighbour.slug)


def test_the_job_holds_ids_and_days_alone(world: World, played: AtGate, admin: FlaskClient) -> None:
    press(admin, played)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        job = session.scalars(select(Job)).one()
    day = str(clock.today())
    assert job.arguments == f'{{"first": "{day}", "last": "{day}", "lang": "zh", "by": "{played.place.admin.id}"}}'


def test_the_page_says_that_a_download_is_a_working_copy(world: World, played: AtGate, admin: FlaskClient) -> None:
    assert "工作副本" in page(admin, played) and "working copy" in page(admin, played, "en")
    day = clock.today()
    copy = admin.get(f"/e/{played.place.slug}/reports/{day}/{day}.pdf")
    assert copy.status_code == 200 and rows(world) == [] and acts(world) == 0
