"""A report is issued by the worker: once, with a checkpoint in it, whatever befalls the worker."""

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

from gatekeeper import clock, jobs
from gatekeeper.config import ROOT, Settings
from gatekeeper.ledger import witness
from gatekeeper.reports import issue, tasks
from gatekeeper.visits.events import EventKind
from tests.conftest import Databases
from tests.factories import World
from tests.ledger.intruder import Intruder
from tests.reports.issuing import acts, files, page, pdf_of, press, rows
from tests.visits.gate import AtGate


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
