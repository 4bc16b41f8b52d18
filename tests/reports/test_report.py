"""The report on paper and as sheets: what it says, that it renders everywhere, and that it fetches nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import Tenant
from gatekeeper.db import Engines
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.ledger.chain import canonical
from gatekeeper.ledger.witness import Checkpoint, Proof, read
from gatekeeper.reports import pdf, service, sheets
from gatekeeper.reports.values import Report, VisitLine
from tests.conftest import Databases
from tests.factories import World
from tests.figures.given import NINE, OPEN, finding, visit

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # paper does not know its database

DAY = date(2026, 4, 18)
RARE = "𬭎㛃喆龘"


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


def lines(session: Session, report: Report, world: World) -> list[VisitLine]:
    return list(service.visits(session, enterprise_id=world.own.id, counted=report.figures))


def text_of(data: bytes, tmp_path: Path, *options: str) -> str:
    path = tmp_path / "report.pdf"
    path.write_bytes(data)
    return subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True).stdout


def busy_day(session: Session, world: World) -> None:
    for number in range(12):
        visit(session, world.own, at=NINE + timedelta(minutes=30 * number), plate=f"浙A{number:05d}")
    late = finding("stay", "violated", reason="dwell.over", data={"minutes": 180, "over_s": 600})
    visit(session, world.own, plate="浙B77777", minutes=190, findings=[late])
    visit(
        session, world.own, plate="粤K40904", origin="440904", risk_level="high", state="turned_away", arrival="refuse"
    )
    visit(session, world.own, plate="浙C11111", arrival="hold", followed=False, against_verdict=True, open=[OPEN],
          findings=[finding("mask", "missing")])  # fmt: skip
    visit(session, world.own, plate="浙D22222", state="inside", overdue=True)


def test_the_report_tells_the_enterprise_the_total_and_every_exception(
    book: Session, world: World, tenant: Tenant, tmp_path: Path
) -> None:
    busy_day(book, world)
    report = made(book, tenant)
    told = text_of(pdf.render(report), tmp_path, "-layout")
    assert tenant.name in told and report.number in told
    assert re.search(r"\b16\b", told) and "93.7 %" in told and "合规 15 ÷ 计入 16" in told
    for plate in ("浙B77777", "粤K40904", "浙C11111", "浙D22222"):
        assert plate in told
    for word in ("盖章", "签字", "违反判定入厂", "广东省茂名市电白区", "张*", "多了"):
        assert word in re.sub(r"\s", "", told)
    assert "浙A00003" not in told  # nothing was wrong with it


def test_pages_are_numbered_and_the_english_report_is_english(
    book: Session, world: World, tenant: Tenant, tmp_path: Path
) -> None:
    busy_day(book, world)
    report = made(book, tenant)
    pages = text_of(pdf.render(report), tmp_path).split("\f")[:-1]
    assert all(re.search(rf"第\s*{n}\s*页\s*/\s*共\s*{len(pages)}\s*页", page) for n, page in enumerate(pages, 1))
    english = text_of(pdf.render(report, lang="en"), tmp_path)
    assert "Gate compliance report" in english and "page 1 of" in english
    assert "合规" not in english and "页" not in english and "违反" not in english


def test_rare_characters_are_in_the_text_and_every_font_is_embedded(
    book: Session, world: World, tenant: Tenant, tmp_path: Path
) -> None:
    busy_day(book, world)
    report = made(book, tenant)
    report = replace(report, issuer=replace(report.issuer, name=f"甲镇{RARE}厂"))
    path = tmp_path / "rare.pdf"
    path.write_bytes(pdf.render(report))
    told = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert f"甲镇{RARE}厂" in told
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all(re.search(r"\byes yes (yes|no) +\d+ +\d+$", font) for font in fonts), fonts


def test_a_demo_is_marked_on_every_page_and_nothing_else_is(
    book: Session, world: World, tenant: Tenant, tmp_path: Path
) -> None:
    busy_day(book, world)
    report = made(book, tenant)
    assert "演示" not in text_of(pdf.render(report), tmp_path)
    played = replace(report, issuer=replace(report.issuer, demo=True))
    pages = text_of(pdf.render(played), tmp_path).split("\f")[:-1]
    assert len(pages) >= 3 and all("演示" in page for page in pages)


def test_a_period_without_visits_is_a_report_that_says_so(book: Session, tenant: Tenant, tmp_path: Path) -> None:
    report = made(book, tenant, date(2025, 1, 1), date(2025, 1, 31))
    told = text_of(pdf.render(report), tmp_path)
    assert "本期没有来访登记" in told and "没有可计入的来访" in told and "—" in told
    assert report.number.startswith(f"{tenant.slug.upper()}-20250101-20250131-")


def test_a_reports_number_is_the_same_for_the_same_book(book: Session, world: World, tenant: Tenant) -> None:
    busy_day(book, world)
    assert made(book, tenant).number == made(book, tenant).number
    assert made(book, tenant).to_data()["figures"] == made(book, tenant).figures.to_data()


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/x", "data:text/plain,x", "report:/x"])
def test_nothing_in_a_report_is_ever_fetched(databases: Databases, address: str) -> None:
    with pytest.raises(pdf.Forbidden):
        pdf.to_pdf(f'<p>x</p><img src="{address}">')
    with pytest.raises(pdf.Forbidden):
        pdf.to_pdf(f'<style>p {{ background: url("{address}") }}</style><p>x</p>')


def test_text_from_people_is_text_on_paper_not_markup(
    book: Session, world: World, tenant: Tenant, tmp_path: Path
) -> None:
    busy_day(book, world)
    report = made(book, tenant)
    report = replace(report, issuer=replace(report.issuer, name='<img src="file:///etc/passwd">厂\x07\ud800'))
    assert '<img src="file:///etc/passwd">厂' in text_of(pdf.render(report), tmp_path).replace("\n", "")


def test_a_long_list_ends_and_says_how_many_are_left_out(book: Session, world: World, tenant: Tenant) -> None:
    busy_day(book, world)
    report = made(book, tenant)
    many = replace(report.details, exceptions=report.details.exceptions * 150)
    page = pdf.document(replace(report, details=many))
    assert f"另有 {len(many.exceptions) - pdf.LIST_ROWS} 条未列出" in page


def test_the_full_report_holds_every_plate(book: Session, world: World, tenant: Tenant, tmp_path: Path) -> None:
    for number in range(95):
        visit(book, world.own, at=NINE + timedelta(minutes=number), plate=f"浙A{number:05d}")
    report = made(book, tenant)
    told = text_of(pdf.render(report, log=lines(book, report, world)), tmp_path, "-layout")
    assert all(f"浙A{number:05d}" in told for number in range(95))


def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing(book: Session, world: World, tenant: Tenant) -> None:
    for number, plate in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "\tx")):
        visit(book, world.own, at=NINE + timedelta(minutes=number), plate=plate)
    report = made(book, tenant)
    data = b"".join(sheets.to_csv(lines(book, report, world)))
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row[head.index("车牌")] for row in rows] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx"]
    assert {row[head.index("人员")] for row in rows} == {"张*"}


def test_the_spreadsheet_lists_every_visit_and_holds_no_formula(
    book: Session, world: World, tenant: Tenant, tmp_path: Path
) -> None:
    busy_day(book, world)
    visit(book, world.own, plate="=1+1")
    report = made(book, tenant)
    path = tmp_path / "report.xlsx"
    with path.open("w+b") as file:
        sheets.to_xlsx(report, lines(book, report, world), file)
    with zipfile.ZipFile(path) as parts:
        xml = {name: parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")}
    assert len(xml) == 3 and not any("<f>" in part for part in xml.values())
    assert xml["xl/worksheets/sheet3.xml"].count("<row ") == report.figures.visits + 1


def test_the_json_has_the_payload(book: Session, world: World, tenant: Tenant) -> None:
    busy_day(book, world)
    data: dict[str, Any] = json.loads(sheets.to_json(made(book, tenant)))
    assert data["figures"]["visits"] == 16 and data["issuer"]["name"] == tenant.name
    assert {item["plate"] for item in data["details"]["not_left"]} == {"浙D22222"}


def test_a_report_prints_and_carries_the_checkpoint_of_its_book(
    book: Session, world: World, tenant: Tenant, tmp_path: Path
) -> None:
    report = made(book, tenant)
    assert report.checkpoint is None
    assert "没有附检查点" in re.sub(r"\s", "", text_of(pdf.render(report), tmp_path))
    statement = canonical(
        {"v": 1, "n": 7, "at": 1_650_247_200_000_000, "books": 1, "root": "ab" * 32, "prev": "0" * 64}
    )
    proof = Proof(str(tenant.id), 41, "cd" * 32, 0, ())
    carried = replace(report, checkpoint=Checkpoint(statement, "ef" * 64, "12" * 32, None, proof))
    data = pdf.render(carried)
    told = text_of(data, tmp_path, "-layout")
    for words in ("第 7 号", "2022-04-18 10:00", "第 41 条", "ab" * 8, "12" * 8):
        assert words.replace(" ", "") in told.replace(" ", "")
    assert "ab" * 9 not in told
    assert read(data) == carried.checkpoint
    files = PdfReader(io.BytesIO(data)).attachments
    assert set(files) == {"payload.json", "payload.csv", "checkpoint.json"}
    assert json.loads(files["checkpoint.json"][0]) == carried.checkpoint.to_data()
    assert json.loads(sheets.to_json(carried))["checkpoint"] == carried.checkpoint.to_data()


def test_the_box_of_verification_says_what_is_true_of_an_empty_book(book: Session, tenant: Tenant) -> None:
    report = made(book, tenant)
    assert report.checkpoint is None
    copy, issued = pdf.document(report), pdf.document(report, address="https://gate.example/v/1")
    assert "工作副本" in copy and "已电子签名" not in copy
    assert "已电子签名。账本里还没有记录" in issued and "工作" not in issued
    english = pdf.document(report, lang="en", address="https://gate.example/v/1")
    assert "Signed. The book holds no entry yet" in english and "Working copy" not in english
