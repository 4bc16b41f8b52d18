"""``flask report``: a compliance report as a file; ``flask report-sample``: its sample, drawn again."""

from __future__ import annotations

from collections.abc import Sequence
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
from gatekeeper.ledger import checkpoints
from gatekeeper.ledger.certificate import Certificate
from gatekeeper.ledger.cli import report_checkpoint
from gatekeeper.ledger.witness import Checkpoint, NoWitness, read
from gatekeeper.reports import about, payload, pdf, periods, sample, seal, service, sheets, words
from gatekeeper.reports.columns import Column, said_in
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
    """A compliance report of ENTERPRISE (a slug) for the days FROM to TO: .pdf, .xlsx, .csv or .json.

    A .csv begins with the names of its columns, so that other programs can read it.
    """
    if out.suffix.lower() not in ENDINGS:
        raise click.ClickException(f"{out.name} must end with one of {' '.join(ENDINGS)}")
    tenant = _tenant(enterprise)
    start, end = _period(first, last)
    chosen = columns_of(columns.split(","))
    with opened(tenancy.Enterprise(tenant.id)) as session:
        number = _write(session, tenant, start, end, out, full=full, lang=lang, columns=chosen)
    click.echo(f"{number}: {out}")


def _tenant(slug: str) -> Tenant:
    """The enterprise of ``slug``; a sentence where there is none."""
    installation: Any = current_app.extensions["gate"]
    tenant: Tenant | None = installation.find_tenant(installation.engines, slug)
    if tenant is None:
        raise click.ClickException(f"there is no enterprise {slug}; `flask enterprise list` names them")
    return tenant


def _period(first: str, last: str) -> tuple[date, date]:
    days = parse_day(first, field="first"), parse_day(last, field="last")
    return checked_period(*days, today=clock.today())


@click.command("report-sample")
@click.argument("enterprise")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option("--checkpoint", "file", type=click.File("rb"), help="A report's PDF, or a checkpoint as JSON.")
@click.option("--seq", type=int, help="Where the book stood: the last part of the report's number.")
@click.option("--all", "every", is_flag=True, help="Print every visit's rank, not the sample alone.")
@ready
def report_sample(enterprise: str, first: str, last: str, file: BinaryIO | None, seq: int | None, every: bool) -> None:
    """Draw the sample of a report of ENTERPRISE (a slug) for FROM to TO again, with the minutes of video to look at."""
    tenant = _tenant(enterprise)
    start, end = _period(first, last)
    with opened(tenancy.Enterprise(tenant.id)) as session:
        end = periods.until_closed(start, end, periods.closed_on(session, enterprise_id=tenant.id))
        known = _witness(session, tenant, file)
        where = known.proof.seq if seq is None and known.proof else seq or 0
        given = {"enterprise_id": tenant.id, "first": start, "last": end, "seq": where}
        drawn = sample.draw(session, slug=tenant.slug, root=known.said["root"], **given)
        ids = sample.visits(session, **given) if every else ()
    click.echo(drawn.seed, nl=False)
    click.echo(f"# {len(drawn.drawn)} of {drawn.of} visits; SHA-256 of these lines and the visit's id, lowest first")
    if every:
        for ranked in sample.ranks(drawn.seed, ids):
            click.echo("{}  {}".format(*ranked))
        return
    for one in drawn.drawn:
        spans = "  ".join(f"{window.step} {words.span(window.start, window.end)}" for window in one.windows)
        click.echo(f"{one.rank[:16]}  {one.id}  {one.plate or '-'}  {one.gate}  {spans}")


def _witness(session: Session, tenant: Tenant, file: BinaryIO | None) -> Checkpoint:
    """The checkpoint in ``file``, or the newest of the enterprise."""
    try:
        found = checkpoints.covering(session, enterprise_id=tenant.id, seq=0, key=None) if file is None else None
        found = read(file.read()) if file is not None else found
    except NoWitness as fault:
        raise click.ClickException(str(fault)) from None
    if found is None:
        raise click.ClickException("no checkpoint was signed yet; `flask ledger checkpoint` signs one")
    if found.proof is None or found.proof.book != str(tenant.id):
        raise click.ClickException(f"this checkpoint holds no proof of the book of {tenant.slug}")
    return found


def _write(session: Session, tenant: Tenant, first: date, last: date, out: Path, *, full: bool, **how: Any) -> str:
    """Make the file; answers the report's number."""
    engines = current_app.extensions["gate"].engines
    middle = service.median(engines, tenant, first=first, last=last)
    made = service.build(session, enterprise=tenant, first=first, last=last, at=clock.now(), median=middle)
    made = service.witnessed(session, made, report_checkpoint(tenant), enterprise_id=tenant.id)
    lines = service.visits(session, enterprise_id=tenant.id, counted=made.figures)
    with whole_file(out) as file:
        _fill(file, out.suffix.lower(), made, lines, full=full, **how)
    return made.number


def _fill(
    file: BinaryIO, ending: str, made: Any, lines: Any, *, full: bool, lang: str, columns: Sequence[Column]
) -> None:
    if ending == ".pdf":
        plain = pdf.render(made, lang=lang, log=lines if full else None)
        by: Certificate = current_app.extensions["gate"].open_certificate()
        file.write(seal.sealed(plain, payload.of(made), by=by, name=made.issuer.township))
    elif ending == ".xlsx":
        head = about.of_report(made, said_in(lang), by=None, columns=columns)
        sheets.to_xlsx(made, lines, file, lang=lang, columns=columns, head=head)
    elif ending == ".csv":
        file.writelines(sheets.to_csv(lines, lang=lang, columns=columns))
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
    app.cli.add_command(report_sample)
