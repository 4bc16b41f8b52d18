"""``flask ledger``: the book proves itself."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.access import Tenant, find_tenant
from gatekeeper.cli import opened, ready
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.ledger.queries import Fault
from gatekeeper.visits import proof

ledger = AppGroup("ledger", help="Verify, replay and rebuild the books.")


def _books(slug: str | None) -> list[Tenant]:
    """The enterprise of ``slug``, or every one of the installation."""
    if slug is not None:
        tenant = find_tenant(slug)
        if tenant is None:
            raise click.ClickException(f"There is no enterprise {slug}; `flask enterprise list` shows them.")
        return [tenant]
    with opened(tenancy.Platform()) as session:
        ids = session.scalars(select(Enterprise.enterprise_id).order_by(Enterprise.slug)).all()
    return [tenant for tenant in map(find_tenant, ids) if tenant is not None]


@ledger.command()
@click.argument("enterprise", required=False)
@ready
def verify(enterprise: str | None) -> None:
    """Check the chain and compare the projections; exit 1 at the first fault."""
    entries = visits = 0
    for tenant in _books(enterprise):
        with opened(tenancy.Enterprise(tenant.id)) as session:
            found = proof.verify(session, enterprise_id=tenant.id)
        if isinstance(found, Fault):
            click.echo(f"{tenant.slug} {found.seq or '-'} {found.reason}")
            raise SystemExit(1)
        entries, visits = entries + found.entries, visits + found.visits
        click.echo(f"{tenant.slug}: {found.entries} entries, {found.visits} visits")
    click.echo(f"sound: {entries} entries, {visits} visits")


@ledger.command()
@click.argument("enterprise", required=False)
@ready
def replay(enterprise: str | None) -> None:
    """Judge every stored decision again from its stored facts; exit 1 at a difference."""
    failed = False
    for tenant in _books(enterprise):
        with opened(tenancy.Enterprise(tenant.id)) as session:
            counts, first = proof.tally(proof.replay(session, enterprise_id=tenant.id))
        at = f", first at {tenant.slug} {first}" if first else ""
        words = ", ".join(f"{name} {counts[name]}" for name in ("equal", "different", "erased"))
        click.echo(f"{tenant.slug}: {words}{at}")
        failed = failed or first is not None
    if failed:
        raise SystemExit(1)


@ledger.command()
@click.argument("enterprise", required=False)
@ready
def rebuild(enterprise: str | None) -> None:
    """Make the projections anew from the book."""
    for tenant in _books(enterprise):
        with opened(tenancy.Enterprise(tenant.id), write=True) as session:
            click.echo(f"{tenant.slug}: {proof.rebuild(session, enterprise_id=tenant.id)} visits")


def init_app(app: Flask) -> None:
    app.cli.add_command(ledger)
