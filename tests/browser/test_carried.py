"""What a phone could not send is carried in a file, taken by a command, and known when the phone sends it after all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.access import Role
from gatekeeper.accounts import pins
from gatekeeper.desk.models import Duty
from gatekeeper.ledger.queries import Fault
from gatekeeper.visits import proof
from gatekeeper.visits.models import Visit
from tests.browser.desk import ARRIVE, OPEN, until
from tests.browser.hand import DUTY
from tests.browser.test_model_kept import CARRIED, PHOTO
from tests.factories import World
from tests.visits.gate import FEVER, publish

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])

WORDS = "铁观音 19 斤半"
SHIFT = """async ([guard, lead]) => {
  await model.takeDuty(guard, "4071");
  await model.handOver({ note: "冷库门口有车", supplies: { mask: 3 } });
  await model.accept(null, lead, "0000");
}"""


@pytest.fixture
def page(world: World, phone: BrowserContext, address: str) -> Page:
    """A phone that was told how things stand and then lost its network; the guard's PIN is 4071."""
    publish(world, world.own, FEVER)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        given = {"user_id": world.own.guard.id, "by": world.own.admin, "at": clock.now()}
        pins.give(session, pin=pins.NewPin("4071"), **given)
    page = phone.new_page()
    page.goto(f"{address}/desk/enrol")
    page.evaluate(DUTY, str(world.own.guard.id))
    page.evaluate(OPEN)
    until(page, "model.now !== null")
    phone.set_offline(True)
    return page


def take(app: Flask, folder: Path, file: Any, words: str = WORDS) -> Result:
    path = folder / "unsent.json"
    path.write_text(json.dumps(file), encoding="utf-8")
    return app.test_cli_runner().invoke(args=["desk", "take", str(path)], input=f"{words}\n")


def told(result: Result) -> list[tuple[str, str]]:
    """(kind, the rest) of each line that speaks of an entry."""
    lines = [line for line in result.output.splitlines() if ": " in line and "Passphrase" not in line]
    return [(line.split()[0], line.split(": ", 1)[1]) for line in lines]


def test_a_file_is_taken_as_if_its_phone_had_sent_it(
    command_app: Flask, world: World, page: Page, tmp_path: Path
) -> None:
    own, at = world.own, page.evaluate("model.at()")
    visit = page.evaluate(ARRIVE, "浙A10001")
    page.evaluate(PHOTO, visit)
    page.evaluate(SHIFT, [str(own.people[Role.GUARD].id), str(own.lead.id)])
    file = page.evaluate(CARRIED, WORDS)
    result = take(command_app, tmp_path, file)
    assert result.exit_code == 0, result.output
    assert [kind for kind, _ in told(result)] == ["arrive", "answer", "duty", "handover", "accept"]
    states = [state for _, state in told(result)]
    assert states[:4] == ["applied", "applied", "confirmed", "confirmed"] and states[4].startswith("unconfirmed")
    with tenancy.open_session(world.engines, own.scope) as session:
        assert not isinstance(proof.verify(session, enterprise_id=own.id), Fault)
        row = session.scalars(select(Visit)).one()
        assert (str(row.id), row.plate, row.guard_name) == (visit, "浙A10001", own.guard.name)
        assert abs(clock.micros(row.arrived_at) - at) < 60_000_000
        assert [duty.code for duty in session.scalars(select(Duty).order_by(Duty.seq))] == [None, None, "duty.pin"]
    again = take(command_app, tmp_path, file)
    assert again.exit_code == 0 and all("recorded before" in state for _, state in told(again))
    page.context.set_offline(False)  # and now the phone is back and sends all of it
    until(page, "model.line().waiting === 0")
    assert page.evaluate("model.line().refused.length") == 0
    with tenancy.open_session(world.engines, own.scope) as session:
        assert len(session.scalars(select(Visit)).all()) == 1 and len(session.scalars(select(Duty)).all()) == 3
    page.evaluate("model.stop()")


def test_what_is_refused_is_named_and_does_not_hold_up_what_came_after(
    command_app: Flask, world: World, page: Page, tmp_path: Path
) -> None:
    visit = page.evaluate(ARRIVE, "浙A10001")
    page.evaluate("([kind, visit, body]) => model.act(kind, visit, body)", ["note", visit, {"odd": "thing"}])
    page.evaluate("([kind, visit, body]) => model.act(kind, visit, body)", ["note", visit, {"text": "备注"}])
    result = take(command_app, tmp_path, page.evaluate(CARRIED, WORDS))
    assert result.exit_code == 1 and "taken 2, refused 1" in result.output
    assert [state.split(",")[0] for _, state in told(result)] == ["applied", "refused", "applied"]
    page.evaluate("model.stop()")


def test_a_wrong_passphrase_and_another_file_are_said_and_nothing_is_recorded(
    command_app: Flask, world: World, page: Page, tmp_path: Path
) -> None:
    page.evaluate(ARRIVE, "浙A10001")
    file = page.evaluate(CARRIED, WORDS)
    assert "口令不对" in take(command_app, tmp_path, file, "别的口令").output
    for other in ({}, [], {**file, "rounds": 10**9}, {**file, "format": "gate-unsent-9"}, {**file, "salt": "%"}):
        result = take(command_app, tmp_path, other)
        assert result.exit_code == 1 and "这不是门岗手机导出的文件" in result.output
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert session.scalars(select(Visit)).all() == []
    page.evaluate("model.stop()")
