"""Every number on the figures page and on the board leads to the visits that it counts."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.figures import rolling, service
from gatekeeper.figures.values import Figures
from gatekeeper.visits import narrowing, queries
from gatekeeper.visits.queries import LogFilter
from tests.factories import World, client_for
from tests.figures.given import NINE, OPEN, finding, visit
from tests.figures.test_recount import FIRST, SEED, play

LAST = FIRST + timedelta(days=1)
LINK = re.compile(
    r'href="(/e/[^"]+/visits\?[^"]+)"[^>]*>(?:\s*<span class="figure__label">[^<]*</span>\s*<span[^>]*>)?(\d+)<'
)
COUNT = re.compile(r"共 (\d+) 次来访")
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def found(client: FlaskClient, address: str) -> int:
    answer = client.get(address)
    assert answer.status_code == 200
    said = COUNT.search(answer.get_data(as_text=True))
    return int(said[1]) if said else 0


def test_a_number_on_the_page_is_the_number_of_visits_behind_it(world: World, app: Flask, platform: Engines) -> None:
    play(world, SEED)
    rolling.everywhere(platform)
    admin = client_for(app, world.own.admin)
    page = admin.get(f"/e/{world.own.slug}/figures?first={FIRST}&last={LAST}").get_data(as_text=True)
    links = [(unescape(address), int(number)) for address, number in LINK.findall(page)]
    assert len(links) > 60
    named = set()
    for address, number in links:
        asked = re.search(r"last=[^&]+(?:&(.*))?$", address)
        name = (asked[1] or "") if asked else ""
        named.add(name.partition("=")[0])
        if name == "some=visits":
            continue  # visits, and the people on them
        if name.startswith("rule="):
            assert 0 < found(admin, address) <= number, address  # of one visit each person counts
        else:
            assert found(admin, address) == number, address
    assert named >= {"some", "arrival", "kind", "rule", "used"}


@on_sqlite
def test_the_board_leads_to_the_visits_of_each_enterprise(world: World, app: Flask) -> None:
    play(world, SEED)
    office = client_for(app, world.towns[0].admin)
    page = office.get(f"/e/{world.towns[0].office.slug}/board?first={FIRST}&last={LAST}").get_data(as_text=True)
    links = [(unescape(address), int(number)) for address, number in LINK.findall(page)]
    assert len(links) >= 6
    for address, number in links:
        assert found(office, address) == number, address


def narrowed(session: object, world: World, **words: str) -> int:
    day = NINE.date()
    wanted = LogFilter(day, day, narrow=narrowing.read(words))
    rows, count = queries.log(session, enterprise_id=world.own.id, wanted=wanted)  # type: ignore[arg-type]
    sheet = queries.log_ids(session, enterprise_id=world.own.id, wanted=wanted)  # type: ignore[arg-type]
    assert len(rows) == len(sheet) == count
    return count


def test_each_way_to_narrow_the_log_counts_as_the_figures_do(engines: Engines, world: World) -> None:
    day = NINE.date()
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        for n in range(3):
            visit(session, world.own, at=NINE + timedelta(hours=n), origin="440904", risk_level="high")
        visit(session, world.own, arrival="hold", verdict="hold", followed=False, against_verdict=True, kind="van")
        visit(session, world.own, state="turned_away", arrival="hold", open=[OPEN], risk_level="medium", kind=None)
        visit(session, world.own, state="turned_away", arrival="refuse", findings=[finding("mask", "missing")])
        visit(session, world.own, state="at_gate", arrival="hold", followed=None, overdue=True)
        visit(session, world.own, state="inside", findings=[finding("stay", "violated", reason="dwell.over")])
        visit(session, world.own, findings=[finding("mask"), finding("mask", "violated", book=1)], corrected=True)
        visit(session, world.own, findings=[finding("masks")], overridden=True, attention=1, risk_list="ab" * 32)
        visit(session, world.own, findings=[finding("mask", "waived")], overridden=True)
        visit(session, world.own, state="void")
        session.flush()
        f = service.count(session, enterprise_id=world.own.id, first=day, last=day)
        for name in set(narrowing.SOME) - {"failed", "stays", "over_limit"}:
            assert narrowed(session, world, some=name) == getattr(f, name), name
        assert narrowed(session, world, some="failed") == f.counted - f.compliant
        assert narrowed(session, world, some="stays") == f.dwell.stays
        assert narrowed(session, world, some="over_limit") == f.dwell.over_limit == 1
        for name in ("admit", "hold", "refuse"):
            assert narrowed(session, world, arrival=name) == getattr(f.verdicts, name), name
            for hour, verdicts in enumerate(f.hours):
                assert narrowed(session, world, arrival=name, hour=str(hour)) == getattr(verdicts, name)
        assert {kind: narrowed(session, world, kind=kind) for kind, _ in f.by_kind} == dict(f.by_kind)
        for o in f.origins:
            place = o.province or "none"
            assert narrowed(session, world, risk="high", province=place) == o.high
            assert narrowed(session, world, risk="medium", province=place) == o.medium
        assert narrowed(session, world, used="ab" * 32) == 1
        rules(session, world, f)
        assert narrowed(session, world) == f.visits + f.voided
        assert (
            narrowed(session, world, some="x", hour="24", rule="mask'", used="..", province="%") == f.visits + f.voided
        )


def rules(session: object, world: World, f: Figures) -> None:
    """Of one visit a rule has one finding here, so visits are findings."""
    assert [(rule.owner, rule.code) for rule in f.rules] == [
        ("township", "mask"), ("enterprise", "mask"), ("enterprise", "masks")
    ]  # fmt: skip
    for rule in f.rules:
        name = f"{rule.owner}.{rule.code}"
        for state in ("met", "violated", "missing", "waived"):
            assert narrowed(session, world, rule=f"{name}.{state}") == getattr(rule, state), (name, state)
        assert narrowed(session, world, rule=name) == rule.rate.of
