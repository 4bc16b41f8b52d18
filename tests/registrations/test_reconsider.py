"""Who is announced is looked at anew when list or rules changed, and only what changed for people is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import jobs, tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.clock import day_of, from_micros, micros, now
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.registrations import queries, reconsider, service, tasks
from gatekeeper.registrations.models import Registration
from gatekeeper.risk_areas import service as risk_areas
from tests.factories import Factory, World
from tests.rules.made import rule
from tests.visits.gate import publish

DIANBAI = "440904"
AREA = ("广东省", "茂名市", "电白区", "某社区")
ASKS = rule(
    "approved",
    "registered",
    params={"lead": 0, "township_approval": True},
    when=[{"fact": "risk_level", "op": "at_least", "value": "medium"}],
)


def adopted(world: World, raw: bytes) -> None:
    with tenancy.open_session(world.engines, world.towns[0].office.scope, write=True) as session:
        row = risk_areas.store(session, raw, at=now())
        risk_areas.adopt(session, list_hash=row.hash, by=OPERATOR, at=now())


def announced(
    world: World, place: Factory, *, plate: str = "浙B12345", origin: str | None = DIANBAI, **more: Any
) -> None:
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        day = day_of(now()) + timedelta(days=more.pop("days", 1))
        service.announce(session, plate="浙B12345", day=day, origin=origin, by=place.guard, at=now(), **more)


def row_of(world: World, place: Factory) -> Registration:
    with tenancy.open_session(world.engines, place.scope) as session:
        row = session.scalars(select(Registration).order_by(Registration.id)).first()
        assert row is not None
        session.expunge(row)
        return row


def acts(world: World, place: Factory) -> list[dict[str, Any]]:
    """What the book says was reconsidered."""
    with tenancy.open_session(world.engines, place.scope) as session:
        query = select(LedgerEntry.bytes).where(LedgerEntry.kind == "act").order_by(LedgerEntry.seq)
        bodies = [orjson.loads(text)["body"] for text in session.scalars(query)]
    return [body["values"] for body in bodies if body["act"] == "registration.reconsidered"]


@pytest.fixture
def hour(make_list: Callable[..., bytes]) -> Callable[..., bytes]:
    """A list of an hour of today, so that it holds now; ``high`` and ``middle`` as in ``make_list``."""

    def made(hours_ago: int, **levels: Any) -> bytes:
        moment: datetime = from_micros(micros(now()) - hours_ago * 3_600_000_000 + 8 * 3_600_000_000)
        return make_list(moment.strftime("%Y-%m-%d %H时"), **levels)

    return made


def test_a_registration_is_judged_when_it_is_announced(world: World, hour: Callable[..., bytes]) -> None:
    adopted(world, hour(3, high=[AREA]))
    publish(world, world.own, ASKS)
    announced(world, world.own)
    row = row_of(world, world.own)
    assert (row.risk_level, row.needs_township, row.township_asked) == ("high", True, False)
    assert row.risk_list is not None


def test_one_whose_origin_nobody_said_is_not_guessed(world: World, hour: Callable[..., bytes]) -> None:
    adopted(world, hour(3, high=[AREA]))
    publish(world, world.own, ASKS)
    announced(world, world.own, origin=None)
    row = row_of(world, world.own)
    assert (row.risk_level, row.needs_township) == (None, False)


def test_a_new_list_raises_the_level_and_asks_the_township(world: World, hour: Callable[..., bytes]) -> None:
    publish(world, world.own, ASKS)
    announced(world, world.own)
    adopted(world, hour(3, middle=[AREA]))
    assert reconsider.everywhere(world.engines, at=now()) == 1
    row = row_of(world, world.own)
    assert (row.risk_level, row.needs_township) == ("medium", True)
    (values,) = acts(world, world.own)
    assert values["risk_level"] == ["none", "medium"]
    assert values["needs_township"] is True
    assert reconsider.everywhere(world.engines, at=now()) == 0
    assert len(acts(world, world.own)) == 1


def test_a_list_that_changes_nothing_here_is_noted_and_not_written(world: World, hour: Callable[..., bytes]) -> None:
    adopted(world, hour(4, middle=[AREA]))
    announced(world, world.own)
    before = row_of(world, world.own).risk_list
    adopted(world, hour(3, middle=[(*AREA, "另一社区")]))
    assert reconsider.everywhere(world.engines, at=now()) == 0
    assert row_of(world, world.own).risk_list not in (None, before)
    assert acts(world, world.own) == []


def test_an_approval_for_a_milder_level_falls(world: World, hour: Callable[..., bytes]) -> None:
    adopted(world, hour(4, middle=[AREA]))
    publish(world, world.own, ASKS)
    announced(world, world.own)
    row = row_of(world, world.own)
    for by in (world.own.admin, world.towns[0].admin):
        with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
            found = queries.get(session, enterprise_id=world.own.id, registration_id=row.id)
            service.approve(session, found, by=by, at=now())
    assert queries.state(row_of(world, world.own)) == "approved"
    adopted(world, hour(3, high=[AREA]))
    reconsider.everywhere(world.engines, at=now())
    assert queries.state(row_of(world, world.own)) == "waiting_township"
    assert acts(world, world.own)[0]["approval_falls"] is True


def test_when_the_rule_is_over_only_those_wait_who_were_asked_to(world: World, hour: Callable[..., bytes]) -> None:
    adopted(world, hour(3, high=[AREA]))
    publish(world, world.own, ASKS)
    publish(world, world.neighbour, ASKS)
    announced(world, world.own)
    announced(world, world.neighbour, needs_township=True)
    for place in (world.own, world.neighbour):
        publish(world, place, rule("briefing"), at=now())
    assert reconsider.everywhere(world.engines, at=now()) == 1
    assert row_of(world, world.own).needs_township is False
    assert row_of(world, world.neighbour).needs_township is True


def test_a_neighbour_township_keeps_its_own_list(world: World, hour: Callable[..., bytes]) -> None:
    announced(world, world.stranger)
    adopted(world, hour(3, high=[AREA]))
    assert reconsider.everywhere(world.engines, at=now()) == 0
    assert row_of(world, world.stranger).risk_level == "none"


def test_an_adoption_is_followed_by_a_job_for_the_township(
    world: World, hour: Callable[..., bytes], command_app: Flask
) -> None:
    announced(world, world.own)
    announced(world, world.neighbour)
    adopted(world, hour(3, high=[AREA]))
    assert tasks.after_adoption is not None
    assert jobs.run_waiting(command_app.extensions["gate"]) == 1
    for place in (world.own, world.neighbour):
        assert row_of(world, place).risk_level == "high"
