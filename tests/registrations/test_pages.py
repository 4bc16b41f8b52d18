"""Pages of registrations."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.access import Actor
from gatekeeper.registrations import service, views
from gatekeeper.registrations.models import Registration
from tests.factories import Factory, World, client_for

PLATE = "浙B12345"


def fill_in(app: Flask, person: Actor, place: Factory, **values: Any):
    form = {"plate": PLATE, "day": clock.today().isoformat(), **values}
    return client_for(app, person).post(f"/e/{place.slug}/registrations/new", data=form, follow_redirects=True)


def announced(world: World, place: Factory, **values: Any) -> Registration:
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        values = {"plate": PLATE, "day": clock.today(), "at": clock.now(), "by": place.guard, **values}
        return service.announce(session, **values)


def stored(world: World, place: Factory) -> list[Registration]:
    with tenancy.open_session(world.engines, place.scope) as session:
        return list(session.scalars(select(Registration).order_by(Registration.id)))


def post(app: Flask, person: Actor, found: Registration, place: Factory, verb: str, **form: str) -> Any:
    address = f"/e/{place.slug}/registrations/{found.id}/{verb}"
    return client_for(app, person).post(address, data=form, follow_redirects=True)


@pytest.mark.parametrize("role", ["guard", "lead", "admin"])
def test_whoever_is_told_by_phone_writes_it_down(app, world, role):
    answer = fill_in(
        app, getattr(world.own, role), world.own, origin="广东省 茂名市 电白区", origin_code="440904", cargo="clinker"
    )
    assert answer.status_code == 200
    assert f"{PLATE} 已登记报备" in answer.text and "广东省 茂名市 电白区" in answer.text and "熟料" in answer.text
    (row,) = stored(world, world.own)
    assert (row.plate, row.origin, row.cargo, row.enterprise_approved_at) == (PLATE, "440904", "clinker", None)


def test_a_typed_place_counts_when_it_can_mean_one_place_only(app, world):
    assert fill_in(app, world.own.guard, world.own, origin="电白区").status_code == 200
    assert stored(world, world.own)[0].origin == "440904"
    changed = {"plate": "浙B77777", "origin": "北仑区", "origin_code": "440904"}  # typed over what was picked
    assert fill_in(app, world.own.guard, world.own, **changed).status_code == 200
    assert stored(world, world.own)[1].origin == "330206"
    doubtful = fill_in(app, world.own.guard, world.own, plate="浙B54321", origin="鼓楼区")
    assert doubtful.status_code == 422
    assert "不止一个地区符合" in doubtful.text and 'value="浙B54321"' in doubtful.text


def test_a_day_that_is_past_is_refused_at_its_field_and_nothing_typed_is_lost(app, world):
    yesterday = clock.today() - timedelta(days=1)
    answer = fill_in(app, world.own.guard, world.own, day=yesterday.isoformat(), needs_township="y")
    assert answer.status_code == 422
    assert re.search(r'id="day-error">来访日期已过', answer.text)
    assert f'value="{PLATE}"' in answer.text and "checked" in answer.text
    assert stored(world, world.own) == []


@pytest.mark.parametrize(("field", "value"), [("plate", ""), ("day", "someday"), ("day", ""), ("cargo", "gold")])
def test_a_value_that_cannot_be_taken_says_so_at_its_field(app, world, field, value):
    answer = fill_in(app, world.own.guard, world.own, **{field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert stored(world, world.own) == []


def test_the_same_plate_twice_says_that_it_was_there(app, world):
    fill_in(app, world.own.guard, world.own)
    assert "当天已经报备过" in fill_in(app, world.own.lead, world.own).text
    assert len(stored(world, world.own)) == 1


def test_the_admin_approves_and_the_guard_reads_it(app, world):
    found = announced(world, world.own)
    assert "已批准" in post(app, world.own.admin, found, world.own, "approve").text
    page = client_for(app, world.own.guard).get(f"/e/{world.own.slug}/registrations").text
    assert "已批准" in page and "/approve" not in page and "/decline" not in page


def test_the_township_approves_what_its_enterprises_approved(app, world):
    found = announced(world, world.own, needs_township=True)
    township = client_for(app, world.towns[0].admin)
    assert PLATE not in township.get("/e/jia/approvals").text
    post(app, world.own.admin, found, world.own, "approve")
    assert PLATE in township.get("/e/jia/approvals").text
    after = post(app, world.towns[0].admin, found, world.own, "approve")
    assert after.request.path == "/e/jia/approvals" and f"{PLATE} 已批准" in after.text
    assert stored(world, world.own)[0].township_approved_by == world.towns[0].admin.id


def test_approving_too_early_says_who_comes_first(app, world):
    found = announced(world, world.own, needs_township=True)
    assert "请等企业先批准" in post(app, world.towns[0].admin, found, world.own, "approve").text
    assert stored(world, world.own)[0].township_approved_at is None


def test_declining_asks_for_a_reason_and_shows_it(app, world):
    found = announced(world, world.own)
    assert post(app, world.own.admin, found, world.own, "decline").status_code == 422
    assert "当天停产" in post(app, world.own.admin, found, world.own, "decline", reason="当天停产").text
    again = post(app, world.own.admin, found, world.own, "decline", reason="再来一次")
    assert "已经不批准" in again.text
    assert stored(world, world.own)[0].declined_seq is not None


def test_a_neighbour_finds_nothing_and_a_guard_decides_nothing(app, world):
    found = announced(world, world.own)
    assert post(app, world.neighbour.admin, found, world.own, "approve").status_code == 404
    assert post(app, world.neighbour.admin, found, world.neighbour, "approve").status_code == 404
    assert post(app, world.towns[1].admin, found, world.own, "approve").status_code == 404
    assert post(app, world.towns[0].admin, found, world.neighbour, "approve").status_code == 404
    assert post(app, world.own.guard, found, world.own, "approve").status_code == 403
    assert fill_in(app, world.towns[0].admin, world.own).status_code == 403
    assert client_for(app, world.own.admin).get("/e/jia/approvals").status_code == 404
    assert stored(world, world.own)[0].enterprise_approved_at is None


def test_an_empty_list_says_what_would_be_here(app, world):
    assert "今天和以后没有报备" in client_for(app, world.own.guard).get(f"/e/{world.own.slug}/registrations").text
    assert "没有等镇街批准的报备" in client_for(app, world.towns[0].admin).get("/e/jia/approvals").text


def test_the_admins_home_counts_what_waits_for_the_admin(app, world):
    approved = announced(world, world.own)
    post(app, world.own.admin, approved, world.own, "approve")
    announced(world, world.own, plate="浙B54321")
    announced(world, world.neighbour)
    tenant = app.extensions["gate"].find_tenant(world.engines, world.own.id)
    with app.test_request_context(), tenancy.open_session(world.engines, world.own.scope) as session:
        (figure,) = views.waiting(session, tenant, clock.today())
    assert (figure.value, figure.href) == (1, f"/e/{world.own.slug}/registrations")
