"""``flask keys``: the keystore is looked at, checked, and gets a new master key."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from gatekeeper.cli import ready

keys = AppGroup("keys", help="The keystore: list, check, rotate the master key.")


def _installation() -> Any:
    return current_app.extensions["gate"]


@keys.command()
@ready
def rotate() -> None:
    """Wrap every key anew under a new master key; running programs go on. Old copies of the keystore stay locked."""
    count = _installation().open_keystore().rotate()
    click.echo(f"{count} keys wrapped by the new {_installation().settings.master_key_file}; copy it to its safe place")


@keys.command("list")
@ready
def list_keys() -> None:
    """How many keys there are of each class, and of which days; no key is shown."""
    keystore = _installation().open_keystore()
    for count in keystore.counts():
        days = f", {count.first} to {count.last}" if count.last else ""
        click.echo(f"{count.purpose}: {count.keys}{days}")
    destroyed = keystore.destroyed
    if destroyed.before:
        click.echo(f"destroyed: every key of the days before {destroyed.before}")
    if destroyed.keys:
        click.echo(f"destroyed: {len(destroyed.keys)} single keys")


@keys.command()
@ready
def check() -> None:
    """Unwrap every key; exit 1 at one that is damaged."""
    click.echo(f"{_installation().open_keystore().check()} keys open with the master key")


def init_app(app: Flask) -> None:
    app.cli.add_command(keys)
