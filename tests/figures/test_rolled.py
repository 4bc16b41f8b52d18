"""Kept days are always what the visits add up to, whatever happened to them and whenever the worker looked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from gatekeeper import tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.clock import day_of, micros
from gatekeeper.db import Engines, new_id
from gatekeeper.errors import DomainError
from gatekeeper.figures import counting, queries, rolled, rolling, service
from gatekeeper.figures.models import RolledDay
from gatekeeper.figures.recount import recount as compared
from gatekeeper.figures.tally import STATES, Tally
from gatekeeper.retention import erasing
from gatekeeper.visits import judge, rejudge, sweep
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.ground import Ground
from gatekeeper.visits.record import record
from gatekeeper.visits.state import State
from tests.conftest import Databases
from tests.factories import MORNING, World
from tests.recount import recount
from tests.risk_areas.conftest import make_list
from tests.rulebooks.switched import switch_on
from tests.visits.chances import arrival, happens
from tests.visits.gate import FEVER, AtGate, publish
from tests.visits.test_phone import prepare

__all__ = ["make_list"]
FIRST, LAST = day_of(MORNING) - timedelta(days=1), day_of(MORNING) + timedelta(days=4)
PERIOD: dict[str, Any] = {"first": FIRST, "last": LAST}
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def anything_happens(world: World, chance: Random, between: Callable[[], Any], visits: int = 24) -> None:
    """Visits of some days as chance has them, some events late; ``between`` events somebody else is at work."""
    place = world.own
    for _ in range(visits):
        at = MORNING + timedelta(minutes=chance.randrange(3 * 24 * 60))
        visit, state, kind, body = new_id(), None, "arrive", arrival(chance)
        events = chance.randint(3, 12)
        for number in range(events):
            late = timedelta(hours=chance.choice([0, 0, 0, 0, 30]))
            by = chance.choice([place.guard, place.lead, place.admin])
            with tenancy.open_session(world.engines, place.scope, write=True) as session:
                event = Event(new_id(), visit, EventKind(kind), at, place.gate_id, body)
                try:
                    state = record(session, event, by=by, received_at=at + late).visit
                except DomainError as refused:
                    assert refused.code.startswith("override."), refused
                at += timedelta(seconds=chance.choice([5, 60, 600, 4000]))
                kind, body = _next(session, chance, state, at)
            if number == events - 3:
                kind, body = "admit", {}
            elif number == events - 2:
                kind, body = "leave", {"seen": True, "subjects": []}
            if chance.random() < 0.08:
                between()
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        sweep.overdue(session, at=MORNING + timedelta(days=4))


def _next(session: Any, chance: Random, state: State | None, at: Any) -> tuple[str, dict[str, Any]]:
    if state is None:
        return "arrive", arrival(chance)
    return happens(chance, judge.books_for(Ground(session), state, state, at=at), state, micros(at))


@pytest.mark.parametrize("books", ["cement", "epidemic_2022"])
def test_kept_days_equal_the_count_and_the_recount_from_raw_entries_over_random_days(
    world: World, platform: Engines, databases: Databases, books: str, make_list: Callable[..., bytes]
) -> None:
    prepare(world, books, make_list)
    anything_happens(world, Random(books), lambda: rolling.everywhere(platform))
    raw = recount(databases.owner, world.own.id, FIRST, LAST)
    assert raw["visits"] > 15 and raw["rules"] and raw["dwell"]["stays"]
    for _ in ("some days in step", "all of them"):
        with tenancy.open_session(world.engines, world.own.scope) as session:
            assert service.count(session, enterprise_id=world.own.id, **PERIOD).to_data() == raw
            whole = Tally(**PERIOD)
            whole.days.update(counting.of_visits(session, enterprise_id=world.own.id, **PERIOD))
            assert whole.figures().to_data() == raw
            assert compared(session, enterprise_id=world.own.id, **PERIOD).difference is None
        with tenancy.open_session(world.engines, tenancy.Township(world.own.township_id)) as session:
            by_rule = counting.rules(session, **PERIOD)[world.own.id]
            told = [
                {"owner": key[0], "code": key[1], **{name: n[name] for name in STATES}} for key, n in by_rule.items()
            ]
            wanted = [{name: rule[name] for name in ("owner", "code", *STATES)} for rule in raw["rules"]]
            assert sorted(told, key=str) == sorted(wanted, key=str)
        rolling.everywhere(platform)
    with tenancy.open_session(world.engines, tenancy.Township(world.own.township_id)) as session:
        assert rolled.out_of_step(session, enterprise_id=world.own.id, **PERIOD) == set()
        (row,) = [row for row in service.board(session, **PERIOD) if row.enterprise_id == world.own.id]
        assert (row.visits, row.compliant, row.counted) == (raw["visits"], raw["compliant"], raw["counted"])
        assert (row.held, row.refused) == (raw["verdicts"]["hold"], raw["verdicts"]["refuse"])
        assert (row.against_verdict, row.overdue) == (raw["against_verdict"], raw["overdue"])
        assert [(day.met, day.of) for day in row.days] == [(day["compliant"], day["counted"]) for day in raw["days"]]


def stale(world: World) -> set[date] | None:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return rolled.out_of_step(session, enterprise_id=world.own.id, first=date.min, last=date.max)


def kept(world: World) -> dict[date, dict[str, Any]]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        rows = rolled.rows(session, enterprise_id=world.own.id, first=date.min, last=date.max)
        return {row.day: rolled.values(row) for row in rows}


def test_only_the_days_of_what_was_written_since_are_counted_again(world: World, platform: Engines) -> None:
    publish(world, world.own, FEVER)
    before, today = (AtGate(world.engines, world.own, at=MORNING + timedelta(days=n)) for n in (-1, 0))
    before.arrive()
    today.arrive()
    assert stale(world) is None  # none was ever kept
    assert rolling.everywhere(platform) == 2
    assert stale(world) == set()
    assert rolling.everywhere(platform) == 0
    for act in (
        lambda: today.temperature(366),
        lambda: today.admit(),
        lambda: today.send(EventKind.CORRECT, {"reason": "看错一行", "facts": {"cargo": "coal"}}),
        lambda: today.send(EventKind.VOID, {"reason": "录错了"}, by=world.own.lead),
    ):
        act()
        assert stale(world) == {day_of(MORNING)}
        assert rolling.everywhere(platform) == 1
    assert [(day, row["visits"], row["voided"]) for day, row in sorted(kept(world).items())] == [
        (day_of(MORNING) - timedelta(days=1), 1, 0), (day_of(MORNING), 0, 1)
    ]  # fmt: skip
    publish(world, world.own, FEVER, at=MORNING)  # the book moves on, no visit does
    assert stale(world) == set()
    assert rolling.everywhere(platform) == 0


def test_an_erasure_and_a_second_judgement_are_entries_that_tell_of_a_day(world: World, platform: Engines) -> None:
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    rolling.everywhere(platform)
    switch_on(world.engines, world.towns[0], at=gate.at)
    assert rejudge.everywhere(world.engines, at=gate.at) == 1
    assert stale(world) == {day_of(MORNING)}
    rolling.everywhere(platform)
    assert [row["held"] for row in kept(world).values()] == [1]
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        assert erasing.erase_visit(session, gate.visit_id, ("plate", "contact"), by=OPERATOR, at=gate.at)
    assert stale(world) == {day_of(MORNING)}
    before = kept(world)
    rolling.everywhere(platform)
    assert kept(world) == before and stale(world) == set()  # nothing personal is counted


def test_a_worker_that_was_overtaken_writes_nothing(world: World, platform: Engines) -> None:
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    rolling.everywhere(platform)
    gate.turn_away()
    with tenancy.open_session(platform, world.own.scope) as session:
        (slow,) = rolled.books(session, enterprise_id=world.own.id)
        found = counting.of_visits(session, enterprise_id=world.own.id, first=FIRST, last=LAST)
    gate.send(EventKind.NOTE, {"text": "等待"})
    rolling.everywhere(platform)
    with tenancy.open_session(platform, world.own.scope, write=True) as session:
        assert not rolling.keep(session, slow, [day_of(MORNING)], found)
    assert stale(world) == set()


def test_days_counted_by_another_definition_are_not_used(world: World, databases: Databases, platform: Engines) -> None:
    AtGate(world.engines, world.own).arrive()
    rolling.everywhere(platform)
    by_hand(databases.owner, "UPDATE day_figures_head SET definition = 0")
    by_hand(databases.owner, "UPDATE day_figures SET visits = 7")
    assert stale(world) is None
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert service.count(session, enterprise_id=world.own.id, **PERIOD).visits == 1
        assert [row.visits for row in queries.day_sums(session, **PERIOD)] == [1]
    assert rolling.everywhere(platform) == 1
    assert [row["visits"] for row in kept(world).values()] == [1]


def by_hand(url: str, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE day_figures SET compliant = compliant + 1", "compliant: kept 1, counted 0"),
        (
            "UPDATE day_figures SET nested = replace(nested, '\"stays\":[]', '\"stays\":[7]')",
            "stays: kept [7], counted []",
        ),
        ("DELETE FROM day_figures", "visits: kept 0, counted 1"),
        ("UPDATE visits SET overridden = NOT overridden", "overridden: kept 0, counted 1"),
    ],
)
def test_the_recount_names_the_first_kept_figure_that_is_wrong_and_they_are_counted_anew(
    world: World, databases: Databases, platform: Engines, command_app: Any, statement: str, said: str
) -> None:
    AtGate(world.engines, world.own).arrive()
    rolling.everywhere(platform)
    run, slug, day = command_app.test_cli_runner(), world.own.slug, day_of(MORNING).isoformat()
    good = run.invoke(args=["figures", "recount"])
    assert (good.exit_code, good.output.splitlines()[-1]) == (0, "confirmed: 1 days")
    by_hand(databases.owner, statement)
    for arguments in ([], [slug], [slug, day], [slug, FIRST.isoformat(), LAST.isoformat()]):
        found = run.invoke(args=["figures", "recount", *arguments])
        assert (found.exit_code, found.output.splitlines()[-1].startswith(f"{slug} {day} {said}")) == (1, True), found
    later = (day_of(MORNING) + timedelta(days=1)).isoformat()
    assert run.invoke(args=["figures", "recount", slug, later]).exit_code == 0
    assert run.invoke(args=["figures", "rebuild", slug]).output == f"{slug}: 1 days\n"
    assert run.invoke(args=["figures", "recount", slug]).exit_code == 0


@on_sqlite
def test_a_neighbour_and_another_township_have_their_own_days(world: World, platform: Engines) -> None:
    AtGate(world.engines, world.own).arrive()
    rolling.everywhere(platform)
    with tenancy.open_session(world.engines, world.neighbour.scope) as session:
        assert session.scalars(sa.select(RolledDay)).all() == []
        assert queries.day_sums(session, **PERIOD) == []
    with tenancy.open_session(world.engines, tenancy.Township(world.stranger.township_id)) as session:
        assert queries.day_sums(session, **PERIOD) == []
