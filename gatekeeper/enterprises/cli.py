"""Commands of enterprises: list and disable. Those that add somebody's first admin stand with the accounts."""

from __future__ import annotations

import click
from flask import Flask, current_app

from gatekeeper import clock, tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.cli import opened, ready
from gatekeeper.enterprises import queries, service

enterprise = click.Group("enterprise", help="Enterprises: add, list, disable.")
township = click.Group("township", help="Townships: add, list.")


@township.command("list")
@ready
def list_townships() -> None:
    """Every township: the slug of its office, its name, and whether it is a demo."""
    with opened(tenancy.Platform()) as session:
        for office, found in queries.townships(session):
            click.echo(f"{office.slug}\t{found.name}\t{'demo' if found.demo else 'real'}")


@enterprise.command("list")
@ready
def list_enterprises() -> None:
    """Every enterprise: slug, name, township; closed ones say so."""
    with opened(tenancy.Platform()) as session:
        for found, name in queries.with_township(session):
            click.echo(f"{found.slug}\t{found.name}\t{name}" + ("\tclosed" if found.closed_at else ""))


@enterprise.command("disable")
@click.argument("slug")
@ready
def disable_enterprise(slug: str) -> None:
    """Close an enterprise: nobody of it signs in any more, its history stays readable."""
    tenant = queries.find_tenant(current_app.extensions["gate"].engines, slug)
    if tenant is None:
        raise click.ClickException(f"There is no enterprise {slug}; `flask enterprise list` prints them.")
    with opened(tenancy.Enterprise(tenant.id), write=True) as session:
        service.close_enterprise(session, by=OPERATOR, at=clock.now())
    click.echo(f"{slug} is closed")


def init_app(app: Flask) -> None:
    """Offer the commands to ``flask``."""
    app.cli.add_command(township)
    app.cli.add_command(enterprise)
