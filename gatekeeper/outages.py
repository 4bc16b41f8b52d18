"""What the machine can do to a request: no room on the disk, a database that is locked or gone.

None of it is a fault of the program or of the person: the answer says so, and to send it again; nothing was written.
"""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from gatekeeper.db import Busy
from gatekeeper.rules.values import Text

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
GONE = ("08", "57P")
"""SQLSTATE of a PostgreSQL that cannot be reached, goes down or comes up."""

LOCKED = ("40001", "40P01", "53", "55P03", "57014")
"""Serialization failure, deadlock, out of a resource, lock not available, cancelled."""


@dataclass(frozen=True, slots=True)
class Outage:
    """How a request ends: HTTP ``status`` 503 or 507, a stable ``code``, and seconds until it is worth another try."""

    code: str
    status: int
    retry_after: int
    title: Text
    hint: Text


DISK_FULL = Outage(
    "service.disk_full",
    507,
    60,
    Text("服务器磁盘已满，没有保存", "The server's disk is full; nothing was saved"),
    Text(
        "已有的记录都在，仍可查看。请先记在纸上，通知平台运维清理磁盘，再提交一次，内容不会重复记录。",
        "What is in the book stays readable. Note it on paper, tell the operator to make room, then send it again; "
        "nothing is recorded twice.",
    ),
)
BUSY = Outage(
    "service.busy",
    503,
    5,
    Text("系统暂时忙，没有保存", "The system is busy; nothing was saved"),
    Text("请过几秒再提交一次，内容不会重复记录。", "Send it again in a few seconds; nothing is recorded twice."),
)
NO_DATABASE = Outage(
    "service.no_database",
    503,
    5,
    Text("暂时连不上数据库", "The database cannot be reached just now"),
    Text(
        "系统会自己恢复。请过几秒再试，内容不会重复记录；一直不行请找平台运维。",
        "It mends itself. Try again in a few seconds, nothing is recorded twice; tell the operator if it lasts.",
    ),
)


def of(error: BaseException) -> Outage | None:
    """Which outage an exception stands for; None for a fault of the program."""
    if isinstance(error, Busy | NoConnection):
        return BUSY
    if isinstance(error, OSError):
        return DISK_FULL if error.errno in FULL else None
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error.orig)
    state = getattr(error.orig, "sqlstate", None) or ""
    if state == psycopg.errors.DiskFull.sqlstate:
        return DISK_FULL
    if error.connection_invalidated or state.startswith(GONE):
        return NO_DATABASE
    if state.startswith(LOCKED):
        return BUSY
    return NO_DATABASE if isinstance(error, OperationalError) and not state else None


def _of_sqlite(error: sqlite3.Error) -> Outage | None:
    # The low byte is the primary code; a write that found no room is an I/O error where it grew the shared memory.
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return DISK_FULL
        case sqlite3.SQLITE_IOERR:
            return DISK_FULL if error.sqlite_errorcode in _NO_ROOM else NO_DATABASE
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return BUSY
        case sqlite3.SQLITE_CANTOPEN:
            return NO_DATABASE
    return None


_NO_ROOM = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_FSYNC})
