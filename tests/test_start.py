"""A start that cannot be made says in one sentence what to do."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.config import ROOT


def start(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "GATE_DATA_DIR": str(folder), **settings}
    return subprocess.run(
        [sys.executable, "-c", "import app"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Run `flask upgrade`"),
        ({"GATE_BASE_URI": "http://x"}, "GATE_BASE_URI is not a setting"),
        ({"GATE_TRUSTED_PROXIES": "many"}, "GATE_TRUSTED_PROXIES must be a whole number from 0 to 5"),
        ({"GATE_DATABASE_URL": "mysql://x"}, "GATE_DATABASE_URL must begin with"),
        ({"GATE_BIND": "everywhere:80"}, "GATE_BIND must be an address and a port"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    ran = start(tmp_path, **settings)
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_a_missing_master_key_over_existing_keys_is_not_made_anew(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "GATE_DATA_DIR": str(tmp_path)}
    subprocess.run(
        [sys.executable, "-m", "flask", "upgrade"], env=environment, cwd=ROOT, check=True, capture_output=True
    )
    key = tmp_path / "keys" / "master.key"
    assert start(tmp_path).returncode == 0
    key.unlink()
    assert "Put the file back" in start(tmp_path).stderr
    again = subprocess.run(
        [sys.executable, "-m", "flask", "upgrade"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1
    assert "Put the file back" in again.stderr
    assert not key.exists()


def test_a_wrong_master_key_stops_the_start_with_the_reason(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "GATE_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "flask"]
    subprocess.run([*command, "upgrade"], env=environment, cwd=ROOT, check=True, capture_output=True)
    (tmp_path / "keys" / "master.key").write_bytes(base64.b64encode(bytes(32)))
    reason = "is not the master key of this keystore. Put the right file back."
    assert reason in start(tmp_path).stderr
    told = subprocess.run([*command, "doctor"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 1 and "MEND keys" in told.stdout and reason in told.stdout
