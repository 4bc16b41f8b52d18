"""Statements by PostgreSQL's own library: values go and come as they are, an error ends what was sent with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Binary, Connection
from psycopg.pq import TransactionStatus

from gatekeeper import libpq
from tests.conftest import postgresql_address


@pytest.fixture
def connection() -> Iterator[Connection[Any]]:
    with psycopg.connect(postgresql_address().replace("+psycopg", "")) as made:
        yield made


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "浙A\n\"'\\"), ("varchar", ""), ("int", -7), ("bigint", 2**53), ("boolean", True), ("boolean", False),
        ("uuid", UUID(int=7)), ("date", date(2022, 4, 18)), ("text", None),
    ],
)  # fmt: skip
def test_a_value_comes_back_as_it_went(connection: Connection[Any], kind: str, value: object) -> None:
    assert libpq.execute(connection, {}, [(f"select $1::{kind}", (value,))]) == [[(value,)]]


def test_bytes_come_back_as_they_went(connection: Connection[Any]) -> None:
    every = bytes(range(256))
    assert libpq.execute(connection, {}, [("select $1::bytea", (Binary(every),))]) == [[(every,)]]


def test_several_go_together_inside_one_transaction(connection: Connection[Any]) -> None:
    known: dict[str, bytes] = {}
    statements = [("select set_config('app.scope', $1, true)", ("e:1",)), ("select current_setting('app.scope')", ())]
    assert libpq.execute(connection, known, statements) == [[("e:1",)], [("e:1",)]]
    assert connection.info.transaction_status == TransactionStatus.INTRANS
    connection.rollback()
    assert libpq.execute(connection, known, statements[1:]) == [[("",)]]


def test_what_is_larger_than_a_socket_takes_goes_through(connection: Connection[Any]) -> None:
    statement = ("select $1::text", ("x" * 3_000_000,))
    assert libpq.execute(connection, {}, [statement] * 3) == [[statement[1]]] * 3


def test_an_error_is_psycopgs_and_nothing_behind_it_is_done(connection: Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        libpq.execute(connection, {}, [("select 1", ()), ("select 1 / $1::int", (0,)), ("select 2", ())])
    assert connection.info.transaction_status == TransactionStatus.INERROR
    connection.rollback()
    assert libpq.execute(connection, {}, [("select 1", ())]) == [[(1,)]]


def test_a_connection_keeps_only_so_many_texts_prepared(connection: Connection[Any]) -> None:
    known: dict[str, bytes] = {}
    for number in range(2 * libpq.MOST_PREPARED):
        assert libpq.execute(connection, known, [(f"select {number}", ())]) == [[(number,)]]
    held = connection.execute("select count(*) from pg_prepared_statements").fetchone()
    assert held is not None and held[0] <= libpq.MOST_PREPARED + 2


def test_a_connection_that_is_gone_says_so(connection: Connection[Any]) -> None:
    with psycopg.connect(postgresql_address().replace("+psycopg", ""), autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        libpq.execute(connection, {}, [("select 1", ()), ("select 2", ())])
    assert connection.broken
