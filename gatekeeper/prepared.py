"""Core statements for the one path that must be fast: writing an event. Made once, guarded when they are made.

The ORM costs more than the rules, the hashes and the encryption together. These statements go past it, so each is
looked at when it is defined: every tenant table in it must be tied to the session's enterprise, whose id the caller
cannot choose. What is not tied is a ``TenancyError`` at import, not a leak at night.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Column, Connection, Table, bindparam, insert, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import BinaryExpression

from gatekeeper.tenancy import TenancyError, own_id

OWN = "own_enterprise"
"""The bind that stands for the enterprise of the session."""


def inserting(table: Table) -> Insert:
    """INSERT of a whole row: every column a bind of its name, the tenant that of the session."""
    values = {column.name: bindparam(column.name) for column in table.columns if column.name != "enterprise_id"}
    return insert(table).values({**values, "enterprise_id": bindparam(OWN)})


def updating(table: Table, *, by: Sequence[str], columns: Sequence[str] = ()) -> Update:
    """UPDATE of one row by its key columns ``by`` (binds ``key_<name>``) inside the tenant; default: all columns."""
    keys = [table.c[name] == bindparam(f"key_{name}") for name in by]
    names = columns or [c.name for c in table.columns if c.name not in by and c.name != "enterprise_id"]
    return (
        update(table)
        .where(table.c.enterprise_id == bindparam(OWN), *keys)
        .values({name: bindparam(name) for name in names})
    )


class Prepared:
    """A guarded statement; ``run`` and ``rows`` execute it under the enterprise of a session."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        _check(statement)

    def run(self, session: Session, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Any:
        """Execute for one set of binds, or for several of them at once; none: nothing happens."""
        own = own_id(session)
        if isinstance(values, Mapping):
            return _connection(session).execute(self.statement, {**values, OWN: own})
        if not values:
            return None
        several = [{**row, OWN: own} for row in values]
        return _connection(session).execute(self.statement, several[0] if len(several) == 1 else several)

    def rows(self, session: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """All rows of a SELECT."""
        found: Sequence[Any] = self.run(session, values).all()
        return found


def _connection(session: Session) -> Connection:
    return Session.connection(session)


def _check(statement: Any) -> None:
    """Every tenant table of the statement is tied to ``OWN``, or by its tenant column to one that is."""
    if isinstance(statement, Insert):
        bound = {column.name: value for column, value in (statement._values or {}).items()}  # type: ignore[union-attr]
        if not _is_own(bound.get("enterprise_id")):
            raise TenancyError(f"an insert into {statement.table} that names its own tenant")
        return
    found = {element for element in visitors.iterate(statement) if isinstance(element, Table)}
    tables = {table for table in found if "enterprise_id" in table.columns}
    if isinstance(statement, Update):
        tables.add(statement.table)  # type: ignore[arg-type]
    tied = _tied(statement)
    loose = sorted(table.name for table in tables - tied)
    if loose:
        raise TenancyError(f"{', '.join(loose)} is not tied to the session's enterprise")


def _tied(statement: Any) -> set[Any]:
    """Tables whose tenant column equals ``OWN``, the office's of that tenant, or a tied table's tenant column."""
    equal: list[tuple[Any, Any]] = []
    for element in visitors.iterate(statement):
        if isinstance(element, BinaryExpression) and element.operator is operators.eq:
            equal += [(element.left, element.right), (element.right, element.left)]
    tied: set[Any] = set()
    before = -1
    while len(tied) != before:
        before = len(tied)
        for left, right in equal:
            if not isinstance(left, Column) or left.name != "enterprise_id":
                continue
            tenant = isinstance(right, Column) and right.name == "enterprise_id" and right.table in tied
            office = isinstance(right, Column) and right.name == "office_id"
            if _is_own(right) or tenant or office:
                tied.add(left.table)
    return tied


def _is_own(value: Any) -> bool:
    return isinstance(value, BindParameter) and value.key == OWN
