"""L7: a report is asked for by 50 clicks at once, and its worker killed at each of 20 points.

Afterwards there is one report: one row, one file, one entry of the book, and nothing else in the folder.

On SQLite, and on PostgreSQL where ``GATE_TEST_PG`` is one; a JSON object for each.

usage: bench/report_jobs.py [--points N] [--clicks N] [--only sqlite|postgresql]
Planted faults: clicks that share no key must make several reports; a report that was killed with its file written and
then called off must leave that file where nobody sweeps.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402
from sqlalchemy import select  # noqa: E402

from bench.crashing.serving import House, build, databases  # noqa: E402
from gatekeeper import clock, create_app, jobs, tenancy  # noqa: E402
from gatekeeper.config import from_environment  # noqa: E402
from gatekeeper.db import new_id  # noqa: E402
from gatekeeper.errors import NotFound  # noqa: E402
from gatekeeper.jobs import Job  # noqa: E402
from gatekeeper.ledger.models import LedgerEntry  # noqa: E402
from gatekeeper.reports import issue, kept, ticking  # noqa: E402
from gatekeeper.reports.models import IssuedReport  # noqa: E402
from tests.factories import Factory, client_for  # noqa: E402

STEPS = (
    *("gatekeeper.jobs:_claim", "gatekeeper.reports.service:build", "gatekeeper.ledger.checkpoints:at_report"),
    *("gatekeeper.jobs:progress", "gatekeeper.reports.printing:render", "gatekeeper.reports.seal:sealed"),
    *("gatekeeper.jobs:finish", "gatekeeper.durable:write", "os:replace", "gatekeeper.reports.issue:act"),
)
POINTS = tuple(f"{when} {step}" for step in STEPS for when in ("before", "after"))
"""Where a worker is killed, in the order of its work."""

CLICKS = 50
WRITTEN = "before gatekeeper.reports.issue:act"
LATER = 6
"""Minutes after which the lease of a killed worker has run out."""


def die(*_words: Any, **_more: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work(point: str, minutes: int) -> None:
    """The worker: does what waits as if it were so many minutes later, and is killed at ``point`` (empty: nowhere)."""
    app = create_app(command_line=True)
    app.extensions["gate"].open_keystore()
    jobs.wake_with(None)
    if point:
        when, step = point.split()
        module, name = step.split(":")
        inner = getattr(import_module(module), name)

        def fatal(*words: Any, **more: Any) -> Any:
            if when == "after":
                inner(*words, **more)
            die()

        setattr(import_module(module), name, fatal)
    jobs.run_waiting(app.extensions["gate"], at=clock.now() + timedelta(minutes=minutes))


def worker(house: House, point: str = "", minutes: int = LATER) -> int:
    """Its exit status: -9 where it was killed."""
    command = [sys.executable, str(Path(__file__).resolve()), "--work", point, "--minutes", str(minutes)]
    return subprocess.run(command, env=house.env, cwd=ROOT, capture_output=True, check=False).returncode


def web(house: House) -> Flask:
    """The web program of the house; nobody is woken by it."""
    app = create_app(from_environment({k: v for k, v in house.env.items() if k.startswith("GATE_")}), testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def click(app: Flask, place: Factory, day: date, times: int) -> list[int]:
    """Press the button ``times`` at once; the statuses."""
    clients = [client_for(app, place.admin) for _ in range(times)]
    barrier, seen = threading.Barrier(times), []

    def press(client: Any) -> None:
        barrier.wait()
        data = {"issue-first": str(day), "issue-last": str(day)}
        seen.append(client.post(f"/e/{place.slug}/reports/issued", data=data).status_code)

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def state(app: Flask, house: House, place: Factory) -> dict[str, Any]:
    """What there is: rows by day, entries of the book, and files that are too many or missing."""
    folder = house.folder / "issued"
    with tenancy.open_session(app.extensions["gate"].engines, place.scope) as session:
        rows = session.scalars(select(IssuedReport)).all()
        acts = session.scalars(select(LedgerEntry.seq).where(LedgerEntry.bytes.contains("report.issued"))).all()
    wanted = {issue.place(folder, row) for row in rows}
    there = {path for path in (folder / str(place.id)).rglob("*") if path.is_file()}
    days = [row.first for row in rows]
    return {
        "reports": len(rows),
        "doubled": len(days) - len(set(days)),
        "entries": len(acts),
        "leftover": len(there - wanted),
        "missing": len(wanted - there),
    }


def sound(found: dict[str, Any], reports: int) -> bool:
    whole = found["reports"] == found["entries"] == reports
    return whole and not (found["doubled"] or found["leftover"] or found["missing"])


def killed(app: Flask, house: House, points: tuple[str, ...], clicks: int) -> dict[str, Any]:
    """At each point: clicks at once, a worker that is killed there, more clicks, and one that does what is left."""
    place, deaths, wrong, statuses = house.places[0], 0, [], set()
    before, today = state(app, house, place)["reports"], clock.today()  # once: a midnight would ask for a day again
    for number, point in enumerate(points, 1):
        day = today - timedelta(days=before + number)
        statuses |= set(click(app, place, day, clicks))
        deaths += worker(house, point, minutes=0) == -signal.SIGKILL
        statuses |= set(click(app, place, day, 2))
        worker(house)
        statuses |= set(click(app, place, day, 2))
        worker(house)
        if not sound(state(app, house, place), before + number):
            wrong.append(point)
    found = state(app, house, place)
    good = sound(found, before + len(points)) and deaths == len(points) and not wrong and statuses == {302}
    return {
        "points": len(points),
        "killed": deaths,
        "clicks_at_once": clicks,
        **found,
        "wrong": wrong,
        "statuses": sorted(statuses),
        "pass": good,
    }


def called_off(app: Flask, house: House, sweep: Callable[[Any], object]) -> dict[str, Any]:
    """Killed with its file written, then called off."""
    place, engines = house.places[1], app.extensions["gate"].engines
    click(app, place, clock.today(), 1)
    worker(house, WRITTEN, minutes=0)
    with tenancy.open_session(engines, place.scope, write=True) as session:
        open_jobs = session.scalars(select(Job.id).where(Job.state.in_(jobs.OPEN))).all()
        with suppress(NotFound):
            for each in open_jobs:
                jobs.cancel(session, each, at=clock.now())
    sweep(app.extensions["gate"])
    return state(app, house, place)


def unshared(app: Flask, house: House) -> dict[str, Any]:
    """Three clicks at once where neither the key is shared nor the finished report looked for."""
    place, inner = house.places[1], jobs.enqueue

    def alone(session: Any, kind: str, *, key: str, **more: Any) -> Job:
        return inner(session, kind, key=new_id().hex, **more)

    with patch.object(jobs, "enqueue", alone), patch.object(kept, "as_new", lambda *_words, **_more: None):
        click(app, place, clock.today(), 3)
        installation = create_app(
            from_environment({k: v for k, v in house.env.items() if k.startswith("GATE_")}), command_line=True
        ).extensions["gate"]
        installation.open_keystore()
        jobs.run_waiting(installation)
        installation.engines.dispose()
    return state(app, house, place)


def swept(installation: Any) -> int:
    return ticking.everywhere(installation, at=clock.now())


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--points", type=int, default=len(POINTS))
    options.add_argument("--clicks", type=int, default=CLICKS)
    options.add_argument("--work")
    options.add_argument("--minutes", type=int, default=0)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    asked = options.parse_args()
    if asked.work is not None:
        work(asked.work, asked.minutes)
        return 0
    jobs.wake_with(None)
    results = []
    if asked.only != "postgresql":
        results.append(run("sqlite", {}, asked.points, asked.clicks))
    if asked.only != "sqlite" and os.environ.get("GATE_TEST_PG"):
        results.append(run("postgresql", databases("gate_bench_report_jobs"), asked.points, asked.clicks))
    return 0 if results and all(result["pass"] for result in results) else 1


def run(database: str, urls: dict[str, str], points: int, clicks: int) -> dict[str, Any]:
    """The whole experiment on one database, printed."""
    with tempfile.TemporaryDirectory(prefix="gate-reports-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        house = build(data, urls)
        app = web(house)
        found = killed(app, house, POINTS[:points], clicks)
        off = called_off(app, house, lambda _installation: None)
        clean = called_off(app, house, swept)
        several = unshared(app, house)
        app.extensions["gate"].engines.dispose()
    caught = off["leftover"] == 1 and several["doubled"] == 2
    result = {"id": "L7", "database": database, **found, "called_off_leftover": clean["leftover"]}
    result |= {"planted_faults_caught": caught, "pass": found["pass"] and clean["leftover"] == 0 and caught}
    print(json.dumps(result), flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
