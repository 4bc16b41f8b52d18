"""The report against the period before, the township and itself: changes, the median, and care that changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import Tenant
from gatekeeper.clock import day_of
from gatekeeper.db import Engines
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.figures.values import Rate
from gatekeeper.reports import pdf, service, words
from gatekeeper.reports.values import Median, Report
from gatekeeper.visits.events import EventKind
from tests.factories import MORNING, World
from tests.figures.given import NINE, finding, visit
from tests.visits.gate import AtGate

DAY = date(2026, 4, 18)


@pytest.fixture
def book(world: World, engines: Engines) -> Iterator[Session]:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        yield session


@pytest.fixture
def tenant(world: World, engines: Engines) -> Tenant:
    found = find_tenant(engines, world.own.slug)
    assert found is not None
    return found


def test_the_townships_median_is_the_rate_of_one_of_many(
    world: World, engines: Engines, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, good in ((world.own, 3), (world.neighbour, 1), (world.stranger, 0)):
        with tenancy.open_session(engines, place.scope, write=True) as session:
            for number in range(4):
                failed = number >= good
                visit(session, place, followed=not failed, against_verdict=failed)
    assert service.median(engines, tenant, first=DAY, last=DAY) is None  # two are too few
    monkeypatch.setattr(service, "FEWEST", 2)
    found = service.median(engines, tenant, first=DAY, last=DAY)
    assert found == Median(Rate(1, 4), 2)  # of two the lower; the stranger is of another township
    with tenancy.open_session(engines, world.own.scope) as session:
        report = service.build(session, enterprise=tenant, first=DAY, last=DAY, at=NINE, median=found)
    assert "镇街中位数 25.0 %（2 家），本企业 +50.0 个百分点" in pdf.document(report)
    assert "有来访的企业太少" in pdf.document(replace(report, median=None))


def test_a_rule_is_compared_with_the_period_before(book: Session, world: World, tenant: Tenant) -> None:
    before = NINE - timedelta(days=1)
    for at, bad in ((before, 2), (NINE, 1)):
        for number in range(4):
            visit(book, world.own, at=at, findings=[finding("mask", "violated" if number < bad else "met")])
    book.flush()
    report = service.build(book, enterprise=tenant, first=DAY, last=DAY, at=NINE)
    (line,) = report.rules
    assert words.change(line.figures.rate, report.rule_before(line.figures)) == "+25.0"
    assert words.change(report.rule_before(line.figures), line.figures.rate) == "−25.0"
    assert words.change(Rate(1, 2), Rate(0, 0)) == "—" and words.change(Rate(1, 2), Rate(2, 4)) == "0.0"


def test_driver_care_stands_apart_and_changes_no_rate(world: World, engines: Engines, tenant: Tenant) -> None:
    gate = AtGate(world.engines, world.own, at=MORNING)
    gate.arrive("浙A12345")
    gate.admit()
    day = day_of(MORNING)

    def report() -> Report:
        with tenancy.open_session(engines, world.own.scope) as session:
            return service.build(session, enterprise=tenant, first=day, last=day, at=MORNING)

    bare = report()
    gate.send(EventKind.CARE, {"item": "water"})
    gate.send(EventKind.CARE, {"item": "water"})
    cared = report()
    assert cared.entries.care == (("water", 2),) and bare.entries.care == ()
    assert cared.figures == bare.figures
    page = re.sub(r"<[^>]+>", "", pdf.document(cared))
    assert "饮用水 2 份" in page and "本期没有登记发放" in pdf.document(bare)
