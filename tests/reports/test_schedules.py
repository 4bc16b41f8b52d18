"""Reports by the calendar: when they are due, that a missed one is made once, and their page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, jobs, tenancy
from gatekeeper.jobs import Job
from gatekeeper.reports import issue, kept, schedules, ticking
from gatekeeper.reports.models import IssuedReport
from tests.factories import World, client_for
from tests.visits.gate import FEVER, AtGate, publish


def at(text: str) -> datetime:
    """A time at the gate."""
    return (datetime.fromisoformat(text) - timedelta(hours=8)).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "moment", "first", "last"),
    [
        ("day", "2026-05-06T05:59", "2026-05-04", "2026-05-04"),
        ("day", "2026-05-06T06:00", "2026-05-05", "2026-05-05"),
        ("week", "2026-05-04T05:59", "2026-04-20", "2026-04-26"),  # a Monday
        ("week", "2026-05-04T06:00", "2026-04-27", "2026-05-03"),
        ("week", "2026-05-10T23:00", "2026-04-27", "2026-05-03"),
        ("month", "2026-05-01T05:59", "2026-03-01", "2026-03-31"),
        ("month", "2026-05-01T06:00", "2026-04-01", "2026-04-30"),
        ("month", "2026-03-01T06:00", "2026-02-01", "2026-02-28"),
    ],
)
def test_the_newest_period_that_is_over_is_due_from_its_hour_on(every: str, moment: str, first: str, last: str) -> None:
    assert schedules.due(every, 6, at(moment)) == (date.fromisoformat(first), date.fromisoformat(last))


def begin(world: World, every: str, moment: datetime) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        schedules.begin(session, every=every, hour=6, lang="zh", by=world.own.admin, at=moment)


def asked(world: World) -> list[str]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return list(session.scalars(select(Job.key).order_by(Job.made_at, Job.key)))


def test_what_was_missed_is_made_once_and_only_the_newest_of_it(world: World, command_app: Flask) -> None:
    installation = command_app.extensions["gate"]
    begin(world, "day", at("2026-05-05T12:00"))
    assert ticking.everywhere(installation, at=at("2026-05-05T12:05")) == 0, "not what was before it was switched on"
    assert ticking.everywhere(installation, at=at("2026-05-06T05:55")) == 0
    assert ticking.everywhere(installation, at=at("2026-05-06T06:00")) == 1
    assert ticking.everywhere(installation, at=at("2026-05-06T06:05")) == 0
    assert ticking.everywhere(installation, at=at("2026-05-11T17:00")) == 1, "five days without a worker"
    assert ticking.everywhere(installation, at=at("2026-05-11T17:05")) == 0
    assert asked(world) == ["2026-05-05:2026-05-05:zh", "2026-05-10:2026-05-10:zh"]


def test_one_made_by_the_calendar_is_listed_among_the_issued_ones(app: Flask, world: World, command_app: Flask) -> None:
    installation, now = command_app.extensions["gate"], clock.now()
    begin(world, "day", now - timedelta(days=1))
    assert ticking.everywhere(installation, at=now) == 1
    jobs.run_waiting(installation)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        row = session.scalars(select(IssuedReport)).one()
    assert row.made_by == world.own.admin.id
    page = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/reports").get_data(as_text=True)
    assert row.number in page


def test_the_page_switches_each_on_and_off(app: Flask, world: World) -> None:
    client, address = client_for(app, world.own.admin), f"/e/{world.own.slug}/reports/schedules"
    assert client.get(address).get_data(as_text=True).count("没有开启") == 3
    sent = client.post(f"{address}/week", data={"week-hour": "7", "week-lang": "en"})
    assert sent.status_code == 302
    page = client.get(address).get_data(as_text=True)
    assert "每次 07:00 以后出具" in page and page.count("没有开启") == 2
    wrong = client.post(f"{address}/week", data={"week-hour": "25", "week-lang": "en"})
    assert wrong.status_code == 422
    assert client.post(f"{address}/week/stop").status_code == 302
    assert client.get(address).get_data(as_text=True).count("没有开启") == 3


@pytest.fixture
def played(world: World) -> AtGate:
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    return gate


def press(app: Flask, played: AtGate, **more: str) -> Any:
    day = str(clock.today() - timedelta(days=1))
    data = {"issue-first": day, "issue-last": day, **more}
    client = client_for(app, played.place.admin)
    return client.post(f"/e/{played.place.slug}/reports/issued", data=data, follow_redirects=True)


def test_what_is_issued_is_offered_again_until_the_book_moves(
    app: Flask, world: World, played: AtGate, command_app: Flask
) -> None:
    installation = command_app.extensions["gate"]
    press(app, played)
    assert jobs.run_waiting(installation) == 1
    again = press(app, played).get_data(as_text=True)
    assert "已做好" in again and jobs.run_waiting(installation) == 0
    assert "已做好" not in press(app, played, **{"issue-full": "y"}).get_data(as_text=True), "another file"
    assert jobs.run_waiting(installation) == 1
    played.temperature(366)
    assert "已做好" not in press(app, played).get_data(as_text=True)
    assert jobs.run_waiting(installation) == 1
    with tenancy.open_session(world.engines, world.own.scope) as session:
        made = [row.made_as for row in session.scalars(select(IssuedReport).order_by(IssuedReport.made_at))]
    assert made == [kept.SCHEMA, issue.WITH_LOG, kept.SCHEMA]


def test_what_was_made_before_its_period_was_over_is_made_anew(
    app: Flask, world: World, played: AtGate, command_app: Flask
) -> None:
    today = str(clock.today())
    for _ in range(2):
        assert "已做好" not in press(app, played, **{"issue-last": today}).get_data(as_text=True)
        assert jobs.run_waiting(command_app.extensions["gate"]) == 1


def test_what_was_withdrawn_is_made_anew(app: Flask, world: World, played: AtGate, command_app: Flask) -> None:
    press(app, played)
    jobs.run_waiting(command_app.extensions["gate"])
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        row = session.scalars(select(IssuedReport)).one()
        row.withdrawn_at = clock.now()
    assert "已做好" not in press(app, played).get_data(as_text=True)
    assert jobs.run_waiting(command_app.extensions["gate"]) == 1


def test_the_summary_stands_when_the_same_is_issued_with_its_log(
    app: Flask, world: World, played: AtGate, command_app: Flask
) -> None:
    press(app, played)
    jobs.run_waiting(command_app.extensions["gate"])
    press(app, played, **{"issue-full": "y"})
    jobs.run_waiting(command_app.extensions["gate"])
    with tenancy.open_session(world.engines, world.own.scope) as session:
        ids = session.scalars(select(IssuedReport.id)).all()
    assert len(ids) == 2
    for each in ids:
        assert "真实有效" in client_for(app, None).get(f"/v/{each}").get_data(as_text=True)


def test_one_that_is_too_large_says_so_and_offers_the_summary(
    app: Flask, played: AtGate, command_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(app, played, **{"issue-full": "y"})
    monkeypatch.setattr("gatekeeper.reports.printing.MEMORY", 150 * 1024**2)
    jobs.run_waiting(command_app.extensions["gate"])
    page = client_for(app, played.place.admin).get(f"/e/{played.place.slug}/reports").get_data(as_text=True)
    assert "超出了内存或时间的上限" in page and "改出汇总" in page


def test_one_that_is_called_off_is_not_issued(app: Flask, world: World, played: AtGate, command_app: Flask) -> None:
    press(app, played)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        job = session.scalars(select(Job)).one()
    client = client_for(app, played.place.admin)
    address = f"/e/{played.place.slug}/reports/asked/{job.id}/cancel"
    assert "没有出具" in client.post(address, follow_redirects=True).get_data(as_text=True)
    assert jobs.run_waiting(command_app.extensions["gate"]) == 0
    assert "已经出具" in client.post(address, follow_redirects=True).get_data(as_text=True)
