"""The gate log as a file: the same visits as on the screen, the chosen columns, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import html
import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.errors import Invalid
from gatekeeper.figures import queries as figure_queries
from gatekeeper.reports import columns, log, pdf, service, sheets
from gatekeeper.reports.columns import COLUMNS
from gatekeeper.reports.values import Reason, VisitLine
from gatekeeper.reports.workbook import Workbook
from gatekeeper.rules.values import Text
from gatekeeper.visits.queries import LogFilter
from tests.factories import World, client_for
from tests.figures.given import NINE, finding, visit

DAYS = "first=2026-04-12&last=2026-04-18"
NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=cmd|"/c calc"!A1', '=HYPERLINK("http://x","y")', " =1",
    "<f>1+1</f>", '"><c><f>1</f></c>', "]]><f>1</f>", "_x003D_1", "\x00=1", "\ud800=1", "\u202e=1",
)  # fmt: skip


@pytest.fixture
def played(world: World, engines: Engines) -> World:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        for number in range(3):
            visit(session, world.own, at=NINE + timedelta(minutes=number), plate=f"浙A0000{number}")
        visit(session, world.own, plate="沪B77777", arrival="hold", followed=False, against_verdict=True)
    return world


def parts_of(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist()}


def rows_of(xml: str) -> list[list[str]]:
    """The cells of a sheet as text, in order; an empty one is left out by the file."""
    rows = ElementTree.fromstring(xml).iter(f"{NS}row")
    return [["".join(cell.itertext()) for cell in row.iter(f"{NS}c")] for row in rows]


def line(hostile: str) -> VisitLine:
    """A visit in which every text is hostile."""
    given: dict[str, Any] = {field.name: hostile for field in fields(VisitLine)}
    text = Text(hostile, hostile)
    reason = Reason(hostile, hostile, text, text, hostile, text)
    times = {name: NINE for name in ("arrived_at", "admitted_at", "closed_at")}
    flags = dict.fromkeys(("compliant", "overdue", "against_verdict", "overridden", "corrected", "late"), True)
    return VisitLine(**{**given, **times, **flags, "people": 1, "names": (hostile,), "reasons": (reason,)})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_exported_cell_is_a_formula_whatever_was_typed(lang: str) -> None:
    lines = [line(hostile) for hostile in HOSTILE]
    head = [(hostile, hostile) for hostile in HOSTILE]
    data = b"".join(sheets.to_csv(lines, lang=lang, head=head)).decode("utf-8-sig")
    texts = [cell for row in csv.reader(io.StringIO(data, newline="")) for cell in row]
    assert len(texts) == (len(HOSTILE) + 1) * len(COLUMNS) + 2 * len(HOSTILE)
    assert not [cell for cell in texts if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    file = io.BytesIO()
    sheets.log_to_xlsx(head, lines, file, lang=lang, columns=COLUMNS, author=HOSTILE[0])
    for name, xml in parts_of(file.getvalue()).items():
        elements = {element.tag for element in ElementTree.fromstring(xml).iter()}
        assert not {f"{NS}f", f"{NS}hyperlink"} & elements, name
        assert not re.search(r' t="(?!inlineStr")', xml) or "worksheets" not in name, name


def test_a_cell_reads_back_as_it_was_typed() -> None:
    file = io.BytesIO()
    book = Workbook(file, title="x", author="x")
    book.add("a", [("a", 3)], [[text] for text in (" 浙A1 ", "<&>\"'", "甲\n乙", "龘𬭎")])
    book.close()
    assert rows_of(parts_of(file.getvalue())["xl/worksheets/sheet1.xml"])[1:] == [
        [" 浙A1 "], ["<&>\"'"], ["甲\n乙"], ["龘𬭎"],
    ]  # fmt: skip


def test_a_time_is_a_time_and_a_number_is_a_number() -> None:
    file = io.BytesIO()
    book = Workbook(file, title="x", author="x")
    book.add("a", [("a", 3), ("b", 3)], [[datetime(2026, 4, 18, 9, 30), 7]])  # noqa: DTZ001
    book.close()
    assert rows_of(parts_of(file.getvalue())["xl/worksheets/sheet1.xml"])[1] == ["46130.395833333", "7"]


def test_a_list_longer_than_a_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.reports.workbook.ROWS", 4)
    file = io.BytesIO()
    book = Workbook(file, title="x", author="x")
    book.add("台账", [("n", 3)], ([n] for n in range(8)))
    book.close()
    parts = parts_of(file.getvalue())
    found = [rows_of(parts[f"xl/worksheets/sheet{n}.xml"])[1:] for n in (1, 2, 3)]
    assert [int(row[0]) for rows in found for row in rows] == list(range(8))
    assert 'name="台账 3"' in parts["xl/workbook.xml"]


def test_the_columns_are_those_that_were_chosen_and_an_unknown_one_is_refused() -> None:
    assert [column.code for column in columns.chosen(["plate", "arrived"])] == ["arrived", "plate"]
    assert columns.chosen([]) == COLUMNS
    with pytest.raises(Invalid) as wrong:
        columns.chosen(["plate", "phone"])
    assert "phone" in wrong.value.text.en


def test_the_file_holds_what_the_search_finds_and_says_how_it_was_searched(app: Flask, played: World) -> None:
    town = played.towns[0]
    for person, role in ((played.own.guard, "门卫"), (played.own.admin, "企业管理员"), (town.inspector, "镇街督查员")):
        address = f"/e/{played.own.slug}/reports/log?{DAYS}&plate=A0000&verdict=admit&columns=plate&columns=names"
        answer = client_for(app, person).get(f"{address}&file=csv")
        assert answer.status_code == 200
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
        told, found = dict(rows[: rows.index([])]), rows[rows.index([]) + 1 :]
        assert found == [["车牌", "人员"], *([f"浙A0000{n}", "张*"] for n in range(3))]
        assert told["企业"] == played.own.name and "A0000" in told["筛选"] and "放行" in told["筛选"]
        assert person.name in told["下载人"] and role in told["下载人"] and told["账本条数"].isdigit()
        sheet = parts_of(client_for(app, person).get(f"{address}&file=xlsx").data)
        assert rows_of(sheet["xl/worksheets/sheet2.xml"])[1:] == found[1:]
        assert rows_of(sheet["xl/worksheets/sheet2.xml"])[0] == ["车牌", "人员"]
        assert person.name in sheet["xl/worksheets/sheet1.xml"]


def csv_of(answer: TestResponse) -> tuple[dict[str, str], list[list[str]]]:
    """What the file says of itself, and its rows under the names of the columns."""
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert answer.status_code == 200
    return dict(rows[: rows.index([])]), rows[rows.index([]) + 2 :]


@pytest.mark.parametrize(
    ("narrow", "plates", "said"),
    [
        ("some=against_verdict", ["沪B77777"], "只看 违反判定入厂"),
        ("arrival=admit&hour=9&kind=truck", [f"浙A0000{n}" for n in range(3)], "只看 到达时判定放行；只看 货车"),
        ("rule=township.mask.violated", ["沪C00001"], "只看 mask：违反"),
        ("some=voided", ["沪D00001"], "只看 已作废"),
        ("some=visits&plate=B777", ["沪B77777"], "车牌 B777；只看 未作废的"),
    ],
)
def test_what_a_figure_narrowed_the_log_to_is_in_the_file(
    app: Flask, played: World, engines: Engines, narrow: str, plates: list[str], said: str
) -> None:
    with tenancy.open_session(engines, played.own.scope, write=True) as session:
        late, broken = NINE + timedelta(hours=2), [finding("mask", "violated", book=1)]
        visit(session, played.own, at=late, plate="沪C00001", findings=broken)
        visit(session, played.own, at=late, plate="沪D00001", state="void")
    client, base = client_for(app, played.own.admin), f"/e/{played.own.slug}"
    log = html.unescape(client.get(f"{base}/visits?{DAYS}&{narrow}").get_data(as_text=True))
    (address,) = re.findall(r'href="([^"]+file=csv[^"]*)"', log)
    told, rows = csv_of(client.get(address))
    assert [row[1] for row in rows] == plates
    assert said in told["筛选"] and told["不含"] == ("无" if "voided" in narrow else "作废的来访")
    (form,) = re.findall(r'href="([^"]+/reports/log\?[^"]*)">选列下载', log)
    page = client.get(form).get_data(as_text=True)
    fields = re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]+)">', page)
    assert dict(fields).items() <= dict(part.split("=") for part in narrow.split("&")).items()
    again = client.get(f"{base}/reports/log?{DAYS}&file=xlsx&columns=plate&{urlencode(fields)}")
    about, log_sheet = (parts_of(again.data)[f"xl/worksheets/sheet{n}.xml"] for n in (1, 2))
    assert set(plates) <= {plate for (plate,) in rows_of(log_sheet)[1:]}
    assert said.split("；")[-1] in about


def test_the_sheets_of_a_report_say_who_asked_when_for_which_days_and_what(app: Flask, played: World) -> None:
    for person, role in ((played.own.admin, "企业管理员"), (played.towns[0].inspector, "镇街督查员")):
        base = f"/e/{played.own.slug}/reports/2026-04-12/2026-04-18"
        told, rows = csv_of(client_for(app, person).get(f"{base}.csv"))
        sheet = parts_of(client_for(app, person).get(f"{base}.xlsx").data)["xl/worksheets/sheet1.xml"]
        about = dict(rows_of(sheet)[1:])
        assert len(rows) == 4 and about.keys() == told.keys()
        assert told["下载人"] == about["下载人"] == f"{person.name}（{role}）"
        assert told["企业"] == played.own.name and "2026年4月12日至2026年4月18日" in told["期间"]
        assert (told["筛选"], told["列"], told["不含"]) == ("无，全部来访", "全部", "作废的来访")
        assert told["报告编号"].endswith(f"-{told['账本条数']}") and about["报告编号"] == told["报告编号"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told["下载时间"])


def test_the_command_names_the_chosen_columns_and_that_it_was_the_command_line(
    command_app: Flask, played: World, tmp_path: Path
) -> None:
    asked = ["report", played.own.slug, "2026-04-18", "2026-04-18", "--columns", "plate,arrived", "--out"]
    for ending in ("xlsx", "csv"):
        run = command_app.test_cli_runner().invoke(args=[*asked, str(tmp_path / f"report.{ending}")])
        assert run.exit_code == 0, run.output
    about = dict(rows_of(parts_of((tmp_path / "report.xlsx").read_bytes())["xl/worksheets/sheet1.xml"])[1:])
    assert (about["下载人"], about["列"]) == ("命令行", "到达、车牌")
    assert (tmp_path / "report.csv").read_text("utf-8-sig").startswith("到达,车牌\n"), "names first: scripts read it"


def test_an_impossible_search_comes_back_as_the_form(app: Flask, played: World) -> None:
    client = client_for(app, played.own.admin)
    for wrong in (
        "first=2026-04-18&last=2026-04-12",
        "first=2026-04-18&last=x",
        f"{DAYS}&columns=phone",
        f"{DAYS}&gate=x",
    ):
        page = client.get(f"/e/{played.own.slug}/reports/log?{wrong}&file=csv")
        assert page.status_code == 422 and "下载 CSV" in page.get_data(as_text=True), wrong
    assert client.get(f"/e/{played.own.slug}/reports/log").status_code == 200


def test_every_plate_is_on_paper_and_a_dropped_row_is_noticed(played: World, engines: Engines, tmp_path: Path) -> None:
    from gatekeeper.enterprises.queries import find_tenant

    tenant = find_tenant(engines, played.own.slug)
    assert tenant is not None

    def read(session: Session) -> Iterator[VisitLine]:
        return service.visits(session, enterprise_id=tenant.id, counted=report.figures)

    with tenancy.open_session(engines, played.own.scope) as session:
        report = service.build(session, enterprise=tenant, first=NINE.date(), last=NINE.date(), at=NINE)
        (one, *_) = read(session)
    long = ("临时通行证浙A00001号牌照二三四五", "𬭎ABC12345", "浙A1234挂")
    lines = [replace(one, plate=f"浙A{n:05d}") for n in range(95)] + [replace(one, plate=plate) for plate in long]

    def told(kept: list[VisitLine]) -> str:
        path = tmp_path / "log.pdf"
        path.write_bytes(pdf.render(report, log=iter(kept)))
        return subprocess.run(
            ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
        ).stdout

    text = told(lines)
    missing = [line.plate for line in lines if line.plate not in text]
    assert missing in ([], ["𬭎ABC12345"]) and ("𬭎" in text or "U+2CB4E" in text)
    pages = text.split("\f")[:-1]
    assert all(re.search(rf"第\s*{n}\s*页\s*/\s*共\s*{len(pages)}\s*页", page) for n, page in enumerate(pages, 1))
    dropped = told(lines[:40] + lines[41:])
    assert [line.plate for line in lines[:95] if line.plate not in dropped] == ["浙A00040"]


def test_a_list_of_visits_is_never_held_whole(played: World, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str | None] = []
    whole = figure_queries.Seen

    def seen(*columns: Any) -> Any:
        made = whole(*columns)
        read.append(made.plate)
        return made

    monkeypatch.setattr(figure_queries, "Seen", seen)
    monkeypatch.setattr("gatekeeper.reports.queries.CHUNK", 2)
    wanted = LogFilter(NINE.date(), NINE.date())
    with tenancy.open_session(engines, played.own.scope) as session:
        found = log.lines(session, enterprise_id=played.own.id, wanted=wanted)
        read.clear()
        first = next(found)
        assert len(read) == 2 and first.plate == read[0]
        assert len([first, *found]) == len(read) > 3
