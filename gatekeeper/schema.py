"""The schema's version: where the database stands, where it should, and the way there.

Alembic, 10 MB of memory, is loaded only where it has work: a program that serves asks the files and one row.
"""

from __future__ import annotations

import importlib
from functools import cache

from sqlalchemy import Engine, MetaData, column, inspect, select, table

from gatekeeper.config import ROOT
from gatekeeper.db import Base, Engines

FEATURES = (
    *("enterprises", "accounts", "ledger", "risk_areas", "rulebooks", "registrations", "visits", "desk", "figures"),
    *("reports", "watched"),
)


class SchemaFault(Exception):
    """The database is not at the version this program needs; its text says what to do."""


def load_models() -> MetaData:
    """Import every table and give their metadata."""
    importlib.import_module("gatekeeper.directory")
    importlib.import_module("gatekeeper.jobs")
    for feature in FEATURES:
        importlib.import_module(f"gatekeeper.{feature}.models")
    return Base.metadata


@cache
def versions() -> tuple[str, ...]:
    """All versions that this program knows, oldest first: a migration's file begins with its own."""
    files = (ROOT / "migrations" / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(file.name.split("_")[0] for file in files))


def newest() -> str:
    """The version that this program needs."""
    return versions()[-1]


def current(engine: Engine) -> str | None:
    """The version the database stands at, None where nothing was migrated."""
    standing = table("alembic_version", column("version_num"))
    with engine.connect() as connection:
        if not inspect(connection).has_table(standing.name):
            return None
        return connection.scalar(select(standing.c.version_num))


def _run(engine: Engine, verb: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, verb)(config, revision)


def upgrade(engines: Engines, revision: str = "head") -> None:
    _run(engines.write, "upgrade", revision)


def downgrade(engines: Engines, revision: str) -> None:
    _run(engines.write, "downgrade", revision)


def differences(engine: Engine) -> list[object]:
    """What the models say and the migrated database does not, as alembic names it; empty when equal."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), load_models()))


def check(engine: Engine) -> None:
    """Raises ``SchemaFault`` unless the database stands at the newest version."""
    standing, wanted = current(engine), newest()
    if standing == wanted:
        return
    if standing is None and inspect(engine).get_table_names():
        raise SchemaFault("The database holds tables of another program. Point GATE_DATABASE_URL to an empty one.")
    if standing is None:
        raise SchemaFault("The database is empty. Run `flask upgrade` (or scripts/start) first.")
    raise SchemaFault(f"The database stands at {standing}, this program needs {wanted}. Run `flask upgrade`.")
