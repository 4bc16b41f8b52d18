"""Core statements for the one path that must be fast: writing an event. Made once, guarded when they are made.

The ORM costs more than the rules, the hashes and the encryption together. These statements go past it, so each is
looked at when it is defined: every tenant table in it must be tied to the session's enterprise, whose id the caller
cannot choose. What is not tied is a ``TenancyError`` at import, not a leak at night.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Column, Connection, Select, Table, and_, bindparam, event, insert, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import BinaryExpression

from gatekeeper import driver
from gatekeeper.brief import BriefSession
from gatekeeper.tenancy import Platform, ScopedSession, TenancyError, own_id, scope_of

OWN = "own_enterprise"
"""The bind that stands for the enterprise of the session."""


def table_of(model: Any) -> Table:
    """The table behind a model, for statements that become ``Prepared``; sessions refuse it."""
    found: Table = model.__table__
    return found


def own(table: Table) -> Any:
    """The criterion that ties a table to the session's enterprise."""
    return table.c.enterprise_id == bindparam(OWN)


def inserting(table: Table) -> Insert:
    """INSERT of whole rows: every column a bind of its name, the tenant that of the session."""
    values = {column.name: bindparam(column.name) for column in table.columns if column.name != "enterprise_id"}
    return insert(table).values({**values, "enterprise_id": bindparam(OWN)})


def updating(table: Table, *keys: str) -> Update:
    """UPDATE of one whole row by its key columns (binds ``key_<name>``), every other column a bind of its name."""
    names = [column.name for column in table.columns if column.name not in (*keys, "enterprise_id")]
    where = [table.c[name] == bindparam(f"key_{name}") for name in keys]
    return update(table).where(own(table), *where).values({name: bindparam(name) for name in names})


SIZES = (8, 4, 2, 1)
"""Rows that one INSERT of PostgreSQL takes: few texts, so that each stays prepared."""


class _Text:
    """A statement as one kind of database takes it: its SQL, what turns values into the driver's, and rows back."""

    def __init__(self, statement: Any, dialect: Any) -> None:
        compiled = statement.compile(dialect=dialect)
        names = compiled.positiontup
        self.sql, names = (str(compiled), names) if names is not None else driver.numbered(str(compiled))
        self.binds = [(name, compiled._bind_processors.get(name)) for name in names]
        self.fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        self.back = [column.type._cached_result_processor(dialect, None) for column in columns]
        self._inserts = isinstance(statement, Insert)
        self._of_rows = {1: self.sql}
        self.row = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]

    def given(self, values: Mapping[str, Any], tenant: UUID) -> list[Any]:
        """The driver's parameters, under the enterprise of the session."""
        values = {**self.fixed, **values, OWN: tenant}
        return [process(values[name]) if process else values[name] for name, process in self.binds]

    def statements(self, rows: Sequence[Sequence[Any]]) -> Iterator[driver.Statement]:
        """PostgreSQL's statements that execute it for all ``rows`` of parameters, in their order."""
        done = 0
        while done < len(rows):
            left = len(rows) - done
            count = next(size for size in SIZES if size <= left) if self._inserts else 1
            yield self._sql_of(count), [value for row in rows[done : done + count] for value in row]
            done += count

    def _sql_of(self, count: int) -> str:
        """An INSERT of so many rows."""
        if count not in self._of_rows:
            before, values, row = self.sql.partition(" VALUES ")
            many = ", ".join(driver.shifted(row, number * len(self.binds)) for number in range(count))
            self._of_rows[count] = before + values + many
        return self._of_rows[count]

    def taken(self, row: Any) -> Any:
        """A row of the driver's values as the columns' types say."""
        return self.row(*(process(v) if process else v for v, process in zip(row, self.back, strict=True)))


class Prepared:
    """A guarded statement; ``run`` and ``rows`` execute it under the enterprise of a session."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._texts: dict[str, _Text] = {}
        _check(statement)

    def rows(self, session: Session, **binds: Any) -> Sequence[Any]:
        """All rows of a SELECT."""
        return asked(session, (self, binds))[0]

    def rows_of(self, session: Session, enterprise_id: UUID, **binds: Any) -> Sequence[Any]:
        """As ``rows``, under the scope of the platform for any one enterprise; else ``TenancyError``."""
        text = self._text(connection_of(session))
        return [text.taken(row) for row in self.plain(session, enterprise_id, **binds)]

    def plain(self, session: Session, enterprise_id: UUID, **binds: Any) -> list[tuple[Any, ...]]:
        """All rows of a SELECT as the driver gives them: for millions of rows, whose reader knows what that is.

        Of the session's enterprise, or under the scope of the platform of any one; else ``TenancyError``.
        """
        if not isinstance(scope_of(session), Platform) and own_id(session) != enterprise_id:
            raise TenancyError("the rows of another enterprise")
        connection = connection_of(session)
        text = self._text(connection)
        found = driver.execute(connection, text.sql, text.given(binds, enterprise_id))
        rows: list[tuple[Any, ...]] = found.fetchall()
        return rows

    def run(self, session: Session, *rows: Mapping[str, Any]) -> None:
        """Execute an INSERT or UPDATE for each set of binds, as ``together``; without any, nothing happens."""
        together(session, [(self, row) for row in rows])

    def _text(self, connection: Connection) -> _Text:
        dialect = connection.dialect
        if dialect.name not in self._texts:
            self._texts[dialect.name] = _Text(self.statement, dialect)
        return self._texts[dialect.name]


Step = tuple[Prepared, Mapping[str, Any]]


def asked(session: Session, *steps: Step) -> list[list[Any]]:
    """The rows of several SELECTs, executed in their order on one way to the database and back.

    Where the session's transaction begins with them, that goes the same way.
    """
    tenant, opens = own_id(session), isinstance(session, BriefSession) and "connection" not in session.info
    connection, first = session.opened() if opens else (connection_of(session), ())  # type: ignore[attr-defined]
    texts = [prepared._text(connection) for prepared, _ in steps]
    statements = [(text.sql, text.given(binds, tenant)) for text, (_, binds) in zip(texts, steps, strict=True)]
    found = driver.run(connection, *first, *statements)[len(first) :]
    return [[text.taken(row) for row in rows] for text, rows in zip(texts, found, strict=True)]


def together(session: Session, steps: Sequence[Step]) -> None:
    """Execute several INSERTs and UPDATEs in their order, rows for the same table next to each other in one go.

    Where the database is a server they go there and back together: most of what a small statement costs is its way.
    """
    connection, tenant = connection_of(session), own_id(session)
    served = connection.dialect.name == "postgresql"
    statements: list[driver.Statement] = []
    for prepared, group in groupby(steps, key=itemgetter(0)):
        text = prepared._text(connection)
        rows = [text.given(row, tenant) for _, row in group]
        if served:
            statements += text.statements(rows)
        else:
            driver.execute(connection, text.sql, *rows)
    if statements:
        driver.run(connection, *statements)


def connection_of(session: Session) -> Connection:
    """The connection of the session's transaction, which begins now where there is none yet."""
    found: Connection = session.info.get("connection") or session.begun()  # type: ignore[attr-defined]
    return found


@event.listens_for(ScopedSession, "after_begin")
def _begun(session: Session, _transaction: Any, connection: Connection) -> None:
    session.info["connection"] = connection


@event.listens_for(ScopedSession, "after_transaction_end")
def _ended(session: Session, transaction: Any) -> None:
    if transaction.parent is None and not isinstance(session, BriefSession):
        session.info.pop("connection", None)


def _check(statement: Any) -> None:
    """Every tenant table of every SELECT, UPDATE and INSERT in the statement is tied to ``OWN``."""
    if isinstance(statement, Insert):
        bound = {getattr(column, "name", column): value for column, value in (statement._values or {}).items()}
        if not _is_own(bound.get("enterprise_id")):
            raise TenancyError(f"an insert into {statement.table} that names its own tenant")
        return
    if isinstance(statement, Update):
        _demand({statement.table}, _equals(and_(True, *statement._where_criteria)), set())
    _check_selects(statement, set())


def _check_selects(element: Any, around: set[Any]) -> None:
    """``around``: the tables tied by the statements that this one stands in, which a correlated one may lean on."""
    if isinstance(element, Select):
        sources = element._from_obj or element.columns_clause_froms
        tables = {found for source in sources for found in visitors.iterate(source) if isinstance(found, Table)}
        ties = list(_equals(and_(True, *element._where_criteria)))
        for source in sources:
            ties += _equals(source)
        around = around | _demand(tables - around, ties, around)
    for child in element.get_children():
        _check_selects(child, around)


def _equals(element: Any) -> Iterator[tuple[Any, Any]]:
    for found in visitors.iterate(element):
        if isinstance(found, BinaryExpression) and found.operator is operators.eq:
            yield found.left, found.right
            yield found.right, found.left


def _demand(tables: set[Any], ties: Any, around: set[Any]) -> set[Any]:
    """The tenant tables among ``tables``, each tied to the session's enterprise, to the office of its township, or by
    its tenant column to one that is; raises ``TenancyError`` for one that is not."""
    equal, tied, before = list(ties), set(around), -1
    while len(tied) != before:
        before = len(tied)
        for left, right in equal:
            if not isinstance(left, Column) or left.name != "enterprise_id":
                continue
            of_tied = isinstance(right, Column) and right.name == "enterprise_id" and right.table in tied
            of_office = isinstance(right, Column) and right.name == "office_id"
            if _is_own(right) or of_tied or of_office:
                tied.add(left.table)
    loose = sorted(table.name for table in tables if "enterprise_id" in table.columns and table not in tied)
    if loose:
        raise TenancyError(f"{', '.join(loose)} is not tied to the session's enterprise")
    return tied


def _is_own(value: Any) -> bool:
    return isinstance(value, BindParameter) and value.key == OWN
