"""Statements straight to the database's driver, on the connection of a transaction that SQLAlchemy began.

For ``prepared``, and for what begins each transaction. What SQLAlchemy does around each execution, and psycopg's
turning of names into numbers, cost more than the statement: both are done once, when the text is made. Errors come
back as SQLAlchemy's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NoReturn

from psycopg import RawCursor
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gatekeeper import libpq

_NAMED = re.compile(r"%\((\w+)\)s")
_NUMBERED = re.compile(r"\$(\d+)")


def numbered(sql: str) -> tuple[str, list[str]]:
    """``%(name)s`` as PostgreSQL's own ``$1``: (text, names by number)."""
    names = list(dict.fromkeys(_NAMED.findall(sql)))
    number = {name: index for index, name in enumerate(names, 1)}
    return _NAMED.sub(lambda found: f"${number[found[1]]}", sql).replace("%%", "%"), names


def shifted(sql: str, by: int) -> str:
    """The text with every ``$n`` counted on from ``by``."""
    return _NUMBERED.sub(lambda found: f"${int(found[1]) + by}", sql)


Statement = tuple[str, Sequence[Any]]

TELL_SCOPE = "select set_config('app.scope', $1, true)"
"""Tells PostgreSQL's policies a scope until the end of the transaction."""


def run(connection: Connection, *statements: Statement) -> list[list[tuple[Any, ...]]]:
    """Execute the statements, each with its values by position, and give the rows of each.

    Where the database is a server they go there and back together. Raises what SQLAlchemy would.
    """
    proxied = connection.connection
    driver: Any = proxied.driver_connection
    try:
        if connection.dialect.name == "postgresql":
            return libpq.execute(driver, proxied.info.setdefault("prepared", {}), statements)
        return [driver.execute(sql, values).fetchall() for sql, values in statements]
    except connection.dialect.loaded_dbapi.Error as error:
        _raise(connection, statements[-1][0], error)


def execute(connection: Connection, sql: str, *rows: Sequence[Any]) -> Any:
    """Execute for each row of values, by position; answers the driver's cursor, for many rows. Raises as ``run``."""
    proxied = connection.connection
    driver: Any = proxied.driver_connection
    cursor: Any = RawCursor(driver) if connection.dialect.name == "postgresql" else driver.cursor()
    try:
        if len(rows) == 1:
            cursor.execute(sql, rows[0])
        else:
            cursor.executemany(sql, rows)
    except connection.dialect.loaded_dbapi.Error as error:
        _raise(connection, sql, error)
    return cursor


def _raise(connection: Connection, sql: str, error: Any) -> NoReturn:
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection, None)
    if gone:
        connection.invalidate(error)
    raised = DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=gone,
        dialect=dialect,
    )
    raise raised from error
