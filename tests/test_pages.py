"""What every page has: form tokens, headers, health."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from gatekeeper import clock, heartbeat
from gatekeeper.config import ROOT
from tests.factories import World, client_for


@pytest.mark.parametrize("address", ["/sign-in", "/e/jia1/registrations/new", "/e/jia1/gates/new"])
def test_a_form_without_its_token_changes_nothing_and_says_so(app: Flask, world: World, address: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client_for(app, world.own.admin if "gates" in address else world.own.guard).post(
        address, data={"plate": "浙A12345"}
    )
    assert answer.status_code == 400
    assert "请求不完整" in answer.text


def test_pages_carry_the_headers_that_keep_strangers_scripts_out(app: Flask, world: World) -> None:
    answer = client_for(app, world.own.guard).get(f"/e/{world.own.slug}/gate")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert " style=" not in answer.text and "onclick=" not in answer.text


def test_cookies_are_secure_exactly_when_the_address_is_https(app: Flask) -> None:
    assert app.config["SESSION_COOKIE_SECURE"] is app.extensions["gate"].settings.base_url.startswith("https://")
    assert app.config["SESSION_COOKIE_HTTPONLY"] is True


def test_the_program_says_that_it_lives_and_that_it_is_ready(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "starting", "waits_for": "worker"}
    heartbeat.beat(app.extensions["gate"].settings.data_dir, at=clock.now())
    assert client.get("/readyz").json == {"status": "ready"}


def test_without_a_worker_for_three_minutes_the_program_is_not_ready(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, now = app.test_client(), clock.now()
    heartbeat.beat(app.extensions["gate"].settings.data_dir, at=now)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=4))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["reason"]) == (503, "worker")
    assert client.get("/healthz").status_code == 200


def test_a_page_speaks_english_when_asked_and_keeps_to_it(app: Flask) -> None:
    client = app.test_client()
    assert "登录" in client.get("/sign-in").text
    assert "Sign in" in client.get("/sign-in?lang=en").text
    assert "Sign in" in client.get("/sign-in").text


def test_files_go_out_compressed_and_pages_with_a_token_never(app: Flask) -> None:
    asks = {"Accept-Encoding": "gzip, br"}
    client, file = app.test_client(), "/static/desk/app.js"
    with client.get(file, headers=asks) as script:
        assert script.headers["Content-Encoding"] == "br"
        assert len(script.data) * 2 < len((ROOT / "static/desk/app.js").read_bytes())
    with client.get(file, headers={**asks, "If-None-Match": script.headers["ETag"]}) as again:
        assert again.status_code == 304
    assert "Content-Encoding" not in client.get("/sign-in", headers=asks).headers
