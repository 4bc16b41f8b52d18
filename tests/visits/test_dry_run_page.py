"""The page on which a draft is tried: one run at a time, its progress, what came out, and who may see it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gatekeeper import clock, jobs, tenancy
from gatekeeper.jobs import Job
from gatekeeper.visits import dry_run_tasks as tasks
from gatekeeper.visits import trying
from tests.factories import World, client_for
from tests.rules.made import temperature
from tests.visits.gate import FEVER, publish
from tests.visits.test_dry_run import came, draft_of


@pytest.fixture
def admin(app: Flask, world: World) -> FlaskClient:
    publish(world, world.own, FEVER)
    came(world, 365)
    came(world, 371)
    draft_of(world, world.own, temperature(max=370))
    return client_for(app, world.own.admin)


def url(world: World, tail: str = "") -> str:
    return f"/e/{world.own.slug}/rulebook/draft/try{tail}"


def rows(world: World) -> list[Job]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        found = list(session.scalars(select(Job).where(Job.kind == trying.KIND).order_by(Job.made_at)))
        session.expunge_all()
        return found


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def run(command_app: Flask) -> None:
    jobs.run_waiting(command_app.extensions["gate"])


def test_it_is_asked_for_once_and_shows_what_came_out(admin: FlaskClient, world: World, command_app: Flask) -> None:
    assert "还没有试过" in read(admin, url(world))
    for _ in range(2):
        assert admin.post(url(world), data={"days": "30"}).status_code == 302
    assert len(rows(world)) == 1
    waiting = read(admin, url(world))
    assert 'hx-trigger="every 1s"' in waiting
    assert "<progress" in waiting
    run(command_app)
    done = read(admin, url(world))
    assert "hx-trigger" not in done
    assert "过去 30 天：多 1 次待定" in done
    assert "浙A12345" in done
    assert "规则 temperature" in done
    assert "Last 30 days: 1 more held" in read(admin, url(world, "?lang=en"))


def test_the_draft_says_what_came_out_until_it_is_changed(admin: FlaskClient, world: World, command_app: Flask) -> None:
    draft = f"/e/{world.own.slug}/rulebook/draft"
    assert "发布前先试算" in read(admin, draft)
    admin.post(url(world), data={"days": "7"})
    run(command_app)
    assert "过去 7 天：多 1 次待定" in read(admin, draft)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        found = trying.rulebooks.draft(session, enterprise_id=world.own.id)
        assert found is not None
        found.revision += 1
    assert "过去 7 天" not in read(admin, draft)
    assert "又改过" in read(admin, url(world))


def test_the_rows_hold_no_personal_value(admin: FlaskClient, world: World, command_app: Flask) -> None:
    admin.post(url(world), data={"days": "30"})
    run(command_app)
    (job,) = rows(world)
    assert job.result is not None
    assert json.loads(job.result)["moves"] == [["arrival", "admit", "hold", 1]]
    for personal in ("A12345", "张", "19900001234", "371"):
        assert personal not in job.result.encode().decode("unicode_escape")


def test_it_can_be_called_off(admin: FlaskClient, world: World, command_app: Flask) -> None:
    admin.post(url(world), data={"days": "30"})
    (job,) = rows(world)
    assert admin.post(url(world, f"/{job.id}/cancel")).status_code == 302
    assert admin.post(url(world, f"/{job.id}/cancel")).status_code == 302
    run(command_app)
    assert [row.state for row in rows(world)] == ["cancelled"]
    assert "还没有试过" in read(admin, url(world))


def test_a_job_of_another_kind_is_not_called_off_here(admin: FlaskClient, world: World) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        other = jobs.enqueue(session, "report", at=clock.now()).id
    assert admin.post(url(world, f"/{other}/cancel")).status_code == 404


@pytest.mark.parametrize("days", ["0", "91", "many", ""])
def test_other_days_are_refused_in_words(admin: FlaskClient, world: World, days: str) -> None:
    answer = admin.post(url(world), data={"days": days})
    assert answer.status_code == 422
    assert "1 到 90" in answer.get_data(as_text=True)
    assert rows(world) == []


def test_a_draft_that_is_gone_when_the_run_begins_says_so(admin: FlaskClient, world: World, command_app: Flask) -> None:
    admin.post(url(world), data={"days": "30"})
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        session.delete(trying.rulebooks.draft(session, enterprise_id=world.own.id))
    run(command_app)
    assert "草稿已发布或丢弃" in read(admin, url(world))
    assert admin.post(url(world), data={"days": "30"}).status_code == 422


def test_a_rule_that_is_not_whole_is_mended_first(admin: FlaskClient, world: World) -> None:
    draft_of(world, world.own, temperature(max=9000))
    answer = admin.post(url(world), data={"days": "30"})
    assert answer.status_code == 422
    assert "请先改好草稿" in answer.get_data(as_text=True)


def test_an_office_tries_its_draft_on_its_enterprises(app: Flask, world: World, command_app: Flask) -> None:
    office = world.towns[0].office
    for place in (world.own, world.neighbour, world.stranger):
        publish(world, place, FEVER)
        came(world, 371, place=place)
    draft_of(world, office, temperature(max=370))
    client = client_for(app, world.towns[0].admin)
    address = f"/e/{office.slug}/rulebook/draft/try"
    assert client.post(address, data={"days": "30"}).status_code == 302
    run(command_app)
    page = read(client, address)
    assert "多 2 次待定" in page
    assert world.own.name in page
    assert world.neighbour.name in page
    assert world.stranger.name not in page


def test_progress_is_told_in_percent(world: World, command_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, world.own, FEVER)
    for tenths in (365, 366, 367):
        came(world, tenths)
    draft_of(world, world.own, temperature(max=370))
    told: list[int] = []
    monkeypatch.setattr(trying, "BATCH", 1)
    monkeypatch.setattr(tasks.jobs, "progress", lambda installation, job, percent: told.append(percent))
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        trying.ask(session, days=30, by=world.own.admin, at=clock.now())
    found: Any = command_app.extensions["gate"]
    assert jobs.run_waiting(found) == 1
    assert told == [33, 66, 99]
