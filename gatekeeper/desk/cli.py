"""``flask desk``: what was carried out of a phone by hand."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from gatekeeper import clock
from gatekeeper.cli import ready
from gatekeeper.desk import carried
from gatekeeper.desk.taking import REFUSED, Line, taking

desk = AppGroup("desk", help="The gates' phones.")


@desk.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--passphrase-env", metavar="VARIABLE", help="Environment variable with the passphrase; else asked.")
@ready
def take(file: Path, passphrase_env: str | None) -> None:
    """Record the unsent entries that a phone exported; exit 1 where one is refused."""
    found = carried.opened(file.read_bytes(), _passphrase(passphrase_env))
    installation: Any = current_app.extensions["gate"]
    given = {"folder": installation.settings.data_dir / "photos", "at": clock.now()}
    counts: Counter[str] = Counter()
    for line in taking(installation.engines, found, **given).lines():
        counts[REFUSED if line.state == REFUSED else "taken"] += line.kind != "photo" or line.state == REFUSED
        click.echo(_said(line))
    click.echo(f"taken {counts['taken']}, refused {counts[REFUSED]}")
    if counts[REFUSED]:
        raise SystemExit(1)


def _passphrase(variable: str | None) -> str:
    if variable is None:
        return str(click.prompt("Passphrase / 口令", hide_input=True))
    if variable not in os.environ:
        raise click.ClickException(f"There is no environment variable {variable}.")
    return os.environ[variable]


def _said(line: Line) -> str:
    why = f"{line.why.en} / {line.why.zh}" if line.why is not None and not isinstance(line.why, str) else line.why
    words = [f"{line.kind} {line.id}: {line.state}", "recorded before" if line.replayed else None, why]
    return ", ".join(word for word in words if word)


def init_app(app: Flask) -> None:
    app.cli.add_command(desk)
