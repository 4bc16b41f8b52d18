"""Whoever asked for a report sees how far it is, and why it was not issued."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gatekeeper import clock, heartbeat, jobs, tenancy
from gatekeeper.access import Actor
from gatekeeper.config import Settings
from gatekeeper.jobs import Job
from gatekeeper.reports import issue, tasks
from gatekeeper.visits.events import EventKind
from tests.conftest import Databases
from tests.factories import World, client_for
from tests.ledger.intruder import Intruder
from tests.reports.issuing import acts, files, page, press, rows
from tests.visits.gate import AtGate


def test_a_book_that_cannot_be_signed_is_told_in_both_languages_and_asked_for_again_by_the_same_form(
    installation: Any, world: World, played: AtGate, admin: FlaskClient, databases: Databases, settings: Settings
) -> None:
    press(admin, played)
    jobs.run_waiting(installation)
    Intruder(databases).rewrite(played.place.id, find='"followed"', put='"Followed"')
    played.send(EventKind.NOTE, {"text": "已通知库房"})
    press(admin, played)
    assert jobs.run_waiting(installation) == 1
    chinese, english = page(admin, played), page(admin, played, "en")
    assert "账本未能签名" in chinese and "could not be signed" not in chinese and "没有出具" in chinese
    assert "The book could not be signed" in english and "账本未能签名" not in english
    assert "hx-get" not in chinese
    assert len(rows(world)) == 1 and len(files(settings)) == 1
    page(admin, played, "zh")
    again = press(admin, played)
    assert "账本未能签名" not in again and "排队中" in again


def test_a_missing_signing_key_is_told_at_once(
    installation: Any, world: World, played: AtGate, admin: FlaskClient, settings: Settings
) -> None:
    settings.signing_key_file.rename(settings.signing_key_file.with_name("away"))
    press(admin, played)
    jobs.run_waiting(installation)
    assert "账本未能签名" in page(admin, played) and rows(world) == []


def test_the_page_tells_how_far_it_is_and_looks_again_while_one_is_open(
    installation: Any, played: AtGate, admin: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat.beat(settings.data_dir, at=clock.now())
    assert "hx-get" not in page(admin, played)
    asked = press(admin, played)
    assert "排队中" in asked and 'hx-trigger="every 1s"' in asked and 'value="0"' in asked
    assert "没有运行" not in asked
    seen: list[str] = []
    for name in ("build", "days_of"):
        place = issue.service if name == "build" else issue
        inner = getattr(place, name)

        def look(*words: Any, inner: Any = inner, **more: Any) -> Any:
            seen.append(page(admin, played))
            return inner(*words, **more)

        monkeypatch.setattr(place, name, look)
    jobs.run_waiting(installation)
    assert ["正在统计" in text for text in seen] == [True, False] and "正在排版" in seen[1]
    monkeypatch.undo()
    done = page(admin, played)
    assert "hx-get" not in done and "还没出具的" not in done


def test_a_failed_try_that_is_repeated_is_told(
    installation: Any, played: AtGate, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_words: Any, **_more: Any) -> bytes:
        raise OSError("no room")

    monkeypatch.setattr(tasks.printing, "render", broken)
    press(admin, played)
    jobs.run_waiting(installation)
    assert "稍后自动再试" in page(admin, played)
    for minutes in (10, 20):
        jobs.run_waiting(installation, at=clock.now() + timedelta(minutes=minutes))
    assert "多次尝试都没有成功" in page(admin, played)


def test_a_worker_that_does_not_run_is_told_with_what_to_do(
    played: AtGate, admin: FlaskClient, settings: Settings
) -> None:
    assert "没有运行" in page(admin, played) and "请联系平台运维" in page(admin, played)
    heartbeat.beat(settings.data_dir, at=clock.now())
    assert "没有运行" not in page(admin, played)
    heartbeat.beat(settings.data_dir, at=clock.now() - timedelta(minutes=4))
    asked = press(admin, played)
    assert "The worker is not running" in page(admin, played, "en") and "every 30s" in asked


def test_a_wrong_day_is_not_wiped_from_the_form_by_looking_again(played: AtGate, admin: FlaskClient) -> None:
    assert "hx-get" in press(admin, played)
    dates = {"issue-first": "2026-05-02", "issue-last": "2026-05-01"}
    answer = admin.post(f"/e/{played.place.slug}/reports/issued", data=dates)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and text.index('value="2026-05-02"') < text.index('hx-select="#issued"')


def test_the_township_sees_what_is_asked_for_and_a_neighbour_nothing(
    app: Flask, world: World, played: AtGate, admin: FlaskClient
) -> None:
    press(admin, played)

    def sees(person: Actor, slug: str) -> bool:
        return "排队中" in client_for(app, person).get(f"/e/{slug}/reports").get_data(as_text=True)

    assert sees(world.towns[0].inspector, played.place.slug)
    assert not sees(world.towns[0].inspector, world.neighbour.slug)
    assert not sees(world.neighbour.admin, world.neighbour.slug)


def test_the_job_holds_ids_and_days_alone(world: World, played: AtGate, admin: FlaskClient) -> None:
    press(admin, played)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        job = session.scalars(select(Job)).one()
    day = str(clock.today())
    assert job.arguments == f'{{"first": "{day}", "last": "{day}", "lang": "zh", "by": "{played.place.admin.id}"}}'


def test_the_page_says_that_a_download_is_a_working_copy(world: World, played: AtGate, admin: FlaskClient) -> None:
    assert "工作副本" in page(admin, played) and "working copy" in page(admin, played, "en")
    day = clock.today()
    copy = admin.get(f"/e/{played.place.slug}/reports/{day}/{day}.pdf")
    assert copy.status_code == 200 and rows(world) == [] and acts(world) == 0
