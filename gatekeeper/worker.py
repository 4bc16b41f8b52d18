"""The job worker: huey wakes it and ticks the schedules, the job rows say what there is to do.

``huey_consumer gatekeeper.worker.huey --workers 2`` runs it: one thread may be busy with a long job, the other ticks.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
from functools import cache

from flask import Flask
from huey import SqliteHuey, crontab

from gatekeeper import clock, config, create_app, heartbeat, jobs, lan, network, schema

_settings = config.from_environment()
_settings.data_dir.mkdir(parents=True, exist_ok=True)
huey = SqliteHuey("gatekeeper", filename=str(_settings.data_dir / "jobs.db"))
_one_at_a_time = threading.Lock()


def load_tasks() -> None:
    """Let every feature register what it does in jobs."""
    for feature in schema.FEATURES:
        if importlib.util.find_spec(f"gatekeeper.{feature}.tasks"):
            importlib.import_module(f"gatekeeper.{feature}.tasks")


@cache
def _app() -> Flask:
    """The program under the platform's role, opened when the first task runs."""
    load_tasks()
    app = create_app(_settings, command_line=True)
    app.extensions["gate"].open_keystore()
    return app


@huey.on_startup()
def begin() -> None:
    heartbeat.beat(_settings.data_dir, at=clock.now())


@huey.task()
def work() -> int:
    """Do what waits: called after the commit that wrote a job. Answers how many jobs were taken up."""
    if not _one_at_a_time.acquire(blocking=False):
        return 0  # whoever is at it looks again before it ends
    try:
        count = 0
        while done := jobs.run_waiting(_app().extensions["gate"]):
            count += done
        return count
    finally:
        _one_at_a_time.release()


@huey.periodic_task(crontab(minute="*"))
def beat() -> None:
    """Every minute: the worker lives."""
    heartbeat.beat(_settings.data_dir, at=clock.now())


@huey.periodic_task(crontab(minute="*"))
def renew_certificate() -> None:
    """Every minute: the certificate for phones on this network is good for the addresses that this machine has now."""
    if _settings.lan:
        lan.renew(_settings.data_dir / "keys", network.hosts(_settings.base_url), at=clock.now())


@huey.periodic_task(crontab(minute="*"))
def sweep_jobs() -> int:
    """Every minute: jobs whose wake-up was lost, and those whose worker died."""
    return work.call_local()


@huey.periodic_task(crontab(minute="*/5"))
def checkpoint() -> int | None:
    """Every five minutes: the heads of all books are signed where one moved; number of the newest checkpoint."""
    from gatekeeper.ledger import checkpoints

    return checkpoints.tick(_app().extensions["gate"], at=clock.now())


@huey.periodic_task(crontab(minute="*/5"))
def reports_of_the_calendar() -> int:
    """Every five minutes: reports that are made by themselves are asked for, and files that a kill left are removed."""
    from gatekeeper.reports import ticking

    return ticking.everywhere(_app().extensions["gate"], at=clock.now())


@huey.periodic_task(crontab(minute="*"))
def sweep_overdue() -> int:
    """Every minute: visits that became overdue get their decision."""
    from gatekeeper.visits import sweep

    return sweep.everywhere(_app().extensions["gate"].engines, at=clock.now())


@huey.periodic_task(crontab(minute="*"))
def roll_up() -> int:
    """Every minute: the kept figures of the days on which something changed are counted anew."""
    from gatekeeper.figures import rolling

    return rolling.everywhere(_app().extensions["gate"].engines)


@huey.periodic_task(crontab(minute="*"))
def reconsider_registrations() -> int:
    """Every minute: who is announced is looked at anew where the list or the rules changed."""
    from gatekeeper.registrations import reconsider

    return reconsider.everywhere(_app().extensions["gate"].engines, at=clock.now())


@huey.task()
def rejudge() -> int:
    """Who waits at a gate is judged again where the rules, a pack, the list or the alert level changed."""
    from gatekeeper.visits import rejudge as waiting

    return waiting.everywhere(_app().extensions["gate"].engines, at=clock.now())


@huey.periodic_task(crontab(minute="*"))
def sweep_waiting() -> None:
    """Every half minute: ``rejudge``, now and once more before the next tick."""
    rejudge.schedule(delay=30)
    rejudge.call_local()


@huey.periodic_task(crontab(hour="19", minute="10"))  # huey ticks in UTC: 03:10 at the gate
def erase_what_is_due() -> str:
    """Every night: personal values whose time is over, and the keys of the day that passed."""
    from gatekeeper.retention import service

    at = clock.now()
    gate = _app().extensions["gate"]
    return str(service.run(gate.engines, gate.settings.data_dir, today=clock.day_of(at), at=at))


@huey.periodic_task(crontab(hour="19", minute="40"))  # huey ticks in UTC: 03:40 at the gate
def tidy() -> int:
    """Every night: jobs that ended long ago are forgotten."""
    return jobs.tidy(_app().extensions["gate"], at=clock.now())
