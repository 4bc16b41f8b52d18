"""bench/figures.py in small: the board shows the sum of all, the recount agrees, each planted fault is seen."""

from __future__ import annotations

from pathlib import Path
from random import Random

from bench import figures
from gatekeeper.figures.tally import kept
from tests.conftest import Databases


def test_the_board_shows_all_that_is_kept_and_all_that_came_since(databases: Databases, tmp_path: Path) -> None:
    found = figures.run("here", databases, tmp_path, 4, 34, 1, looks=1)
    assert found["right"], found
    assert found["board_rows"] == 4
    assert found["planted_caught"] == [figures.UNTOLD, figures.BY_HAND]


def test_a_kept_day_of_a_busy_gate_is_read_as_it_was_counted() -> None:
    row = figures.a_day(Random(1))
    assert kept(row).row() == row
