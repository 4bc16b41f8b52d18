"""``flask figures``: the kept days are confirmed by a recount, or counted anew."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.access import Tenant, find_tenant
from gatekeeper.cli import opened, ready
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.figures import recount as counting
from gatekeeper.figures import rolling
from gatekeeper.figures.recount import Recount
from gatekeeper.figures.values import parse_day

figures = AppGroup("figures", help="The figures of every enterprise and day, kept beside the visits.")
TRIES = 3
"""A day may be counted by the worker while it is compared; a real difference stays."""


def _places(slug: str | None) -> list[Tenant]:
    if slug is None:
        with opened(tenancy.Platform()) as session:
            ids: list[UUID | str] = list(session.scalars(select(Enterprise.enterprise_id).order_by(Enterprise.slug)))
    else:
        ids = [slug]
    found = [tenant for tenant in map(find_tenant, ids) if tenant is not None]
    if slug is not None and not found:
        raise click.ClickException(f"There is no enterprise {slug}; `flask enterprise list` shows them.")
    return found


@figures.command()
@click.argument("enterprise", required=False)
@click.argument("first", metavar="[FROM]", required=False)
@click.argument("last", metavar="[TO]", required=False)
@ready
def recount(enterprise: str | None, first: str | None, last: str | None) -> None:
    """Compare the kept days with the visits; exit 1 at the first difference. Days as 2022-04-18."""
    start = parse_day(first, field="first") if first else date.min
    end = parse_day(last or first or "", field="last") if first else date.max
    days = 0
    for tenant in _places(enterprise):
        found = _settled(tenant.id, start, end)
        days += found.days
        if found.difference is not None:
            day, figure, kept, counted = found.difference
            click.echo(f"{tenant.slug} {day} {figure}: kept {kept}, counted {counted}")
            raise SystemExit(1)
        waiting = f", {found.waiting} not in step yet" if found.waiting else ""
        click.echo(f"{tenant.slug}: {found.days} days{waiting}")
    click.echo(f"confirmed: {days} days")


def _settled(place: UUID, first: date, last: date) -> Recount:
    for _ in range(TRIES):
        with opened(tenancy.Enterprise(place)) as session:
            found = counting.recount(session, enterprise_id=place, first=first, last=last)
        if found.difference is None:
            break
    return found


@figures.command()
@click.argument("enterprise", required=False)
@ready
def rebuild(enterprise: str | None) -> None:
    """Count every day anew, whatever is kept."""
    engines: Any = current_app.extensions["gate"].engines
    for tenant in _places(enterprise):
        click.echo(f"{tenant.slug}: {rolling.refresh(engines, tenant.id, anew=True)} days")


def init_app(app: Flask) -> None:
    app.cli.add_command(figures)
