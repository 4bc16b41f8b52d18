"""``flask emission-ledger``: the emission ledger as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from gatekeeper import clock, tenancy
from gatekeeper.cli import opened, ready
from gatekeeper.figures.values import checked_period, parse_day
from gatekeeper.reports import emission, emission_files
from gatekeeper.reports.whole_file import whole_file

ENDINGS = (".pdf", ".xlsx")


@click.command("emission-ledger")
@click.argument("enterprise")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@ready
def emission_ledger(enterprise: str, first: str, last: str, out: Path, lang: str) -> None:
    """The emission ledger of ENTERPRISE (a slug) for the days FROM to TO: .pdf or .xlsx."""
    if out.suffix.lower() not in ENDINGS:
        raise click.ClickException(f"{out.name} must end with one of {' '.join(ENDINGS)}")
    installation: Any = current_app.extensions["gate"]
    tenant = installation.find_tenant(installation.engines, enterprise)
    if tenant is None:
        raise click.ClickException(f"there is no enterprise {enterprise}; `flask enterprise list` names them")
    days = parse_day(first, field="first"), parse_day(last, field="last")
    start, end = checked_period(*days, today=clock.today())
    with opened(tenancy.Enterprise(tenant.id)) as session:
        made = emission.build(session, enterprise=tenant, first=start, last=end, at=clock.now())
    with whole_file(out) as file:
        if out.suffix.lower() == ".pdf":
            file.write(emission_files.to_pdf(made, lang=lang))
        else:
            emission_files.to_xlsx(made, file, lang=lang)
    clean = made.clean
    click.echo(f"{made.number}: {out}; clean transport {clean.percent} ({clean.met} of {clean.of} kg)")


def init_app(app: Flask) -> None:
    app.cli.add_command(emission_ledger)
