"""Taking back: every change of a draft keeps what was before, said in words, and goes with its draft."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.errors import Invalid
from gatekeeper.rulebooks import drafts, queries, service, sharing, steps
from gatekeeper.rulebooks.models import DraftStep
from gatekeeper.rules.values import Text
from tests.factories import MORNING, World
from tests.rulebooks.given import begun, confirm, published, rule

MASK = confirm("mask", "戴口罩", "Mask")
HELMET = confirm("helmet", "戴安全帽", "Helmet")
LEAVE = confirm("leave", "交回通行证", "Pass returned", stage="exit")


def do(engines: Engines, world: World, verb, **what) -> int:
    """One verb on the draft; the new revision."""
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        draft = service.draft(session, by=world.own.admin, at=MORNING)
        verb(session, draft, by=world.own.admin, at=MORNING, **what)
        return draft.revision


def seen(engines: Engines, world: World) -> tuple[list[str], Text | None]:
    """The codes of the rules, and what an undo would take back."""
    with tenancy.open_session(engines, world.own.scope) as session:
        found = queries.draft(session, enterprise_id=world.own.id)
        assert found is not None
        codes = [item["code"] for item in drafts.document_of(found)["rules"]]
        return codes, steps.last(session, enterprise_id=world.own.id)


def kept(engines: Engines, world: World) -> int:
    with tenancy.open_session(engines, world.own.scope) as session:
        return len(session.scalars(sa.select(DraftStep)).all())


def test_changes_are_taken_back_one_by_one_and_said_in_words(world: World, engines: Engines):
    begun(engines, world.own, MASK, HELMET)
    do(engines, world, service.save_rule, rule=MASK | {"consequence": "refuse"})
    do(engines, world, service.move_rule, code="helmet", up=True)
    do(engines, world, service.remove_rule, code="mask")
    do(engines, world, service.add_pack_rules, pack_code="visitor_basic", rule_codes=["pass_returned"])
    told = [
        (["helmet", "pass_returned"], ("从“访客管理”加了 1 条", "added 1 from “Visitors”")),
        (["helmet"], ("移出了“戴口罩”", "took out “Mask”")),
        (["helmet", "mask"], ("移动了“戴安全帽”", "moved “Helmet”")),
        (["mask", "helmet"], ("改了“戴口罩”", "changed “Mask”")),
        (["mask", "helmet"], ("加了“戴安全帽”", "added “Helmet”")),
        (["mask"], ("加了“戴口罩”", "added “Mask”")),
        ([], None),
    ]
    for codes, what in told:
        assert seen(engines, world) == (codes, what)
        do(engines, world, service.undo)
    assert seen(engines, world) == ([], None)


def test_what_changes_nothing_keeps_no_step(world: World, engines: Engines):
    shown = begun(engines, world.own, MASK)
    assert do(engines, world, service.save_rule, rule=MASK) == shown
    assert do(engines, world, service.move_rule, code="mask", up=True) == shown
    assert do(engines, world, service.remove_rule, code="gone") == shown
    assert kept(engines, world) == 1


def test_an_undo_is_a_change_that_others_are_told_of(world: World, engines: Engines):
    shown = begun(engines, world.own, MASK, HELMET)
    do(engines, world, service.undo, revision=shown)
    for verb, what in ((service.undo, {}), (service.save_rule, {"rule": LEAVE})):
        with pytest.raises(service.DraftChanged):
            do(engines, world, verb, revision=shown, **what)
    assert seen(engines, world)[0] == ["mask"]


def test_the_last_fifty_changes_are_kept(world: World, engines: Engines):
    begun(engines, world.own, *(rule(params={"unit": "celsius", "max": 360 + n % 50}) for n in range(55)))
    assert kept(engines, world) == steps.KEPT == 50


def test_a_long_title_is_shortened_and_stays_in_both_languages(world: World, engines: Engines):
    begun(engines, world.own, confirm("mask", "长" * 60, "L" * 60))
    _, what = seen(engines, world)
    assert what == ("加了“" + "长" * 39 + "…”", "added “" + "L" * 39 + "…”")


@pytest.mark.parametrize("end", ["discard", "publish"])
def test_steps_end_with_their_draft_and_a_neighbours_stay(world: World, engines: Engines, end: str):
    begun(engines, world.own, MASK, HELMET)
    begun(engines, world.neighbour, MASK)
    do(engines, world, getattr(service, end))
    assert kept(engines, world) == 0
    with tenancy.open_session(engines, world.neighbour.scope) as session:
        assert len(session.scalars(sa.select(DraftStep)).all()) == 1
    begun(engines, world.own, at=MORNING + timedelta(hours=1))
    assert seen(engines, world)[1] is None


def test_an_undo_does_not_reach_behind_a_version_that_became_the_draft(world: World, engines: Engines):
    version = published(engines, world.own, MASK)
    shown = begun(engines, world.own, HELMET)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        sharing.take_version(session, version, by=world.own.admin, at=MORNING, revision=shown)
    assert seen(engines, world) == (["mask"], None)


def test_a_stage_is_put_into_another_order_in_one_go(world: World, engines: Engines):
    badge = confirm("badge", "戴工牌", "Badge")
    shown = begun(engines, world.own, MASK, HELMET, badge, LEAVE)
    now = do(engines, world, service.order_rules, stage="arrival", codes=["badge", "mask", "helmet"], revision=shown)
    assert seen(engines, world) == (
        ["badge", "mask", "helmet", "leave"],
        ("调整了“进厂”的顺序", "put “arrival” into another order"),
    )
    with pytest.raises(service.DraftChanged):
        do(engines, world, service.order_rules, stage="arrival", codes=["mask", "helmet", "badge"], revision=shown)
    for wrong in ([], ["mask", "helmet"], ["mask", "helmet", "leave"], ["mask", "mask", "helmet", "badge"]):
        with pytest.raises(Invalid) as refused:
            do(engines, world, service.order_rules, stage="arrival", codes=wrong, revision=now)
        assert refused.value.code == "rulebook.order"
