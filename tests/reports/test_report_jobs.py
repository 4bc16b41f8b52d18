"""The quick form of bench/report_jobs.py: killed workers and many clicks make one report, and its faults are seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import report_jobs
from bench.crashing.serving import House, build, databases
from gatekeeper import jobs
from tests.conftest import worker_database

QUICK = ("before gatekeeper.jobs:progress", report_jobs.WRITTEN)


@pytest.fixture
def house(database: str, tmp_path: Path) -> House:
    jobs.wake_with(None)
    return build(tmp_path, {} if database == "sqlite" else databases(worker_database("report_jobs")))


def test_killed_workers_and_many_clicks_at_once_leave_one_report_and_no_other_file(house: House) -> None:
    app = report_jobs.web(house)
    found = report_jobs.killed(app, house, QUICK, 20)
    app.extensions["gate"].engines.dispose()
    assert found["pass"], json.dumps(found)


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_was_called_off_is_swept_and_the_planted_faults_are_seen(house: House) -> None:
    app = report_jobs.web(house)
    assert report_jobs.called_off(app, house, lambda _installation: None)["leftover"] == 1
    assert report_jobs.called_off(app, house, report_jobs.swept)["leftover"] == 0
    assert report_jobs.unshared(app, house)["doubled"] == 2
    app.extensions["gate"].engines.dispose()
