"""Townships, enterprises, gates and zones: what is refused, and what the book says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.db import Engines, new_id
from gatekeeper.enterprises import queries, service
from gatekeeper.enterprises.models import EnterpriseKind, Township
from gatekeeper.errors import DomainError
from gatekeeper.ledger.models import LedgerEntry
from tests.factories import MORNING, World

WHO: dict[str, Any] = {"by": OPERATOR, "at": MORNING}
GOOD_CODE = "91350100M000100Y43"
DETAILS: dict[str, Any] = {"name": "新厂", "credit_code": None, "cluster": None, "size": "small", "exporter": False}


def acts(engines: Engines, scope: tenancy.Enterprise) -> list[dict[str, Any]]:
    with tenancy.open_session(engines, scope) as session:
        return [
            json.loads(text)["body"] for text in session.scalars(select(LedgerEntry.bytes).order_by(LedgerEntry.seq))
        ]


def test_a_demo_and_a_real_township_do_not_share_an_installation(world: World, platform: Engines) -> None:
    with (
        pytest.raises(DomainError, match=r"demo\.mixed"),
        tenancy.open_session(platform, tenancy.Enterprise(new_id()), write=True) as session,
    ):
        service.add_township(session, name="演示镇", slug="yanshi", demo=True, **WHO)


def test_a_township_of_the_same_name_is_refused_whole(world: World, platform: Engines) -> None:
    office = tenancy.Enterprise(new_id())
    with (
        pytest.raises(DomainError, match=r"township\.taken"),
        tenancy.open_session(platform, office, write=True) as session,
    ):
        service.add_township(session, name=" 甲镇 ", slug="jia-2", **WHO)
    with tenancy.open_session(platform, office) as session:
        assert session.scalars(select(Township.office_id).where(Township.office_id == office.id)).all() == []


def test_opening_an_office_and_a_factory_is_the_first_entry_of_each_book(world: World, engines: Engines) -> None:
    assert acts(engines, world.towns[0].office.scope)[0]["act"] == "township.added"
    assert [body["act"] for body in acts(engines, world.own.scope)][:3] == [
        "enterprise.added",
        "gate.added",
        "zone.added",
    ]


@pytest.mark.parametrize("slug", ["", "a", "Jia", "甲", "a_b", "-a", "a-", "a" * 41, "platform", "a/b"])
def test_a_short_name_of_another_shape_is_refused(world: World, slug: str) -> None:
    with (
        pytest.raises(DomainError, match=r"slug\.shape"),
        tenancy.open_session(world.engines, tenancy.Enterprise(new_id()), write=True) as session,
    ):
        service.add_enterprise(session, township_id=world.own.township_id, slug=slug, name="新厂", **WHO)


def test_a_short_name_is_taken_in_every_township(world: World) -> None:
    with (
        pytest.raises(DomainError) as refusal,
        tenancy.open_session(world.engines, tenancy.Enterprise(new_id()), write=True) as session,
    ):
        service.add_enterprise(session, township_id=world.own.township_id, slug=world.stranger.slug, name="新厂", **WHO)
    assert (refusal.value.code, refusal.value.field) == ("slug.taken", "slug")


@pytest.mark.parametrize("kind", [EnterpriseKind.PLATFORM, EnterpriseKind.TOWNSHIP_OFFICE])
def test_offices_and_platforms_are_not_added_as_enterprises(world: World, kind: EnterpriseKind) -> None:
    with (
        pytest.raises(DomainError, match=r"enterprise\.kind"),
        tenancy.open_session(world.engines, tenancy.Enterprise(new_id()), write=True) as session,
    ):
        service.add_enterprise(session, township_id=world.own.township_id, slug="xin", name="新厂", kind=kind, **WHO)


def test_only_what_changed_stands_in_the_book(world: World, engines: Engines) -> None:
    details = {**DETAILS, "name": world.own.name, "credit_code": f" {GOOD_CODE.lower()} ", "exporter": True}
    for _ in range(2):
        with tenancy.open_session(engines, world.own.scope, write=True) as session:
            service.change_enterprise(session, **details, **WHO)
    changes = [body for body in acts(engines, world.own.scope) if body["act"] == "enterprise.changed"]
    assert [body["values"] for body in changes] == [{"credit_code": GOOD_CODE, "exporter": True}]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "厂" * 81}, "name"),
        ({"credit_code": "123"}, "credit_code"),
        ({"size": "huge"}, "size"),
    ],
)
def test_details_that_cannot_be_taken_name_their_field(world: World, changed: dict[str, Any], field: str) -> None:
    with (
        pytest.raises(DomainError) as refusal,
        tenancy.open_session(world.engines, world.own.scope, write=True) as session,
    ):
        service.change_enterprise(session, **(DETAILS | changed), **WHO)
    assert refusal.value.field == field


def test_an_enterprise_closes_once_and_an_office_never(world: World, engines: Engines) -> None:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        service.close_enterprise(session, **WHO)
    with (
        pytest.raises(DomainError, match=r"enterprise\.closed"),
        tenancy.open_session(engines, world.own.scope, write=True) as session,
    ):
        service.close_enterprise(session, **WHO)
    with (
        pytest.raises(DomainError, match=r"enterprise\.kind"),
        tenancy.open_session(engines, world.towns[0].office.scope, write=True) as session,
    ):
        service.close_enterprise(session, **WHO)


def test_gates_have_names_of_their_own_and_one_of_them_stays(world: World, engines: Engines) -> None:
    first = world.own.gate_id
    assert first is not None
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        with pytest.raises(DomainError, match=r"gate\.taken"):
            service.add_gate(session, name=" 1号门 ", **WHO)
        with pytest.raises(DomainError, match=r"gate\.last"):
            service.close_gate(session, gate_id=first, **WHO)
        second = service.add_gate(session, name="2号门", accepts=("other", "truck"), **WHO)
        assert second.accepts == "truck,other"
        service.close_gate(session, gate_id=first, **WHO)
        with pytest.raises(DomainError, match=r"gate\.(closed|last)"):
            service.close_gate(session, gate_id=first, **WHO)
        assert [gate.name for gate in queries.gates(session, enterprise_id=world.own.id)] == ["2号门"]
        assert len(queries.gates(session, enterprise_id=world.own.id, closed=True)) == 2


def test_a_gate_takes_known_kinds_of_visitor_only(world: World, engines: Engines) -> None:
    with (
        pytest.raises(DomainError, match=r"gate\.accepts"),
        tenancy.open_session(engines, world.own.scope, write=True) as session,
    ):
        service.add_gate(session, name="2号门", accepts=("spaceship",), **WHO)


def test_a_closed_zone_opens_again_under_the_same_code(world: World, engines: Engines) -> None:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        zone = queries.zones(session, enterprise_id=world.own.id)[0]
        with pytest.raises(DomainError, match=r"zone\.taken"):
            service.add_zone(session, code="a", name="又一个", **WHO)
        service.close_zone(session, zone_id=zone.id, **WHO)
        assert queries.zones(session, enterprise_id=world.own.id) == []
        again = service.add_zone(session, code="a", name="原料堆场", **WHO)
        assert (again.id, again.code, again.name) == (zone.id, "A", "原料堆场")


def test_a_new_enterprise_sees_which_steps_are_done(world: World, engines: Engines) -> None:
    place = tenancy.Enterprise(new_id())
    with tenancy.open_session(engines, place, write=True) as session:
        service.add_enterprise(session, township_id=world.own.township_id, slug="xin", name="新厂", **WHO)
        before = queries.first_steps(session, enterprise_id=place.id)
        service.add_gate(session, name="1号门", **WHO)
        after = queries.first_steps(session, enterprise_id=place.id)
    assert (before.gate, before.zones, before.people, before.rules, before.visit) == (False,) * 5
    assert (after.gate, after.people) == (True, False)
    with tenancy.open_session(engines, world.own.scope) as session:
        assert queries.first_steps(session, enterprise_id=world.own.id).people
