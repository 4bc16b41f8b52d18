"""From sign-in to the downloaded PDF, as guard, admin and inspector, in a real Chromium."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from gatekeeper import clock
from gatekeeper.access import Actor
from tests.factories import PASSWORD, World
from tests.visits.gate import FEVER, PAPERS, AtGate, publish

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


def sign_in(page: Page, address: str, person: Actor) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("用户名").fill(person.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".who__name")).to_have_text(person.name)


def sign_out(page: Page) -> None:
    page.locator(".who summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("用户名")).to_be_visible()


def does_not_scroll_sideways(page: Page) -> None:
    page.wait_for_load_state("load")  # before its style is there every page is wide
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def text_of(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


def download(page: Page, folder: Path, name: str) -> str:
    with page.expect_download() as started:
        page.get_by_role("button", name="下载 PDF").click()
    target = folder / name
    started.value.save_as(target)
    return text_of(target)


def test_a_truck_its_verdict_and_the_report_of_its_day(
    world: World, address: str, context: BrowserContext, tmp_path: Path
) -> None:
    publish(world, world.own, FEVER, PAPERS)
    gate = AtGate(world.engines, world.own, at=clock.now() - timedelta(minutes=6))
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    gate.answer("papers", "confirm", {"ok": True}, stage="exit")
    gate.leave()
    page = context.new_page()

    sign_in(page, address, world.own.guard)
    does_not_scroll_sideways(page)
    page.locator("[data-plate=浙A12345]").first.click()
    expect(page.get_by_text("已离场").first).to_be_visible()
    does_not_scroll_sideways(page)
    sign_out(page)

    sign_in(page, address, world.own.admin)
    page.goto(f"{address}/e/{world.own.slug}/rulebook")
    does_not_scroll_sideways(page)
    page.goto(f"{address}/e/{world.own.slug}/reports")
    does_not_scroll_sideways(page)
    report = download(page, tmp_path, "admin.pdf")
    assert world.own.name in report
    sign_out(page)

    sign_in(page, address, world.towns[0].inspector)
    page.get_by_role("link", name=world.own.name).click()
    does_not_scroll_sideways(page)
    page.goto(f"{address}/e/{world.own.slug}/reports")
    page.get_by_label("从").fill(page.get_by_label("到").input_value())
    report = download(page, tmp_path, "inspector.pdf")
    assert world.own.name in report
    assert page.goto(f"{address}/e/{world.stranger.slug}/reports").status == 404
