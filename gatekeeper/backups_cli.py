"""``flask backup`` and ``flask restore``."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from gatekeeper import backups, clock, restoring
from gatekeeper.backups import BackupFault
from gatekeeper.cli import ready

_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command("backup")
@click.argument("file", type=_PATH)
@click.option("--keys", type=click.Path(path_type=Path, file_okay=False), help="Folder of the keystore's archives.")
@ready
def backup(file: Path, keys: Path | None) -> None:
    """Database and files into FILE; the keystore apart. Everybody goes on working meanwhile."""
    settings = current_app.extensions["gate"].settings
    try:
        made = backups.make(settings, file, keys_folder=keys, at=clock.now())
    except BackupFault as fault:
        raise click.ClickException(str(fault)) from None
    entries = sum(int(seq) for _, seq, _ in made.heads)
    click.echo(f"{made.file}: {len(made.heads)} books, {entries} entries, {made.files} files")
    click.echo(f"{made.keys}: the keystore; keep it apart from the other, at most 7 days")


@click.command("restore")
@click.argument("file", type=_PATH)
@click.option("--keys", type=_PATH, help="The keystore's archive, where the keystore is lost too.")
@click.option("--force", is_flag=True, help="Replace a database that holds a township.")
@with_appcontext
@click.pass_context
def restore(context: click.Context, file: Path, keys: Path | None, force: bool) -> None:
    """Bring back what FILE holds, then verify every book. Web server and worker must be stopped."""
    installation = current_app.extensions["gate"]
    installation.engines.dispose()
    try:
        manifest = restoring.restore(installation.settings, file, keys_file=keys, force=force)
    except BackupFault as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"restored what stood at {manifest.made_at}: {len(manifest.members) - 1} files")
    ledger = current_app.cli.get_command(context, "ledger")
    verify = ledger.get_command(context, "verify") if isinstance(ledger, click.Group) else None
    if verify is not None:
        context.invoke(verify, enterprise=None)
    click.echo("Now `flask retention run`: what came to its end since then ends again.")


def init_app(app: Flask) -> None:
    app.cli.add_command(backup)
    app.cli.add_command(restore)
