"""S1 and S2: gate events recorded per second through HTTP, beside a bare endpoint in the same run.

Eight connections, two gunicorn processes, ledger and encryption on. The bare endpoint does five steps as anyone would
write them with Flask and SQLAlchemy: token look-up, row lock, one insert, one update, commit.
usage: bench/record.py [events]; prints one JSON object for each database.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CONNECTIONS, PROCESSES = 8, 2
PORT = 18765


def environment(folder: Path, urls: dict[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GATE_")}
    return {**kept, **urls, "GATE_DATA_DIR": str(folder), "GATE_DEMO_PASSWORD": "bench-password-1"}


def serve(app: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [
        str(ROOT / ".venv/bin/gunicorn"), "--bind", f"127.0.0.1:{PORT}", "--workers", str(PROCESSES), "--threads", "4",
        "--worker-class", "gthread", "--keep-alive", "60", "--log-level", "error", app,
    ]  # fmt: skip
    server = subprocess.Popen(command, env=env, cwd=ROOT)
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=1).read()
            return server
        except OSError:
            time.sleep(0.1)
    server.kill()
    raise RuntimeError("the server did not come up")


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait(20)


class Browser:
    """One kept connection with its cookies."""

    def __init__(self) -> None:
        self.http = HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.cookies: dict[str, str] = {}

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = urllib.parse.urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.http.request(method, path, body, headers)
        answer = self.http.getresponse()
        text = answer.read().decode("utf8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text, answer.headers.get("Location", "")


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None, "a page without a form token"
    return found[1]


def guard(number: int) -> Callable[[], float]:
    """A signed-in guard's browser; each call records one note on a visit of its own and gives the seconds."""
    browser = Browser()
    _, page, _ = browser.send("GET", "/sign-in")
    form = {"username": "guard@shuini", "password": "bench-password-1", "csrf_token": token(page)}
    status, _, _ = browser.send("POST", "/sign-in", form)
    assert status == 302
    _, page, _ = browser.send("GET", "/e/shuini/gate")
    arrival = {"csrf_token": token(page), "plate": f"浙A{10000 + number}", "gate": _option(page, "gate")}
    status, text, where = browser.send("POST", "/e/shuini/gate", arrival)
    assert status == 302, text[:400]
    _, page, _ = browser.send("GET", where)
    csrf = token(page)

    def press() -> float:
        begun = time.perf_counter()
        status, text, _ = browser.send("POST", f"{where}/note", {"csrf_token": csrf, "note-text": "司机在车上等候"})
        assert status == 302, f"{status} {text[:200]}"
        return time.perf_counter() - begun

    return press


def _option(page: str, name: str) -> str:
    select = re.search(rf'name="{name}"[^>]*>(.*?)</select>', page, re.S) or re.search(
        rf'(name="{name}"[^>]*value="[^"]+")', page
    )
    assert select is not None
    value = re.search(r'value="([^"]+)"', select[1])
    assert value is not None
    return value[1]


def bare(number: int) -> Callable[[], float]:
    browser = Browser()

    def press() -> float:
        begun = time.perf_counter()
        status, text, _ = browser.send("POST", f"/record/{number}", {"token": "t" * 43, "text": "司机在车上等候"})
        assert status == 200, text[:200]
        return time.perf_counter() - begun

    return press


def measure(make: Callable[[int], Callable[[], float]], events: int) -> dict[str, float]:
    presses = [make(number) for number in range(CONNECTIONS)]
    for press in presses:
        press()
    times: list[float] = []
    lock = threading.Lock()

    def work(press: Callable[[], float]) -> None:
        mine = [press() for _ in range(events // CONNECTIONS)]
        with lock:
            times.extend(mine)

    threads = [threading.Thread(target=work, args=(press,)) for press in presses]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    times.sort()
    return {
        "per_second": round(len(times) / took, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
    }


def run(name: str, urls: dict[str, str], events: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder), urls)
        flask = [str(ROOT / ".venv/bin/flask"), "demo", "--day", "2022-04-18", "--enterprises", "1", "--visits", "20"]
        subprocess.run(flask, env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        server = serve("app:app", env)
        try:
            ours = measure(guard, events)
        finally:
            stop(server)
        server = serve(
            "bench.peers.bare:app", {**env, "BARE_URL": urls.get("GATE_DATABASE_URL", f"sqlite:///{folder}/bare.db")}
        )
        try:
            floor = measure(bare, events)
        finally:
            stop(server)
    return {
        "experiment": name, "events": events, "connections": CONNECTIONS, "processes": PROCESSES, "gate": ours,
        "bare": floor, "ratio": round(ours["per_second"] / floor["per_second"], 3),
    }  # fmt: skip


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1600
    print(json.dumps(run("S2 record on SQLite", {}, events)))
    if os.environ.get("GATE_TEST_PG"):
        from tests.conftest import make_database

        databases = make_database("gate_bench")
        urls = {
            "GATE_DATABASE_URL": databases.app,
            "GATE_PLATFORM_DATABASE_URL": databases.platform,
            "GATE_OWNER_DATABASE_URL": databases.owner,
        }
        print(json.dumps(run("S1 record on PostgreSQL", urls, events)))


if __name__ == "__main__":
    main()
