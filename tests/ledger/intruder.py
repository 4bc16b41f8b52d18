"""Somebody with the database's own powers, past every trigger and policy."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from gatekeeper.ledger.chain import digest
from tests.conftest import Databases, postgresql_address


class Intruder:
    """Runs statements that nothing stops; ``sqlite`` tells which database."""

    def __init__(self, databases: Databases) -> None:
        self.sqlite = databases.owner.startswith("sqlite")
        owner = sa.make_url(databases.owner)
        self.url = owner if self.sqlite else sa.make_url(postgresql_address()).set(database=owner.database)

    def __call__(self, *statements: str) -> None:
        """Each statement must change something."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            self._disarm(connection)
            for statement in statements:
                assert connection.exec_driver_sql(statement).rowcount > 0, statement
        engine.dispose()

    def rewrite(self, book: Any, *, find: str, put: str) -> None:
        """Replace ``find`` in the first entry of ``book`` that holds it, and make every hash behind it fit again."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        tables = sa.MetaData()
        with engine.begin() as connection:
            self._disarm(connection)
            tables.reflect(connection, only=["ledger_entry", "ledger_head"])
            entry, head = tables.tables["ledger_entry"], tables.tables["ledger_head"]
            own = book.hex if self.sqlite else book
            rows = connection.execute(sa.select(entry).where(entry.c.enterprise_id == own).order_by(entry.c.seq)).all()
            prev = "0" * 64
            done = False
            for row in rows:
                text = row.bytes
                if not done and find in text:
                    text, done = text.replace(find, put, 1), True
                text = text.replace(json.loads(text)["prev"], prev)
                here = digest(text)
                at = (entry.c.enterprise_id == own, entry.c.seq == row.seq)
                connection.execute(sa.update(entry).where(*at).values(bytes=text, prev=prev, hash=here))
                prev = here
            connection.execute(sa.update(head).where(head.c.enterprise_id == own).values(hash=prev))
            assert done
        engine.dispose()

    def cut(self, book: Any, *, last: int) -> None:
        """Take everything behind entry ``last`` away and set the head back."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        tables = sa.MetaData()
        with engine.begin() as connection:
            self._disarm(connection)
            tables.reflect(connection, only=["ledger_entry", "ledger_head", "ledger_part", "visit_events"])
            own = book.hex if self.sqlite else book
            for name in ("visit_events", "ledger_part", "ledger_entry"):
                table = tables.tables[name]
                connection.execute(sa.delete(table).where(table.c.enterprise_id == own, table.c.seq > last))
            entry, head = tables.tables["ledger_entry"], tables.tables["ledger_head"]
            at = (entry.c.enterprise_id == own, entry.c.seq == last)
            hash_ = connection.execute(sa.select(entry.c.hash).where(*at)).scalar_one()
            connection.execute(sa.update(head).where(head.c.enterprise_id == own).values(seq=last, hash=hash_))
        engine.dispose()

    def _disarm(self, connection: sa.Connection) -> None:
        if self.sqlite:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger'").all()
            for (name,) in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
