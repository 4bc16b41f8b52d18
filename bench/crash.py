"""L1, L2, L6, L8: web processes killed, PostgreSQL restarted, the disk full, the machine lost.

Eight desks upload trucks with photos through HTTP over a line that is cut now and then, and send again what was not
acknowledged. Afterwards every
acknowledged event must stand in the book once, at the place that was told, the chain and the projections must verify,
and no photo may be missing or, after the sweep, left over.

usage: bench/crash.py [--kills N [--events M]] [--restarts N] [--full] [--drills N] [--seed S] [--only DATABASE]
Without a part named, all of them at full size: 200 kills over 20,000 events, 50 restarts, full disks, 10 drills.
Planted faults: a server that acknowledges before the commit must lose events; desks that do not use an event's id
again must double them; a restored machine from the backup before the last must differ.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.crashing import disk, drills  # noqa: E402
from bench.crashing.checking import check, sound  # noqa: E402
from bench.crashing.desks import Tally, open_desks  # noqa: E402
from bench.crashing.serving import Cluster, House, Server, build, cluster, databases, serving  # noqa: E402

KINDS = ("sqlite", "postgresql")
BACK_SECONDS = 5
PLANTED_KILLS = 6


@contextmanager
def house_of(kind: str) -> Iterator[tuple[House, Cluster | None]]:
    """An installation on SQLite, or on a PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="gate-crash-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if kind == "sqlite":
            yield build(data, {}), None
            return
        Path(folder).chmod(0o755)
        with cluster(Path(folder) / "postgresql") as running:
            yield build(data, databases("gate_crash")), running


def upload(
    house: House, hurt: Callable[[Server, Tally], dict[str, Any]], *, seed: int, app: str = "app:app", **how: Any
) -> dict[str, Any]:
    """Let the desks upload while ``hurt`` does its worst; the figures afterwards."""
    tally, stop = Tally(), threading.Event()
    begun = time.monotonic()
    with serving(house, app) as server:
        desks = open_desks(house, tally, stop, seed=seed, **how)
        try:
            done = hurt(server, tally)
        finally:
            stop.set()
            for desk in desks:
                desk.join(120)
        if app != "app:app":
            time.sleep(3)  # what was acknowledged too early has every chance to be written
    return {**done, "seconds": round(time.monotonic() - begun), **check(house, tally)}


def kill(kills: int, events: int, seed: int) -> Callable[[Server, Tally], dict[str, Any]]:
    """Kill a random web process ``kills`` times while ``events`` are taken, evenly over them."""
    chance = random.Random(seed)

    def hurt(server: Server, tally: Tally) -> dict[str, Any]:
        done = 0
        while done < kills or len(tally.taken) < events:
            time.sleep(chance.random() * 0.02)
            if tally.faults or server.process.poll() is not None:
                break
            if done < kills and len(tally.taken) >= done * events // kills and (found := server.workers()):
                os.kill(chance.choice(found), signal.SIGKILL)
                done += 1
        return {"kills": done}

    return hurt


def restart(times: int, running: Cluster, seed: int) -> Callable[[Server, Tally], dict[str, Any]]:
    """Restart PostgreSQL at once, ``times`` times, while the desks upload; how long until the next is acknowledged."""
    chance = random.Random(seed)

    def hurt(server: Server, tally: Tally) -> dict[str, Any]:
        back: list[float] = []
        for _ in range(times):
            time.sleep(0.5 + chance.random())
            running.restart()
            up = time.monotonic()
            while tally.last < up and time.monotonic() - up < 60 and not tally.faults:
                time.sleep(0.01)
            back.append(time.monotonic() - up)
        return {"restarts": len(back), "back_seconds_most": round(max(back), 2)}

    return hurt


def l1(kind: str, kills: int, events: int, seed: int) -> dict[str, Any]:
    with house_of(kind) as (house, _):
        figures = upload(house, kill(kills, events, seed), seed=seed)
    return {"id": "L1", "database": kind, "seed": seed, **figures, "pass": sound(figures) and figures["kills"] == kills}


def planted(kind: str, seed: int) -> dict[str, Any]:
    """Both faults must be seen."""
    with house_of(kind) as (house, _):
        # Its sequence numbers are made up, so losses are counted by what is not in the book at all.
        early = upload(house, kill(PLANTED_KILLS, 300, seed), seed=seed, app="bench.peers.hasty:app")
    with house_of(kind) as (house, _):
        doubled = upload(house, kill(PLANTED_KILLS, 300, seed), seed=seed, reuses=False, cut=0.1)
    caught = early["missing"] > 0 and doubled["duplicated"] > 0
    return {
        "id": "L1 planted", "database": kind, "seed": seed, "kills": PLANTED_KILLS,
        "acknowledged_before_commit": {"acknowledged": early["acknowledged"], "lost": early["missing"]},
        "id_not_used_again": {"acknowledged": doubled["acknowledged"], "duplicated": doubled["duplicated"]},
        "pass": caught,
    }  # fmt: skip


def l2(times: int, seed: int) -> dict[str, Any]:
    with house_of("postgresql") as (house, running):
        assert running is not None
        figures = upload(house, restart(times, running, seed), seed=seed)
    good = sound(figures) and figures["back_seconds_most"] <= BACK_SECONDS
    return {"id": "L2", "database": "postgresql", "seed": seed, **figures, "pass": good}


def main() -> int:
    """Print one JSON object for each part; 1 when one of them does not hold."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--events", type=int)
    parser.add_argument("--restarts", type=int)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--drills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=KINDS)
    asked = parser.parse_args()
    if asked.kills is asked.restarts is asked.drills is None and not asked.full:
        asked.kills, asked.restarts, asked.drills, asked.full = 200, 50, 10, True
    kinds = [kind for kind in KINDS if asked.only in (None, kind)]
    parts: list[Callable[[], dict[str, Any]]] = []
    for kind in kinds:
        if asked.kills:
            events = asked.events or 100 * asked.kills
            parts.append(lambda kind=kind, events=events: l1(kind, asked.kills, events, asked.seed))
            parts.append(lambda kind=kind: planted(kind, asked.seed))
        if asked.full:
            parts.append(lambda kind=kind: disk.l6(kind, asked.seed))
        if asked.drills:
            parts.append(lambda kind=kind: drills.l8(kind, asked.drills, asked.seed, house_of))
    if asked.restarts and "postgresql" in kinds:
        parts.append(lambda: l2(asked.restarts, asked.seed))
    good = True
    for part in parts:
        result = part()
        print(json.dumps(result, ensure_ascii=False), flush=True)
        good = good and result["pass"] is not False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
