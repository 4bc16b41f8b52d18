"""Whatever stands in a report, making its PDF opens no file but fonts and templates and asks no network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session
from weasyprint.urls import URLFetcher

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.reports import pdf, service
from gatekeeper.reports.values import Report
from tests.factories import World
from tests.figures.given import NINE, finding, visit
from tests.reports import fetching

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def report(world: World, engines: Engines) -> Iterator[Report]:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        yield made(session, world, engines)


def made(session: Session, world: World, engines: Engines) -> Report:
    visit(session, world.own, plate="浙B77777", findings=[finding("mask", "violated")])
    session.flush()
    tenant = find_tenant(engines, world.own.slug)
    assert tenant is not None
    found = service.build(session, enterprise=tenant, first=NINE.date(), last=NINE.date(), at=NINE)
    assert found.details.exceptions
    return found


def test_no_attempt_opens_anything_outside(report: Report) -> None:
    pdf.render(report)
    with fetching.watched() as (seen, addresses):
        kept = [fetching.attempt(number, addresses, report) for number in range(0, 64, 2)]
        kept += [fetching.attempt(number, addresses, report) for number in (1, 31, 63)]
    assert (seen.opened, seen.network, seen.hits) == ([], [], 0)
    assert kept[-3:] != [None] * 3 and not any(fetching.tells(data) for data in kept if data)


def test_a_renderer_that_fetches_is_found_out(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf.render(report)
    monkeypatch.setattr(pdf, "Nothing", URLFetcher)
    with fetching.watched() as (seen, addresses):
        fetching.attempt(0, addresses, report)
        fetching.attempt(0, addresses[1:], report)
    assert any(path.endswith("secret.txt") for path in seen.opened)
    assert seen.network
