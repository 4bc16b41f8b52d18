"""A database as one file, and back: SQLite's online backup, PostgreSQL's ``pg_dump``. Writers go on meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine, inspect, select, table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gatekeeper import outages
from gatekeeper.durable import sync_folder

Heads = list[list[str | int]]
"""``[[book, seq, hash], ...]`` by book."""

BIN = Path("/usr/lib/postgresql")
HEADS = "SELECT enterprise_id, seq, hash FROM ledger_head ORDER BY enterprise_id"

EMPTY = """
SET lock_timeout = '10s';
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname = 'public' AND tableowner = current_user
  LOOP EXECUTE 'DROP TABLE ' || found.name || ' CASCADE'; END LOOP;
  FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) = current_user
  LOOP EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE'; END LOOP;
END $$;
"""
"""What of ours stands in a PostgreSQL database goes, in the transaction that brings the dump."""


class DumpFault(Exception):
    """A database that cannot be dumped or loaded; its text is the sentence shown."""


def kind(url: str) -> str:
    """``sqlite`` or ``postgresql``."""
    return make_url(url).get_backend_name()


def dump(url: str, file: Path, *, books: bool) -> Heads:
    """Write the database at ``url`` into ``file``; with ``books``, the heads of the same moment.

    Raises ``DumpFault``, also where there is no room; what stands in ``file`` then is of no use.
    """
    try:
        return (_dump_sqlite if kind(url) == "sqlite" else _dump_postgresql)(make_url(url), file, books)
    except (sqlite3.Error, psycopg.Error, OSError) as fault:
        raise DumpFault(f"The database cannot be dumped: {fault}".strip()) from None


def _dump_sqlite(url: URL, file: Path, books: bool) -> Heads:
    source, copy = sqlite3.connect(url.database or ""), sqlite3.connect(file)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        return [[str(UUID(book)), seq, digest] for book, seq, digest in copy.execute(HEADS)] if books else []
    finally:
        copy.close()
        source.close()


def _dump_postgresql(url: URL, file: Path, books: bool) -> Heads:
    with psycopg.connect(_conninfo(url), password=url.password) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        heads: Heads = []
        if books:
            heads = [[str(book), seq, digest] for book, seq, digest in connection.execute(HEADS)]
        assert snapshot is not None
        _run(url, "pg_dump", "--format=custom", f"--snapshot={snapshot[0]}", f"--file={file}")
    return heads


def load(url: str, file: Path) -> None:
    """Put the database of ``file`` in the place of the one at ``url``; raises ``DumpFault`` and leaves that whole."""
    if kind(url) == "sqlite":
        _load_sqlite(Path(make_url(url).database or ""), file)
    else:
        _load_postgresql(make_url(url), file)


def _load_sqlite(path: Path, file: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.new")
    try:
        shutil.copyfile(file, fresh)
        fresh.chmod(0o600)
        descriptor = os.open(fresh, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        if path.exists():
            _close_sqlite(path)
        fresh.replace(path)
    except OSError as fault:
        raise DumpFault(f"The database cannot be written: {fault}") from None
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def release(url: str) -> None:
    """See that nobody has an SQLite database open, which would be replaced under them; raises ``DumpFault``.

    PostgreSQL replaces its tables in a transaction and needs no such care.
    """
    path = Path(make_url(url).database or "")
    if kind(url) == "sqlite" and path.exists():
        _close_sqlite(path)


def _close_sqlite(path: Path) -> None:
    """Fold the write-ahead log into the old database, which succeeds only while nobody else has it open."""
    old = sqlite3.connect(path, timeout=2)
    try:
        old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError:
        raise DumpFault(f"{path} is in use. Stop web server and worker first.") from None
    except sqlite3.DatabaseError:
        pass  # it is no database any more
    finally:
        old.close()
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _load_postgresql(url: URL, file: Path) -> None:
    empty, script = file.with_suffix(".empty.sql"), file.with_suffix(".sql")
    empty.write_text(EMPTY, encoding="utf8")
    _run(url, "pg_restore", "--no-owner", f"--file={script}", str(file), connects=False)
    order = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    _run(url, "psql", *order, f"--file={empty}", f"--file={script}")


def _run(url: URL, program: str, *arguments: str, connects: bool = True) -> None:
    where = [f"--dbname={_conninfo(url)}"] if connects else []
    environment = {**os.environ, "PGPASSWORD": url.password or "", "PGOPTIONS": "", "LC_ALL": "C.UTF-8"}
    ran = subprocess.run(
        [find(program), *where, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        said = [line for line in ran.stderr.splitlines() if "error" in line.lower()] or ran.stderr.splitlines()
        raise DumpFault(f"{program} failed: {said[0] if said else ran.returncode}")


def find(program: str) -> str:
    """The newest of those that Debian keeps off the PATH, else that of the PATH; raises ``DumpFault``."""
    kept = sorted(BIN.glob(f"*/bin/{program}"), key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])
    found = str(kept[-1]) if kept else shutil.which(program)
    if found is None:
        raise DumpFault(f"There is no {program} here; apt-get install postgresql-client, of the server's version.")
    return found


def _conninfo(url: URL) -> str:
    """As libpq takes it, without the password, which other people could read in the list of processes."""
    return make_conninfo(host=url.host, port=url.port, user=url.username, dbname=url.database, **url.query)


def heads(url: str) -> Heads:
    """The heads of all books at ``url``; none where there is no book."""
    if kind(url) == "sqlite":
        connection = sqlite3.connect(make_url(url).database or "")
        try:
            return [[str(UUID(book)), seq, digest] for book, seq, digest in connection.execute(HEADS)]
        finally:
            connection.close()
    with psycopg.connect(_conninfo(make_url(url)), password=make_url(url).password) as connection:
        return [[str(book), seq, digest] for book, seq, digest in connection.execute(HEADS)]


def is_empty(url: str) -> bool:
    """Whether nothing would be lost: no database, no tables, or ours without a township."""
    if kind(url) == "sqlite" and not Path(make_url(url).database or "").exists():
        return True
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        names = inspect(engine).get_table_names()
        if "townships" not in names:
            return not names
        with engine.connect() as connection:
            return connection.execute(select(1).select_from(table("townships")).limit(1)).first() is None
    except DBAPIError as fault:
        if outages.of(fault) is not None:
            raise DumpFault(f"The database does not answer: {fault.orig}".strip()) from None
        return False  # something stands there that is no database
    finally:
        engine.dispose()
