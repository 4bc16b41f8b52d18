"""The emission ledger: what was answered at the gate, the share by tonnes, and what was erased."""

from __future__ import annotations

import io
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.clock import day_of
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.reports import emission, emission_files
from gatekeeper.reports.emission_values import EmissionLedger
from gatekeeper.rules import packs
from gatekeeper.visits.events import EventKind
from tests.factories import MORNING, World, client_for
from tests.visits.gate import AtGate, publish

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
VIN = "LSGJA52U7AH123456"


def truck(world: World, plate: str, stage: str, kg: int | None, minutes: int = 0, **more: bool) -> AtGate:
    """A loaded truck that was asked everything, entered by an override where it has to be, and left."""
    gate = AtGate(world.engines, world.own, at=MORNING + timedelta(minutes=minutes))
    gate.arrive(plate, facts={"cargo": "coal"})
    for question, code in (("plate_colour", "yellow"), ("fuel", "diesel"), ("emission_stage", stage),
                           ("vehicle_use", "freight")):  # fmt: skip
        gate.answer(question, "choice", {"choice": code}, "tractor")
    for question, text in (("vin", VIN), ("engine_no", "WP12-778"), ("registration_date", "2019-05-06")):
        gate.answer(question, "text", {"text": text}, "tractor")
    gate.answer("fleet", "text", {"text": "顺达车队"})
    gate.answer("photo_body", "photo", {"file": "0" * 64}, "tractor")
    if more.get("entered", True):
        gate.admit(by=world.own.admin)
        if kg is not None:
            mass = {"question": "cargo_mass", "subject": "visit", "kind": "number", "value": {"n": kg}, "unit": "kg"}
            gate.send(EventKind.ANSWER, {"answers": [mass]})
        gate.leave()
    return gate


@pytest.fixture
def played(world: World) -> World:
    publish(world, world.own, *packs.load("emission_gate")["rules"])
    truck(world, "浙A00001", "china_6", 30_000)
    truck(world, "浙A00002", "new_energy", 10_500, 30)
    truck(world, "浙A00003", "china_3", 9_499, 60)
    truck(world, "浙A00004", "china_5", None, 90)
    truck(world, "浙A00005", "china_2", None, 120, entered=False)
    return world


def ledger(world: World) -> EmissionLedger:
    tenant = find_tenant(world.engines, world.own.slug)
    assert tenant is not None
    day = day_of(MORNING)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return emission.build(session, enterprise=tenant, first=day, last=day, at=MORNING)


def test_the_share_counts_tonnes_of_what_entered_and_was_weighed(played: World) -> None:
    made = ledger(played)
    assert (made.clean.met, made.clean.of) == (40_500, 49_999)
    assert made.clean.percent == "81.0 %" and made.reached is True
    assert made.unweighed == 1
    assert [vehicle.plate for vehicle in made.below] == ["浙A00003", "浙A00005"]


def test_the_aim_is_compared_exactly(world: World) -> None:
    publish(world, world.own, *packs.load("emission_gate")["rules"])
    truck(world, "浙A00001", "china_6", 39_999)
    truck(world, "浙A00002", "china_5", 10_000, 30)
    assert ledger(world).reached is False
    truck(world, "浙A00003", "new_energy", 1, 60)
    assert ledger(world).reached is True


def test_each_column_of_the_spreadsheet_holds_its_answer(played: World) -> None:
    file = io.BytesIO()
    emission_files.to_xlsx(ledger(played), file)
    with zipfile.ZipFile(file) as parts:
        xml = parts.read("xl/worksheets/sheet2.xml").decode()
    rows = [{cell.get("r", "")[0]: "".join(cell.itertext()) for cell in row} for row in
            ElementTree.fromstring(xml).iter(f"{NS}row")]  # fmt: skip
    head, first, *_ = rows
    told = {head[letter]: text for letter, text in first.items()}
    expected = {"车牌": "浙A00001", "号牌颜色": "黄牌", "车架号": VIN, "发动机号": "WP12-778", "注册日期": "2019-05-06",
                "燃料": "柴油", "排放阶段": "国六", "使用性质": "货运", "车队": "顺达车队", "吨": "30.000",
                "车身照片": "有", "车牌照片": "无"}  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    assert told["进厂"] and told["出厂"] and len(rows) == 6


def test_paper_says_the_share_with_both_its_numbers(played: World, tmp_path: Path) -> None:
    path = tmp_path / "ledger.pdf"
    path.write_bytes(emission_files.to_pdf(ledger(played)))
    told = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert "81.0 %" in told and "清洁 40.500 吨 ÷ 称重 49.999 吨" in told
    assert all(f"浙A0000{n}" in told.replace("\n", "") for n in range(1, 6))


def test_what_had_its_time_is_shown_as_erased_and_the_share_stays(played: World) -> None:
    before = ledger(played)
    with tenancy.open_session(played.engines, played.own.scope, write=True) as session:
        for part in session.scalars(select(LedgerPart).where(LedgerPart.cls.in_(("plate", "photo", "note")))):
            session.delete(part)
    after = ledger(played)
    assert (after.clean, after.unweighed, len(after.below)) == (before.clean, before.unweighed, len(before.below))
    row = emission_files.row(after.vehicles[0], lambda text: text.zh)
    assert row[2] == "已删除" and row[6] == "国六" and row[13] == "已删除"


def test_the_page_and_its_files_are_for_the_admin_and_the_township(app: Flask, played: World) -> None:
    day = day_of(MORNING)
    address = f"/e/{played.own.slug}/reports/emission?first={day}&last={day}"
    for person in (played.own.admin, played.towns[0].inspector):
        client = client_for(app, person)
        text = client.get(address).get_data(as_text=True)
        assert "81.0 %" in text and "浙A00003" in text and "没有启用" not in text
        assert client.get(f"{address}&file=pdf").data.startswith(b"%PDF")
        with zipfile.ZipFile(io.BytesIO(client.get(f"{address}&file=xlsx").data)) as parts:
            assert person.name in parts.read("xl/worksheets/sheet1.xml").decode()
    wrong = client_for(app, played.own.admin).get(f"/e/{played.own.slug}/reports/emission?first={day}&last=1999-01-01")
    assert wrong.status_code == 422


def test_the_command_writes_the_ledger(command_app: Flask, played: World, tmp_path: Path) -> None:
    day = str(day_of(MORNING))
    for ending in ("pdf", "xlsx"):
        out = tmp_path / f"ledger.{ending}"
        asked = ["emission-ledger", played.own.slug, day, day, "--out", str(out)]
        answer = command_app.test_cli_runner().invoke(args=asked)
        assert answer.exit_code == 0, answer.output
        assert "40500 of 49999 kg" in answer.output and out.stat().st_size > 1000
