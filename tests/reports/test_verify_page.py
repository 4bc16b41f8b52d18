"""The page behind the code on a report: genuine, superseded, withdrawn or unknown, and nothing else is told."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gatekeeper import clock, jobs, tenancy
from gatekeeper.config import ROOT
from gatekeeper.db import new_id
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.reports import tasks, verify, verify_views
from gatekeeper.reports.models import IssuedReport
from tests.factories import World, client_for
from tests.figures.given import NINE
from tests.reports import attacks
from tests.visits.gate import FEVER, AtGate, publish


@pytest.fixture
def gate(world: World) -> AtGate:
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own, at=clock.now())
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    return gate


@pytest.fixture
def admin(app: Flask, gate: AtGate) -> FlaskClient:
    return client_for(app, gate.place.admin)


@pytest.fixture
def anybody(app: Flask) -> FlaskClient:
    return client_for(app, None)


def issue(command_app: Flask, admin: FlaskClient, gate: AtGate, lang: str = "zh") -> IssuedReport:
    """The report of today, issued; the newest row."""
    day = str(clock.today())
    admin.get(f"/e/{gate.place.slug}/reports?lang={lang}")
    sent = admin.post(f"/e/{gate.place.slug}/reports/issued", data={"issue-first": day, "issue-last": day})
    assert sent.status_code == 302
    assert tasks.issue.KIND in jobs.TASKS and jobs.run_waiting(command_app.extensions["gate"]) == 1
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        query = select(IssuedReport).order_by(IssuedReport.made_at.desc(), IssuedReport.id.desc())
        return session.scalars(query).all()[0]


def told(client: FlaskClient, code: Any, status: int = 200) -> str:
    answer = client.get(f"/v/{code}")
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def withdraw(client: FlaskClient, gate: AtGate, row: IssuedReport, why: str = "wrong_period") -> Any:
    return client.post(f"/e/{gate.place.slug}/reports/issued/{row.id}/withdraw", data={"why": why})


def test_an_issued_report_is_genuine_and_what_it_carries_leads_here(
    command_app: Flask, admin: FlaskClient, anybody: FlaskClient, gate: AtGate
) -> None:
    row = issue(command_app, admin, gate)
    page = told(anybody, row.id)
    assert "真实有效" in page and "Genuine" in told(anybody, f"{row.id}?lang=en")
    assert (
        row.payload_digest in page
        and row.figures_digest in page
        and row.certificate in page
        and row.sha256 in page
        and "甲镇" in page
    )
    data = admin.get(f"/e/{gate.place.slug}/reports/issued/{row.id}.pdf").data
    said = attacks.script().check(data, row.certificate)
    assert content_hash(data) == row.sha256 and row.payload_digest in said[2]
    assert said[-1].endswith(verify.address(command_app.extensions["gate"].settings.base_url, row.id))


def test_the_page_tells_no_name_number_or_plate(
    command_app: Flask, admin: FlaskClient, anybody: FlaskClient, gate: AtGate
) -> None:
    row = issue(command_app, admin, gate)
    page = told(anybody, row.id) + told(anybody, f"{row.id}?lang=en")
    for secret in (gate.place.name, gate.place.slug, row.number, gate.place.admin.name, "浙A"):
        assert secret not in page and secret.upper() not in page
    words = re.sub(r"<[^>]*>|[0-9a-f]{64}|\d{1,2}:\d\d|SHA-256", " ", page)
    assert json.loads(row.figures)["visits"] == 1 and re.findall(r"\d+", words) == []


def test_a_later_issue_takes_the_place_of_an_earlier_one_until_it_is_withdrawn(
    command_app: Flask, admin: FlaskClient, anybody: FlaskClient, gate: AtGate
) -> None:
    first = issue(command_app, admin, gate)
    gate.leave()
    second = issue(command_app, admin, gate)
    assert first.id != second.id
    page = told(anybody, first.id)
    assert "已被取代" in page and f"/v/{second.id}" in page and second.sha256 in page
    assert "真实有效" in told(anybody, second.id)
    withdraw(admin, gate, second)
    assert "已撤回" in told(anybody, second.id) and "真实有效" in told(anybody, first.id)


def test_a_translation_takes_nobodys_place(
    command_app: Flask, admin: FlaskClient, anybody: FlaskClient, gate: AtGate
) -> None:
    chinese = issue(command_app, admin, gate)
    english = issue(command_app, admin, gate, "en")
    assert (chinese.lang, english.lang) == ("zh", "en")
    assert "真实有效" in told(client_for(command_app, None), chinese.id)
    assert "Genuine" in told(anybody, f"{english.id}?lang=en")


def test_a_withdrawn_report_says_when_and_why_and_stands_in_the_book(
    command_app: Flask, app: Flask, world: World, admin: FlaskClient, anybody: FlaskClient, gate: AtGate
) -> None:
    row = issue(command_app, admin, gate)
    inspector = client_for(app, world.towns[0].inspector)
    assert withdraw(inspector, gate, row, "ordered").status_code == 302
    page = told(anybody, row.id)
    assert "已撤回" in page and "镇街要求撤回" in page and world.towns[0].inspector.name not in page
    with tenancy.open_session(world.engines, world.own.scope) as session:
        entry = session.scalars(select(LedgerEntry.bytes).where(LedgerEntry.bytes.contains("report.withdrawn"))).one()
    body = json.loads(entry)["body"]
    assert body["subject"] == str(row.id) and body["values"]["why"] == "ordered"
    assert body["by"]["name"] == world.towns[0].inspector.name
    assert "已撤回" in admin.get(f"/e/{gate.place.slug}/reports?lang=zh").get_data(as_text=True)


def test_withdrawing_needs_a_reason_happens_once_and_only_at_home(
    command_app: Flask, app: Flask, world: World, admin: FlaskClient, anybody: FlaskClient, gate: AtGate
) -> None:
    row = issue(command_app, admin, gate)
    for why in ("", "because"):
        withdraw(admin, gate, row, why)
        assert "请选择撤回原因" in admin.get(f"/e/{gate.place.slug}/reports").get_data(as_text=True)
    assert "真实有效" in told(anybody, row.id)
    stranger = client_for(app, world.stranger.admin)
    assert withdraw(stranger, gate, row).status_code == 404
    elsewhere = f"/e/{world.stranger.slug}/reports/issued/{row.id}/withdraw"
    assert stranger.post(elsewhere, data={"why": "other"}).status_code == 404
    assert withdraw(client_for(app, gate.place.guard), gate, row).status_code == 403
    withdraw(admin, gate, row)
    withdraw(admin, gate, row, "other")
    page = admin.get(f"/e/{gate.place.slug}/reports").get_data(as_text=True)
    assert "已经撤回" in page and "期间选错" in told(anybody, row.id)


@pytest.mark.parametrize("code", ["01a20de6-1989-7116-840c-e4b59943ec55", "nothing", "0" * 400, "%3Cscript%3E"])
def test_an_unknown_code_is_told_plainly(anybody: FlaskClient, world: World, code: str) -> None:
    assert "没有这份报告" in told(anybody, code, 404)
    assert "There is no such report" in told(anybody, f"{code}?lang=en", 404)


def test_who_asks_without_end_waits_a_minute(
    anybody: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    softener, at = verify_views.Softener(), NINE
    for _ in range(verify_views.A_MINUTE):
        softener.take("192.0.2.1", at=at)
    with pytest.raises(verify_views.TooMany):
        softener.take("192.0.2.1", at=at)
    softener.take("192.0.2.2", at=at)
    softener.take("192.0.2.1", at=at + timedelta(minutes=1))
    monkeypatch.setattr(verify_views, "A_MINUTE", 0)
    assert "查询太频繁" in told(anybody, new_id(), 429)


def test_the_browser_says_what_the_file_is() -> None:
    node = shutil.which("node")
    assert node is not None, "apt-get install nodejs"
    script = """
    const { judged, sha256 } = await import(process.argv[1]);
    const others = [{ sha256: "b", href: "/v/2" }];
    const digest = await sha256(new TextEncoder().encode("守小门"));
    console.log(JSON.stringify([judged("a", "a", others), judged("b", "a", others), judged("c", "a", []), digest]));
    """
    source = (ROOT / "static" / "js" / "verify.js").as_uri()
    command = [node, "--input-type=module", "-e", script, source]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(answer) == [
        {"said": "same", "href": None}, {"said": "other", "href": "/v/2"}, {"said": "different", "href": None},
        content_hash("守小门".encode()),
    ]  # fmt: skip


def test_the_command_line_signs_its_working_copies_and_prints_the_certificate(
    command_app: Flask, gate: AtGate, tmp_path: Path
) -> None:
    runner, file, day = command_app.test_cli_runner(), tmp_path / "copy.pdf", str(clock.today())
    made = runner.invoke(args=["report", gate.place.slug, day, day, "--out", str(file)])
    assert made.exit_code == 0, made.output
    shown = runner.invoke(args=["report-certificate"])
    assert shown.stdout.startswith("-----BEGIN CERTIFICATE-----")
    known = command_app.extensions["gate"].open_certificate().fingerprint
    said = attacks.script().check(file.read_bytes(), known)
    assert known in shown.output and said[-1] == "A working copy: it was not issued."
    command_app.extensions["gate"].settings.report_certificate.unlink()
    file.unlink()
    failed = runner.invoke(args=["report", gate.place.slug, day, day, "--out", str(file)])
    assert failed.exit_code == 1 and "Put it back" in failed.output and not file.exists()
