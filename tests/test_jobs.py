"""Jobs: asked twice they are one, a killed worker's is taken up, and each stays in its enterprise."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from gatekeeper import clock, heartbeat, jobs, tenancy
from gatekeeper.config import ROOT, Settings
from gatekeeper.enterprises.models import Zone
from gatekeeper.errors import Invalid
from gatekeeper.jobs import Job
from gatekeeper.rules.values import Text
from tests.factories import Factory, World

Done = list[tuple[str, UUID, Any]]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """What the task ``count`` did: (kind, enterprise, arguments)."""
    did: Done = []

    def count(installation: Any, job: Job, arguments: Any) -> Any:
        with tenancy.open_session(installation.engines, tenancy.Enterprise(job.enterprise_id)) as session:
            zones = session.scalars(select(Zone.enterprise_id)).all()
        assert set(zones) == {job.enterprise_id}
        did.append((job.kind, job.enterprise_id, arguments))
        return {"zones": len(zones)}

    monkeypatch.setattr(jobs, "TASKS", {"count": count})
    return did


@pytest.fixture
def installation(command_app: Flask) -> Any:
    return command_app.extensions["gate"]


def ask(world: World, place: Factory, kind: str = "count", key: str = "today", **arguments: Any) -> UUID:
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        return jobs.enqueue(session, kind, key=key, arguments=arguments, by=place.admin, at=clock.now()).id


def look(world: World, place: Factory, job_id: UUID) -> Job:
    with tenancy.open_session(world.engines, place.scope) as session:
        return jobs.find(session, job_id)


def test_a_job_that_is_asked_for_twice_is_one(world: World, installation: Any, done: Done) -> None:
    first, second = ask(world, world.own, day="a"), ask(world, world.own, day="b")
    assert first == second
    other_day, other_place = ask(world, world.own, key="tomorrow"), ask(world, world.neighbour)
    assert len({first, other_day, other_place}) == 3
    assert jobs.run_waiting(installation) == 3
    assert [arguments for _, place, arguments in done if place == world.own.id] == [{"day": "a"}, {}]
    job = look(world, world.own, first)
    assert (job.state, job.progress, json.loads(job.result or ""), job.attempts) == ("done", 100, {"zones": 1}, 1)
    assert job.made_by == world.own.admin.id
    assert ask(world, world.own) != first, "what is done may be asked for again"


def test_a_job_that_two_ask_for_at_the_same_moment_is_one(world: World, done: Done) -> None:
    ready, found, faults = threading.Barrier(6), [], []

    def press() -> None:
        ready.wait()
        try:
            found.append(ask(world, world.own))
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(found) == 6 and len(set(found)) == 1


def test_a_job_stands_and_falls_with_the_act_that_wants_it(world: World, installation: Any, done: Done) -> None:
    woken: list[int] = []
    jobs.wake_with(lambda: woken.append(1))
    try:
        with pytest.raises(RuntimeError), tenancy.open_session(world.engines, world.own.scope, write=True) as session:
            jobs.enqueue(session, "count", at=clock.now())
            raise RuntimeError("the act fails")
        assert woken == [] and jobs.run_waiting(installation) == 0
        ask(world, world.own)
        assert woken == [1], "once, after the commit"
    finally:
        jobs.wake_with(None)


def test_a_worker_that_cannot_be_woken_is_nobodys_error(world: World, installation: Any, done: Done) -> None:
    def broken() -> None:
        raise OSError("no room")

    jobs.wake_with(broken)
    try:
        ask(world, world.own)
    finally:
        jobs.wake_with(None)
    assert jobs.run_waiting(installation) == 1 and len(done) == 1


def test_a_job_never_runs_under_another_enterprise(world: World, installation: Any, done: Done) -> None:
    mine, theirs = ask(world, world.own), ask(world, world.stranger)
    assert jobs.run_one(installation, world.own.id, theirs) is False
    with tenancy.open_session(world.engines, world.own.scope) as session:
        with pytest.raises(jobs.NoSuchJob):
            jobs.find(session, theirs)
        with pytest.raises(jobs.NoSuchJob):
            jobs.cancel(session, theirs, at=clock.now())
    assert jobs.run_waiting(installation) == 2
    assert {place for _, place, _ in done} == {world.own.id, world.stranger.id}
    assert look(world, world.own, mine).state == "done"


def test_a_cancelled_job_is_not_done_and_a_running_one_drops_its_result(
    world: World, installation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel(installation: Any, job: Job, arguments: Any) -> Any:
        jobs.progress(installation, job, 40)
        assert look(world, world.own, job.id).progress == 40
        with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
            jobs.cancel(session, job.id, at=clock.now())
        if arguments.get("tells"):
            jobs.progress(installation, job, 60)
            raise AssertionError("a cancelled job goes on")
        return "too late"

    monkeypatch.setattr(jobs, "TASKS", {"count": cancel})
    for key, arguments in (("tells", {"tells": True}), ("returns", {})):
        job_id = ask(world, world.own, key=key, **arguments)
        jobs.run_waiting(installation)
        job = look(world, world.own, job_id)
        assert (job.state, job.result, job.lease) == ("cancelled", None, None)
    waiting = ask(world, world.own)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        jobs.cancel(session, waiting, at=clock.now())
    assert jobs.run_waiting(installation) == 0


def test_a_job_that_fails_is_tried_again_later_and_at_last_says_so(
    world: World, installation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def fail(_installation: Any, job: Job, _arguments: Any) -> None:
        tries.append(job.attempts)
        raise ValueError("broken")

    monkeypatch.setattr(jobs, "TASKS", {"count": fail})
    job_id, at = ask(world, world.own), clock.now()
    assert jobs.run_waiting(installation, at=at) == 1
    assert jobs.run_waiting(installation, at=at) == 0, "it pauses"
    for _ in range(5):
        at += timedelta(minutes=10)
        jobs.run_waiting(installation, at=at)
    job = look(world, world.own, job_id)
    assert tries == [1, 2, 3]
    assert job.state == "failed" and "/" in (job.error or "") and "operator" in (job.error or "")
    assert jobs.tidy(installation, at=at + timedelta(days=29)) == 0
    assert jobs.tidy(installation, at=at + timedelta(days=31)) == 1


def test_a_refusal_is_told_at_once(world: World, installation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_installation: Any, _job: Job, _arguments: Any) -> None:
        raise Invalid("report.empty", Text("没有记录", "There is nothing in it"))

    monkeypatch.setattr(jobs, "TASKS", {"count": refuse})
    job_id = ask(world, world.own)
    jobs.run_waiting(installation)
    job = look(world, world.own, job_id)
    assert (job.state, job.error, job.attempts) == ("failed", "没有记录 / There is nothing in it", 1)


WORKER = """
import sys, time
from pathlib import Path
from gatekeeper import clock, create_app, jobs, tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.enterprises import service as enterprises

@jobs.task("zone")
def zone(installation, job, arguments):
    scope = tenancy.Enterprise(job.enterprise_id)
    with tenancy.open_session(installation.engines, scope, write=True) as session:
        enterprises.add_zone(session, code="Z", name="made by a job", by=OPERATOR, at=clock.now())
        print("working", flush=True)
        if sys.argv[1] == "hang":
            time.sleep(60)
        jobs.finish(session, job, at=clock.now())

app = create_app(command_line=True)
app.extensions["gate"].open_keystore()
jobs.wake_with(None)
minutes = __import__("datetime").timedelta(minutes=int(sys.argv[2]))
print(jobs.run_waiting(app.extensions["gate"], at=clock.now() + minutes), flush=True)
"""


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "GATE_DATA_DIR": str(settings.data_dir),
        "GATE_DATABASE_URL": settings.database_url,
        "GATE_PLATFORM_DATABASE_URL": settings.platform_database_url,
        "GATE_OWNER_DATABASE_URL": settings.owner_database_url,
    }


def worker(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, *arguments]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def zones(world: World) -> int:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return session.scalar(select(func.count()).select_from(Zone).where(Zone.code == "Z")) or 0


def test_a_killed_workers_job_is_taken_up_and_done_once(world: World, environment: dict[str, str]) -> None:
    job_id = ask(world, world.own, kind="zone")
    with worker(environment, "hang", "0") as first:
        assert first.stdout is not None and first.stdout.readline() == "working\n"
        os.kill(first.pid, signal.SIGKILL)
    assert zones(world) == 0
    for minutes, printed in (("1", "0\n"), ("6", "working\n1\n"), ("12", "0\n")):
        with worker(environment, "on", minutes) as next_one:
            assert next_one.communicate()[0] == printed, f"after {minutes} minutes"
    job = look(world, world.own, job_id)
    assert (job.state, job.attempts, zones(world)) == ("done", 2, 1)


def test_a_worker_that_was_only_slow_cannot_do_a_job_a_second_time(
    world: World, installation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(installation: Any, job: Job, _arguments: Any) -> None:
        later = clock.now() + timedelta(minutes=6)
        monkeypatch.setitem(jobs.TASKS, "count", lambda *_: "the second worker")
        assert jobs.run_waiting(installation, at=later) == 1
        with tenancy.open_session(installation.engines, world.own.scope, write=True) as session:
            jobs.finish(session, job, "the first worker", at=later)

    monkeypatch.setattr(jobs, "TASKS", {"count": slow})
    job_id = ask(world, world.own)
    jobs.run_waiting(installation)
    assert json.loads(look(world, world.own, job_id).result or "") == "the second worker"


def test_a_job_that_kills_its_workers_fails_in_the_end(world: World, installation: Any, done: Done) -> None:
    job_id, at = ask(world, world.own), clock.now()
    for _ in range(jobs.ATTEMPTS):
        assert jobs._claim(installation, world.own.id, job_id, at) is not None
        at += timedelta(minutes=6)
    jobs.run_waiting(installation, at=at)
    job = look(world, world.own, job_id)
    assert (job.state, done) == ("failed", []) and "The worker ended" in (job.error or "")


@pytest.fixture
def consumer(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The worker as ``scripts/start`` runs it."""
    command = [Path(sys.executable).with_name("huey_consumer"), "gatekeeper.worker.huey", "--workers", "2", "--quiet"]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as running:
        yield running
        running.terminate()


def test_the_worker_says_that_it_lives_and_does_what_it_is_woken_for(
    world: World, environment: dict[str, str], settings: Settings, consumer: subprocess.Popen[bytes]
) -> None:
    def until(what: Any) -> bool:
        for _ in range(300):
            if what():
                return True
            time.sleep(0.1)
        return False

    assert until(lambda: heartbeat.lives(settings.data_dir, at=clock.now()))
    job_id = ask(world, world.own, kind="unknown")
    subprocess.run(
        [sys.executable, "-c", "from gatekeeper.worker import work; work()"], env=environment, cwd=ROOT, check=True
    )
    assert until(lambda: look(world, world.own, job_id).attempts == 1)
    assert consumer.poll() is None
