"""Periods and texts that nobody should have sent; visits across midnight, the period's end and a change of rules."""

from __future__ import annotations

import html
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench import report as busy
from gatekeeper import clock, tenancy
from gatekeeper.access import Tenant
from gatekeeper.db import Engines
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.errors import Invalid
from gatekeeper.reports import pdf, periods, service
from gatekeeper.reports.values import Report
from tests.factories import MORNING, World, client_for
from tests.figures.given import NINE, visit
from tests.rules.made import rule
from tests.visits.gate import BRIEFING, FEVER, AtGate, publish

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DAY = date(2026, 4, 18)


@pytest.fixture
def book(world: World, engines: Engines) -> Iterator[Session]:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        yield session


@pytest.fixture
def tenant(world: World, engines: Engines) -> Tenant:
    found = find_tenant(engines, world.own.slug)
    assert found is not None
    return found


def made(session: Session, tenant: Tenant, first: date = DAY, last: date = DAY) -> Report:
    session.flush()
    return service.build(session, enterprise=tenant, first=first, last=last, at=NINE)


@on_sqlite
def test_ten_years_come_back_as_a_sentence_and_years_to_take(app: Flask, world: World) -> None:
    client, slug = client_for(app, world.own.admin), world.own.slug
    for address in (
        f"/e/{slug}/reports/2016-03-01/2026-02-28.pdf",
        f"/e/{slug}/reports?first=2016-03-01&last=2026-02-28&file=pdf",
    ):
        answer = client.get(address)
        page = html.unescape(answer.text)
        assert answer.status_code == 422 and "请分段" in page
        assert 'value="2016-03-01"' in page and 'value="2026-02-28"' in page
        assert f"/e/{slug}/reports/2016-03-01/2016-12-31.pdf" in page
        assert f"/e/{slug}/reports/2026-01-01/2026-02-28.xlsx" in page
    assert "按年分开取" not in client.get(f"/e/{slug}/reports").text


def test_a_long_range_is_cut_into_years_that_leave_no_day_out() -> None:
    found = periods.parts(date(2019, 5, 6), date(2023, 2, 3), today=date(2022, 4, 18))
    assert found[0] == (date(2019, 5, 6), date(2019, 12, 31)) and found[-1] == (date(2022, 1, 1), date(2022, 4, 18))
    assert all(later[0] - before[1] == timedelta(days=1) for before, later in pairwise(found))
    assert periods.parts(date(2022, 4, 1), date(2022, 4, 18), today=date(2022, 4, 18)) == []
    assert periods.parts(date(2022, 4, 18), date(2012, 4, 1), today=date(2022, 4, 18)) == []
    assert len(periods.parts(date(1, 1, 1), date(2022, 4, 18), today=date(2022, 4, 18))) == periods.MOST_PARTS


@on_sqlite
@pytest.mark.parametrize(("first", "last"), [("2026-04-18", "2026-04-17"), ("2026-04-18", "2199-01-01")])
def test_a_reversed_or_future_period_is_told_at_its_field(app: Flask, world: World, first: str, last: str) -> None:
    answer = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/reports/{first}/{last}.pdf")
    assert answer.status_code == 422 and f'value="{first}"' in answer.text and f'value="{last}"' in answer.text


@on_sqlite
def test_a_closed_enterprise_has_its_time_until_then(
    app: Flask, world: World, engines: Engines, tenant: Tenant
) -> None:
    today = clock.today()
    closed = today - timedelta(days=3)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        visit(session, world.own, at=clock.start_of(closed) + timedelta(hours=9))
        row = sa.update(Enterprise).where(Enterprise.enterprise_id == world.own.id)
        session.execute(row.values(closed_at=clock.start_of(closed) + timedelta(hours=20)))
    with tenancy.open_session(engines, world.own.scope) as session:
        report = made(session, tenant, closed - timedelta(days=1), today)
        assert (report.last, report.figures.last, report.figures.visits) == (closed, closed, 1)
        assert f"企业已于 {closed} 停用" in pdf.document(report)
        with pytest.raises(Invalid) as refusal:
            made(session, tenant, closed + timedelta(days=1), today)
        assert refusal.value.code == "period.closed"
    address = f"/e/{world.own.slug}/reports/{closed + timedelta(days=1)}/{today}.pdf"
    answer = client_for(app, world.towns[0].inspector).get(address)
    assert answer.status_code == 422 and closed.isoformat() in answer.text


@on_sqlite
def test_a_visit_across_midnight_and_the_periods_end_counts_on_the_day_of_its_arrival(
    book: Session, world: World, tenant: Tenant
) -> None:
    late = datetime(2026, 4, 18, 15, 50, tzinfo=UTC)  # 23:50 at the gate
    visit(book, world.own, at=late, minutes=300, plate="浙A11111")
    today, tomorrow = made(book, tenant), made(book, tenant, DAY + timedelta(days=1), DAY + timedelta(days=1))
    assert (today.figures.visits, today.figures.dwell.median) == (1, 300 * 60)
    assert tomorrow.figures.visits == 0 and (tomorrow.before.met, tomorrow.before.of) == (1, 1)


@on_sqlite
def test_a_visit_across_a_change_of_rules_is_counted_by_those_that_let_it_in(
    world: World, engines: Engines, tenant: Tenant
) -> None:
    publish(world, world.own, FEVER)
    inside = AtGate(world.engines, world.own, at=MORNING)
    inside.arrive("浙A11111")
    inside.temperature(366)
    inside.admit()
    publish(world, world.own, FEVER, BRIEFING, rule("weigh", stage="exit"), at=MORNING + timedelta(hours=1))
    inside.at = MORNING + timedelta(hours=2)
    inside.leave()
    after = AtGate(world.engines, world.own, at=MORNING + timedelta(hours=3))
    after.arrive("浙A22222")
    after.temperature(366)
    after.answer("briefing", "confirm", {"ok": True})
    after.admit()
    after.leave()
    day = clock.day_of(MORNING)
    with tenancy.open_session(engines, world.own.scope) as session:
        report = made(session, tenant, day, day)
    assert [(book.number, book.visits, bool(book.until)) for book in report.books] == [(1, 1, True), (2, 1, False)]
    assert report.books[0].until == report.books[1].holds_from
    assert {line.figures.code: line.figures.rate.of for line in report.rules}["briefing"] == 1
    assert [(line.plate, line.compliant) for line in report.details.exceptions] == [("浙A22222", False)]


def test_markup_a_formula_and_marks_of_direction_are_printed_as_text(tmp_path: Path) -> None:
    strange = '<b>=1+1</b>{{ 7*7 }}\u202e甲\u2066乙\u200f&amp;"\x07'
    report = busy.report(2)
    line = replace(report.details.exceptions[0], plate=strange, names=(strange,), gate=strange, decided_by=strange)
    details = replace(report.details, exceptions=(line,), high_risk=(line,), not_left=(line,))
    report = replace(report, issuer=replace(report.issuer, name=strange, township=strange), details=details)
    page = pdf.document(report)
    assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x07]", page)
    path = tmp_path / "strange.pdf"
    path.write_bytes(pdf.render(report))
    told = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert '<b>=1+1</b>{{ 7*7 }}甲乙&amp;"\ufffd' in told.replace("\n", "")


def test_a_name_that_runs_from_right_to_left_stays_in_its_own_place(tmp_path: Path) -> None:
    report = busy.report(1)
    name = "\u05d0\u05d1\u05d2"
    line = replace(report.details.exceptions[0], names=(name, "王五"))
    report = replace(report, details=replace(report.details, high_risk=(line,)))
    assert f"<bdi>{name}</bdi>、<bdi>王五</bdi>" in pdf.document(report) or "<bdi>U+05D0" in pdf.document(report)


@pytest.mark.parametrize(("lang", "stamp"), [("zh", "镇街盖章"), ("en", "Township (stamp)")])
def test_a_long_name_leaves_the_stamps_of_a_day_on_the_first_page(tmp_path: Path, lang: str, stamp: str) -> None:
    report = busy.report(2)
    report = replace(report, issuer=replace(report.issuer, name="某某水泥制品与新型建筑材料有限责任公司第二分厂"))
    day = replace(report.figures, days=report.figures.days[:1], last=report.figures.first)
    path = tmp_path / "day.pdf"
    path.write_bytes(
        pdf.render(replace(report, figures=day, last=day.first), lang=lang, address="https://a.example/v/1")
    )
    told = subprocess.run(["pdftotext", "-l", "1", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert stamp in told
