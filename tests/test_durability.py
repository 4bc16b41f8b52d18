"""What is acknowledged is on the disk; what cannot be written is answered with a sentence, and no half of it stays."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from gatekeeper import clock, create_app, db, files, outages, tenancy
from gatekeeper.config import Settings
from gatekeeper.db import Engines, new_id
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.visits import proof
from gatekeeper.visits.models import Visit
from tests.conftest import postgresql_address
from tests.factories import World, client_for
from tests.phone import enrol
from tests.visits.gate import AtGate

JSON = {"Accept": "application/json"}


def photo(size: int = 40, seed: int = 1) -> bytes:
    """A small picture; of noise where ``size`` is large, so that it stays large."""
    pixels = bytes([seed]) * 3 * size * size if size < 99 else os.urandom(3 * size * size)
    image = Image.frombytes("RGB", (size, size), pixels)
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def come(world: World) -> str:
    """The address of a visit that came to the gate."""
    gate = AtGate(world.engines, world.own, at=clock.now())
    gate.arrive()
    return f"/e/{world.own.slug}/visits/{gate.visit_id}"


def write(client: FlaskClient, visit: str, text: str = "车上有两个人", **more: Any) -> Any:
    """One entry of a page: a note beside the visit."""
    return client.post(f"{visit}/note", data={"note-event_id": str(new_id()), "note-text": text}, **more)


def count(world: World) -> tuple[int, int]:
    """(entries, visits) of our own factory."""
    with tenancy.open_session(world.engines, world.own.scope) as session:
        entries, visits = (session.scalar(sa.select(sa.func.count()).select_from(c)) for c in (LedgerEntry, Visit))
        return entries or 0, visits or 0


def sound(world: World) -> None:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)


def superuser() -> sa.Engine:
    """The cluster's superuser, beside the test's own database."""
    return sa.create_engine(make_url(postgresql_address()), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def cut_all(name: str) -> None:
    """End every connection to a PostgreSQL database, as its restart does."""
    with superuser().connect() as admin:
        admin.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


def test_every_connection_waits_until_the_disk_has_it(engines: Engines, platform: Engines, database: str) -> None:
    for opened in (engines.read, engines.write, platform.read, platform.write):
        held = [opened.connect() for _ in range(3)]
        for connection in held:
            if database == "sqlite":
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            else:  # the cluster of the tests says off
                assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            connection.close()


def broken(database: str) -> OperationalError:
    """A commit that finds no room."""
    if database == "postgresql":
        return OperationalError("COMMIT", None, psycopg.errors.DiskFull())
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    return OperationalError("COMMIT", None, full)


@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_a_commit_that_fails_is_never_answered_as_done(
    app: Flask, world: World, database: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, visit = client_for(app, world.own.guard), come(world)
    before = count(world)

    def commit(_session: Any) -> None:
        raise broken(database)

    with monkeypatch.context() as patch:
        patch.setattr(tenancy.ScopedSession, "commit", commit)
        answer = write(client, visit, headers=headers)
    assert answer.status_code == 507
    assert answer.headers["Retry-After"] == "60"
    assert "Location" not in answer.headers
    if headers:
        assert answer.json["code"] == "service.disk_full" and set(answer.json["text"]) == {"zh", "en"}
    else:
        assert "磁盘已满，没有保存" in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert count(world) == before
    assert write(client, visit).status_code == 302
    assert "已完成" not in client.get("/").text, "nothing is left of what a view said before it failed"


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_connection_cut_at_the_commit_is_said_and_leaves_nothing(
    app: Flask, world: World, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, visit = client_for(app, world.own.guard), come(world)
    before = count(world)
    name = make_url(app.extensions["gate"].settings.database_url).database or ""
    commit = tenancy.ScopedSession.commit

    def cut(session: tenancy.ScopedSession) -> None:
        cut_all(name)
        commit(session)

    with monkeypatch.context() as patch:
        patch.setattr(tenancy.ScopedSession, "commit", cut)
        answer = write(client, visit)
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert "暂时连不上数据库" in answer.text
    world.engines.dispose()  # its connections were cut as well
    assert count(world) == before
    assert write(client, visit).status_code == 302


@pytest.fixture
def quick(command_app: Flask, settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The web program when it waits for a lock for 0.3 s instead of ten."""
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.3)
    monkeypatch.setattr(db, "POSTGRESQL_OPTIONS", "-c lock_timeout=300ms")
    app = create_app(settings, command_line=False, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.extensions["gate"].engines.dispose()


def hold(app: Flask, how: str) -> Callable[[], None]:
    """Lock the database as another program does; answers what lets go of it."""
    url = make_url(app.extensions["gate"].settings.owner_database_url)
    if how == "postgresql":
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        connection = engine.connect()
        connection.exec_driver_sql("LOCK TABLE ledger_head IN EXCLUSIVE MODE")
        return connection.close
    if how == "file lock":
        command = ["flock", f"{url.database}.lock", "sh", "-c", "echo held; read line"]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert holder.stdout is not None and holder.stdin is not None
        holder.stdout.readline()

        def let_go() -> None:
            holder.communicate(b"\n")

        return let_go
    other = sqlite3.connect(str(url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


@pytest.mark.parametrize(
    ("database", "how"), [("sqlite", "sqlite"), ("sqlite", "file lock"), ("postgresql", "postgresql")]
)
def test_a_locked_database_is_503_and_then_it_goes_on(quick: Flask, world: World, database: str, how: str) -> None:
    client, visit = client_for(quick, world.own.guard), come(world)
    before = count(world)
    assert client.get(f"/e/{world.own.slug}/gate").status_code == 200
    let_go = hold(quick, how)
    try:
        for _ in range(2):
            answer = write(client, visit)
            assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
            assert "系统暂时忙，没有保存" in answer.text
        assert "The system is busy" in write(client, visit, query_string={"lang": "en"}).text
        assert write(client, visit, headers=JSON).json["code"] == "service.busy"
        assert client.get(f"/e/{world.own.slug}/gate").status_code == 200, "who only reads does not wait"
    finally:
        let_go()
    assert count(world) == before
    assert write(client, visit).status_code == 302
    sound(world)


@pytest.mark.parametrize("database", ["postgresql"])
def test_while_the_database_is_gone_every_page_says_so_and_then_it_is_back(
    app: Flask, world: World, database: str
) -> None:
    client, visit = client_for(app, world.own.guard), come(world)
    name = make_url(app.extensions["gate"].settings.database_url).database
    assert client.get(f"/e/{world.own.slug}/gate").status_code == 200
    with superuser().connect() as admin:
        admin.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    cut_all(name)
    try:
        for answer in (client.get("/"), client.get("/sign-in"), write(client, visit), client.get("/readyz")):
            assert answer.status_code == 503
        page = client.get(f"/e/{world.own.slug}/gate")
        assert "暂时连不上数据库" in page.text and "Retry-After" in page.headers
        assert client.get("/healthz").status_code == 200
    finally:
        with superuser().connect() as admin:
            admin.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert write(client, visit).status_code == 302
    world.engines.dispose()  # the commands' own connections were cut too, less than a second ago
    sound(world)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB that is this test's own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a full disk needs the right to mount one")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take every free block of a disk; answers the file to remove."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as out:
        for size in (65536, 4096, 1):
            try:
                while out.write(b"x" * size):
                    pass
            except OSError as full:
                assert full.errno == errno.ENOSPC
    return ballast


@pytest.mark.parametrize("database", ["sqlite"])
def test_on_a_full_disk_nothing_is_written_reading_goes_on_and_it_recovers_by_itself(
    command_app: Flask, settings: Settings, world: World, database: str, small_disk: Path
) -> None:
    world.engines.dispose()
    for name in ("gate.db", "keys"):
        (shutil.copytree if name == "keys" else shutil.copy)(settings.data_dir / name, small_disk / name)
    url = f"sqlite:///{small_disk / 'gate.db'}"
    app = create_app(replace(settings, data_dir=small_disk, database_url=url, platform_database_url=url), testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    world.engines = app.extensions["gate"].engines
    client = client_for(app, world.own.guard)
    written, refused = 0, 0
    where, phone = come(world), enrol(world.engines, world.own, world.own.guard)
    ballast = fill(small_disk)
    before = count(world)
    for number in range(60):
        answer = write(client, where, f"第 {number} 次看到它停在门外" * 10)
        assert answer.status_code in (302, 507), answer.text
        written, refused = written + (answer.status_code == 302), refused + (answer.status_code == 507)
    assert refused > 30
    assert answer.headers["Retry-After"] == "60" and "磁盘已满" in answer.text
    assert phone.post(app, path="/desk/photos", raw=photo(400)).status_code == 507
    assert client.get(f"/e/{world.own.slug}/gate").status_code == 200
    assert client.get(where).status_code == 200
    assert not [path for path in small_disk.rglob("*.new")]
    ballast.unlink()
    assert count(world) == (before[0] + written, before[1])
    assert write(client, where).status_code == 302
    assert phone.post(app, path="/desk/photos", raw=photo(400)).status_code == 200
    sound(world)
    world.engines.dispose()


def test_a_photo_without_room_is_refused_and_leaves_nothing(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, before = enrol(world.engines, world.own, world.own.guard), count(world)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        answer = phone.post(app, path="/desk/photos", raw=photo())
    assert answer.status_code == 507 and answer.headers["Retry-After"] == "60"
    assert count(world) == before
    folder = app.extensions["gate"].settings.data_dir / "photos"
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_two_processes_may_store_the_same_photo_at_once(
    app: Flask, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keystore = app.extensions["gate"].keystore
    raw, fsync, others = photo(), os.fsync, []

    def store() -> str:
        return files.store(tmp_path / "p", keystore, raw, enterprise=world.own.id, expires_on=date(2099, 1, 1))

    def meanwhile(descriptor: int) -> None:
        if not others:
            others.append(None)
            others.append(store())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    name = store()
    assert others[1] == name
    assert [path.name for path in (tmp_path / "p").rglob("*") if path.is_file()] == [name]


@pytest.mark.parametrize("shape", ["form", "json"])
def test_a_body_over_64_kb_is_refused_before_it_is_read(app: Flask, world: World, shape: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client, address, large = client_for(app, world.own.guard), f"{come(world)}/note", "x" * 70_000
    if shape == "form":
        answer = client.post(address, data={"note-text": large})
        assert "表单请小于 64 KB" in answer.text
    else:
        answer = client.post(address, json={"note-text": large})
        assert answer.json["code"] == "http.413" and "64 KB" in answer.json["hint"]["en"]
    assert answer.status_code == 413


def test_a_fault_of_the_program_is_no_outage() -> None:
    missing = sqlite3.OperationalError("no such table: visits")
    missing.sqlite_errorcode = sqlite3.SQLITE_ERROR
    assert outages.of(OperationalError("SELECT", None, missing)) is None
    assert outages.of(OSError(errno.EACCES, "no")) is None
    assert outages.of(ValueError()) is None
