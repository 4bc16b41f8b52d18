"""The township's report: like for like, the worst rules, what is missing; the same totals in every form."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.figures import queries, rolling, sums
from gatekeeper.reports import town_files, town_service, town_words
from gatekeeper.reports.town_values import OpenOrder, Sums, TownReport, UnkeptGate
from gatekeeper.rules.values import Text
from tests import factories
from tests.factories import Factory, World, client_for
from tests.figures.given import NINE, OPEN, finding, visit
from tests.reports import attacks

DAY = date(2026, 4, 17)  # a Friday
AT = NINE - timedelta(days=1)


def described(engines: Engines, place: Factory, cluster: str | None = "制造", size: str = "small") -> Factory:
    with tenancy.open_session(engines, place.scope, write=True) as session:
        row = session.get(Enterprise, place.id)
        assert row is not None
        row.cluster, row.size = cluster, size
        row.created_at = AT - timedelta(days=60)
    return place


@pytest.fixture
def places(world: World, platform: Engines) -> list[Factory]:
    """Five of one cluster: four small ones and a large one; one small one has no visits."""
    town = world.towns[0]
    own = list(town.factories)
    more = [factories.make_factory(platform, town, f"第{n}厂", f"more{n}") for n in range(3)]
    found = [*own, *more]
    for place in found:
        described(platform, place, size="large" if place is found[-1] else "small")
    return found


@pytest.fixture
def played(places: list[Factory], world: World, engines: Engines) -> list[Factory]:
    """Rates 2/2, 1/2, 1/2 of the small ones, none of the fourth; a large one; a stranger who must not count."""
    mask = [finding("mask", "violated", book=1)]
    for place, good, bad in ((places[0], 2, 0), (places[1], 1, 1), (places[2], 1, 1), (places[4], 1, 0)):
        with tenancy.open_session(engines, place.scope, write=True) as session:
            for _ in range(good):
                visit(session, place, at=AT, findings=[finding("mask", book=1)])
            for _ in range(bad):
                visit(session, place, at=AT, arrival="hold", followed=False, against_verdict=True, findings=mask)
    with tenancy.open_session(engines, places[0].scope, write=True) as session:
        visit(session, places[0], at=AT - timedelta(days=1), arrival="hold", verdict="hold", open=[OPEN])
    with tenancy.open_session(engines, world.stranger.scope, write=True) as session:
        visit(session, world.stranger, at=AT, arrival="hold", followed=False, against_verdict=True)
    return places


def built(app: Flask, world: World, first: date = DAY, last: date = DAY) -> TownReport:
    gate, office = app.extensions["gate"], world.towns[0].office
    tenant = gate.find_tenant(gate.engines, office.slug)
    with tenancy.open_session(gate.engines, tenancy.Township(office.township_id)) as session:
        return town_service.build(session, office=tenant, first=first, last=last, at=clock.now())


def test_only_like_enterprises_are_ranked_and_equal_rates_share_a_place(
    app: Flask, world: World, played: list[Factory]
) -> None:
    f = built(app, world).figures
    small = next(group for group in f.groups if group.size == "small")
    large = next(group for group in f.groups if group.size == "large")
    assert small.ranked and not large.ranked
    assert [place.place for place in small.places] == [1, 2, 2, None]
    assert small.places[0].slug == played[0].slug and small.places[3].slug == played[3].slug
    assert [place.place for place in large.places] == [None]
    assert (f.now.visits, f.now.compliant, f.now.counted, f.now.against_verdict) == (7, 5, 7, 2)
    assert (f.before.compliant, f.before.counted) == (0, 1), "as many days before"


def test_who_entered_nothing_while_others_of_the_cluster_did_is_said(
    app: Flask, world: World, played: list[Factory]
) -> None:
    f = built(app, world, DAY - timedelta(days=1), DAY + timedelta(days=2)).figures
    silent = {place.slug: place.silent for place in f.places}
    assert silent[played[3].slug] == (DAY - timedelta(days=1), DAY), "not the weekend"
    assert silent[played[0].slug] == () and silent[played[1].slug] == (DAY - timedelta(days=1),)
    why = {place.slug: said for place, said in town_words.attention(f)}
    assert any("没有登记" in text.zh for text in why[played[3].slug]) and played[0].slug in why


def test_the_worst_rules_have_their_numerator_and_denominator(app: Flask, world: World, played: list[Factory]) -> None:
    (rule,) = built(app, world).figures.worst
    assert (rule.owner, rule.code, rule.places) == ("township", "mask", 4)
    assert (rule.violated, rule.missing, rule.of, rule.failed.percent) == (2, 0, 7, "28.5 %")


def test_the_worst_rules_are_read_from_roll_ups_and_no_visit_is(
    app: Flask, world: World, played: list[Factory], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = built(app, world).figures
    for place in (*played, world.towns[0].office):
        assert rolling.refresh(app.extensions["gate"].engines, place.id) >= 0
    monkeypatch.setattr(queries, "visits", None)
    monkeypatch.setattr(sums, "of_visits", None)
    assert built(app, world).figures == counted and counted.worst


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pdf_the_sheet_and_the_csv_have_the_same_totals(
    app: Flask, world: World, played: list[Factory], lang: str
) -> None:
    report = built(app, world, DAY - timedelta(days=1), DAY)
    rows = list(csv.reader(io.StringIO(town_files.to_csv(report, lang=lang).decode("utf-8-sig"))))
    total = rows[-1]
    body = rows[1:-1]
    assert len(body) == len(played)
    for column in (4, 5, 6, 8, 9, 10, 11, 12, 13):
        assert int(total[column]) == sum(int(row[column]) for row in body)
    with zipfile.ZipFile(io.BytesIO(town_files.to_xlsx(report, lang=lang))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        last = re.findall(r"<row [^>]*>.*?</row>", sheet)[-1]
    in_sheet = re.findall(r"<c r=\"[A-Z]+\d+\"(?: s=\"\d+\")?><v>(\d+)</v>", last)
    assert in_sheet == [cell for cell in total if cell.isdigit()]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(town_files.render(report, lang=lang))).pages)
    f = report.figures
    for row in body:
        assert f"{row[5]} / {row[6]}" in text and row[3] in text
    told = (f"合规 {total[5]} ÷ 计入 {total[6]}", f"{total[5]} compliant of {total[6]} counted")
    assert told[lang == "en"] in text and f.now.compliance.percent in text


def test_the_bulletin_is_one_page_and_names_no_person(app: Flask, world: World, played: list[Factory]) -> None:
    report = built(app, world)
    assert report.is_bulletin
    pages = PdfReader(io.BytesIO(town_files.render(report))).pages
    text = pages[0].extract_text()
    assert len(pages) == 1 and "门岗通报" in text and "没有确认收到的指令" in text
    for person in played[0].people.values():
        assert person.name not in text


def test_the_bulletin_of_a_bad_day_is_one_page_too(app: Flask, world: World, played: list[Factory]) -> None:
    report = built(app, world)
    group = report.figures.groups[0]
    bad = replace(
        group.places[0], now=Sums(90, 10, 80, 9, 9, 70, 9), silent=(DAY,), name="一家名字很长很长的制造有限公司"
    )
    many = replace(report.figures, groups=(replace(group, places=(bad,) * 60),))
    order = OpenOrder(Text("疫情防控一级响应期间的门岗查验要求", "Order"), clock.now(), 60, (bad.name,) * 60)
    gates = (UnkeptGate(bad.name, "一号门"),) * 40
    worst = replace(report, figures=many, orders=(order,) * 9, unkept=gates)
    for lang in ("zh", "en"):
        assert len(PdfReader(io.BytesIO(town_files.render(worst, lang=lang))).pages) == 1


def test_the_same_books_give_the_same_number_and_figures(app: Flask, world: World, played: list[Factory]) -> None:
    first, second = built(app, world), built(app, world)
    assert first.number == second.number and first.figures == second.figures


def test_its_pages_are_for_the_township_alone(app: Flask, world: World, played: list[Factory]) -> None:
    town = world.towns[0]
    client = client_for(app, town.inspector)
    for lang in ("zh", "en"):
        page = client.get(f"/e/{town.office.slug}/reports/town?first={DAY}&last={DAY}&lang={lang}")
        assert page.status_code == 200 and played[3].name in page.get_data(as_text=True)
        assert world.stranger.name not in page.get_data(as_text=True)
    for ending in ("pdf", "xlsx", "csv"):
        assert client.get(f"/e/{town.office.slug}/reports/town/{DAY}/{DAY}.{ending}").status_code == 200
    wrong = client.get(f"/e/{town.office.slug}/reports/town?first=2026-05-02&last=2026-05-01&lang=zh")
    assert wrong.status_code == 422 and "请对调" in wrong.get_data(as_text=True)
    assert client_for(app, played[0].admin).get(f"/e/{town.office.slug}/reports/town").status_code == 404


def test_the_command_writes_each_file(command_app: Flask, world: World, played: list[Factory], tmp_path: Any) -> None:
    for ending in ("pdf", "xlsx", "csv"):
        out = tmp_path / f"town.{ending}"
        words = ["report-town", world.towns[0].office.slug, str(DAY), str(DAY), "--out", str(out)]
        told = command_app.test_cli_runner().invoke(args=words)
        assert told.exit_code == 0 and out.stat().st_size > 100, told.output
    said = attacks.script().check((tmp_path / "town.pdf").read_bytes())
    assert said[0].startswith("Sound") and said[-1].startswith("A working copy")
    told = command_app.test_cli_runner().invoke(args=["report-town", "nowhere", str(DAY), str(DAY), "--out", "x.pdf"])
    assert told.exit_code == 1 and "no township nowhere" in told.output
