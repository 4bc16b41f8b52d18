"""A scoped session for one short transaction that as a rule needs no ORM: recording an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from gatekeeper import driver
from gatekeeper.db import Engines
from gatekeeper.tenancy import Enterprise, Scope, ScopedSession, scope_of, scope_text


class BriefSession(ScopedSession):
    """It begins, commits and ends on its connection alone: what the ORM does around each costs as much as statements.

    Whatever of the ORM is used all the same joins that transaction.
    """

    def __init__(self, engine: Engine, scope: Scope) -> None:
        super().__init__(engine, scope)
        self._engine = engine

    def begun(self) -> Connection:
        connection, first = self.opened()
        if first:
            driver.run(connection, *first)
        return connection

    def opened(self) -> tuple[Connection, Sequence[driver.Statement]]:
        """As ``begun``, and what is still to be said before anything else: it may go with the first statements."""
        connection = self._engine.connect()
        self.info["connection"] = connection
        connection.begin()
        if connection.dialect.name != "postgresql":
            return connection, ()
        return connection, ((driver.TELL_SCOPE, (scope_text(scope_of(self)),)),)

    def get_bind(self, *arguments: Any, **options: Any) -> Any:
        return self.info.get("connection") or self.begun()

    def commit(self) -> None:
        connection = self.info.get("connection")
        if self.in_transaction():
            self.flush()
        if connection is not None:
            connection.commit()
        self.dispatch.after_commit(self)
        self._end()

    def rollback(self) -> None:
        self.dispatch.after_rollback(self)
        self._end()

    def close(self) -> None:
        self._end()

    def invalidate(self) -> None:
        connection = self.info.get("connection")
        if connection is not None:
            connection.invalidate()
        self._end()

    def _end(self) -> None:
        """What was not committed is rolled back; a connection that cannot even do that is thrown away."""
        connection = self.info.pop("connection", None)
        try:
            if self.in_transaction() or self.identity_map or self.new:
                super().close()
        finally:
            if connection is not None:
                _given_back(connection)


def _given_back(connection: Connection) -> None:
    try:
        connection.close()
    except SQLAlchemyError:
        connection.invalidate()
        connection.close()
        raise


def make_brief(engines: Engines, scope: Enterprise) -> BriefSession:
    """As ``make_session`` for writing, for a short transaction on the path of an event."""
    return BriefSession(engines.write, scope)
