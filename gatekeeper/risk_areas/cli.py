"""Commands of risk areas: load official lists for the townships."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.cli import opened, ready
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import Invalid
from gatekeeper.risk_areas import queries, service
from gatekeeper.risk_areas.models import RiskList

group = click.Group("risk-areas", help="Official lists of risk areas: load.")


@group.command("load")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--township", metavar="T", help="Slug of the office of the one township; default: all townships.")
@ready
def load(files: tuple[Path, ...], township: str | None) -> None:
    """Keep official lists and put them in force; exit 1 when one was refused."""
    offices = _offices(township)
    kept = list(_kept(files))
    for name, row in sorted(kept, key=lambda pair: pair[1].update_time):  # of equal times the later named holds
        _say_what(name, row)
        for office in offices:
            _adopt(office, row)
    if len(kept) < len(files):
        raise SystemExit(1)


def _offices(township: str | None) -> Sequence[Enterprise]:
    with opened(tenancy.Platform()) as session:
        offices = [office for office, _ in enterprises.townships(session) if township in (None, office.slug)]
    if not offices and township:
        raise click.ClickException(f"There is no township {township}; `flask township list` prints them.")
    if not offices:
        raise click.ClickException("There is no township yet; `flask township add` opens one.")
    return offices


def _kept(files: Sequence[Path]) -> Iterator[tuple[str, RiskList]]:
    """Each file that is a list, stored; one that is not is refused as a whole, with the reason."""
    for path in files:
        try:
            with opened(tenancy.Unscoped(), write=True) as session:
                row = service.store(session, path.read_bytes(), at=clock.now())
        except Invalid as refused:
            click.echo(f"REFUSED {path.name}: {refused.text.en} / {refused.text.zh}", err=True)
        else:
            yield path.name, row


def _say_what(name: str, row: RiskList) -> None:
    time = clock.local(row.update_time).strftime("%Y-%m-%d %H:%M")
    click.echo(f"{name}: list of {time}, communities: high {row.high}, medium {row.middle}, low {row.low}")
    if not row.unmatched:
        return
    with opened(tenancy.Unscoped()) as session:
        names = dict.fromkeys(place.area_name for place in queries.read(session, row.hash).file.unmatched)
    click.echo(f"  {row.unmatched} entries could not be matched and are kept as written: {'; '.join(names)}")


def _adopt(office: Enterprise, row: RiskList) -> None:
    at = clock.now()
    with opened(tenancy.Enterprise(office.enterprise_id), write=True) as session:
        adoption = service.adopt(session, list_hash=row.hash, by=OPERATOR, at=at)
        said = queries.standing(session, adoption, at=at)
    click.echo(f"  {office.name}: {said.en}")


def init_app(app: Flask) -> None:
    """Offer the commands to ``flask``."""
    app.cli.add_command(group)
