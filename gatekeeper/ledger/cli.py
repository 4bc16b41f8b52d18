"""``flask ledger`` as far as the chain alone: checkpoints, the public key, an export for somebody outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask import current_app
from flask.cli import AppGroup

from gatekeeper import clock, tenancy
from gatekeeper.access import Tenant, find_tenant
from gatekeeper.cli import opened, ready
from gatekeeper.ledger import checkpoints, queries
from gatekeeper.ledger.checkpoints import Refused
from gatekeeper.ledger.witness import Checkpoint

ledger = AppGroup("ledger", help="Verify, replay and rebuild the books; checkpoints and exports.")

OUT = click.Path(dir_okay=False, path_type=Path)


def tenant_of(slug: str) -> Tenant:
    """The enterprise of ``slug``; a sentence where there is none."""
    tenant = find_tenant(slug)
    if tenant is None:
        raise click.ClickException(f"There is no enterprise {slug}; `flask enterprise list` shows them.")
    return tenant


def refused(fault: Refused) -> SystemExit:
    """The exit of a command that would have signed over a changed book: ``book seq reason`` is printed."""
    click.echo(f"{_slug(fault.book)} {fault.seq or '-'} {fault.reason}")
    return SystemExit(1)


def _slug(book: str) -> str:
    tenant = find_tenant(UUID(book))
    return tenant.slug if tenant else book


def report_checkpoint(enterprise: Tenant) -> Checkpoint | None:
    """The checkpoint of a report or an export of this enterprise; ends the command where it is refused."""
    installation: Any = current_app.extensions["gate"]
    try:
        return checkpoints.at_report(
            installation.engines, installation.open_signer(), enterprise_id=enterprise.id, at=clock.now()
        )
    except Refused as fault:
        raise refused(fault) from None


@ledger.command()
@click.option("--out", type=OUT, help="Write it with all heads as JSON, to be kept elsewhere.")
@click.option("--after-loss", "reason", help="After a restore: why entries that were signed are no more.")
@ready
def checkpoint(out: Path | None, reason: str | None) -> None:
    """Sign the heads of all books as they stand now, where one has moved."""
    installation: Any = current_app.extensions["gate"]
    engines, signer = installation.engines, installation.open_signer()
    try:
        if reason is not None:
            for book, seq, _ in checkpoints.after_loss(engines, signer, reason=reason, at=clock.now())[1]:
                click.echo(f"lost: {_slug(book)} up to entry {seq}")
        made = checkpoints.make(engines, signer, at=clock.now())
    except Refused as fault:
        raise refused(fault) from None
    if made is None:
        click.echo("no checkpoint: no book has an entry")
        return
    said = made.said
    click.echo(f"checkpoint {made.n}: {said['books']} books, root {said['root'][:16]}, {_moment(said['at'])}")
    if out is not None:
        out.write_text(json.dumps(made.to_data(), indent=1) + "\n", encoding="utf-8")


@ledger.command("public-key")
@ready
def public_key() -> None:
    """Print the public half of the signing key (PEM); keep a copy where this machine's people cannot change it."""
    signer = current_app.extensions["gate"].open_signer()
    click.echo(signer.public_pem().decode(), nl=False)
    click.echo(f"SHA-256 of the key: {signer.key}", err=True)


@ledger.command()
@click.argument("enterprise")
@click.option("--out", required=True, type=OUT, help="The file to write: JSON lines.")
@ready
def export(enterprise: str, out: Path) -> None:
    """The book of ENTERPRISE for scripts/verify-ledger: its entries, no personal values, a checkpoint as last line."""
    tenant = tenant_of(enterprise)
    made = report_checkpoint(tenant)
    count = 0
    with opened(tenancy.Enterprise(tenant.id)) as session, out.open("w", encoding="utf-8") as file:
        for text, digest in queries.entries(session, enterprise_id=tenant.id):
            file.write(json.dumps({"bytes": text, "hash": digest}, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
        if made is not None:
            file.write(json.dumps({"checkpoint": made.to_data()}, separators=(",", ":")) + "\n")
    click.echo(f"{tenant.slug}: {count} entries, checkpoint {made.n if made else '-'}")


def _moment(micros: int) -> str:
    return f"{clock.from_micros(micros):%Y-%m-%d %H:%M:%S} UTC"
