"""Real databases for every test: SQLite and PostgreSQL, migrated, under the roles of production.

Each SQLite test gets a copy of a migrated file; each PostgreSQL test the worker's database, emptied afterwards.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url

from gatekeeper import create_app, schema
from gatekeeper.config import ROOT, Settings, from_environment
from gatekeeper.db import Engines, connect
from gatekeeper.ledger import service as ledger
from tests import factories

ROLES = {"gate_owner": "LOGIN BYPASSRLS", "gate_app": "LOGIN", "gate_platform": "LOGIN"}


@dataclass(frozen=True)
class Databases:
    """Addresses of one database for its three roles (all the same on SQLite)."""

    app: str
    platform: str
    owner: str


def shared_folder() -> Path:
    """The official inputs beside the project, where they are present."""
    return Path(os.environ.get("GATE_TEST_SHARED") or ROOT.parent / "shared")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "gate.db"
    engines = connect(f"sqlite:///{path}")
    schema.upgrade(engines)
    with engines.write.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engines.dispose()
    return path


def postgresql_address() -> str:
    """The superuser's address of the test cluster; fails with what to do where there is none."""
    url = os.environ.get("GATE_TEST_PG")
    if not url:
        pytest.fail("GATE_TEST_PG is not set: run scripts/test, which starts a PostgreSQL of its own.", pytrace=False)
    return url


def make_database(name: str) -> Databases:
    """A fresh PostgreSQL database owned by gate_owner, with the three roles."""
    admin_url = make_url(postgresql_address())
    admin = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(4711)")  # workers make the roles one at a time
        for role, rights in ROLES.items():
            known = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).scalar()
            if not known:
                connection.exec_driver_sql(f"CREATE ROLE {role} {rights}")
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name} OWNER gate_owner")
    admin.dispose()

    def address(role: str) -> str:
        return admin_url.set(database=name, username=role, password=None).render_as_string(hide_password=False)

    return Databases(address("gate_app"), address("gate_platform"), address("gate_owner"))


@pytest.fixture(scope="session")
def postgresql_worker() -> Databases:
    databases = make_database(f"gate_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    owner = connect(databases.owner)
    schema.upgrade(owner)
    owner.dispose()
    return databases


def empty_postgresql(databases: Databases) -> None:
    """Take every row but the platform's; append-only triggers sleep while a superuser does it."""
    url = make_url(postgresql_address()).set(database=make_url(databases.owner).database)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        for table in schema.load_models().sorted_tables:
            keep = " WHERE kind <> 'platform'" if table.name == "enterprises" else ""
            connection.exec_driver_sql(f"DELETE FROM {table.name}{keep}")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    if request.param == "sqlite":
        path = tmp_path / "gate.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
        yield Databases(url, url, url)
    else:
        found: Databases = request.getfixturevalue("postgresql_worker")
        yield found
        empty_postgresql(found)


@pytest.fixture
def settings(databases: Databases, tmp_path: Path) -> Settings:
    return replace(
        from_environment({"GATE_DATA_DIR": str(tmp_path)}),
        database_url=databases.app,
        platform_database_url=databases.platform,
        owner_database_url=databases.owner,
    )


@pytest.fixture
def command_app(settings: Settings) -> Iterator[Flask]:
    """The program as the command line sees it, under the platform's role; makes the keys."""
    app = create_app(settings, command_line=True, testing=True)
    app.extensions["gate"].open_keystore(may_create=True)
    yield app
    app.extensions["gate"].engines.dispose()


@pytest.fixture
def app(command_app: Flask, settings: Settings) -> Iterator[Flask]:
    """The web program under its own role; form tokens are tried in a test of their own."""
    app = create_app(settings, command_line=False, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.extensions["gate"].engines.dispose()


@pytest.fixture
def engines(app: Flask) -> Engines:
    """The database under the web's role."""
    return app.extensions["gate"].engines


@pytest.fixture
def platform(command_app: Flask) -> Engines:
    """The database under the platform's role."""
    return command_app.extensions["gate"].engines


@pytest.fixture
def world(app: Flask, platform: Engines) -> factories.World:
    """Two townships with two factories each, every role in each: somebody's neighbour is always there."""
    ledger.use_keystore(app.extensions["gate"].keystore)
    return factories.make_world(platform)
