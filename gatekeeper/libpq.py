"""Prepared statements of PostgreSQL by its own library, for the path of an event: several go there and back at once.

What psycopg does around an execution costs more than a small statement. Each text is prepared once on a connection
and called by its name; values go as text, rows come back as Python's values. Errors are psycopg's.
"""

from __future__ import annotations

import select
from collections.abc import Callable, MutableMapping, Sequence
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from psycopg import Binary, Connection, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

MOST_PREPARED = 120
"""Texts that one connection keeps prepared: each plan takes memory in the server."""

Statement = tuple[str, Sequence[Any]]
Rows = list[tuple[Any, ...]]


class _AsText(dict[type, Callable[[Any], bytes]]):
    """How a value of each type is sent; a subclass is sent as what it is derived from."""

    def __missing__(self, kind: type) -> Callable[[Any], bytes]:
        self[kind] = found = next(self[base] for base in kind.__mro__ if base in self)
        return found


_AS_TEXT = _AsText(
    {
        str: str.encode,
        int: lambda value: b"%d" % value,
        bool: lambda value: b"t" if value else b"f",
        UUID: lambda value: value.hex.encode(),
        date: lambda value: value.isoformat().encode(),
        Binary: lambda value: b"\\x" + value.obj.hex().encode(),
    }
)
_FROM_TEXT: dict[int, Callable[[bytes], Any]] = {
    16: lambda text: text == b"t",  # boolean
    17: lambda text: bytes.fromhex(text[2:].decode()),  # bytea
    20: int,
    21: int,
    23: int,
    25: bytes.decode,  # text
    1043: bytes.decode,  # varchar
    1082: lambda text: date.fromisoformat(text.decode()),
    2950: lambda text: UUID(text.decode()),
}
"""By the number of the column's type. Any other comes as text."""


def execute(
    connection: Connection[Any], known: MutableMapping[str, bytes], statements: Sequence[Statement]
) -> list[Rows]:
    """Execute the statements one after the other, on one way there and back, and give the rows of each.

    They go inside the connection's transaction, which begins with them where there is none. ``known`` belongs to the
    connection: the names of what it has prepared.
    """
    server: Any = connection.pgconn
    if len(known) > MOST_PREPARED:
        server.exec_(b"; ".join(b"DEALLOCATE " + name for name in known.values()))
        known.clear()
    begins = server.transaction_status == TransactionStatus.IDLE
    if begins:
        statements = (("BEGIN", ()), *statements)
    calls = [
        (
            known.get(text) or _prepared(server, known, text),
            [None if value is None else _AS_TEXT[type(value)](value) for value in values],
        )
        for text, values in statements
    ]
    if len(calls) == 1:
        return [_rows(server, server.exec_prepared(*calls[0]))]
    server.enter_pipeline_mode()
    try:
        for name, values in calls:
            server.send_query_prepared(name, values)
        server.pipeline_sync()
        results = _results(server)
    finally:
        if server.status == ConnStatus.OK:
            server.exit_pipeline_mode()
    return [_rows(server, result) for result in results][begins:]


_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


def _prepared(server: Any, known: MutableMapping[str, bytes], text: str) -> bytes:
    name = b"gate_%d" % next(_numbers)
    result = server.prepare(name, text.encode())
    if result.status not in _DONE:
        _fail(server, result)
    known[text] = name
    return name


_numbers = count()


def _results(server: Any) -> list[Any]:
    """The result of each statement up to the end of what was sent; other threads run while the server works."""
    ready = select.poll()
    ready.register(server.socket, select.POLLIN | select.POLLOUT)
    while server.flush():  # more than the socket takes at once; the server may have to be read from meanwhile
        ready.poll()
        server.consume_input()
    ready.modify(server.socket, select.POLLIN)
    found: list[Any] = []
    while True:
        while server.is_busy():
            ready.poll()
            server.consume_input()
        result = server.get_result()
        if result is None:  # behind each statement
            if server.status != ConnStatus.OK:
                _fail(server, None)
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return found
        else:
            found.append(result)


def _rows(server: Any, result: Any) -> Rows:
    if result.status not in _DONE:
        _fail(server, result)
    columns = [(n, _FROM_TEXT.get(result.ftype(n), bytes.decode)) for n in range(result.nfields)]
    get = result.get_value
    return [
        tuple(None if (value := get(row, n)) is None else read(value) for n, read in columns)
        for row in range(result.ntuples)
    ]


def _fail(server: Any, result: Any) -> None:
    """Raise what psycopg would."""
    if server.status != ConnStatus.OK or result is None:
        raise OperationalError(server.get_error_message())
    raise error_from_result(result)
