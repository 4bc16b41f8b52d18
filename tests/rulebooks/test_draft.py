"""The draft: changed rule by rule; of two people the second is told and loses nothing."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.errors import Invalid, NotFound
from gatekeeper.rulebooks import drafts, queries, service
from gatekeeper.rulebooks.models import RulebookDraft
from tests.factories import MORNING, World
from tests.rulebooks.given import begun, confirm, rule

MASK = confirm("mask", "戴口罩", "Mask")
HELMET = confirm("helmet", "戴安全帽", "Helmet")
LEAVE = confirm("leave", "交回通行证", "Pass returned", stage="exit")


def codes(engines: Engines, world: World) -> list[str]:
    with tenancy.open_session(engines, world.own.scope) as session:
        found = queries.draft(session, enterprise_id=world.own.id)
        assert found is not None
        return [item["code"] for item in drafts.document_of(found)["rules"]]


def change(engines: Engines, world: World, verb, **what) -> int:
    """Do one verb on the draft; the new revision."""
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        draft = service.draft(session, by=world.own.admin, at=MORNING)
        verb(session, draft, by=world.own.admin, at=MORNING, **what)
        return draft.revision


def test_rules_stand_in_the_order_of_a_visit_and_move_within_their_stage(world: World, engines: Engines):
    begun(engines, world.own, LEAVE, MASK, HELMET)
    assert codes(engines, world) == ["mask", "helmet", "leave"]
    change(engines, world, service.move_rule, code="helmet", up=True)
    assert codes(engines, world) == ["helmet", "mask", "leave"]
    change(engines, world, service.move_rule, code="mask", up=False)
    assert codes(engines, world) == ["helmet", "mask", "leave"]
    change(engines, world, service.remove_rule, code="helmet")
    assert codes(engines, world) == ["mask", "leave"]


def test_a_new_rule_with_a_code_that_is_taken_gets_another(world: World, engines: Engines):
    begun(engines, world.own, MASK)
    change(engines, world, service.add_rule, rule=MASK)
    assert codes(engines, world) == ["mask", "mask_2"]


def test_rules_of_a_pack_are_copied_once_in_the_packs_order(world: World, engines: Engines):
    wanted = {"pack_code": "epidemic_2022", "rule_codes": ["temperature", "health_code"]}
    change(engines, world, service.add_pack_rules, **wanted)
    change(engines, world, service.add_pack_rules, **wanted)
    assert codes(engines, world) == ["health_code", "temperature"]
    with pytest.raises(NotFound):
        change(engines, world, service.add_pack_rules, pack_code="epidemic_2022", rule_codes=["no_such_rule"])
    with pytest.raises(NotFound):
        change(engines, world, service.add_pack_rules, pack_code="no_such_pack", rule_codes=[])


def test_a_rule_that_is_wrong_is_not_saved_and_says_where(world: World, engines: Engines):
    begun(engines, world.own, MASK)
    with pytest.raises(Invalid) as refused:
        change(engines, world, service.save_rule, rule=rule(params={"unit": "celsius", "max": 3730}))
    assert [fault.path for fault in refused.value.faults] == ["rules[1].params.max"]
    assert codes(engines, world) == ["mask"]


def test_of_two_people_the_second_is_told_and_the_first_ones_work_stays(world: World, engines: Engines):
    shown = begun(engines, world.own, MASK)
    change(engines, world, service.save_rule, rule=HELMET, revision=shown)
    with pytest.raises(service.DraftChanged) as refused:
        change(engines, world, service.save_rule, rule=LEAVE, revision=shown)
    assert codes(engines, world) == ["mask", "helmet"]
    change(engines, world, service.save_rule, rule=LEAVE, revision=refused.value.revision)
    assert codes(engines, world) == ["mask", "helmet", "leave"]


def test_two_people_at_the_same_moment_never_overwrite_each_other(world: World, engines: Engines):
    shown, gate, told = begun(engines, world.own, MASK), Barrier(2), []

    def save(item: dict) -> None:
        gate.wait()
        try:
            change(engines, world, service.save_rule, rule=item, revision=shown)
            told.append("saved")
        except service.DraftChanged:
            told.append("changed")

    people = [Thread(target=save, args=(item,)) for item in (HELMET, LEAVE)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(told) == ["changed", "saved"]
    assert len(codes(engines, world)) == 2


def test_a_draft_begun_after_another_was_discarded_is_not_mistaken_for_it(world: World, engines: Engines):
    shown = begun(engines, world.own)
    change(engines, world, service.discard)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        assert session.scalars(sa.select(RulebookDraft)).all() == []
        service.draft(session, by=world.own.admin, at=MORNING + timedelta(seconds=9))
    with pytest.raises(service.DraftChanged):
        change(engines, world, service.save_rule, rule=MASK, revision=shown)


def test_a_saved_form_begins_a_new_draft_where_the_old_one_was_published(world: World, engines: Engines):
    shown = begun(engines, world.own, MASK)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        draft = session.scalars(sa.select(RulebookDraft)).one()
        service.publish(session, draft, by=world.own.admin, at=MORNING)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        given = {"by": world.own.admin, "at": MORNING}
        with pytest.raises(service.DraftChanged) as refused:
            service.resume(session, revision=shown, **given)
        assert refused.value.revision == 0
        draft = service.resume(session, revision=0, **given)
        service.save_rule(session, draft, rule=HELMET, **given)
    assert codes(engines, world) == ["mask", "helmet"]
