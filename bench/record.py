"""S1 and S2: gate events recorded per second through HTTP, beside a bare endpoint in the same run.

Eight desks on eight connections, two gunicorn processes; every request is signed, 30 rules judge, the book is chained
and its personal parts are encrypted. Each desk plays trucks from arrival to exit, six events a truck. The bare endpoint
does five steps as anyone would write them with Flask and SQLAlchemy: token look-up, row lock, one insert, one update,
commit. Requests are made beforehand, so that the client costs next to nothing. What was acknowledged is counted in the
book. Two faults are planted: a wait in each transaction must miss the reach, a commit left out must miss entries.

usage: bench/record.py [events [factories]]; the desks share the factories (default 8: a gate each).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, select

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CONNECTIONS, PROCESSES, THREADS = 8, 2, 4
PORT = 18765
LIFE = 6
"""Events of one truck: arrive, three answers, admit, leave."""
WARM = 10 * LIFE
"""Requests of each connection before the clock runs: plans are made, caches filled."""
REACH = {"single": 0.7, "batch": 2.5, "p99_ms": 50}


def environment(folder: Path, urls: dict[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GATE_")}
    return {**kept, **urls, "GATE_DATA_DIR": str(folder)}


Servers = list[subprocess.Popen[bytes]]


def serve(app: str, env: dict[str, str]) -> Servers:
    """``PROCESSES`` processes, each with its own port: workers of one port share kept connections as luck has it, and
    where one of them gets all eight the other stands idle."""
    command = [
        str(ROOT / ".venv/bin/gunicorn"), "--workers", "1", "--threads", str(THREADS), "--worker-class", "gthread",
        "--keep-alive", "60", "--log-level", "error", app,
    ]  # fmt: skip
    ports = range(PORT, PORT + PROCESSES)
    servers = [subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"], env=env, cwd=ROOT) for port in ports]
    for port in ports:
        _wait_for(port)
    return servers


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not come up")


@contextmanager
def served(app: str, env: dict[str, str]) -> Iterator[None]:
    servers = serve(app, env)
    try:
        yield
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(20)


class Connection:
    """One kept connection that sends bytes made beforehand."""

    def __init__(self, number: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", PORT + number % PROCESSES), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> tuple[int, bytes]:
        self.socket.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        return int(head[9:12]), body

    def _more(self) -> bytes:
        piece = self.socket.recv(65536)
        if not piece:
            raise RuntimeError("the server hung up")
        return piece


def request(path: str, body: bytes, kind: str, headers: dict[str, str] | None = None) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


# What is played -------------------------------------------------------------------------------------------------------


def rules(of: str) -> dict[str, Any]:
    """15 rules of one owner: 13 plain questions and a temperature at the arrival, one question at the exit."""
    from tests.rules.made import document, rule, temperature

    plain = [rule(f"{of}_{number}", when=_when(number)) for number in range(13)]
    return document(*plain, {**temperature(), "code": f"{of}_temperature"}, rule(f"{of}_papers", stage="exit"))


def _when(number: int) -> list[dict[str, Any]]:
    return [{"fact": "visitor_kind", "op": "eq", "value": "truck"}] if number % 2 else []


def world(engines: Any, factories: int) -> list[Any]:
    """Eight phones at ``factories`` factories of one township, with 15 rules of the township and 15 of each."""
    from gatekeeper import clock, tenancy
    from gatekeeper.access import OPERATOR, Role
    from gatekeeper.rulebooks import service as rulebooks
    from gatekeeper.rules.values import Owner
    from tests import factories as made
    from tests.phone import enrol

    town = made.make_town(engines, "测镇", "ce")
    places = [made.make_factory(engines, town, f"测{number}厂", f"ce{number}") for number in range(factories)]
    for place, owner in ((town.office, Owner.TOWNSHIP), *((place, Owner.ENTERPRISE) for place in places)):
        with tenancy.open_session(engines, place.scope, write=True) as session:
            rulebooks.publish_document(
                session, rules(owner.value), owner=owner, by=OPERATOR, at=clock.now(), holds_from=clock.now()
            )
    return [enrol(engines, places[n % factories], places[n % factories].people[Role.GUARD]) for n in range(CONNECTIONS)]


def truck(phone: Any, number: int) -> Iterator[dict[str, Any]]:
    """The events of one truck, from arrival to exit."""
    from gatekeeper.db import new_id

    def answers(*codes: str, **body: Any) -> dict[str, Any]:
        given = [
            {
                "question": "temperature",
                "subject": "occupant:1",
                "kind": "number",
                "unit": "celsius",
                "value": {"n": 366},
            }
            if code == "temperature"
            else {"question": code, "subject": "visit", "kind": "confirm", "value": {"ok": True}}
            for code in codes
        ]
        return {"answers": given, **body}

    visit = new_id()
    owners = ("township", "enterprise")
    yield phone.arrival(f"浙A{10000 + number % 90000}", visit=visit)
    for half in (range(7), range(7, 13)):
        codes = [f"{owner}_{n}" for owner in owners for n in half]
        yield phone.event("answer", visit, answers(*codes, *(["temperature"] if 7 in half else [])))
    yield phone.event("admit", visit)
    yield phone.event("answer", visit, answers(*(f"{owner}_papers" for owner in owners), stage="exit"))
    yield phone.event("leave", visit, {"seen": True, "subjects": []})


def sent_by(phone: Any, events: int, batch: int, number: int) -> list[bytes]:
    """The requests of one desk: ``events`` in all, ``batch`` in each."""
    lives = (event for n in range(events) for event in truck(phone, number * 1000 + n))
    made: list[bytes] = []
    while len(made) * batch < events:
        body = phone.batch(*(next(lives) for _ in range(batch)))
        made.append(request("/desk/sync", body, "application/json", phone.headers(body)))
    return made


def bare_requests(number: int, events: int) -> list[bytes]:
    body = f"token={'t' * 43}&text=%E5%8F%B8%E6%9C%BA%E5%9C%A8%E8%BD%A6%E4%B8%8A%E7%AD%89%E5%80%99".encode()
    return [request(f"/record/{number}", body, "application/x-www-form-urlencoded")] * events


# Measuring ------------------------------------------------------------------------------------------------------------


def analysed(urls: dict[str, str]) -> None:
    """What autovacuum does within a minute: a plan made over an empty table reads a whole book each time."""
    if "GATE_OWNER_DATABASE_URL" in urls:
        engine = create_engine(urls["GATE_OWNER_DATABASE_URL"], isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
        engine.dispose()


def measure(
    of_each: list[list[bytes]], batch: int, *, warming: int = WARM, urls: dict[str, str] | None = None
) -> dict[str, float]:
    """Send every connection's requests, the first ``warming`` of each off the clock; each must be taken whole.

    Behind the warm-up the database at ``urls`` takes its statistics, whichever program was warmed.
    """
    connections = [Connection(number) for number in range(len(of_each))]
    times: list[float] = []
    faults: list[str] = []
    warmed, start = (threading.Barrier(len(of_each) + 1) for _ in range(2))

    def work(connection: Connection, requests: list[bytes]) -> None:
        warm, rest = requests[:warming], requests[warming:]
        mine = []
        try:
            for made in warm:
                connection.send(made)
        except BaseException:
            warmed.abort()
            raise
        warmed.wait(120)
        start.wait(120)
        for made in rest:
            begun = time.perf_counter()
            status, body = connection.send(made)
            mine.append(time.perf_counter() - begun)
            if status != 200 or (body != b"ok" and body.count(b'"replayed":false') != batch):
                faults.append(f"{status} {body[:300]!r}")
        times.extend(mine)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(connections, of_each, strict=True)]
    for thread in threads:
        thread.start()
    warmed.wait(120)
    analysed(urls or {})
    start.wait(120)
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if faults:
        raise RuntimeError(faults[0])
    times.sort()
    return {
        "per_second": round(len(times) * batch / took, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
    }


def run(name: str, urls: dict[str, str], events: int, factories: int) -> dict[str, Any]:
    from gatekeeper import create_app
    from gatekeeper.cli import prepare
    from gatekeeper.config import from_environment

    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder), urls)
        app = create_app(from_environment({k: v for k, v in env.items() if k.startswith("GATE_")}), command_line=True)
        installation = app.extensions["gate"]
        prepare(installation)
        phones = world(installation.engines, factories)
        installation.engines.dispose()
        share = events // CONNECTIONS + 2 * WARM
        singles = [sent_by(phone, share, 1, n) for n, phone in enumerate(phones)]
        tens = [sent_by(phone, 10 * (WARM + events // CONNECTIONS // 4), 10, n + 50) for n, phone in enumerate(phones)]
        bare_env = {**env, "BARE_URL": urls.get("GATE_DATABASE_URL", f"sqlite:///{folder}/bare.db")}
        # its tables are made before two processes of it begin at once
        subprocess.run([sys.executable, "-c", "import bench.peers.bare"], env=bare_env, cwd=ROOT, check=True)
        before = entries(installation)
        floors, ours = [], []
        for part in (0, 1):  # one after the other, twice, so that a neighbour's load meets both
            half = [
                requests[: len(requests) // 2] if part == 0 else requests[len(requests) // 2 :] for requests in singles
            ]
            with served("app:app", env):
                ours.append(measure(half, 1, urls=urls))
                if part == 1:
                    batches = measure(tens, 10, urls=urls)
            with served("bench.peers.bare:app", bare_env):
                floors.append(measure([bare_requests(n, share // 2) for n in range(CONNECTIONS)], 1, urls=urls))
        acknowledged = sum(map(len, singles)) + 10 * sum(map(len, tens))
        missing = acknowledged - (entries(installation) - before)
        planted = {fault: with_fault(fault, env, installation, phones) for fault in ("slow", "unwritten")}
        return result(name, events, factories, ours, batches, floors, missing, planted)


def entries(installation: Any) -> int:
    """How many entries all books hold."""
    from gatekeeper import tenancy
    from gatekeeper.ledger.models import LedgerEntry

    with tenancy.open_session(installation.engines, tenancy.Platform()) as session:
        found = session.scalar(select(func.count()).select_from(LedgerEntry)) or 0
    installation.engines.dispose()
    return found


def with_fault(fault: str, env: dict[str, str], installation: Any, phones: list[Any]) -> dict[str, Any]:
    """A short run of the program with a fault in it: its speed, and how many of what it acknowledged are not there."""
    few = [sent_by(phone, 4 * LIFE, 1, n + (100 if fault == "slow" else 200)) for n, phone in enumerate(phones)]
    before = entries(installation)
    with served("bench.peers.faulty:app", {**env, "GATE_FAULT": fault}):
        seen = measure(few, 1, warming=LIFE)
    return {**seen, "missing": sum(map(len, few)) - (entries(installation) - before)}


def result(
    name: str, events: int, factories: int, ours: Any, batches: Any, floors: Any, missing: int, planted: Any
) -> dict[str, Any]:
    floor = sum(item["per_second"] for item in floors) / len(floors)
    single = sum(item["per_second"] for item in ours) / len(ours)
    reached = single >= REACH["single"] * floor and batches["per_second"] >= REACH["batch"] * floor
    if "SQLite" in name:
        reached = reached and sum(item["p99_ms"] for item in ours) <= REACH["p99_ms"] * len(ours)
    caught = planted["slow"]["per_second"] < REACH["single"] * floor and planted["unwritten"]["missing"] > 0
    return {
        "experiment": name, "events": events, "connections": CONNECTIONS, "processes": PROCESSES,
        "factories": factories, "rules": 30, "gate": ours, "batches_of_ten": batches, "bare": floors,
        "ratio": round(single / floor, 3), "ratio_batches": round(batches["per_second"] / floor, 3), "reach": REACH,
        "missing": missing, "planted": planted, "planted_caught": caught, "pass": reached and not missing and caught,
    }  # fmt: skip


def main() -> int:
    """Print a result for each database; 1 when one did not pass."""
    passed = True
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 2400
    factories = int(sys.argv[2]) if len(sys.argv) > 2 else CONNECTIONS
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    if only != "pg":
        passed = told(run("S2 record on SQLite", {}, events, factories))
    if os.environ.get("GATE_TEST_PG") and only != "sqlite":
        from tests.conftest import make_database

        databases = make_database("gate_bench")
        urls = {
            "GATE_DATABASE_URL": databases.app,
            "GATE_PLATFORM_DATABASE_URL": databases.platform,
            "GATE_OWNER_DATABASE_URL": databases.owner,
        }
        passed = told(run("S1 record on PostgreSQL", urls, events, factories)) and passed
    return 0 if passed else 1


def told(result: dict[str, Any]) -> bool:
    print(json.dumps(result), flush=True)
    return bool(result["pass"])


if __name__ == "__main__":
    sys.exit(main())
