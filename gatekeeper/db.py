"""Database glue: engines, column types, and the base of all tables.

SQLite reads are deferred; writes are ``BEGIN IMMEDIATE`` behind a lock on a file, because SQLite's own busy handler
starves writers (p99 284 ms with 8 connections, 24 ms with the lock). PostgreSQL needs none of that.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import uuid_utils
from sqlalchemy import BigInteger, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from gatekeeper import driver
from gatekeeper.clock import from_micros, micros

BUSY_SECONDS = 10
"""How long a writer waits for another before its request is answered with 503."""

POSTGRESQL_OPTIONS = f"-c synchronous_commit=on -c lock_timeout={BUSY_SECONDS}s"
"""What is acknowledged is on the disk, whatever the server's default; nobody waits for a lock for ever."""

MAPPED_BYTES = 0x7FFF0000
"""The most that SQLite maps."""

RESTED_SECONDS = 1
"""A connection unused for longer is tried before it is used."""


class UtcTime(TypeDecorator[datetime]):
    """An aware moment, stored as integer microseconds UTC; refuses naive values."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else from_micros(value)


class Base(DeclarativeBase):
    """The base of every table; names of constraints are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime}


class TenantRow:
    """Mixin of every table with tenant data: the tenant is the first part of the primary key."""

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)


class Published(TenantRow):
    """Tenant rows of a township's office that every enterprise of the township may read."""


def new_id() -> UUID:
    """A UUIDv7: random, ordered by time, made here and never by the database."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


@dataclass(frozen=True)
class Engines:
    """One database, opened for reading and for writing (the same engine on PostgreSQL)."""

    read: Engine
    write: Engine

    def dispose(self) -> None:
        self.read.dispose()


def connect(url: str) -> Engines:
    """Open the database at ``url``; makes the folder of an SQLite file."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    arguments: dict[str, Any] = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
    # psycopg takes back what was prepared at each rollback, also what ``libpq`` prepared, so it prepares nothing itself
    arguments["prepare_threshold"] = None
    if "options" not in make_url(url).query:  # a pooler that takes none has its own, and the roles are altered instead
        arguments["options"] = POSTGRESQL_OPTIONS
    engine = create_engine(
        url,
        connect_args=arguments,
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
        pool_use_lifo=True,  # the connection used last has its statements prepared
        hide_parameters=True,
    )
    event.listen(engine, "checkin", _rested)
    event.listen(engine, "checkout", _ping)
    return Engines(engine, engine)


def _rested(_connection: Any, record: Any) -> None:
    record.info["rested"] = monotonic()


def _ping(connection: Any, record: Any, _proxy: Any) -> None:
    """A connection that lay unused may be dead since the database was restarted: the pool then takes another."""
    if monotonic() - record.info.get("rested", 0) < RESTED_SECONDS:
        return
    try:
        connection.execute("select 1")
        connection.rollback()
    except Exception:
        raise DisconnectionError from None


def _sqlite(url: str) -> Engines:
    path = Path(make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=16,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not inside the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    lock = _WriteLock(path.with_suffix(path.suffix + ".lock"))
    writer = engine.execution_options(gate_write=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("gate_write"):
            lock.acquire(connection)
            try:
                driver.execute(connection, "BEGIN IMMEDIATE", ())
            except BaseException:
                lock.release(connection.info)
                raise
        else:
            driver.execute(connection, "BEGIN", ())

    # The lock is let go only after SQLite has committed: pool check-in is the first event behind it.
    @event.listens_for(engine, "checkin")
    def checkin(_connection: Any, record: Any) -> None:
        lock.release(record.info)

    return Engines(engine, writer)


@contextmanager
def mapped(connection: Connection) -> Iterator[None]:
    """While a whole book is read, an SQLite file stands in memory instead of being copied page by page: a tenth less
    work. Only then, since a disk that fails under a mapped file ends the program instead of answering an error."""
    if connection.dialect.name != "sqlite":
        yield
        return
    (before,) = driver.execute(connection, "PRAGMA mmap_size", ()).fetchone() or (0,)  # none where nothing is a file
    driver.execute(connection, f"PRAGMA mmap_size={MAPPED_BYTES}", ()).fetchall()
    try:
        yield
    finally:
        driver.execute(connection, f"PRAGMA mmap_size={before}", ()).fetchall()


def truncate_log(engine: Engine) -> None:
    """Empty SQLite's write-ahead log, so that nothing erased stays in it; a reader that is at work may put it off."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]


class Busy(Exception):
    """Another writer held the database for too long; the answer is 503, try again."""


class _WriteLock:
    """One writer at a time: a lock between threads, then one between processes that the kernel frees with its owner."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.threads = threading.Lock()

    def acquire(self, connection: Connection) -> None:
        if not self.threads.acquire(timeout=BUSY_SECONDS):
            raise Busy
        descriptor = None
        try:
            descriptor = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
            if not _locked(descriptor):
                raise Busy
        except BaseException:
            if descriptor is not None:
                os.close(descriptor)
            self.threads.release()
            raise
        connection.info["gate_lock"] = descriptor

    def release(self, info: dict[Any, Any]) -> None:
        descriptor = info.pop("gate_lock", None)
        if descriptor is not None:
            os.close(descriptor)
            self.threads.release()


def _locked(descriptor: int) -> bool:
    """Whether the lock between processes was taken within ``BUSY_SECONDS``.

    The kernel's waiting has no end of its own, and polling would starve: a thread waits, and whom it waited for too
    long leaves it behind; closing the descriptor then gives back what it may still get.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting = threading.Thread(target=fcntl.flock, args=(descriptor, fcntl.LOCK_EX), daemon=True)
        waiting.start()
        waiting.join(BUSY_SECONDS)
        return not waiting.is_alive()
    return True
