"""``flask report-town``: the report of a whole township as a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from gatekeeper import clock, durable, tenancy
from gatekeeper.access import Tenant
from gatekeeper.cli import opened, ready
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.figures.values import checked_period, parse_day
from gatekeeper.ledger.certificate import Certificate
from gatekeeper.ledger.cli import report_checkpoint
from gatekeeper.reports import payload, seal, town_files, town_service
from gatekeeper.reports.town_values import TownReport

MAKERS = {".pdf": town_files.render, ".xlsx": town_files.to_xlsx, ".csv": town_files.to_csv}


def _office(installation: Any, township: str) -> Tenant:
    """The office of a township, by the office's slug or the township's name."""
    with opened(tenancy.Platform()) as session:
        for office, place in enterprises.townships(session):
            if township in (office.slug, place.name):
                found: Tenant = installation.find_tenant(installation.engines, office.enterprise_id)
                return found
    raise click.ClickException(f"there is no township {township}; give its name or the slug of its office")


def _sealed(office: Tenant, made: TownReport, lang: str) -> bytes:
    """The PDF, which is a working copy, too: nobody can look it up."""
    made = replace(made, checkpoint=report_checkpoint(office))
    by: Certificate = current_app.extensions["gate"].open_certificate()
    plain = town_files.render(made, lang=lang)
    return seal.sealed(plain, payload.of(made), by=by, name=made.township)


@click.command("report-town")
@click.argument("township")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@ready
def report_town(township: str, first: str, last: str, out: Path, lang: str) -> None:
    """The report of a TOWNSHIP (its name, or its office's slug) for FROM to TO: .pdf, .xlsx or .csv.

    Of one day the PDF is the bulletin. It is signed and carries a checkpoint of the books as they stand now.
    """
    make = MAKERS.get(out.suffix.lower())
    if make is None:
        raise click.ClickException(f"{out.name} must end with one of {' '.join(MAKERS)}")
    office = _office(current_app.extensions["gate"], township)
    days = parse_day(first, field="first"), parse_day(last, field="last")
    start, end = checked_period(*days, today=clock.today())
    with opened(tenancy.Township(office.township_id)) as session:  # type: ignore[arg-type]
        made = town_service.build(session, office=office, first=start, last=end, at=clock.now())
    durable.write(out, _sealed(office, made, lang) if make is town_files.render else make(made, lang=lang))
    click.echo(f"{made.number}: {out}")


def init_app(app: Flask) -> None:
    app.cli.add_command(report_town)
