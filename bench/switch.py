"""A township's switch: from the press to the last waiting truck judged again, and its board.

400 enterprises of one township with two trucks waiting at each, and 20 of another township beside them. An admin
switches `epidemic_2022` on for all, through the page; the worker's job judges who waits; the board is opened; the order
is ended and they are judged once more. Every visit of the township is to be held by the pack and by nothing else, each
judged once a press, none of the other township touched; replayed, every decision is the same. Of the looks at the
board the middle one has to be in time, and the work of each, so that a busy machine decides nothing. Planted:
a switch that is not compared with what judged a visit, and a job that goes beyond its township and whatever is new.
usage: bench/switch.py [enterprises [seed]]; prints one JSON object for each database.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402
from sqlalchemy import func, select  # noqa: E402

from gatekeeper import clock, create_app, jobs, schema, tenancy  # noqa: E402
from gatekeeper.access import OPERATOR  # noqa: E402
from gatekeeper.db import connect, new_id  # noqa: E402
from gatekeeper.enterprises import service as enterprises  # noqa: E402
from gatekeeper.visits import proof, rejudge, rejudge_tasks  # noqa: E402
from gatekeeper.visits.models import Visit, VisitEvent  # noqa: E402
from tests.conftest import Databases, make_database, settings_of  # noqa: E402
from tests.factories import Factory, Town, client_for, make_factory, make_town  # noqa: E402
from tests.visits.gate import AtGate  # noqa: E402

WAITING, BESIDE, LOOKS, PROVED = 2, 20, 20, 5
REACH_S, BOARD_MS = 30, 300


@dataclass
class Played:
    """The program as its two processes have it, and the two townships."""

    web: Flask
    worker: Any
    town: Town
    other: Town


def place(engines: Any, town: Town, number: int, guard: Any) -> Factory:
    """A factory with a gate, watched by a guard of the first."""
    found = Factory(new_id(), f"{town.office.slug}{number}", f"{town.office.name}{number:03}厂", town.id)
    with tenancy.open_session(engines, found.scope, write=True) as session:
        enterprises.add_enterprise(
            session, township_id=town.id, slug=found.slug, name=found.name, by=OPERATOR, at=clock.now()
        )
        found.gate_id = enterprises.add_gate(session, name="1号门", by=OPERATOR, at=clock.now()).id
    found.people.update(guard.people)
    town.factories.append(found)
    return found


@contextmanager
def playing(databases: Databases, folder: Path, count: int, seed: int) -> Iterator[Played]:
    owner = connect(databases.owner)
    schema.upgrade(owner)
    owner.dispose()
    settings = settings_of(databases, folder)
    worker = create_app(settings, command_line=True, testing=True).extensions["gate"]
    worker.open_keystore(may_create=True)
    assert rejudge_tasks.JUDGE_AGAIN in jobs.TASKS
    web = create_app(settings, command_line=False, testing=True)
    web.config["WTF_CSRF_ENABLED"] = False
    engines, chance = worker.engines, random.Random(seed)
    towns = [make_town(engines, "甲镇", "jia"), make_town(engines, "乙镇", "yi")]
    for town, places in zip(towns, (count, BESIDE), strict=True):
        first = make_factory(engines, town, f"{town.office.name}000厂", f"{town.office.slug}0")
        for number in range(1, places):
            place(engines, town, number, first)
        for factory in town.factories:
            for _ in range(WAITING):
                AtGate(engines, factory, at=clock.now()).arrive(f"浙A{chance.randrange(10000, 99999)}")
    yield Played(web, worker, *towns)
    for installation in (web.extensions["gate"], worker):
        installation.engines.dispose()


def counted(played: Played, town: Town) -> dict[str, Any]:
    """How the visits of a township stand, and how often the server judged them again."""
    with tenancy.open_session(played.worker.engines, tenancy.Township(town.id)) as session:
        rows = list(session.execute(select(Visit.verdict, Visit.switches, func.count()).group_by(*_STAND)))
        query = select(VisitEvent.visit_id, func.count()).where(VisitEvent.kind == "judge")
        again = [n for _, n in session.execute(query.group_by(VisitEvent.visit_id))]
    return {"stand": sorted((v, bool(s), n) for v, s, n in rows), "again": sum(again), "most": max(again, default=0)}


_STAND = (Visit.verdict, Visit.switches)


def trial(played: Played) -> dict[str, Any]:
    """Press, look at the board, end: seconds of each, and how everybody stands after it."""
    office, base = client_for(played.web, played.town.admin), f"/e/{played.town.office.slug}/switches"
    for page in ("", "/new/epidemic_2022"):  # as a person comes to the press
        office.get(f"{base}{page}")
    begun = time.perf_counter()
    answer = office.post(f"{base}/new/epidemic_2022", data={"reach": "all", "reason": "按县指挥部通知执行"})
    jobs.run_waiting(played.worker)
    on_s = time.perf_counter() - begun
    on, board = counted(played, played.town), answer.headers["Location"]
    looks, worked = [], []
    for _ in range(LOOKS):
        begun, cpu = time.perf_counter(), time.process_time()
        page = office.get(board)
        looks.append(time.perf_counter() - begun)
        worked.append(time.process_time() - cpu)
    begun = time.perf_counter()
    idle = rejudge.everywhere(played.worker.engines, at=clock.now())
    idle_s = time.perf_counter() - begun
    begun = time.perf_counter()
    office.post(f"{board}/end", data={"reason": "解除"})
    jobs.run_waiting(played.worker)
    off_s = time.perf_counter() - begun
    return {
        "on_s": round(on_s, 2), "off_s": round(off_s, 2), "tick_with_nothing_to_do_s": round(idle_s, 2),
        "board_median_ms": round(sorted(looks)[LOOKS // 2] * 1000, 1), "board_slowest_ms": round(max(looks) * 1000, 1),
        "board_slowest_cpu_ms": round(max(worked) * 1000, 1),
        "on": on, "idle": idle, "off": counted(played, played.town), "other": counted(played, played.other),
        "board_rows": page.text.count("<tr>") - 1, "different": different(played),
    }  # fmt: skip


def different(played: Played) -> int:
    """Decisions that come out otherwise when judged again, and books that are not whole, of a few enterprises."""
    count = 0
    for factory in (*played.town.factories[:PROVED], played.town.office):
        with tenancy.open_session(played.worker.engines, factory.scope) as session:
            tally, _ = proof.tally(proof.replay(session, enterprise_id=factory.id))
            sound = isinstance(proof.verify(session, enterprise_id=factory.id), proof.Sound)
        count += tally["different"] + (not sound)
    return count


def right(found: dict[str, Any], count: int) -> bool:
    """Whether each waiting truck was held by the pack and free after it, and nobody else's was touched."""
    all_of, beside = count * WAITING, BESIDE * WAITING
    return (
        found["on"] == {"stand": [("hold", True, all_of)], "again": all_of, "most": 1}
        and found["off"] == {"stand": [("admit", False, all_of)], "again": 2 * all_of, "most": 2}
        and found["other"] == {"stand": [("admit", False, beside)], "again": 0, "most": 0}
        and (found["idle"], found["different"], found["board_rows"]) == (0, 0, count)
    )


def in_time(found: dict[str, Any]) -> bool:
    return (
        max(found["on_s"], found["off_s"]) < REACH_S
        and max(found[f"board_{of}_ms"] for of in ("median", "slowest_cpu")) < BOARD_MS
    )


@contextmanager
def beyond_its_township() -> Iterator[None]:
    everywhere = rejudge.everywhere
    with (
        patch.object(rejudge, "everywhere", lambda engines, *, at, **_: everywhere(engines, at=at)),
        patch.object(rejudge, "_differs", lambda judged_by, now: True),
    ):
        yield


PLANTED = {
    "a switch that is not compared": lambda: patch.object(
        rejudge, "_differs", lambda judged_by, now: judged_by[0] != now.above
    ),
    "a job beyond its township": beyond_its_township,
}


def run(name: str, make: Any, count: int, seed: int) -> dict[str, Any]:
    """One database: the honest run, then each planted fault over fewer enterprises in a database of its own."""
    found: dict[str, dict[str, Any]] = {}
    few = min(count, 10)
    for fault in ("", *PLANTED):
        with (
            tempfile.TemporaryDirectory() as folder,
            playing(make(Path(folder)), Path(folder), few if fault else count, seed) as played,
        ):
            if fault:
                with PLANTED[fault]():
                    found[fault] = trial(played)
            else:
                found[""] = trial(played)
    caught = [fault for fault in PLANTED if not right(found[fault], few)]
    good = right(found[""], count) and in_time(found[""])
    return {
        "id": "switch", "database": name, "seed": seed, "enterprises": count, "waiting": count * WAITING, **found[""],
        "reach": {"seconds": REACH_S, "board_ms": BOARD_MS}, "planted": list(PLANTED), "planted_caught": caught,
        "pass": good and len(caught) == len(PLANTED),
    }  # fmt: skip


def _sqlite(folder: Path) -> Databases:
    url = f"sqlite:///{folder / 'gate.db'}"
    return Databases(url, url, url)


def main(count: int = 400, seed: int = 1) -> int:
    """1 when it took too long, somebody was judged wrongly or twice, or a planted fault was not seen."""
    results = [run("SQLite", _sqlite, count, seed)]
    if os.environ.get("GATE_TEST_PG"):
        results.append(run("PostgreSQL", lambda _: make_database("gate_bench_switch"), count, seed))
    for result in results:
        print(json.dumps(result, ensure_ascii=False))
    return 0 if all(result["pass"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
