"""The schema's version: where the database stands, where it should, and the way there."""

from __future__ import annotations

import importlib
from functools import cache

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect

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


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


@cache
def newest() -> str | None:
    """The version that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current(engine: Engine) -> str | None:
    """The version the database stands at, None where nothing was migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _run(engine: Engine, verb: str, revision: str) -> None:
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, verb)(config, revision)


def upgrade(engines: Engines, revision: str = "head") -> None:
    _run(engines.write, "upgrade", revision)


def downgrade(engines: Engines, revision: str) -> None:
    _run(engines.write, "downgrade", revision)


def differences(engine: Engine) -> list[object]:
    """What the models say and the migrated database does not, as alembic names it; empty when equal."""
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
