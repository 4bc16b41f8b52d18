"""The file that somebody has is compared inside the browser; nothing of it goes over the line."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Request

from gatekeeper import clock, tenancy
from gatekeeper.db import new_id
from gatekeeper.reports import issue, payload, service
from gatekeeper.reports.models import IssuedReport
from tests.factories import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FILES = {"first": b"%PDF-1.7 the first", "second": b"%PDF-1.7 the second"}


@pytest.fixture
def rows(command_app: Flask, world: World, tmp_path: Path) -> dict[str, IssuedReport]:
    """Two issues of one day; what stands in their files does not matter to the page."""
    found, today = {}, clock.today()
    tenant = command_app.extensions["gate"].find_tenant(world.engines, world.own.id)
    for hours, (name, plain) in enumerate(FILES.items()):
        at = clock.now() + timedelta(hours=hours)
        with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
            report = service.build(session, enterprise=tenant, first=today, last=today, at=at)
            made = issue.Made(report, payload.of(report), "zh", plain, 183, "ab" * 32)
            who = {"by": world.own.admin, "at": at, "folder": tmp_path / "issued"}
            found[name] = issue.issue(session, made, report_id=new_id(), **who)
            session.expunge(found[name])
    return found


def shot(page: Page, name: str) -> None:
    """A picture to look at, where a folder for them is named."""
    if folder := os.environ.get("GATE_TEST_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_file_is_the_same_another_issue_or_neither(
    context: BrowserContext, address: str, rows: dict[str, IssuedReport], tmp_path: Path
) -> None:
    sent: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: sent.append(told(request)))
    page.goto(f"{address}/v/{rows['first'].id}")
    page.get_by_role("heading", name="已被取代").wait_for()
    shot(page, "verify-superseded-zh")
    said = page.locator("[data-said]:visible")
    for name, words in (("first", "逐字节相同"), ("second", "另一次出具"), ("third", "不一致")):
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(FILES.get(name, b"%PDF-1.7 changed"))
        page.get_by_label("PDF 文件").set_input_files(file)
        page.get_by_text(words).wait_for()
        assert said.count() == 1
        shot(page, f"verify-{name}-zh")
        if name == "second":
            assert page.get_by_role("link", name="打开它的核验页").get_attribute("href") == f"/v/{rows['second'].id}"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{address}/v/{rows['second'].id}?lang=en")
    page.get_by_role("heading", name="Genuine").wait_for()
    shot(page, "verify-genuine-en")
    page.goto(f"{address}/v/0")
    page.get_by_role("heading", name="There is no such report").wait_for()
    shot(page, "verify-unknown-en")
    assert all(line.startswith("GET ") and "changed" not in line for line in sent)


def told(request: Request) -> str:
    return f"{request.method} {request.url} {request.post_data or ''}"
