"""``flask retention`` and ``flask hold``: what is erased, and what an authority asked to keep."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.access import OPERATOR, Tenant, find_tenant
from gatekeeper.cli import opened, ready
from gatekeeper.ledger.models import LegalHold
from gatekeeper.ledger.service import RETENTION_DAYS
from gatekeeper.retention import erasing, holds, service
from gatekeeper.visits import queries as visits

retention = AppGroup("retention", help="Erase what has had its time.")
hold = AppGroup("hold", help="Legal holds: keep visits past their time, by an authority's order.")
DAY = click.DateTime(["%Y-%m-%d"])


def _installation() -> Any:
    return current_app.extensions["gate"]


def _photos() -> Path:
    folder: Path = _installation().settings.data_dir
    return folder / "photos"


def _tenant(slug: str) -> Tenant:
    tenant = find_tenant(slug)
    if tenant is None:
        raise click.ClickException(f"There is no enterprise {slug}; `flask enterprise list` shows them.")
    return tenant


@retention.command()
@click.option("--today", type=DAY, help="Erase as on this day (default: today).")
@ready
def run(today: datetime | None) -> None:
    """Erase personal values whose time is over, their photos and issued files, and destroy the keys of past days."""
    at, day = clock.now(), today.date() if today else clock.today()
    done = service.run(_installation().engines, _installation().settings.data_dir, today=day, at=at)
    click.echo(f"erased for {day}: {done}")


@retention.command()
@click.argument("enterprise")
@click.argument("visit", type=click.UUID)
@click.option(
    "--class",
    "classes",
    multiple=True,
    type=click.Choice(sorted(RETENTION_DAYS)),
    help="Only this class; may be given again (default: all).",
)
@ready
def erase(enterprise: str, visit: UUID, classes: tuple[str, ...]) -> None:
    """Erase what a visit holds, at a person's request; copies in backups go with their day's key."""
    tenant = _tenant(enterprise)
    with opened(tenancy.Enterprise(tenant.id), write=True) as session:
        visits.get(session, enterprise_id=tenant.id, visit_id=visit)
        count = erasing.erase_visit(session, visit, classes or tuple(RETENTION_DAYS), by=OPERATOR, at=clock.now())
    click.echo(f"{count} parts erased")


@hold.command()
@click.argument("enterprise")
@click.option("--visit", "visit_ids", multiple=True, type=click.UUID, help="A visit; may be given again.")
@click.option("--plate", help="Every visit of this plate, with --from and --to.")
@click.option("--from", "first", type=DAY)
@click.option("--to", "last", type=DAY)
@click.option("--reason", required=True, help="By whose order, with its number.")
@ready
def begin(
    enterprise: str,
    visit_ids: tuple[UUID, ...],
    plate: str | None,
    first: datetime | None,
    last: datetime | None,
    reason: str,
) -> None:
    """Keep visits past their time, under a key of their own."""
    if bool(plate) != bool(first and last) or bool(plate) == bool(visit_ids):
        raise click.UsageError("Give --visit, or --plate with --from and --to.")
    tenant = _tenant(enterprise)
    with opened(tenancy.Enterprise(tenant.id), write=True) as session:
        chosen = list(visit_ids)
        if plate and first and last:
            chosen = holds.visits_of_plate(session, plate=plate, first=first.date(), last=last.date())
        begun = holds.begin(session, visit_ids=chosen, reason=reason, by=OPERATOR, at=clock.now(), photos=_photos())
    late = f"; {begun.too_late} parts were erased before" if begun.too_late else ""
    click.echo(f"hold {begun.id}: {begun.visits} visits, {begun.parts} parts{late}")


@hold.command()
@click.argument("enterprise")
@click.argument("hold_id", metavar="HOLD", type=click.UUID)
@ready
def end(enterprise: str, hold_id: UUID) -> None:
    """End a hold: what has had its time is erased, and the hold's key destroyed."""
    tenant, at = _tenant(enterprise), clock.now()
    with opened(tenancy.Enterprise(tenant.id), write=True) as session:
        back, erased = holds.end(session, hold_id=hold_id, by=OPERATOR, at=at, photos=_photos(), today=clock.day_of(at))
    with opened(tenancy.Enterprise(tenant.id)) as session:
        holds.forget(session, hold_id=hold_id, photos=_photos())
    click.echo(f"{back} parts kept until their day, {erased} erased")


@hold.command("list")
@click.argument("enterprise", required=False)
@ready
def list_holds(enterprise: str | None) -> None:
    """Holds of an enterprise, or of all."""
    books = [_tenant(enterprise).id] if enterprise else service.enterprises(_installation().engines)
    for book in books:
        tenant = find_tenant(book)
        with opened(tenancy.Enterprise(book)) as session:
            why = holds.reasons(session)
            for row in session.scalars(select(LegalHold).order_by(LegalHold.begun_at, LegalHold.id)):
                until = f"ended {_day(row.ended_at)}" if row.ended_at else "holds"
                slug = tenant.slug if tenant else book
                click.echo(f"{slug} {row.id} since {_day(row.begun_at)}, {until}: {why.get(row.id, '-')}")


def _day(moment: datetime) -> date:
    return clock.day_of(moment)


def init_app(app: Flask) -> None:
    app.cli.add_command(retention)
    app.cli.add_command(hold)
