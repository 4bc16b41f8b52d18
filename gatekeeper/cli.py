"""Commands of the installation itself, and how commands open the database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from gatekeeper import clock, db, schema, tenancy
from gatekeeper.config import SettingsError
from gatekeeper.crypto import KeyFault
from gatekeeper.errors import DomainError
from gatekeeper.schema import SchemaFault


def runs_a_command() -> bool:
    """Whether this process is ``flask <command>`` other than ``flask run``."""
    program = Path(sys.argv[0])
    by_name = program.name == "flask" or (program.name, program.parent.name) == ("__main__.py", "flask")
    return by_name and len(sys.argv) > 1 and sys.argv[1] not in ("run", "--help")


def ready(command: Callable[..., Any]) -> Callable[..., Any]:
    """For commands that need a migrated database and its keys: faults become one sentence and exit 1."""

    @with_appcontext
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        installation = current_app.extensions["gate"]
        try:
            schema.check(installation.engines.read)
            installation.open_keystore()
            return command(*args, **kwargs)
        except (SchemaFault, KeyFault, SettingsError) as fault:
            raise click.ClickException(str(fault)) from None
        except DomainError as fault:
            raise click.ClickException(f"{fault.text.en} / {fault.text.zh}") from None

    return run


@contextmanager
def opened(scope: tenancy.Scope, *, write: bool = False) -> Iterator[Session]:
    """A session on the platform's role for a command."""
    with tenancy.open_session(current_app.extensions["gate"].engines, scope, write=write) as session:
        yield session


def prepare(installation: Any) -> None:
    """Make keys where there were none and migrate; what ``flask upgrade`` and ``flask demo`` begin with."""
    from gatekeeper.ledger import certificate, checkpoints

    standing = schema.current(installation.engines.read)
    installation.open_keystore(may_create=standing is None)
    owner = db.connect(installation.settings.owner_database_url)
    try:
        schema.upgrade(owner)
    finally:
        owner.dispose()
    installation.bind_keystore()
    checkpoints.prepare(installation.engines, installation.settings.signing_key_file)
    certificate.prepare(installation.settings, at=clock.now())


@click.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Migrate the database (and make it, with its keys, where there is none)."""
    installation = current_app.extensions["gate"]
    try:
        prepare(installation)
    except KeyFault as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"database at {schema.current(installation.engines.read)}")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """What is wrong with this installation, and how to mend it; exit 1 when something is."""
    from gatekeeper import checks

    found = list(checks.run(current_app.extensions["gate"], at=clock.now()))
    for check in found:
        word = {True: "ok  ", None: "note", False: "MEND"}[check.ok]
        click.echo(f"{word} {check.name}: {check.words}")
    if any(check.ok is False for check in found):
        raise SystemExit(1)


def init_app(app: Flask) -> None:
    app.cli.add_command(upgrade)
    app.cli.add_command(doctor)
