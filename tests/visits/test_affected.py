"""Whoever has to act sees whom a new list reaches: visits at a gate, announced visits, and no neighbour's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gatekeeper import clock, tenancy
from gatekeeper.access import OPERATOR, Actor
from gatekeeper.registrations import service as registrations
from gatekeeper.risk_areas import service as risk_areas
from gatekeeper.visits import affected
from gatekeeper.visits.affected import Affected
from tests.factories import Factory, World, client_for
from tests.risk_areas.conftest import make_list  # noqa: F401
from tests.visits.gate import FEVER, AtGate, publish

DIANBAI, BEILUN, SHANGHAI = "440904", "330206", "310115"
NEAR = ("浙江省", "宁波市", "北仑区", "某社区")
FAR = ("广东省", "茂名市", "电白区", "某社区")
MakeList = Callable[..., bytes]


def adopted(world: World, raw: bytes, *, town: int = 0) -> None:
    with tenancy.open_session(world.engines, world.towns[town].office.scope, write=True) as session:
        row = risk_areas.store(session, raw, at=clock.now())
        risk_areas.adopt(session, list_hash=row.hash, by=OPERATOR, at=clock.now())


def announced(world: World, place: Factory, plate: str, origin: str) -> None:
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        day = clock.today() + timedelta(days=1)
        registrations.announce(session, plate=plate, day=day, origin=origin, by=OPERATOR, at=clock.now())


def waiting(world: World, place: Factory, plate: str, origin: str, *stops: str) -> AtGate:
    publish(world, place, FEVER)
    gate = AtGate(world.engines, place, at=clock.now())
    gate.arrive(plate, facts={"origin": origin, "stops": list(stops)})
    return gate


@pytest.fixture
def listed(world: World, make_list: MakeList) -> World:  # noqa: F811
    """A list with Beilun at medium; then, in another, Beilun at high and Dianbai at medium."""
    day = clock.today()
    adopted(world, make_list(f"{day - timedelta(days=1)} 8时", middle=[NEAR]))
    adopted(world, make_list(f"{day - timedelta(days=1)} 9时", high=[NEAR], middle=[FAR]))
    return world


def seen(world: World, scope: tenancy.Scope, place: Factory | None = None) -> tuple[list[Affected], list[Affected]]:
    with tenancy.open_session(world.engines, scope) as session:
        found, at = affected.lists(session, at=clock.now()), clock.now()
        made = affected.affected(session, found, at=at, enterprise_id=place.id if place else None)
        session.expunge_all()
        return made


def test_a_visit_counts_by_the_worst_of_its_places(listed: World) -> None:
    waiting(listed, listed.own, "浙A11111", SHANGHAI, BEILUN)
    waiting(listed, listed.own, "浙A22222", SHANGHAI)
    (one,), coming = seen(listed, listed.own.scope, listed.own)
    assert one.visit is not None
    assert (one.visit.plate, one.before, one.after, one.rose) == ("浙A11111", "medium", "high", True)
    assert one.places == (SHANGHAI, BEILUN)
    assert coming == []


def test_a_visit_that_is_inside_or_gone_is_left_out(listed: World) -> None:
    gate = waiting(listed, listed.own, "浙A11111", BEILUN)
    gate.temperature(366)
    gate.admit()
    assert seen(listed, listed.own.scope, listed.own) == ([], [])


def test_announced_visits_of_the_township_stand_with_their_enterprise(listed: World) -> None:
    announced(listed, listed.own, "浙A11111", DIANBAI)
    announced(listed, listed.neighbour, "浙A22222", BEILUN)
    announced(listed, listed.neighbour, "浙A33333", SHANGHAI)
    announced(listed, listed.stranger, "浙A44444", BEILUN)
    _, coming = seen(listed, tenancy.Township(listed.towns[0].id))
    assert sorted((one.enterprise, one.before, one.after) for one in coming) == sorted(
        [(listed.own.name, "none", "medium"), (listed.neighbour.name, "medium", "high")]
    )


def test_a_list_adopted_again_does_not_hide_the_one_before(listed: World, make_list: MakeList) -> None:  # noqa: F811
    announced(listed, listed.own, "浙A11111", DIANBAI)
    adopted(listed, make_list(f"{clock.today() - timedelta(days=1)} 9时", high=[NEAR], middle=[FAR]))
    assert len(seen(listed, listed.own.scope, listed.own)[1]) == 1


def test_the_first_list_has_none_to_be_compared_with(world: World, make_list: MakeList) -> None:  # noqa: F811
    adopted(world, make_list(f"{clock.today() - timedelta(days=1)} 8时", high=[NEAR]))
    announced(world, world.own, "浙A11111", BEILUN)
    assert seen(world, world.own.scope, world.own) == ([], [])


def page(app: Flask, person: Actor, slug: str, lang: str = "zh") -> str:
    client: FlaskClient = client_for(app, person)
    answer = client.get(f"/e/{slug}/risk-areas/affected?lang={lang}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_an_office_sees_its_enterprises_and_an_enterprise_itself(app: Flask, listed: World) -> None:
    waiting(listed, listed.own, "浙A11111", BEILUN)
    announced(listed, listed.neighbour, "浙A22222", DIANBAI)
    announced(listed, listed.stranger, "浙A44444", BEILUN)
    office = page(app, listed.towns[0].admin, listed.towns[0].office.slug)
    assert "浙A11111" in office
    assert "浙A22222" in office
    assert listed.neighbour.name in office
    assert "浙A44444" not in office
    own = page(app, listed.own.admin, listed.own.slug)
    assert "浙A11111" in own
    assert "浙A22222" not in own
    inspected = page(app, listed.towns[0].inspector, listed.neighbour.slug, "en")
    assert "浙A22222" in inspected
    assert "浙A11111" not in inspected
    assert "Announced for today and later" in inspected


def test_where_nobody_is_affected_the_page_says_so(app: Flask, listed: World, world: World) -> None:
    assert "没有人受影响" in page(app, listed.own.admin, listed.own.slug)
    assert "No list to compare with" in page(app, world.stranger.admin, world.stranger.slug, "en")


def test_the_list_leads_to_who_is_affected(app: Flask, listed: World) -> None:
    client = client_for(app, listed.towns[0].admin)
    text = client.get(f"/e/{listed.towns[0].office.slug}/risk-areas").get_data(as_text=True)
    assert "/risk-areas/affected" in text
