"""A report of a busy day, made from a book of its own, for whoever needs paper and no database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gatekeeper import schema, tenancy
from gatekeeper.db import connect
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.reports import service
from gatekeeper.reports.values import Report
from tests.conftest import Databases, populate
from tests.figures.given import NINE, finding, visit


def report(folder: Path, *, visits: int) -> Report:
    """The report of a day with ``visits`` trucks, each of them an exception."""
    url = f"sqlite:///{folder / 'gate.db'}"
    engines = connect(url)
    schema.upgrade(engines)
    place = populate(Databases(url, url, url), folder).towns[0].factories[0]
    with tenancy.open_session(engines, place.scope, write=True) as session:
        for number in range(visits):
            at = NINE + timedelta(minutes=number)
            visit(session, place, at=at, plate=f"浙A{number:05d}", findings=[finding("mask", "violated")])
        session.flush()
        tenant = find_tenant(engines, place.slug)
        assert tenant is not None
        made = service.build(session, enterprise=tenant, first=NINE.date(), last=NINE.date(), at=NINE)
    engines.dispose()
    return made
