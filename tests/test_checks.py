"""The doctor finds what is wrong and says how to mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from gatekeeper import checks, clock, heartbeat
from gatekeeper.config import Settings
from gatekeeper.db import connect


def found(app: Flask, **settings: object) -> dict[str, checks.Check]:
    installation = app.extensions["gate"]
    changed = replace(installation, settings=replace(installation.settings, **settings))
    return {check.name: check for check in checks.run(changed, at=clock.now())}


def test_a_sound_installation_needs_no_mending(command_app: Flask) -> None:
    assert [check for check in found(command_app).values() if check.ok is False] == []
    assert command_app.test_cli_runner().invoke(args=["doctor"]).exit_code == 0


def test_an_address_without_https_is_named(command_app: Flask) -> None:
    check = found(command_app, base_url="http://gate.example")["https"]
    assert not check.ok and "GATE_BASE_URL" in check.words


def test_a_key_that_others_may_read_is_named(command_app: Flask, settings: Settings) -> None:
    settings.master_key_file.chmod(0o644)
    check = found(command_app)["keys"]
    assert not check.ok and "chmod 600" in check.words


def test_a_full_disk_is_named(command_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FREE_BYTES", 10**18)
    check = found(command_app)["disk"]
    assert not check.ok and "make room" in check.words


def test_a_clock_of_long_ago_is_named(command_app: Flask) -> None:
    ok, words = checks.clock(command_app.extensions["gate"], datetime(2000, 1, 1, tzinfo=UTC))
    assert not ok and "2000-01-01" in words


def test_an_empty_database_is_named_with_the_way_out(command_app: Flask, tmp_path: Path) -> None:
    engines = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    check = {c.name: c for c in checks.run(replace(command_app.extensions["gate"], engines=engines), at=clock.now())}
    assert check["database"].ok
    assert not check["migrations"].ok and "flask upgrade" in check["migrations"].words


def test_a_worker_that_fell_silent_is_named(command_app: Flask, settings: Settings) -> None:
    assert found(command_app)["worker"].ok is None
    heartbeat.beat(settings.data_dir, at=clock.now())
    assert found(command_app)["worker"].ok is True
    heartbeat.beat(settings.data_dir, at=clock.now() - timedelta(minutes=4))
    check = found(command_app)["worker"]
    assert check.ok is False and "huey_consumer" in check.words


def test_a_database_that_may_forget_is_noted(command_app: Flask, database: str) -> None:
    check = found(command_app)["durability"]
    if database == "sqlite":
        assert check.ok is True
    else:  # the cluster of the tests is a fast one
        assert check.ok is None and "fsync" in check.words


def test_missing_fonts_are_named(command_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    check = found(command_app)["fonts"]
    assert not check.ok and "fonts-noto-cjk" in check.words
