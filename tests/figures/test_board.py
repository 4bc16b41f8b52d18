"""The township's board, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.figures import service
from gatekeeper.figures.values import Rate
from tests.factories import World
from tests.figures.given import NINE, OPEN, visit

DAY = date(2026, 4, 18)


def test_the_board_agrees_with_the_count_and_puts_trouble_on_top(engines: Engines, world: World) -> None:
    for place, against in ((world.own, False), (world.neighbour, True), (world.stranger, True)):
        with tenancy.open_session(engines, place.scope, write=True) as session:
            visit(session, place)
            visit(session, place, arrival="hold", verdict="refuse", state="turned_away", open=[OPEN])
            visit(session, place, arrival="refuse", followed=not against, against_verdict=against)
            visit(session, place, state="at_gate", arrival="hold", open=[OPEN], followed=None, at=NINE)
            visit(session, place, state="void")
    with tenancy.open_session(engines, tenancy.Township(world.own.township_id)) as session:
        rows = service.board(session, first=DAY - timedelta(days=6), last=DAY)
        assert [row.name for row in rows] == [world.neighbour.name, world.own.name]
        for row in rows:
            figures = service.count(session, enterprise_id=row.enterprise_id, first=DAY, last=DAY)
            assert (row.visits, row.compliant, row.counted) == (figures.visits, figures.compliant, figures.counted)
            assert (row.held, row.refused) == (figures.verdicts.hold, figures.verdicts.refuse)
            assert (row.against_verdict, row.overdue) == (figures.against_verdict, figures.overdue)
            assert row.days[-1] == figures.compliance
            assert row.days[0] == Rate(0, 0)


def test_the_period_before_is_as_long_and_ends_the_day_before(engines: Engines, world: World) -> None:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        visit(session, world.own, at=NINE - timedelta(days=1))
        visit(session, world.own, at=NINE - timedelta(days=2), followed=False, against_verdict=True)
        visit(session, world.own, at=NINE - timedelta(days=3))
        last = DAY + timedelta(days=1)
        assert service.period_before(session, enterprise_id=world.own.id, first=DAY, last=last) == Rate(1, 2)
