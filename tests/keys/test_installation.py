"""A database and its keystore know each other: neither starts with a stranger."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from gatekeeper.config import Settings
from gatekeeper.crypto import KeyFault
from gatekeeper.db import connect
from gatekeeper.keystore import Keystore
from tests.factories import World
from tests.visits.gate import AtGate

Start = Callable[..., bytes]


@pytest.fixture
def start(app: Flask) -> Start:
    """Open the keystore as a starting program does; answers the key of its cookies."""

    def starting(settings: Settings, *, may_create: bool = False) -> bytes:
        engines = connect(settings.database_url)
        fresh = replace(app.extensions["gate"], settings=settings, engines=engines, keystore=None)
        try:
            return fresh.open_keystore(may_create=may_create).secret("cookies")
        finally:
            engines.dispose()
            if fresh.keystore:
                fresh.keystore.close()

    return starting


def test_a_missing_keystore_is_not_made_anew_over_a_database(world: World, settings: Settings, start: Start) -> None:
    AtGate(world.engines, world.own).arrive()
    for file in settings.master_key_file.parent.glob("keys.db*"):
        file.unlink()
    with pytest.raises(KeyFault, match="missing or empty"):
        start(settings)
    shutil.rmtree(settings.master_key_file.parent)
    with pytest.raises(KeyFault, match="missing or empty"):
        start(settings)
    with pytest.raises(KeyFault, match="missing or empty"):
        start(settings, may_create=True)
    assert not settings.master_key_file.exists()


def test_the_keystore_of_another_database_is_refused(
    world: World, settings: Settings, start: Start, tmp_path: Path
) -> None:
    other = replace(
        settings,
        keys_url=f"sqlite:///{tmp_path / 'other' / 'keys.db'}",
        master_key_file=tmp_path / "other" / "master.key",
    )
    Keystore(other.keys_url, other.master_key_file, may_create=True).close()
    with pytest.raises(KeyFault, match="not the one of this database"):
        start(other)
    start(settings)


def test_a_wrong_master_key_stops_the_start_with_the_reason(settings: Settings, start: Start) -> None:
    settings.master_key_file.write_bytes(base64.b64encode(os.urandom(32)))
    with pytest.raises(KeyFault, match="not the master key of this keystore"):
        start(settings)


def test_people_stay_signed_in_over_a_rotation(
    app: Flask, command_app: Flask, settings: Settings, start: Start
) -> None:
    before = app.secret_key
    result = command_app.test_cli_runner().invoke(args=["keys", "rotate"])
    assert result.exit_code == 0, result.output
    assert start(settings) == before


def test_keys_are_listed_and_checked_without_being_shown(world: World, command_app: Flask) -> None:
    AtGate(world.engines, world.own).arrive()
    run = command_app.test_cli_runner()
    listed = run.invoke(args=["keys", "list"])
    assert listed.exit_code == 0
    assert "contact: 1," in listed.output
    checked = run.invoke(args=["keys", "check"])
    assert checked.exit_code == 0
    assert "keys open with the master key" in checked.output
