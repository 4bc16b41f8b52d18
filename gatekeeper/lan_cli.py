"""``flask lan``: the certificates of ``scripts/start --lan``, and how a phone gets the CA."""

from __future__ import annotations

from io import StringIO

import click
import segno
from flask import Flask, current_app
from flask.cli import with_appcontext

from gatekeeper import clock, lan, network
from gatekeeper.crypto import KeyFault


@click.command("lan")
@with_appcontext
def prepare() -> None:
    """Make what HTTPS for phones on this network needs where it is missing; say how a phone gets the CA."""
    settings = current_app.extensions["gate"].settings
    if not settings.lan:
        raise click.ClickException("HTTPS for phones on this network is off; scripts/start --lan serves it.")
    if not network.is_private(settings.host):
        raise click.ClickException(
            f"GATE_BASE_URL names {settings.host}, which is more than this network; deploy/Caddyfile serves such a name"
        )
    if not settings.secure_cookies:
        raise click.ClickException(f"GATE_BASE_URL is {settings.base_url}; with --lan it begins with https://")
    folder = settings.data_dir / "keys"
    try:
        found = lan.prepare(folder, network.hosts(settings.base_url), at=clock.now())
    except KeyFault as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(_how(f"{settings.base_url}/lan", found, str(lan.ca_file(folder))))


def _how(address: str, found: lan.Standing, file: str) -> str:
    picture = StringIO()
    segno.make(address, error="m").terminal(picture, border=2, compact=True)
    half = len(found.fingerprint) // 2
    return f"""{picture.getvalue()}
For phones:    {address} says how a phone comes to trust this server; until then its browser warns
Install there: {file}
Its SHA-256:   {found.fingerprint[:half].strip()}
               {found.fingerprint[half:].strip()}
               compare it with what the phone shows, before you trust it there"""


def init_app(app: Flask) -> None:
    app.cli.add_command(prepare)
