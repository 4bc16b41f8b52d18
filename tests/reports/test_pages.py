"""The pages of figures and reports, and ``flask report``, as people use them."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines
from tests.factories import World, client_for
from tests.figures.given import NINE, visit
from tests.visits.gate import AtGate

PERIOD = "first=2026-04-12&last=2026-04-18"


@pytest.fixture
def played(world: World, engines: Engines) -> World:
    for place in (world.own, world.neighbour, world.stranger):
        with tenancy.open_session(engines, place.scope, write=True) as session:
            visit(session, place, plate="浙A00001")
            visit(session, place, plate="浙A00002", arrival="hold", followed=False, against_verdict=True)
    return world


def test_the_inspector_sees_every_enterprise_of_the_township_and_no_other(app: Flask, played: World) -> None:
    town = played.towns[0]
    page = client_for(app, town.inspector).get(f"/e/{town.office.slug}/board?{PERIOD}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert played.own.name in text and played.neighbour.name in text and played.stranger.name not in text
    assert "50.0 %" in text and "1 / 2" in re.sub("<[^>]+>", "", text)


@pytest.mark.parametrize("sort", ["name", "visits", "rate", "held", "refused", "against", "overdue", "nonsense"])
def test_the_board_can_be_sorted_by_every_column(app: Flask, played: World, sort: str) -> None:
    town = played.towns[0]
    for order in ("up", "down"):
        page = client_for(app, town.admin).get(f"/e/{town.office.slug}/board?{PERIOD}&sort={sort}&order={order}")
        assert page.status_code == 200


def test_the_figures_page_shows_the_reports_figures_in_both_languages(app: Flask, played: World) -> None:
    client = client_for(app, played.own.admin)
    chinese = client.get(f"/e/{played.own.slug}/figures?{PERIOD}").get_data(as_text=True)
    assert "合规率 50.0 %" in chinese and "违反判定入厂" in chinese
    english = client.get(f"/e/{played.own.slug}/figures?{PERIOD}&lang=en").get_data(as_text=True)
    assert "Gate compliance 50.0 %" in english


def test_an_empty_period_says_what_to_do(app: Flask, played: World) -> None:
    client = client_for(app, played.own.admin)
    page = client.get(f"/e/{played.own.slug}/figures?first=2025-01-01&last=2025-01-02")
    assert page.status_code == 200 and "本期没有来访登记" in page.get_data(as_text=True)


def test_the_admins_home_shows_the_day(app: Flask, world: World) -> None:
    AtGate(world.engines, world.own, at=clock.now()).arrive()
    page = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/").get_data(as_text=True)
    assert "今日来访" in page


@pytest.mark.parametrize(
    ("ending", "begins"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"{")]
)
def test_admin_and_inspector_download_every_file(app: Flask, played: World, ending: str, begins: bytes) -> None:
    for person in (played.own.admin, played.towns[0].inspector):
        answer = client_for(app, person).get(f"/e/{played.own.slug}/reports/2026-04-18/2026-04-18.{ending}")
        assert answer.status_code == 200 and answer.data.startswith(begins)
        assert f".{ending}" in answer.headers["Content-Disposition"]


def test_a_pressed_file_button_leads_to_the_file(app: Flask, played: World) -> None:
    client = client_for(app, played.own.admin)
    answer = client.get(f"/e/{played.own.slug}/reports?{PERIOD}&file=csv")
    assert answer.location == f"/e/{played.own.slug}/reports/2026-04-12/2026-04-18.csv"
    rows = list(csv.reader(io.StringIO(client.get(answer.location).data.decode("utf-8-sig"))))
    assert len(rows[rows.index([]) + 1 :]) == 3


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2026-04-18", "2026-04-12", "开始日期晚于结束日期"),
        ("2026-04-18", "2999-01-01", "结束日期还没有到"),
        ("2020-01-01", "2026-04-18", "一次最多 400 天"),
        ("yesterday", "2026-04-18", "日期请写成"),
        ("2026-02-30", "2026-04-18", "日期请写成"),
    ],
)
def test_an_impossible_period_comes_back_as_the_form_with_a_sentence(
    app: Flask, played: World, first: str, last: str, sentence: str
) -> None:
    answer = client_for(app, played.own.admin).get(f"/e/{played.own.slug}/reports/{first}/{last}.pdf")
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)


def test_a_form_that_cannot_be_read_is_answered_with_422(app: Flask, played: World) -> None:
    client = client_for(app, played.own.admin)
    for page in ("reports", "figures"):
        answer = client.get(f"/e/{played.own.slug}/{page}?first=2026-13-45&last=")
        assert answer.status_code == 422 and "请选择日期" in answer.get_data(as_text=True)


def test_a_report_reads_and_writes_nothing(app: Flask, played: World) -> None:
    client, place = client_for(app, played.own.admin), played.own
    addresses = [f"/e/{place.slug}/reports/2026-04-18/2026-04-18.json" for _ in range(2)]
    first, second = (json.loads(client.get(address).data) for address in addresses)
    assert first["number"] == second["number"] and first["figures"] == second["figures"]


@pytest.mark.parametrize("ending", ["pdf", "xlsx", "csv", "json"])
def test_the_command_writes_each_kind_of_file(command_app: Flask, played: World, tmp_path: Path, ending: str) -> None:
    out = tmp_path / "new" / f"report.{ending}"
    run = command_app.test_cli_runner().invoke(
        args=["report", played.own.slug, "2026-04-18", "2026-04-18", "--out", str(out), "--full"]
    )
    assert run.exit_code == 0, run.output
    assert str(out) in run.output and out.stat().st_size > 300
    assert [file.name for file in out.parent.iterdir()] == [out.name]
    if ending == "json":
        assert json.loads(out.read_text("utf-8"))["figures"]["visits"] == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody", "2026-04-18", "2026-04-18", "--out", "x.pdf"], "there is no enterprise nobody"),
        (["{slug}", "2026-04-18", "2026-04-18", "--out", "x.doc"], "must end with one of"),
        (["{slug}", "2026-04-19", "2026-04-18", "--out", "x.pdf"], "The first day is after the last one"),
        (["{slug}", "18/4/2026", "2026-04-18", "--out", "x.pdf"], "Write the day like"),
    ],
)
def test_the_command_says_what_is_wrong(command_app: Flask, world: World, arguments: list[str], sentence: str) -> None:
    given = [argument.replace("{slug}", world.own.slug) for argument in arguments]
    run = command_app.test_cli_runner().invoke(args=["report", *given])
    assert run.exit_code == 1 and sentence in run.output


def test_times_are_those_of_the_gate(app: Flask, played: World) -> None:
    data = client_for(app, played.own.admin).get(f"/e/{played.own.slug}/reports/2026-04-18/2026-04-18.csv").data
    assert f"{NINE.astimezone(clock.ZONE):%Y-%m-%d %H:%M}" in data.decode()
