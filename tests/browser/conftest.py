"""A real Chromium before a real server on a port of its own."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from gatekeeper import clock, tenancy
from gatekeeper.accounts import invitations
from tests.browser.desk import DUTY, OPEN, Server, tab, until
from tests.browser.guard import Begins, Guard
from tests.factories import World
from tests.visits.gate import BRIEFING, FEVER, publish

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """One database: what a page shows is its own doing. Modules that talk to both say so themselves."""
    return str(request.param)


def chromium_path() -> str:
    path = os.environ.get("GATE_TEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail("There is no Chromium: run scripts/test, which brings it.", pytrace=False)
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


def closing(app: Flask) -> Callable[..., Iterable[bytes]]:
    """``app`` with each answer closed before it is sent: the server forgets to where a browser hangs up too early."""

    def answer(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return list(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The program served for real, form tokens and all."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, closing(app), threaded=True)
    server.daemon_threads = False  # closed only when the last answer is given: none is left with a connection
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(chromium: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A phone of 360 px, in Chinese; a fault in a script or a refused inline style fails the test, a 422 does not."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, accept_downloads=True, locale="zh-CN")
    context.set_default_timeout(20_000)
    faults: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            faults.append(message.text)

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", said)

    context.on("page", watch)
    yield context
    context.close()
    assert faults == []


@contextmanager
def enrolled(world: World, address: str, chromium: Browser) -> Iterator[BrowserContext]:
    """A phone enrolled at the gate of the world's own factory."""
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        given = {"gate_id": world.own.gate_id, "name": "手机", "by": world.own.admin, "at": clock.now()}
        token = invitations.invite(session, **given)[1]
    context = chromium.new_context(viewport={"width": 360, "height": 640}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/desk/enrol#{token}")
    page.get_by_role("button", name="登记这台手机").click()
    page.get_by_text("已登记").wait_for()
    page.close()
    yield context
    context.close()


@pytest.fixture
def phone(world: World, address: str, chromium: Browser) -> Iterator[BrowserContext]:
    """A phone enrolled at the gate of the world's own factory."""
    with enrolled(world, address, chromium) as context:
        yield context


@pytest.fixture
def server(world: World) -> Server:
    """What the phone of ``desk`` talks to; two rules judge at its gate."""
    publish(world, world.own, FEVER, BRIEFING)
    return Server(world)


@pytest.fixture
def desk(server: Server, phone: BrowserContext, address: str) -> Iterator[Page]:
    """The phone with the guard on duty, its model open and told once."""
    page = tab(server, phone, address)
    page.evaluate(DUTY, str(server.world.own.guard.id))
    page.evaluate(OPEN)
    until(page, "model.now !== null")
    yield page
    if not page.is_closed():
        page.evaluate("model.stop()")


@pytest.fixture
def begins(world: World, phone: BrowserContext, address: str, chromium: Browser) -> Iterator[Begins]:
    """A guard at a gate with these rules; a fault in a script fails the test."""
    faults: list[str] = []

    def begin(*rules: dict[str, Any]) -> Guard:
        publish(world, world.own, *rules)
        page = phone.new_page()
        page.set_default_timeout(8_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return Guard(page, world, address, lambda: enrolled(world, address, chromium)).begin(world.own.guard)

    yield begin
    assert faults == []
