"""What is hurt: an installation with enrolled desks, its web server, and a PostgreSQL of the experiment's own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from gatekeeper import clock, create_app, tenancy
from gatekeeper.access import OPERATOR, Role
from gatekeeper.cli import prepare
from gatekeeper.config import from_environment
from gatekeeper.dumps import find
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner
from tests import factories as made
from tests.conftest import make_database
from tests.phone import Phone, enrol
from tests.rules.made import document, rule, temperature

ROOT = Path(__file__).resolve().parent.parent.parent
with socket.socket() as _free:
    _free.bind(("127.0.0.1", 0))
    PORT: int = _free.getsockname()[1]
ADDRESS = f"http://127.0.0.1:{PORT}"
DESKS, FACTORIES = 8, 2
BOOTED = 2.5
"""Seconds after which a new web process is believed to serve."""


@dataclass
class House:
    """One installation in ``folder`` with eight enrolled desks at two factories; ``env`` opens it elsewhere."""

    folder: Path
    env: dict[str, str]
    installation: Any
    places: list[made.Factory] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A ``flask`` command."""
        command = [str(ROOT / ".venv/bin/flask"), *arguments]
        return subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False)


def build(folder: Path, urls: dict[str, str]) -> House:
    """Make the installation; ``urls`` are its databases, none for SQLite."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GATE_")}
    env = {**kept, **urls, "GATE_DATA_DIR": str(folder), "GATE_BASE_URL": ADDRESS}
    app = create_app(from_environment({k: v for k, v in env.items() if k.startswith("GATE_")}), command_line=True)
    house = House(folder, env, app.extensions["gate"])
    prepare(house.installation)
    engines = house.installation.engines
    town = made.make_town(engines, "测镇", "ce")
    house.places = [made.make_factory(engines, town, f"测{number}厂", f"ce{number}") for number in range(FACTORIES)]
    rules = document(rule("seal", "photo"), temperature(), rule("papers", stage="exit"))
    for place in house.places:
        with tenancy.open_session(engines, place.scope, write=True) as session:
            rulebooks.publish_document(
                session, rules, owner=Owner.ENTERPRISE, by=OPERATOR, at=clock.now(), holds_from=clock.now()
            )
    for number in range(DESKS):
        place = house.places[number % FACTORIES]
        house.phones.append(enrol(engines, place, place.people[Role.GUARD]))
    engines.dispose()
    return house


def databases(name: str) -> dict[str, str]:
    """The settings of a fresh PostgreSQL database in the cluster of ``GATE_TEST_PG``."""
    found = make_database(name)
    return {
        "GATE_DATABASE_URL": found.app,
        "GATE_PLATFORM_DATABASE_URL": found.platform,
        "GATE_OWNER_DATABASE_URL": found.owner,
    }


class Server:
    """gunicorn with two processes, as production runs it."""

    def __init__(self, house: House, app: str = "app:app") -> None:
        command = [
            str(ROOT / ".venv/bin/gunicorn"), "--bind", f"127.0.0.1:{PORT}", "--workers", "2", "--threads", "4",
            "--worker-class", "gthread", "--keep-alive", "60", "--log-level", "error", app,
        ]  # fmt: skip
        self._log = (house.folder / "web.log").open("wb")
        self.process = subprocess.Popen(command, env=house.env, cwd=ROOT, stdout=self._log, stderr=self._log)
        self._seen: dict[int, float] = {}
        for _ in range(600):
            if answers():
                return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError("the web server did not come up")

    def workers(self) -> list[int]:
        """The web processes that have been there for long enough to serve."""
        try:
            found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        except FileNotFoundError:
            return []
        now = time.monotonic()
        self._seen = {int(pid): self._seen.get(int(pid), now) for pid in found}
        return [pid for pid, since in self._seen.items() if now - since > BOOTED]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()


def answers(path: str = "/healthz") -> bool:
    try:
        with urllib.request.urlopen(ADDRESS + path, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def serving(house: House, app: str = "app:app") -> Iterator[Server]:
    server = Server(house, app)
    try:
        yield server
    finally:
        server.stop()


class Cluster:
    """A durable PostgreSQL of the experiment's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = [str(ROOT / "scripts/postgres"), "start", str(folder), "--durable"]
        self.url = subprocess.run(script, check=True, capture_output=True, text=True).stdout.strip()

    def restart(self) -> None:
        """Stop at once, without a checkpoint, and start again; back when it takes connections."""
        self._control("--mode", "immediate", "--silent", "--wait", "stop")
        port = f"-p {make_url(self.url).port}"
        self._control("--silent", "--wait", "--log", str(self.folder / "log"), "--options", port, "start")

    def _control(self, *arguments: str) -> None:
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*user, find("pg_ctl"), "--pgdata", str(self.folder / "data"), *arguments]
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def remove(self) -> None:
        subprocess.run([str(ROOT / "scripts/postgres"), "stop", str(self.folder)], check=True)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster that the tests' helpers use too while it is there."""
    before = os.environ.get("GATE_TEST_PG")
    running = Cluster(folder)
    os.environ["GATE_TEST_PG"] = running.url
    try:
        yield running
    finally:
        running.remove()
        if before is not None:
            os.environ["GATE_TEST_PG"] = before
