"""S10: the desk's first load over a slow 3G line, the next one, and one without a network.

The program under gunicorn as ``scripts/start`` serves it, a ground with 2,000 known trucks, an enrolled phone in
Chromium, and between them a line of 400 ms and 400 kbit/s down that counts every byte of every answer, of pages and
workers alike. The first entry can be typed when the keys of the plate are there and the ground was told; the list of
places comes behind it. The next load takes nothing before that, and one without a network opens as well.

Planted: a worker that does not know one of the files; its next load must cost something or its offline one fail.
usage: bench/desk_load.py; prints one JSON object.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import brotli  # noqa: E402
from playwright.sync_api import BrowserContext, Error, Page, sync_playwright  # noqa: E402

from bench.loading.line import Line, between  # noqa: E402
from bench.reveals import _sqlite  # noqa: E402
from bench.reveals import playing as installed  # noqa: E402
from gatekeeper import clock, tenancy  # noqa: E402
from gatekeeper.db import new_id  # noqa: E402
from gatekeeper.desk import shell  # noqa: E402
from gatekeeper.rules import packs  # noqa: E402
from gatekeeper.visits.models import Visit  # noqa: E402
from tests.browser.hand import DUTY, enrolled  # noqa: E402
from tests.factories import World  # noqa: E402
from tests.visits.gate import publish  # noqa: E402

TRUCKS, MOST_KB, MOST_CODE_KB = 2000, 200, 60
PLACES = ("330110", "320500", "310115", "340100", "330200", "330400")
DATA = "/static/desk/made.js"
FORGOTTEN = "/static/desk/say.js"
PATIENCE_MS = 90_000
KINDS = {
    "code": r"/desk/(pack|sw\.js)|/static/desk/.*\.js",
    "style": r".*\.css",
    "libraries": r"/static/vendor/.*",
    "page": r"/desk",
    "ground": r"/desk/state",
    "regions": r"/desk/regions\.json",
}
READY = """async () => Boolean(await caches.match("/desk/regions.json", { cacheName: "gate-places" }))"""


def known(world: World) -> None:
    """As many trucks as a phone is told of came here in the last month."""
    place, at = world.own, clock.now()
    same: dict[str, Any] = {
        "enterprise_id": place.id, "gate_id": place.gate_id, "state": "left", "verdict": "admit", "stage": "exit",
        "open_count": 0, "kind": "truck", "plate_class": "small", "trailers": "", "people": 1,
        "cargo": "cement_bulk", "overdue": False, "guard_id": place.guard.id, "guard_name": "x",
        "against_verdict": False, "corrected": False, "overridden": False, "attention": 0, "last_seq": 0,
    }  # fmt: skip
    chance, rows = Random(1), []
    for number in range(TRUCKS):
        came = at - timedelta(minutes=chance.randrange(30 * 24 * 60))
        times = {"day": clock.day_of(came), "arrived_at": came, "admitted_at": came, "closed_at": came}
        plate = f"{chance.choice('浙沪苏皖')}{chance.choice('ABCDEF')}{number * 41 % 100_000:05}"
        rows.append({**same, **times, "id": new_id(), "plate": plate, "origin": chance.choice(PLACES)})
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        session.add_all(Visit(**row) for row in rows)


@contextmanager
def serving(folder: Path, port: int, base: str) -> Iterator[None]:
    url = f"sqlite:///{folder / 'gate.db'}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
    env = {**kept, "GATE_DATA_DIR": str(folder), "GATE_BASE_URL": base, "GATE_DATABASE_URL": url}
    command = [
        str(ROOT / ".venv/bin/gunicorn"), "--worker-class", "gthread", "--workers", "2", "--threads", "8",
        "--bind", f"127.0.0.1:{port}", "--log-level", "error", "app:app",
    ]  # fmt: skip
    server = subprocess.Popen(command, env=env, cwd=ROOT)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).read()
                break
            except OSError:
                time.sleep(0.2)
        yield
    finally:
        server.terminate()
        server.wait(20)


def opened(phone: BrowserContext, base: str) -> tuple[Page, float]:
    """The desk in a new tab, and after how many seconds an entry can be typed by what was told."""
    page, began = phone.new_page(), time.monotonic()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{base}/desk", wait_until="commit")
    page.locator(".pk__key").first.wait_for()
    page.locator(".head__gate", has_text="1号门").wait_for()
    return page, round(time.monotonic() - began, 1)


def by_kind(down: Counter[str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for path, size in down.items():
        found[next((kind for kind, part in KINDS.items() if re.fullmatch(part, path)), "other")] += size
    return dict(found)


def loads(world: World, made: Any, line: Line, base: str) -> dict[str, Any]:
    """The three loads of a phone that was just enrolled."""
    phone = enrolled(world, made, base, "手机")
    page = phone.new_page()
    page.goto(f"{base}/desk/enrol")
    page.evaluate(DUTY, str(world.own.guard.id))
    phone.new_cdp_session(page).send("Network.clearBrowserCache")
    page.close()
    line.slow = True
    line.clear()
    page, seconds = opened(phone, base)
    first = by_kind(line.down)
    for _ in range(PATIENCE_MS // 500):
        if page.evaluate(READY):
            break
        page.wait_for_timeout(500)
    whole, twice = by_kind(line.down), [path for path, count in line.whole.items() if count > 1]
    page.close()
    line.clear()
    page, again = opened(phone, base)
    repeat = by_kind(line.down)
    page.close()
    line.up = False
    try:
        page, offline = opened(phone, base)
    except Error:
        offline = None
    line.up, line.slow = True, False
    phone.close()
    return {
        "first": first, "seconds": seconds, "whole": whole, "sent_twice": twice, "repeat": repeat,
        "repeat_seconds": again, "offline_seconds": offline,
    }  # fmt: skip


def own_code() -> dict[str, int]:
    """Bytes of the desk's own scripts: as one text as they are sent, and file by file. What the program gave them as
    data stands apart: it is no code, and is made from the modules that own it."""
    parts = shell.read(ROOT / "static", "").pack.split(shell.BETWEEN)
    own = [part.encode() for part in parts if not part.startswith(("/static/vendor", DATA))]
    small = lambda data: len(brotli.compress(data, quality=11))  # noqa: E731
    return {
        "files": len(own),
        "data": sum(small(part.encode()) for part in parts if part.startswith(DATA)),
        "plain": sum(map(len, own)),
        "as_one": small(b"".join(own)),
        "each": sum(map(small, own)),
    }


def right(found: dict[str, Any]) -> bool:
    """The first entry within its bytes, nothing of the shell again, and it opens offline."""
    shells = sum(size for kind, size in found["repeat"].items() if kind not in ("ground", "regions"))
    return sum(found["first"].values()) <= MOST_KB * 1000 and shells == 0 and found["offline_seconds"] is not None


def free() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def main() -> int:
    """1 when a load costs more than it may, or the forgetful worker is not seen."""
    port, own = free(), free()
    base = f"http://127.0.0.1:{own}"
    path = os.environ.get("GATE_TEST_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as name, installed(_sqlite(Path(name)), Path(name)) as (_app, world):
        known(world)
        publish(world, world.own, *packs.load("cement_logistics")["rules"])
        with serving(Path(name), port, base), between(port, own) as line, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            found = loads(world, chromium, line, base)
            line.drops = FORGOTTEN
            planted = loads(world, chromium, line, base)
            chromium.close()
    code = own_code()
    result = {
        "id": "S10", "line": "400 ms, 400 kbit/s", "trucks": TRUCKS, **found,
        "first_bytes": sum(found["first"].values()), "most_bytes": MOST_KB * 1000, "code": code,
        "code_most": MOST_CODE_KB * 1000, "code_small_enough": code["as_one"] <= MOST_CODE_KB * 1000,
        "planted": 1, "planted_caught": int(not right(planted)),
        "planted_offline": planted["offline_seconds"], "pass": right(found) and not right(planted),
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
