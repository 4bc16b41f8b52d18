"""``flask report``: a compliance report as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask import Flask, current_app
from sqlalchemy.orm import Session

from gatekeeper import clock, tenancy
from gatekeeper.access import Tenant
from gatekeeper.cli import opened, ready
from gatekeeper.figures.values import checked_period, parse_day
from gatekeeper.ledger.cli import report_checkpoint
from gatekeeper.reports import pdf, service, sheets
from gatekeeper.reports.columns import Column
from gatekeeper.reports.columns import chosen as columns_of
from gatekeeper.reports.whole_file import whole_file

ENDINGS = (".pdf", ".xlsx", ".csv", ".json")


@click.command("report")
@click.argument("enterprise")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--full", is_flag=True, help="Append every visit to the PDF.")
@click.option("--columns", default="", help="Columns of the sheets, with commas between; default: all.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@ready
def report(enterprise: str, first: str, last: str, out: Path, full: bool, columns: str, lang: str) -> None:
    """A compliance report of ENTERPRISE (a slug) for the days FROM to TO: .pdf, .xlsx, .csv or .json."""
    if out.suffix.lower() not in ENDINGS:
        raise click.ClickException(f"{out.name} must end with one of {' '.join(ENDINGS)}")
    installation: Any = current_app.extensions["gate"]
    tenant = installation.find_tenant(installation.engines, enterprise)
    if tenant is None:
        raise click.ClickException(f"there is no enterprise {enterprise}; `flask enterprise list` names them")
    days = parse_day(first, field="first"), parse_day(last, field="last")
    start, end = checked_period(*days, today=clock.today())
    chosen = columns_of(columns.split(","))
    with opened(tenancy.Enterprise(tenant.id)) as session:
        number = _write(session, tenant, start, end, out, full=full, lang=lang, columns=chosen)
    click.echo(f"{number}: {out}")


def _write(session: Session, tenant: Tenant, first: date, last: date, out: Path, *, full: bool, **how: Any) -> str:
    """Make the file; answers the report's number."""
    made = service.build(session, enterprise=tenant, first=first, last=last, at=clock.now())
    made = replace(made, checkpoint=report_checkpoint(tenant))
    lines = service.visits(session, enterprise_id=tenant.id, counted=made.figures)
    with whole_file(out) as file:
        _fill(file, out.suffix.lower(), made, lines, full=full, **how)
    return made.number


def _fill(
    file: BinaryIO, ending: str, made: Any, lines: Any, *, full: bool, lang: str, columns: Sequence[Column]
) -> None:
    if ending == ".pdf":
        file.write(pdf.render(made, lang=lang, log=lines if full else None))
    elif ending == ".xlsx":
        sheets.to_xlsx(made, lines, file, lang=lang, columns=columns)
    elif ending == ".csv":
        file.writelines(sheets.to_csv(lines, lang=lang, columns=columns))
    else:
        file.write(sheets.to_json(made))


def init_app(app: Flask) -> None:
    app.cli.add_command(report)
