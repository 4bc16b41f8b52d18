"""``flask report``: a compliance report as a file."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
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
from gatekeeper.ledger.certificate import Certificate
from gatekeeper.ledger.cli import report_checkpoint
from gatekeeper.reports import payload, pdf, seal, service, sheets

ENDINGS = (".pdf", ".xlsx", ".csv", ".json")


@click.command("report")
@click.argument("enterprise")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--full", is_flag=True, help="Append every visit to the PDF.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@ready
def report(enterprise: str, first: str, last: str, out: Path, full: bool, lang: str) -> None:
    """A compliance report of ENTERPRISE (a slug) for the days FROM to TO: .pdf, .xlsx, .csv or .json."""
    if out.suffix.lower() not in ENDINGS:
        raise click.ClickException(f"{out.name} must end with one of {' '.join(ENDINGS)}")
    installation: Any = current_app.extensions["gate"]
    tenant = installation.find_tenant(installation.engines, enterprise)
    if tenant is None:
        raise click.ClickException(f"there is no enterprise {enterprise}; `flask enterprise list` names them")
    days = parse_day(first, field="first"), parse_day(last, field="last")
    start, end = checked_period(*days, today=clock.today())
    out.parent.mkdir(parents=True, exist_ok=True)
    with opened(tenancy.Enterprise(tenant.id)) as session:
        number = _write(session, tenant, start, end, out, full=full, lang=lang)
    click.echo(f"{number}: {out}")


def _write(session: Session, tenant: Tenant, first: date, last: date, out: Path, *, full: bool, lang: str) -> str:
    """Make the file beside its place and move it there when it is whole; answers the report's number."""
    made = service.build(session, enterprise=tenant, first=first, last=last, at=clock.now())
    made = replace(made, checkpoint=report_checkpoint(tenant))
    ending = out.suffix.lower()
    lines = service.visits(session, enterprise_id=tenant.id, counted=made.figures)
    descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=".report-", suffix=ending)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            _fill(file, ending, made, lines, full=full, lang=lang)
        os.replace(name, out)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    return made.number


def _fill(file: BinaryIO, ending: str, made: Any, lines: Any, *, full: bool, lang: str) -> None:
    if ending == ".pdf":
        plain = pdf.render(made, lang=lang, log=lines if full else None)
        by: Certificate = current_app.extensions["gate"].open_certificate()
        file.write(seal.sealed(plain, payload.of(made), by=by, name=made.issuer.township))
    elif ending == ".xlsx":
        sheets.to_xlsx(made, lines, file, lang=lang)
    elif ending == ".csv":
        file.writelines(sheets.to_csv(lines, lang=lang))
    else:
        file.write(sheets.to_json(made))


@click.command("report-certificate")
@ready
def report_certificate() -> None:
    """Print the certificate that reports are signed with (PEM); give it to whoever checks reports elsewhere."""
    certificate: Certificate = current_app.extensions["gate"].open_certificate()
    click.echo(certificate.pem, nl=False)
    click.echo(f"SHA-256 of the certificate: {certificate.fingerprint}", err=True)


def init_app(app: Flask) -> None:
    app.cli.add_command(report)
    app.cli.add_command(report_certificate)
