"""The job worker: huey ticks the schedules. ``huey_consumer gatekeeper.worker.huey`` runs it."""

from __future__ import annotations

from functools import cache

from flask import Flask
from huey import SqliteHuey, crontab

from gatekeeper import clock, config, create_app

_settings = config.from_environment()
_settings.data_dir.mkdir(parents=True, exist_ok=True)
huey = SqliteHuey("gatekeeper", filename=str(_settings.data_dir / "jobs.db"))


@cache
def _app() -> Flask:
    """The program under the platform's role, opened when the first task runs."""
    app = create_app(_settings, command_line=True)
    app.extensions["gate"].open_keystore()
    return app


@huey.periodic_task(crontab(minute="*"))
def sweep_overdue() -> int:
    """Every minute: visits that became overdue get their decision."""
    from gatekeeper.visits import sweep

    return sweep.everywhere(_app().extensions["gate"].engines, at=clock.now())


@huey.periodic_task(crontab(hour="19", minute="10"))  # huey ticks in UTC: 03:10 at the gate
def erase_what_is_due() -> str:
    """Every night: personal values whose time is over, and the keys of the day that passed."""
    from gatekeeper.retention import service

    at = clock.now()
    gate = _app().extensions["gate"]
    return str(service.run(gate.engines, gate.settings.data_dir, today=clock.day_of(at), at=at))
