"""Core statements for the one path that must be fast: writing an event. Made once, guarded when they are made.

The ORM costs more than the rules, the hashes and the encryption together. These statements go past it, so each is
looked at when it is defined: every tenant table in it must be tied to the session's enterprise, whose id the caller
cannot choose. What is not tied is a ``TenancyError`` at import, not a leak at night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Column, Select, Table, and_, bindparam, insert, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import BinaryExpression

from gatekeeper.tenancy import TenancyError, own_id

OWN = "own_enterprise"
"""The bind that stands for the enterprise of the session."""


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


class Prepared:
    """A guarded statement; ``run`` and ``rows`` execute it under the enterprise of a session."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        _check(statement)

    def run(self, session: Session, *rows: Mapping[str, Any]) -> Any:
        """Execute for each set of binds, several of them in one go; without any, nothing happens."""
        if not rows:
            return None
        tenant = {OWN: own_id(session)}
        given = [{**row, **tenant} for row in rows]
        return Session.connection(session).execute(self.statement, given[0] if len(given) == 1 else given)

    def rows(self, session: Session, **binds: Any) -> Sequence[Any]:
        """All rows of a SELECT."""
        found: Sequence[Any] = self.run(session, binds).all()
        return found


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
