"""Each figure says what docs/figures.md says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.config import ROOT
from gatekeeper.db import Engines
from gatekeeper.errors import DomainError
from gatekeeper.figures import service
from gatekeeper.figures.values import Figures, Rate, checked_period, parse_day
from tests.factories import World
from tests.figures.given import OPEN, finding, visit

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What a figure means does not depend on the database; test_recount and test_board try that both count alike."""

DAY = date(2026, 4, 18)


@pytest.fixture
def book(world: World, engines: Engines) -> Iterator[Session]:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        yield session


def counted(session: Session, world: World, first: date = DAY, last: date = DAY) -> Figures:
    session.flush()
    return service.count(session, enterprise_id=world.own.id, first=first, last=last)


@on_sqlite
def test_a_truck_that_was_asked_everything_admitted_and_left_is_compliant(book: Session, world: World) -> None:
    visit(book, world.own, findings=[finding("mask")])
    figures = counted(book, world)
    assert (figures.visits, figures.compliant, figures.counted) == (1, 1, 1)
    assert figures.compliance.percent == "100.0 %"


@on_sqlite
def test_the_count_of_one_visit_is_a_number_and_no_yes_or_no(book: Session, world: World) -> None:
    visit(book, world.own, findings=[finding("mask")])
    figures = counted(book, world)
    told = {**asdict(figures), **asdict(figures.dwell)}
    assert [name for name, value in told.items() if isinstance(value, bool)] == []


@on_sqlite
def test_a_truck_still_being_checked_is_a_visit_but_not_counted(book: Session, world: World) -> None:
    visit(book, world.own, state="at_gate", arrival="hold", open=[OPEN], followed=None)
    visit(book, world.own, state="inside")
    figures = counted(book, world)
    assert (figures.visits, figures.counted, figures.at_gate, figures.inside) == (2, 0, 1, 1)
    assert figures.compliance.percent == "—"


@on_sqlite
def test_an_overdue_visit_is_counted_and_without_an_act_not_compliant(book: Session, world: World) -> None:
    visit(book, world.own, state="at_gate", arrival="hold", followed=None, overdue=True)
    figures = counted(book, world)
    assert (figures.counted, figures.compliant, figures.overdue, figures.not_followed) == (1, 0, 1, 1)


@on_sqlite
def test_an_open_question_spoils_the_visit_unless_it_was_refused(book: Session, world: World) -> None:
    missing = finding("mask", "missing")
    visit(book, world.own, state="turned_away", arrival="hold", findings=[missing], open=[OPEN])
    visit(book, world.own, state="turned_away", arrival="refuse", findings=[missing], open=[OPEN])
    figures = counted(book, world)
    assert (figures.counted, figures.compliant, figures.unanswered, figures.not_followed) == (2, 1, 1, 0)
    assert [(rule.code, rule.missing) for rule in figures.rules] == [("mask", 1)]


@on_sqlite
def test_entering_against_the_verdict_is_not_compliant(book: Session, world: World) -> None:
    visit(book, world.own, arrival="refuse", followed=False, against_verdict=True)
    figures = counted(book, world)
    assert (figures.compliant, figures.not_followed, figures.against_verdict) == (0, 1, 1)
    assert figures.verdicts.refuse == 1


@on_sqlite
def test_voided_visits_are_counted_once_and_nowhere_else(book: Session, world: World) -> None:
    visit(book, world.own, state="void")
    figures = counted(book, world)
    assert (figures.voided, figures.visits, figures.people, figures.verdicts.total) == (1, 0, 0, 0)


@on_sqlite
def test_a_rule_about_people_counts_for_each_and_waived_stands_apart(book: Session, world: World) -> None:
    visit(
        book,
        world.own,
        people=3,
        findings=[
            finding("warm", subject="occupant:1"),
            finding("warm", "violated", "occupant:2"),
            finding("warm", "waived", "occupant:3"),
            finding("warm", "violated", book=1),
        ],
    )
    township, own = counted(book, world).rules
    assert (own.owner, own.met, own.violated, own.waived) == ("enterprise", 1, 1, 1)
    assert own.rate == Rate(1, 2)
    assert (township.owner, township.rate) == ("township", Rate(0, 1))


@on_sqlite
def test_a_visit_belongs_to_the_day_and_hour_of_its_arrival_at_the_gate(book: Session, world: World) -> None:
    late = datetime(2026, 4, 18, 15, 59, tzinfo=UTC)  # 23:59 at the gate
    visit(book, world.own, at=late, minutes=600)
    visit(book, world.own, at=late + timedelta(minutes=1))
    figures = counted(book, world)
    assert figures.visits == 1
    assert [hour for hour, verdicts in enumerate(figures.hours) if verdicts.total] == [23]
    both = counted(book, world, last=DAY + timedelta(days=1))
    assert [day.verdicts.admit for day in both.days] == [1, 1]


@on_sqlite
def test_dwell_times_are_measured_ones_and_the_over_limit_includes_those_inside(book: Session, world: World) -> None:
    for minutes in (10, 20, 30, 40):
        visit(book, world.own, minutes=minutes)
    visit(book, world.own, state="inside", overdue=True, findings=[finding("stay", "violated", reason="dwell.over")])
    dwell = counted(book, world).dwell
    assert (dwell.stays, dwell.median, dwell.ninetieth, dwell.over_limit) == (4, 20 * 60, 40 * 60, 1)


@on_sqlite
def test_risky_origins_are_grouped_by_province(book: Session, world: World) -> None:
    visit(book, world.own, origin="440904", risk_level="high")
    visit(book, world.own, origin="440904101", risk_level="medium")
    visit(book, world.own, origin="220102", risk_level="high")
    visit(book, world.own, origin="330182", risk_level="low")
    assert [(o.province, o.high, o.medium) for o in counted(book, world).origins] == [
        ("440000", 1, 1),
        ("220000", 1, 0),
    ]


@on_sqlite
def test_a_period_without_visits_has_figures_of_zero(book: Session, world: World) -> None:
    figures = counted(book, world, first=date(2025, 1, 1), last=date(2025, 1, 31))
    assert (figures.visits, figures.dwell.median, len(figures.days)) == (0, None, 31)


def test_a_rate_is_rounded_down_so_that_a_hundred_means_all() -> None:
    assert Rate(9999, 10000).percent == "99.9 %"
    assert Rate(10000, 10000).percent == "100.0 %"
    assert Rate(0, 0).tenths is None


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 4, 2), date(2026, 4, 1), "period.reversed"),
        (date(2026, 4, 1), date(2026, 4, 19), "period.future"),
        (date(2025, 3, 14), DAY, "period.too_long"),
    ],
)
def test_a_bad_period_says_what_is_wrong(first: date, last: date, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        checked_period(first, last, today=DAY)
    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["", "2026-4-1", "20260401", "2026-02-30", "昨天", "2026-W16-6"])
def test_a_day_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(DomainError) as refusal:
        parse_day(text, field="first")
    assert (refusal.value.code, refusal.value.field) == ("period.unreadable", "first")


def test_every_figure_is_defined_in_the_documentation() -> None:
    documented = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    missing = [field.name for field in fields(Figures) if f"`{field.name}`" not in documented]
    assert missing == ["first", "last"]  # the period itself
