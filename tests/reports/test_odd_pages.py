"""Periods that nobody should have asked for, on every page that has one; names that are no names, in every file."""

from __future__ import annotations

import csv
import html
import io
import re
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.visits.models import VisitOccupant
from tests.conftest import Databases
from tests.factories import World, client_for
from tests.figures.given import NINE, finding, visit

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TODAY = clock.today()
ODD = {
    "ten years": ("2016-03-01", "2026-02-28", "请分段", "split the period"),
    "reversed": ("2026-04-18", "2026-04-12", "请对调", "swap them"),
    "in the future": ("2026-04-18", "2199-01-01", "还没有到", "has not come yet"),
    "no days": ("gestern", "2026-02-30", "", ""),
}
PAGES = (
    "{own}/reports?{days}&file=pdf",
    "{own}/figures?{days}",
    "{own}/figures/record?{days}",
    "{own}/reports/log?{days}&file=csv",
    "{own}/reports/emission?{days}&file=xlsx",
    "{office}/board?{days}",
    "{office}/reports/town?{days}",
)


@pytest.mark.parametrize("page", PAGES)
def test_an_odd_period_comes_back_with_a_sentence_and_nothing_typed_is_lost(
    app: Flask, world: World, page: str
) -> None:
    town = world.towns[0]
    client = client_for(app, town.admin)
    for name, (first, last, zh, en) in ODD.items():
        days = f"first={first}&last={last}"
        address = page.format(own=f"/e/{world.own.slug}", office=f"/e/{town.office.slug}", days=days)
        for lang, sentence in (("zh", zh), ("en", en)):
            answer = client.get(f"{address}&lang={lang}")
            text = html.unescape(answer.get_data(as_text=True))
            assert answer.status_code == 422, (name, lang)
            assert sentence in text and "aria-invalid" in text, (name, lang)
            assert f'value="{first}"' in text and f'value="{last}"' in text, (name, lang)


@pytest.mark.parametrize("command", ["report", "emission-ledger"])
def test_the_commands_refuse_an_odd_period_in_a_sentence_and_leave_no_file(
    command_app: Flask, world: World, tmp_path: Path, command: str
) -> None:
    for first, last, zh, en in ODD.values():
        asked = [command, world.own.slug, first, last, "--out", str(tmp_path / "x.pdf")]
        run = command_app.test_cli_runner().invoke(args=asked)
        assert run.exit_code == 1 and "Traceback" not in run.output
        assert (en or "Write the day like") in run.output and (zh or "日期请写成") in run.output
    assert list(tmp_path.glob("x*")) == []


def close(world: World, engines: Engines) -> None:
    """The enterprise had a visit three days ago and was closed on that evening."""
    closed = TODAY - timedelta(days=3)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        visit(session, world.own, at=clock.start_of(closed) + timedelta(hours=9), plate="浙A11111")
        row = sa.update(Enterprise).where(Enterprise.enterprise_id == world.own.id)
        session.execute(row.values(closed_at=clock.start_of(closed) + timedelta(hours=20)))


def test_a_closed_enterprise_has_its_emission_ledger_and_its_log_until_then(
    app: Flask, world: World, engines: Engines
) -> None:
    close(world, engines)
    closed = TODAY - timedelta(days=3)
    client, base = client_for(app, world.towns[0].inspector), f"/e/{world.own.slug}"
    days = f"first={closed - timedelta(days=1)}&last={TODAY}"
    ledger = client.get(f"{base}/reports/emission?{days}&file=xlsx")
    assert ledger.status_code == 200 and f"{closed:%Y%m%d}" in ledger.headers["Content-Disposition"]
    after = client.get(f"{base}/reports/emission?first={closed + timedelta(days=1)}&last={TODAY}&file=pdf")
    assert after.status_code == 422 and closed.isoformat() in after.get_data(as_text=True)
    assert "浙A11111" in client.get(f"{base}/reports/log?{days}&file=csv").get_data(as_text=True)
    assert client.get(f"{base}/figures?{days}").status_code == 200
    assert client.get(f"{base}/figures/record?{days}").status_code == 200


def test_a_visit_across_midnight_stands_in_the_file_of_the_day_of_its_arrival_with_both_days(
    app: Flask, world: World, engines: Engines
) -> None:
    late = clock.start_of(NINE.date() + timedelta(days=1)) - timedelta(minutes=10)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        visit(session, world.own, at=late, minutes=300, plate="浙A11111")
    client, first = client_for(app, world.own.admin), NINE.date()

    def rows(day: object) -> list[list[str]]:
        asked = f"first={day}&last={day}&columns=arrived&columns=closed&columns=stay&file=csv"
        text = client.get(f"/e/{world.own.slug}/reports/log?{asked}").data.decode("utf-8-sig")
        told = list(csv.reader(io.StringIO(text, newline="")))
        return told[told.index([]) + 2 :]

    assert rows(first) == [[f"{first} 23:50:00", f"{first + timedelta(days=1)} 04:55:00", "300"]]
    assert rows(first + timedelta(days=1)) == []


STRANGE = '=1+1<b>{{ 7*7 }}\u202e甲\u200f&"\x07'
READ = '=1+1<b>{{ 7*7 }}甲&"'


def name_strangely(world: World, databases: Databases, engines: Engines) -> None:
    """The enterprise, a plate, a guard and a driver."""
    owner = sa.create_engine(databases.owner, poolclass=sa.NullPool)
    with owner.begin() as connection:
        row = sa.update(Enterprise.__table__).where(Enterprise.__table__.c.enterprise_id == world.own.id)
        connection.execute(row.values(name=STRANGE))
    owner.dispose()
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        one = visit(session, world.own, plate=STRANGE, findings=[finding("mask", "violated")], risk_level="high",
                    corrected=True)  # fmt: skip
        one.guard_name = STRANGE
        session.execute(sa.update(VisitOccupant).values(name_mask=STRANGE))


def test_markup_a_formula_and_marks_of_direction_are_text_in_every_file(
    command_app: Flask, app: Flask, world: World, databases: Databases, engines: Engines, tmp_path: Path
) -> None:
    name_strangely(world, databases, engines)
    for command, endings in (("report", ("pdf", "xlsx", "csv", "json")), ("emission-ledger", ("pdf", "xlsx"))):
        for ending in endings:
            out = tmp_path / f"{command}.{ending}"
            full = ["--full"] if command == "report" else []
            asked = [command, world.own.slug, "2026-04-18", "2026-04-18", "--out", str(out), *full]
            run = command_app.test_cli_runner().invoke(args=asked)
            assert run.exit_code == 0, run.output
            {"pdf": is_text_on_paper, "xlsx": is_text_in_cells, "csv": is_harmless}.get(ending, Path.exists)(out)


def is_text_on_paper(path: Path) -> None:
    text = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert READ in re.sub(r"\s*\n", "", text) and not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)


def is_text_in_cells(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        xml = {name: parts.read(name).decode() for name in parts.namelist()}
    texts = "".join("".join(ElementTree.fromstring(part).itertext()) for part in xml.values())
    assert "=1+1<b>{{ 7*7 }}" in texts and not any("<f>" in part for part in xml.values())


def is_harmless(path: Path) -> None:
    text = io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")
    cells = [cell for row in csv.reader(text) for cell in row]
    assert any(cell.startswith("'=1+1<b>") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("page", ["figures", "figures/record", "reports", "reports/log", "reports/emission", "visits"])
def test_such_names_are_text_on_every_page(
    app: Flask, world: World, databases: Databases, engines: Engines, page: str
) -> None:
    name_strangely(world, databases, engines)
    client = client_for(app, world.own.admin)
    answer = client.get(f"/e/{world.own.slug}/{page}?first=2026-04-18&last=2026-04-18")
    assert answer.status_code == 200
    assert "=1+1&lt;b&gt;{{ 7*7 }}" in answer.get_data(as_text=True) and "=1+1<b>" not in answer.get_data(as_text=True)
