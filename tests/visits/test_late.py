"""What was written on paper in a power cut and typed in later stands in the book as what it is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.access import Role
from gatekeeper.db import new_id
from gatekeeper.figures import service as figures
from gatekeeper.visits import book, history, proof
from gatekeeper.visits.models import Visit
from tests.conftest import Databases
from tests.factories import World, client_for
from tests.phone import Phone, enrol
from tests.recount import recount
from tests.visits.gate import FEVER, publish

FORM = {"form": "A7K2-0418", "row": 3}


@pytest.fixture
def phone(world: World) -> Phone:
    publish(world, world.own, FEVER)
    return enrol(world.engines, world.own, world.own.guard)


def write_in(app: Flask, phone: Phone, *, hours: int) -> UUID:
    """A truck that came so many hours ago, was let in and left an hour later, typed in now."""
    visit, came = new_id(), clock.micros(clock.now() - timedelta(hours=hours))
    events = [
        phone.arrival(visit=visit, late=FORM),
        phone.event("admit", visit, {"late": FORM}, at=came),
        phone.event("leave", visit, {"seen": True, "subjects": [], "late": FORM}, at=came + 3_600_000_000),
    ]
    events[0]["at"] = came
    assert [told["state"] for told in phone.sync(app, *events)] == ["applied"] * 3
    return visit


def test_a_row_of_a_paper_form_is_dated_as_the_paper_says_and_marked(app: Flask, world: World, phone: Phone) -> None:
    visit = write_in(app, phone, hours=5)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        row = session.get_one(Visit, (world.own.id, visit))
        assert row.late and abs(clock.now() - row.arrived_at - timedelta(hours=5)) < timedelta(minutes=1)
        assert row.closed_at and row.closed_at - row.arrived_at == timedelta(hours=1)
        entries = book.entries_of(session, enterprise_id=world.own.id, visit_id=visit)
        lines = list(history.lines(entries, {}, {}, notes=True))
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)
    assert [line.details[0].zh for line in lines] == ["补记：纸质登记表 A7K2-0418 第 3 行"] * 3
    first = lines[0].clocks
    assert first and first.zh.startswith("纸上时间") and "差 5 小时" in first.zh


def test_a_late_visit_is_counted_as_one(app: Flask, world: World, phone: Phone, databases: Databases) -> None:
    write_in(app, phone, hours=0)
    phone.sync(app, phone.arrival("浙A54321"))
    today = clock.today()
    with tenancy.open_session(world.engines, world.own.scope) as session:
        found = figures.count(session, enterprise_id=world.own.id, first=today, last=today)
    assert (found.visits, found.late) == (2, 1)
    assert found.to_data() == recount(databases.owner, world.own.id, today, today)


@pytest.mark.parametrize(
    "late", [True, {}, {"row": 1}, {"form": "表 1"}, {"form": "A", "row": 0}, {"form": "A", "by": "x"}]
)
def test_a_mark_that_no_form_makes_is_refused(app: Flask, phone: Phone, late: object) -> None:
    (told,) = phone.sync(app, phone.arrival(late=late))
    assert (told["state"], told["code"]) == ("refused", "event.shape")


def test_the_log_and_the_visit_show_that_it_was_written_in_later(app: Flask, world: World, phone: Phone) -> None:
    visit = write_in(app, phone, hours=0)
    client = client_for(app, world.own.people[Role.SHIFT_LEAD])
    assert "补记" in client.get(f"/e/{world.own.slug}/visits").text
    today = clock.today()
    asked = f"first={today}&last={today}&columns=plate&columns=late&file=csv"
    assert client.get(f"/e/{world.own.slug}/reports/log?{asked}").text.splitlines()[-1].endswith(",是")
    page = client.get(f"/e/{world.own.slug}/visits/{visit}").text
    assert "补记：纸质登记表 A7K2-0418 第 3 行" in page
