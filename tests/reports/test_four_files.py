"""``flask report`` as PDF, XLSX, CSV and JSON: the four say the same of one book."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.visits.models import Visit
from tests.factories import MORNING, World
from tests.figures.test_recount import FIRST, LAST, SEED, play

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TOTALS = (
    "visits", "people", "admit", "hold", "refuse", "admitted", "turned_away", "at_gate", "inside", "overdue",
    "against_verdict", "overridden", "counted", "compliant",
)  # fmt: skip
ON_PAPER = dict(
    zip(
        TOTALS[:12],
        ("来访（次）", "来访人员（人）", "判定放行", "判定待定", "判定劝返", "已入厂", "已劝返", "在门前", "未离厂",
         "超时", "违反判定入厂", "特批"),
        strict=True,
    )
)  # fmt: skip
IN_THE_SUMMARY = ON_PAPER | {"visits": "来访", "people": "来访人员", "counted": "计入", "compliant": "合规"}


def written(command_app: Flask, world: World, folder: Path) -> dict[str, bytes]:
    """The files of one period, by ending."""
    made = {}
    for ending in ("pdf", "xlsx", "csv", "json"):
        out = folder / f"report.{ending}"
        asked = ["report", world.own.slug, str(FIRST), str(LAST), "--out", str(out), "--full"]
        run = command_app.test_cli_runner().invoke(args=asked)
        assert run.exit_code == 0, run.output
        made[ending] = out.read_bytes()
    return made


def text_of(pdf: bytes, folder: Path) -> str:
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout


def of_paper(text: str) -> dict[str, int]:
    """The totals of the cover, each above its name, and the fraction of the rate."""
    found = {name: int(re.search(rf"^(\d+)\n{label}$", text, re.M)[1]) for name, label in ON_PAPER.items()}  # type: ignore[index]
    rate = re.search(r"合规 (\d+) ÷ 计入 (\d+)", text)
    assert rate is not None
    return {**found, "compliant": int(rate[1]), "counted": int(rate[2])}


def sheets_of(xlsx: bytes) -> dict[str, list[list[str]]]:
    """{name of a sheet: its rows}, an empty cell as empty text."""
    with zipfile.ZipFile(io.BytesIO(xlsx)) as parts:
        names = re.findall(r'<sheet name="([^"]+)"', parts.read("xl/workbook.xml").decode())
        xml = [parts.read(f"xl/worksheets/sheet{number}.xml") for number in range(1, len(names) + 1)]
    return {name: rows_of(one) for name, one in zip(names, xml, strict=True)}


def rows_of(xml: bytes) -> list[list[str]]:
    rows = []
    for row in ElementTree.fromstring(xml).iter(f"{NS}row"):
        cells = {re.sub(r"\d", "", cell.get("r", "")): "".join(cell.itertext()) for cell in row.iter(f"{NS}c")}
        rows.append([cells.get(chr(65 + index), "") for index in range(26)])
    return rows


def of_rows(rows: list[dict[str, str]]) -> dict[str, int]:
    """The totals of the visits, counted row by row."""

    def number(**wanted: str) -> int:
        return sum(all(row[name] == value for name, value in wanted.items()) for row in rows)

    return {
        "visits": len(rows),
        "people": sum(int(row["人数"]) for row in rows),
        "admit": number(进厂判定="放行"),
        "hold": number(进厂判定="待定"),
        "refuse": number(进厂判定="劝返"),
        "admitted": len(rows) - number(入厂=""),
        "turned_away": number(状态="已劝返"),
        "at_gate": number(状态="在门前"),
        "inside": number(状态="在厂内"),
        "overdue": number(超时="是"),
        "against_verdict": number(违反判定="是"),
        "overridden": number(特批="是"),
        "counted": len(rows) - number(合规=""),
        "compliant": number(合规="是"),
    }


def of_json(figures: Mapping[str, Any]) -> dict[str, int]:
    return {name: figures["verdicts"].get(name, figures.get(name)) for name in TOTALS}


def strange_plates(world: World) -> None:
    """What a guard wrote off a plate that no pattern knows; one looks like a formula, one is long, one is rare."""
    strange = ("=1+1", "临时通行证浙A00001号牌照二三四五", "粤Z1234港", "浙A12345D", "未悬挂", "-沪B1")
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        visits = session.query(Visit).filter(Visit.state != "void").order_by(Visit.arrived_at, Visit.id).all()
        for row, plate in zip(visits, strange, strict=False):
            row.plate = plate


def test_the_four_files_of_a_report_have_equal_totals_and_the_full_pdf_every_plate_of_the_csv(
    command_app: Flask, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(world, SEED)
    monkeypatch.setattr(clock, "now", lambda: MORNING + timedelta(days=4))
    strange_plates(world)
    files = written(command_app, world, tmp_path)
    said = json.loads(files["json"])
    totals = of_json(said["figures"])
    assert min(totals.values()) > 0, totals
    told = text_of(files["pdf"], tmp_path)
    rows = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"), newline="")))
    sheets = sheets_of(files["xlsx"])
    head, *lines = sheets["台账"]
    summary = {row[0]: row[1] for row in sheets["概要"]}
    assert of_paper(told) == totals
    assert of_rows(rows) == totals
    assert of_rows([dict(zip(head, line, strict=True)) for line in lines]) == totals
    assert {name: int(summary[label]) for name, label in IN_THE_SUMMARY.items()} == totals
    assert said["number"] in told and said["number"] in sheets["概要"][0]

    plates = [row["车牌"].removeprefix("'") for row in rows]
    assert "=1+1" in plates and "临时通行证浙A00001号牌照二三四五" in plates
    assert [plate for plate in plates if plate not in told] == []
    assert [line[head.index("车牌")] for line in lines] == plates
