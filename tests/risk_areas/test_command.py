"""``flask risk-areas load``."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from click.testing import Result
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines
from gatekeeper.risk_areas import queries
from tests.factories import World


def run(command_app: Flask, *arguments: object) -> Result:
    return command_app.test_cli_runner().invoke(args=["risk-areas", "load", *map(str, arguments)])


def in_force(engines: Engines, world: World, town: int) -> str | None:
    with tenancy.open_session(engines, world.towns[town].office.scope) as session:
        adoption = queries.in_force(session, at=clock.now())
        return adoption.list_hash[:8] if adoption else None


def write(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def test_lists_are_adopted_by_every_township_in_order_of_their_time(command_app, engines, world, tmp_path, make_list):
    newer = write(tmp_path, "a.json", make_list("2026-04-18 12时"))
    older = write(tmp_path, "b.json", make_list("2026-04-18 8时", high=[("浙江省", "宁波市", "高新区", "甲社区")]))
    result = run(command_app, newer, older)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "b.json: list of 2026-04-18 08:00, communities: high 1, medium 0, low 0"
    assert lines[1] == "  1 entries could not be matched and are kept as written: 浙江省 宁波市 高新区"
    assert "  乙镇: list of 2026-04-18 12:00 is in force" in lines
    assert in_force(engines, world, 0) == in_force(engines, world, 1) is not None


def test_one_township_is_named_by_its_office(command_app, engines, world, tmp_path, make_list):
    result = run(command_app, write(tmp_path, "a.json", make_list("2026-04-18 8时")), "--township", "jia")
    assert result.exit_code == 0, result.output
    assert in_force(engines, world, 0) is not None
    assert in_force(engines, world, 1) is None


def test_a_damaged_list_is_refused_with_its_reason_and_the_others_are_loaded(
    command_app, engines, world, tmp_path, make_list
):
    good = make_list("2026-04-18 8时")
    result = run(command_app, write(tmp_path, "cut.json", good[:50]), write(tmp_path, "good.json", good))
    assert result.exit_code == 1
    assert "REFUSED cut.json: The file is damaged or cut short" in result.output
    assert in_force(engines, world, 0) is not None


def test_an_older_list_is_loaded_as_history_and_said_so(command_app, engines, world, tmp_path, make_list):
    run(command_app, write(tmp_path, "new.json", make_list("2026-04-18 12时")))
    before = in_force(engines, world, 0)
    result = run(command_app, write(tmp_path, "old.json", make_list("2026-04-18 8时")))
    assert "kept as history: that of 2026-04-18 12:00 is in force" in result.output
    assert in_force(engines, world, 0) == before


def test_of_two_official_lists_of_one_hour_the_later_named_holds(command_app, engines, world, official):
    first, second = official("2022042219")
    assert run(command_app, second, first).exit_code == 0
    assert in_force(engines, world, 0) == sha256(first.read_bytes()).hexdigest()[:8]


def test_every_official_list_is_taken(command_app, engines, world, official):
    files = official("2022")
    result = run(command_app, *files, "--township", "jia")
    assert result.exit_code == 0, result.output
    assert result.output.count(": list of ") >= len(files)


def test_a_township_that_is_not_there_is_named(command_app, world, tmp_path, make_list):
    result = run(command_app, write(tmp_path, "a.json", make_list("2026-04-18 8时")), "--township", "none")
    assert result.exit_code == 1
    assert "There is no township none" in result.output


def test_without_any_township_the_command_says_how_to_open_one(command_app, tmp_path, make_list):
    result = run(command_app, write(tmp_path, "a.json", make_list("2026-04-18 8时")))
    assert result.exit_code == 1
    assert "flask township add" in result.output
