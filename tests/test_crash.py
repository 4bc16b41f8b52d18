"""The quick forms of bench/crash.py: a few kills under uploads, and its planted faults are seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import crash
from bench.crashing.checking import sound
from bench.crashing.serving import House, build, databases
from tests.conftest import worker_database


@pytest.fixture
def house(database: str, tmp_path: Path) -> House:
    return build(tmp_path, {} if database == "sqlite" else databases(worker_database("crash")))


def test_killed_web_processes_lose_nothing_and_double_nothing(house: House) -> None:
    figures = crash.upload(house, crash.kill(3, 120, seed=7), seed=7)
    assert figures["kills"] == 3 and figures["acknowledged"] >= 120
    assert sound(figures), json.dumps(figures)


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(
    ("how", "seen"),
    [({"app": "bench.peers.hasty:app"}, "missing"), ({"reuses": False, "cut": 0.3}, "duplicated")],
    ids=["acknowledged before the commit", "an id is not used again"],
)
def test_a_server_or_a_desk_that_is_wrong_is_seen(house: House, how: dict[str, Any], seen: str) -> None:
    figures = crash.upload(house, crash.kill(3, 60, seed=8), seed=8, **how)
    assert figures[seen] > 0, figures
    assert not sound(figures)
