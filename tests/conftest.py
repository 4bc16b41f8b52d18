"""Real databases for every test: SQLite and PostgreSQL, migrated, under the roles of production.

Each SQLite test gets a copy of a migrated file; each PostgreSQL test the worker's database, emptied afterwards.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url
from werkzeug.routing import Rule

from gatekeeper import clock, create_app, schema
from gatekeeper.config import ROOT, Settings, from_environment
from gatekeeper.db import Engines, connect
from gatekeeper.ledger import certificate, checkpoints
from gatekeeper.ledger import service as ledger
from tests import factories, warm

# Each test has a program of its own: what its pages compile to is worked out once a worker.
Flask.jinja_options = {"bytecode_cache": warm.Bytecode()}
Rule._compile_builder = warm.builders(Rule._compile_builder)

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


def make_database(name: str, *, like: str | None = None) -> Databases:
    """A fresh PostgreSQL database owned by gate_owner, with the three roles; a copy of ``like`` where it is named."""
    admin_url = make_url(postgresql_address())
    admin = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(4711)")  # workers make the roles one at a time
        for role, rights in ROLES.items():
            known = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).scalar()
            if not known:
                connection.exec_driver_sql(f"CREATE ROLE {role} {rights}")
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        template = f" TEMPLATE {like} STRATEGY file_copy" if like else ""
        connection.exec_driver_sql(f"CREATE DATABASE {name} OWNER gate_owner{template}")
    admin.dispose()

    def address(role: str) -> str:
        return admin_url.set(database=name, username=role, password=None).render_as_string(hide_password=False)

    return Databases(address("gate_app"), address("gate_platform"), address("gate_owner"))


def worker_database(kind: str) -> str:
    return f"gate_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{kind}"


@pytest.fixture(scope="session")
def postgresql_worker() -> Databases:
    databases = make_database(worker_database("empty"))
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


@dataclass(frozen=True)
class Populated:
    """A database with the neighbours in it, made once a worker and copied for each test, with its keys."""

    databases: Databases
    folder: Path
    towns: list[factories.Town]


def populate(databases: Databases, folder: Path) -> Populated:
    app = create_app(settings_of(databases, folder), command_line=True, testing=True)
    app.extensions["gate"].open_keystore(may_create=True)
    towns = factories.make_world(app.extensions["gate"].engines).towns
    app.extensions["gate"].engines.dispose()
    return Populated(databases, folder, towns)


@pytest.fixture(scope="session")
def populated_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Populated:
    folder = tmp_path_factory.mktemp("populated")
    shutil.copy(sqlite_template, folder / "gate.db")
    url = f"sqlite:///{folder / 'gate.db'}"
    made = populate(Databases(url, url, url), folder)
    engines = connect(url)
    with engines.write.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engines.dispose()
    return made


@pytest.fixture(scope="session")
def populated_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Populated:
    databases = make_database(worker_database("world"))
    owner = connect(databases.owner)
    schema.upgrade(owner)
    owner.dispose()
    return populate(databases, tmp_path_factory.mktemp("populated"))


@pytest.fixture
def populated(request: pytest.FixtureRequest, database: str) -> Populated | None:
    """The neighbours' database to copy, where the test asks for the ``world``; else None."""
    return request.getfixturevalue(f"populated_{database}") if "world" in request.fixturenames else None


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def databases(
    request: pytest.FixtureRequest, database: str, populated: Populated | None, tmp_path: Path
) -> Iterator[Databases]:
    if populated is not None:
        shutil.copytree(populated.folder / "keys", tmp_path / "keys")
    if database == "sqlite":
        path = tmp_path / "gate.db"
        shutil.copy(populated.folder / "gate.db" if populated else request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
        yield Databases(url, url, url)
    elif populated is not None:
        yield make_database(worker_database("copy"), like=make_url(populated.databases.owner).database)
    else:
        found: Databases = request.getfixturevalue("postgresql_worker")
        yield found
        empty_postgresql(found)


def settings_of(databases: Databases, folder: Path) -> Settings:
    return replace(
        from_environment({"GATE_DATA_DIR": str(folder)}),
        database_url=databases.app,
        platform_database_url=databases.platform,
        owner_database_url=databases.owner,
    )


@pytest.fixture
def settings(databases: Databases, tmp_path: Path) -> Settings:
    return settings_of(databases, tmp_path)


@pytest.fixture
def command_app(settings: Settings) -> Iterator[Flask]:
    """The program as the command line sees it, under the platform's role; makes the keys."""
    app = create_app(settings, command_line=True, testing=True)
    app.extensions["gate"].open_keystore(may_create=True)
    checkpoints.prepare(app.extensions["gate"].engines, settings.signing_key_file)
    certificate.prepare(settings, at=clock.now())
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
def world(app: Flask, platform: Engines, populated: Populated) -> factories.World:
    """Two townships with two factories each, every role in each: somebody's neighbour is always there."""
    ledger.use_keystore(app.extensions["gate"].keystore)
    return factories.World(platform, deepcopy(populated.towns))
