"""Who may see which rows: a scope is bound once to a session, for its life. No scope is an error, never "all".

Layer 1 is here: every ORM statement gets the criterion of its session's scope, and what cannot be guarded is refused.
Layer 2 is here: nothing outside the scope is flushed. Layer 4: the scope is told to PostgreSQL, whose
policies repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Alias,
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    Join,
    Select,
    Table,
    TableClause,
    TableSample,
    TextClause,
    Uuid,
    column,
    event,
    false,
    inspect,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.orm import FromStatement, Mapper, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import visitors

from gatekeeper import driver
from gatekeeper.db import Base, Engines, Published, TenantRow

PLATFORM_ID = UUID("00000000-0000-7000-8000-000000000000")
"""The enterprise of kind ``platform``: the operator's own book, made by the first migration."""


@dataclass(frozen=True, slots=True)
class Enterprise:
    """Read and write one enterprise; read what its township's office published."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Township:
    """Read every enterprise of one township; write nothing."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Platform:
    """Read everything, for the command line and the worker's sweeps; write nothing."""


@dataclass(frozen=True, slots=True)
class Unscoped:
    """Only tables without tenant data: the directory, townships, risk lists."""


Scope = Enterprise | Township | Platform | Unscoped


class TenancyError(Exception):
    """A statement or a row that the scope does not cover. Always a fault of the program."""


enterprises = table(
    "enterprises", column("enterprise_id", Uuid), column("township_id", Uuid)
)  # as plain SQL, so that the criterion does not meet itself
townships = table("townships", column("id", Uuid), column("office_id", Uuid))


class ScopedSession(Session):
    """A session that knows its scope; made by ``open_session`` only."""

    def __init__(self, bind: Any, scope: Scope) -> None:
        super().__init__(bind=bind, expire_on_commit=False, autoflush=True)
        self.info["scope"] = scope

    def _refused(self, *_arguments: Any, **_options: Any) -> Any:
        raise TenancyError("this goes past the guards of a scoped session")

    connection = bulk_insert_mappings = bulk_update_mappings = bulk_save_objects = _refused

    def begun(self) -> Connection:
        """The connection of this session's transaction, for ``prepared``; it begins where there is none yet."""
        return super().connection()


@contextmanager
def open_session(engines: Engines, scope: Scope, *, write: bool = False) -> Iterator[ScopedSession]:
    """A session for one scope: committed at the end of a ``write`` block, rolled back when it raises."""
    session = make_session(engines, scope, write=write)
    try:
        yield session
        if write:
            session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def make_session(engines: Engines, scope: Scope, *, write: bool = False) -> ScopedSession:
    """As ``open_session``, for the one caller that closes it by itself: the request."""
    if write and isinstance(scope, Township | Platform):
        raise TenancyError(f"{type(scope).__name__} is for reading; write under the scope of one enterprise")
    return ScopedSession(engines.write if write else engines.read, scope)


def scope_of(session: Session) -> Scope:
    scope = session.info.get("scope")
    if scope is None:
        raise TenancyError("a session without a scope")
    return scope


def own_id(session: Session) -> UUID:
    """The enterprise this session writes to; raises ``TenancyError`` under any wider scope."""
    scope = scope_of(session)
    if not isinstance(scope, Enterprise):
        raise TenancyError("this needs the scope of one enterprise")
    return scope.id


def _criterion(scope: Scope, cls: type, *, published: bool) -> ColumnElement[bool]:
    tenant = cls.enterprise_id  # type: ignore[attr-defined]
    match scope:
        case Platform():
            return true()
        case Township(id=township):
            return tenant.in_(select(enterprises.c.enterprise_id).where(enterprises.c.township_id == township))
        case Enterprise(id=own) if published:
            office = (
                select(townships.c.office_id)
                .join(enterprises, enterprises.c.township_id == townships.c.id)
                .where(enterprises.c.enterprise_id == own)
                .scalar_subquery()
            )
            return or_(tenant == own, tenant == office)
        case Enterprise(id=own):
            return tenant == own
    return false()


_tenant_tables: dict[Table, type] = {}


def tenant_tables() -> dict[Table, type]:
    """Every table with tenant data and its class."""
    if not _tenant_tables:
        for mapper in Base.registry.mappers:
            if issubclass(mapper.class_, TenantRow):
                _tenant_tables[mapper.local_table] = mapper.class_  # type: ignore[index]
    return _tenant_tables


def _mapped(element: Any) -> Any | None:
    """The mapper through which the ORM sees this table or column, None for plain Core."""
    entity = element._annotations.get("parententity")
    return None if entity is None else entity.mapper


def _core_tables(source: Any) -> Iterator[str]:
    """Names of the tables a FROM takes around the ORM, inside joins and aliases too."""
    if isinstance(source, Join):
        yield from _core_tables(source.left)
        yield from _core_tables(source.right)
    elif _mapped(source) is None and isinstance(source, Alias | TableSample):
        yield from _core_tables(source.element)
    elif _mapped(source) is None and isinstance(source, TableClause):
        yield source.name


def _classes_of(statement: Any) -> set[type]:
    """The tenant classes a statement reads through the ORM; raises for what reaches a table around the ORM."""
    if isinstance(statement, FromStatement):
        raise TenancyError("from_statement() cannot be guarded")
    by_name = {t.name: c for t, c in tenant_tables().items()}
    found: set[type] = set()
    around: set[str] = set()
    of_get = _columns_of_get(statement)
    for element in visitors.iterate(statement):
        if isinstance(element, TextClause) or (getattr(element, "is_literal", False) and element.name != "*"):
            raise TenancyError("raw text() cannot be guarded")
        mapper = _mapped(element)
        if mapper is not None:
            if mapper.local_table in tenant_tables():
                if element._annotations["parententity"].is_aliased_class:
                    # Seen in 2.1.9: in a JOIN the alias gets the criterion of the class, and its own rows none.
                    raise TenancyError(f"an aliased {mapper.class_.__name__} cannot be guarded; use a subquery")
                found.add(mapper.class_)
        elif isinstance(element, ColumnClause) and element.table is not None and element not in of_get:
            around.update(_core_tables(element.table))
        elif isinstance(element, Select):
            joined = [part for join in element._setup_joins for part in join[:3] if isinstance(part, FromClause)]
            for source in (*element._raw_columns, *element._from_obj, *joined):
                around.update(_core_tables(source))
    if around & set(by_name):
        raise TenancyError(f"{', '.join(sorted(around & set(by_name)))} is read around the ORM; select the class")
    return found


def _columns_of_get(statement: Any) -> frozenset[Any]:
    """``session.get`` compares plain key columns of the one class that it selects; nobody else writes them so."""
    if not isinstance(statement, Select) or len(statement._raw_columns) != 1 or len(statement._where_criteria) != 1:
        return frozenset()
    mapper = _mapped(statement._raw_columns[0])
    if mapper is None or statement._where_criteria[0] is not mapper._get_clause[0]:
        return frozenset()
    return frozenset(mapper.primary_key)


@event.listens_for(ScopedSession, "do_orm_execute")
def _guard_statement(state: ORMExecuteState) -> None:
    scope = scope_of(state.session)
    if not state.is_orm_statement:
        raise TenancyError("only ORM statements pass through a scoped session")
    if state.is_insert:
        raise TenancyError("rows are added to the session, not inserted past it")
    if state.is_column_load or state.is_relationship_load:
        return
    if state.is_update:
        _guard_update(state)
    classes = _classes_of(state.statement)
    if isinstance(scope, Unscoped) and classes:
        raise TenancyError(f"no scope for {', '.join(sorted(c.__name__ for c in classes))}")
    for cls in classes:
        published = issubclass(cls, Published) and state.is_select
        criterion = _criterion(scope, cls, published=published)
        state.statement = state.statement.options(with_loader_criteria(cls, criterion))
    if (state.is_update or state.is_delete) and isinstance(scope, Township | Platform):
        raise TenancyError(f"{type(scope).__name__} is for reading")


def _guard_update(state: ORMExecuteState) -> None:
    """An update by key (a list of rows) gets no criterion, and none may carry a row over to a neighbour."""
    if isinstance(state.parameters, list | tuple):
        raise TenancyError("rows are changed one by one, or by a condition; not by a list of keys")
    values = {getattr(column, "key", column) for column in dict(state.statement._values or {})}
    if "enterprise_id" in values | set(state.parameters or ()):
        raise TenancyError("a row never changes its enterprise")


def _check_row(scope: Scope, row: Any) -> None:
    if not isinstance(row, TenantRow):
        return
    if not isinstance(scope, Enterprise):
        raise TenancyError(f"a {type(row).__name__} may be written under the scope of one enterprise only")
    stored = inspect(row).identity
    if row.enterprise_id != scope.id or (stored is not None and stored[0] != scope.id):
        raise TenancyError(f"a {type(row).__name__} of another enterprise")


@event.listens_for(ScopedSession, "before_flush")
def _guard_flush(session: Session, _context: Any, _instances: Any) -> None:
    scope = scope_of(session)
    for row in (*session.new, *session.dirty, *session.deleted):
        _check_row(scope, row)


@event.listens_for(TenantRow, "before_insert", propagate=True)
@event.listens_for(TenantRow, "before_update", propagate=True)
def _guard_row(_mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
    # A relationship copies the parent's key into the child after before_flush: look once more.
    session = inspect(row).session
    if session is not None:
        _check_row(scope_of(session), row)


def scope_text(scope: Scope) -> str:
    """The scope as PostgreSQL's policies read it from ``app.scope``."""
    match scope:
        case Enterprise(id=own):
            return f"e:{own}"
        case Township(id=township):
            return f"t:{township}"
        case Platform():
            return "platform"
    return ""


@event.listens_for(ScopedSession, "after_begin")
def tell_database(session: Session, _transaction: Any, connection: Connection) -> None:
    """PostgreSQL knows the scope until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        driver.run(connection, (driver.TELL_SCOPE, (scope_text(scope_of(session)),)))
