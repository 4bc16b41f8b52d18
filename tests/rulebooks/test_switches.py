"""Pressing the switch: what is refused and why, what the book keeps, who may read it and who may not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from gatekeeper import tenancy
from gatekeeper.clock import day_of
from gatekeeper.db import Engines, connect
from gatekeeper.errors import DomainError, Invalid, NotFound
from gatekeeper.ledger.queries import Fault
from gatekeeper.rulebooks import reach, switch_queries, switches
from gatekeeper.rulebooks.models import AlertLevel, PackSwitch, SwitchEnd, SwitchTarget
from gatekeeper.rulebooks.service import RulebookRefused
from gatekeeper.rules import codec, packs
from gatekeeper.rules.values import Owner
from gatekeeper.visits import proof
from tests.conftest import Databases
from tests.factories import MORNING, World
from tests.rulebooks.given import published, rule
from tests.rulebooks.switched import acknowledge, alert, switch_off, switch_on
from tests.visits.test_proof import Sql, intruder

__all__ = ["intruder"]
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"reason": "  "}, "switch.reason", "reason"),
        ({"reason": "长" * 201}, "switch.reason_long", "reason"),
        ({"pack": "no_such"}, "switch.pack_unknown", "pack"),
        ({"reach": "everybody"}, "switch.reach", "reach"),
        ({"reach": "named"}, "switch.nobody", "named"),
        ({"reach": "cluster", "cluster": "没有这个园区"}, "switch.nobody", "cluster"),
        ({"holds_from": MORNING - HOUR}, "switch.past", "holds_from"),
        ({"holds_until": MORNING - HOUR}, "switch.until", "holds_until"),
        ({"holds_from": MORNING + HOUR, "holds_until": MORNING + HOUR}, "switch.until", "holds_until"),
    ],
)
def test_what_cannot_be_switched_on_is_told_at_its_field(
    world: World, engines: Engines, given: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        switch_on(engines, world.towns[0], **given)
    assert (refused.value.code, refused.value.field) == (code, field)
    with tenancy.open_session(engines, world.towns[0].office.scope) as session:
        assert switch_queries.orders(session, at=MORNING) == []


def test_a_pack_whose_duty_is_over_cannot_be_switched_on(
    world: World, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = day_of(MORNING)
    monkeypatch.setattr(packs, "ended", lambda code: last + timedelta(days=1))
    switch_off(engines, world.towns[0], switch_on(engines, world.towns[0]), at=MORNING + HOUR)
    monkeypatch.setattr(packs, "ended", lambda code: last)
    with pytest.raises(Invalid) as refused:
        switch_on(engines, world.towns[0], at=MORNING + 2 * HOUR)
    assert refused.value.code == "switch.pack_ended"
    assert str(last) in refused.value.text.zh


def test_a_pack_says_when_its_duty_ended_and_is_still_a_rulebook(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = packs.load("visitor_basic")
    monkeypatch.setattr(packs, "_read", lambda code: {**plain, "ended": "2023-01-08"})
    assert packs.ended("visitor_basic") == date(2023, 1, 8)
    codec.parse(packs.load("visitor_basic"), owner=Owner.TOWNSHIP, version="x")


@pytest.mark.parametrize("pack", packs.codes())
def test_the_rules_of_a_switched_pack_have_codes_of_their_own(pack: str) -> None:
    book = switches.of_pack(pack, at=MORNING)
    assert [rule.code for rule in book.rules] == [f"{pack}__{rule['code']}" for rule in packs.load(pack)["rules"]]
    assert book.owner == Owner.TOWNSHIP


def test_no_rulebook_of_the_township_may_take_those_codes(world: World, engines: Engines) -> None:
    taken = rule("epidemic_2022__temperature")
    with pytest.raises(RulebookRefused):
        published(engines, world.towns[0].office, taken)
    published(engines, world.own, taken)


@pytest.mark.parametrize("shifted", [timedelta(0), HOUR])
def test_the_same_pack_is_not_on_twice_for_somebody(world: World, engines: Engines, shifted: timedelta) -> None:
    town = world.towns[0]
    switch_on(engines, town, reach="named", named=[world.own.id], holds_until=MORNING + 2 * HOUR)
    with pytest.raises(switches.AlreadyOn) as refused:
        switch_on(engines, town, at=MORNING + shifted)
    assert "疫情防控" in refused.value.text.zh
    assert refused.value.order.named == {world.own.id}
    switch_on(engines, town, reach="named", named=[world.neighbour.id])
    switch_on(engines, town, pack="visitor_basic")
    switch_on(engines, town, at=MORNING, holds_from=MORNING + 2 * HOUR, reach="named", named=[world.own.id])


def test_an_enterprise_of_another_township_cannot_be_named(world: World, engines: Engines) -> None:
    with pytest.raises(Invalid) as refused:
        switch_on(engines, world.towns[0], reach="named", named=[world.own.id, world.stranger.id])
    assert refused.value.code == "switch.stranger"


def test_an_order_ends_once_and_an_ended_one_does_not_end_again(world: World, engines: Engines) -> None:
    town = world.towns[0]
    switch = switch_on(engines, town)
    with pytest.raises(Invalid):
        switch_off(engines, town, switch, at=MORNING + HOUR, reason="")
    switch_off(engines, town, switch, at=MORNING + HOUR)
    with pytest.raises(DomainError, match="ended"):
        switch_off(engines, town, switch, at=MORNING + 2 * HOUR)
    short = switch_on(engines, town, at=MORNING + HOUR, holds_until=MORNING + 2 * HOUR)
    with pytest.raises(DomainError, match="ended"):
        switch_off(engines, town, short, at=MORNING + 3 * HOUR)


def test_one_taken_back_before_it_began_never_judges(world: World, engines: Engines) -> None:
    town = world.towns[0]
    switch = switch_on(engines, town, holds_from=MORNING + 2 * HOUR)
    switch_off(engines, town, switch, at=MORNING + HOUR)
    for hours in (0, 1, 2, 3):
        with tenancy.open_session(engines, world.own.scope) as session:
            assert reach.here(session, at=MORNING + hours * HOUR) == ()


@pytest.mark.parametrize("level", [-1, 11, True, "3"])
def test_an_alert_level_is_a_whole_number_up_to_ten(world: World, engines: Engines, level: Any) -> None:
    with pytest.raises(Invalid) as refused:
        alert(engines, world.towns[0], level, at=MORNING)
    assert refused.value.field == "level"


def test_an_enterprise_acknowledges_once_and_only_what_is_for_it(world: World, engines: Engines) -> None:
    switch = switch_on(engines, world.towns[0], reach="named", named=[world.own.id])
    for hours in (1, 2):
        acknowledge(engines, world.own, switch, at=MORNING + hours * HOUR)
    with tenancy.open_session(engines, tenancy.Township(world.towns[0].id)) as session:
        seen = switch_queries.acknowledged(session, enterprise_id=world.own.id)
    assert seen[switch].at == MORNING + HOUR
    with pytest.raises(Invalid, match="not for this"):
        acknowledge(engines, world.neighbour, switch, at=MORNING)
    with pytest.raises(NotFound):
        acknowledge(engines, world.stranger, switch, at=MORNING)


def test_who_it_reaches_is_said_the_same_by_the_database_and_in_memory(world: World, engines: Engines) -> None:
    town = world.towns[0]
    switch_on(engines, town, pack="visitor_basic", reach="named", named=[world.neighbour.id])
    switch_on(engines, town, pack="cement_logistics")
    switch_on(engines, world.towns[1])
    for place in (world.own, world.neighbour, world.stranger, town.office):
        with tenancy.open_session(engines, place.scope) as session:
            fast = set(reach.here(session, at=MORNING))
            row = switch_queries.place(session)
            slow = {o.switch.id for o in switch_queries.for_enterprise(session, place=row, at=MORNING)}
        assert fast == slow
        assert len(fast) == {world.neighbour.id: 2, town.office.id: 0}.get(place.id, 1)


def test_a_neighbour_township_sees_nothing_and_an_enterprise_writes_nothing(world: World, engines: Engines) -> None:
    town = world.towns[0]
    switch = switch_on(engines, town, reach="named", named=[world.own.id])
    switch_off(engines, town, switch, at=MORNING + HOUR)
    alert(engines, town, 3, at=MORNING)
    for model in (PackSwitch, SwitchTarget, SwitchEnd, AlertLevel):
        for scope, count in ((world.own.scope, 1), (world.stranger.scope, 0), (tenancy.Township(world.towns[1].id), 0)):
            with tenancy.open_session(engines, scope) as session:
                assert len(session.scalars(select(model)).all()) == count
    with tenancy.open_session(engines, world.own.scope) as session:
        row = session.scalars(select(PackSwitch)).one()
        values = {c.key: getattr(row, c.key) for c in sa.inspect(PackSwitch).column_attrs}
    with pytest.raises(tenancy.TenancyError), tenancy.open_session(engines, world.own.scope, write=True) as session:
        session.add(PackSwitch(**{**values, "id": world.own.id}))


@pytest.mark.parametrize("table", ["pack_switches", "pack_switch_targets", "pack_switch_ends", "alert_levels"])
def test_what_was_ordered_cannot_be_changed(world: World, engines: Engines, databases: Databases, table: str) -> None:
    switch = switch_on(engines, world.towns[0], reach="named", named=[world.own.id])
    switch_off(engines, world.towns[0], switch, at=MORNING + HOUR)
    alert(engines, world.towns[0], 3, at=MORNING)
    owner = connect(databases.owner)
    with owner.write.connect() as connection, pytest.raises(DBAPIError, match="append-only"), connection.begin():
        connection.execute(sa.text(f"DELETE FROM {table}"))
    owner.dispose()


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("UPDATE pack_switches SET document = replace(document, '373', '400')", "pack_switches"),
        ("UPDATE pack_switches SET holds_until = NULL", "pack_switches"),
        ("DELETE FROM pack_switch_targets", "pack_switches"),
        ("UPDATE pack_switch_ends SET ended_at = ended_at - 1", "pack_switch_ends"),
        ("UPDATE alert_levels SET level = 1", "alert_levels"),
        ("DELETE FROM alert_levels", "alert_levels"),
    ],
)
def test_an_order_that_was_changed_is_named_by_the_offices_book(
    world: World, engines: Engines, intruder: Sql, change: str, table: str
) -> None:
    town = world.towns[0]
    switch = switch_on(engines, town, reach="named", named=[world.own.id], holds_until=MORNING + 9 * HOUR)
    switch_off(engines, town, switch, at=MORNING + HOUR)
    alert(engines, town, 3, at=MORNING)
    acknowledge(engines, world.own, switch, at=MORNING)
    for place in (town.office, world.own):
        with tenancy.open_session(engines, place.scope) as session:
            assert isinstance(proof.verify(session, enterprise_id=place.id), proof.Sound)
    intruder(change)
    with tenancy.open_session(engines, town.office.scope) as session:
        found = proof.verify(session, enterprise_id=town.office.id)
    assert isinstance(found, Fault)
    assert table in found.reason


def test_a_forged_acknowledgement_is_named_by_the_enterprises_book(
    world: World, engines: Engines, intruder: Sql
) -> None:
    switch = switch_on(engines, world.towns[0])
    acknowledge(engines, world.own, switch, at=MORNING)
    one, other = (str(place.id).replace("-", "") for place in (world.own, world.neighbour))
    if not engines.read.dialect.name.startswith("sqlite"):
        one, other = str(world.own.id), str(world.neighbour.id)
    intruder(f"UPDATE acknowledgements SET enterprise_id = '{other}' WHERE enterprise_id = '{one}'")
    for place in (world.own, world.neighbour):
        with tenancy.open_session(engines, place.scope) as session:
            found = proof.verify(session, enterprise_id=place.id)
        assert isinstance(found, Fault)
        assert "acknowledgements" in found.reason
