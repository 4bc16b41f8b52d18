"""``scripts/start --lan`` before a second Chromium, whose owner trusts the CA; and before one who does not."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page

from gatekeeper.config import ROOT
from tests.browser.conftest import FLAGS, chromium_path

PASSWORD = "a-long-word-for-the-town"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[str]:
    """What the script prints when it serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    own = {"GATE_DATA_DIR": str(tmp_path / "instance"), "GATE_BIND": bind, "GATE_ADMIN_PASSWORD": PASSWORD}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
    running = subprocess.Popen(
        ["scripts/start", "--lan", "--empty"], cwd=ROOT, env=kept | own, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert running.stdout is not None
    told = ""
    for line in running.stdout:
        told += line
        if "before you trust it there" in line:
            break
    yield told
    running.terminate()
    running.communicate(timeout=30)


@pytest.fixture
def phone(chromium: Browser, started: str, tmp_path: Path) -> Iterator[Page]:
    """A second Chromium with a home of its own, in which the CA is installed as on a phone."""
    store, home = f"sql:{tmp_path / 'home/.pki/nssdb'}", tmp_path / "home"
    (home / ".pki/nssdb").mkdir(parents=True)
    ca = re.search(r"^Install there: (.+)$", started, re.MULTILINE)
    assert ca, started
    subprocess.run(["certutil", "-d", store, "-N", "--empty-password"], check=True)
    subprocess.run(["certutil", "-d", store, "-A", "-n", "gate", "-t", "C,,", "-i", ca.group(1)], check=True)
    browser = chromium.browser_type.launch(
        executable_path=chromium_path(), args=FLAGS, env={**os.environ, "HOME": str(home)}
    )
    yield browser.new_page(viewport={"width": 360, "height": 740}, locale="zh-CN")
    browser.close()


def test_who_trusts_the_ca_has_a_page_on_which_the_desk_works(chromium: Browser, started: str, phone: Page) -> None:
    address = re.search(r"^GateKeeper: +(https://\S+)", started, re.MULTILINE)
    assert address, started
    stranger = chromium.new_page()
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        stranger.goto(address.group(1))
    stranger.close()

    phone.goto(f"{address.group(1)}/sign-in")
    assert phone.evaluate("isSecureContext && 'serviceWorker' in navigator && 'subtle' in crypto")
    phone.get_by_label("用户名").fill("township")
    phone.get_by_label("密码").fill(PASSWORD)
    phone.get_by_role("button", name="登录").click()
    phone.wait_for_url(lambda url: "/sign-in" not in url)
    cookies = phone.context.cookies()
    assert cookies and all(cookie["secure"] for cookie in cookies)
    phone.goto(f"{address.group(1)}/lan")
    with phone.expect_download() as saved:
        phone.get_by_role("link", name="下载证书 lan-ca.crt").click()
    assert saved.value.path().read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
