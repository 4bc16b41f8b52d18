"""Publishing: versions are numbered, never change, and hold from their time on."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from gatekeeper import tenancy
from gatekeeper.db import Engines, connect
from gatekeeper.errors import DomainError, Invalid, NotFound
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.rulebooks import queries, service
from gatekeeper.rulebooks.models import RulebookDraft, RulebookVersion
from gatekeeper.rules.values import Owner
from tests.conftest import Databases
from tests.factories import MORNING, World, make_factory, make_town
from tests.rulebooks.given import begun, confirm, document, published, rule

HOUR = timedelta(hours=1)


def test_versions_are_numbered_and_the_newest_that_holds_is_in_force(world: World, engines: Engines):
    one = published(engines, world.own, rule())
    two = published(engines, world.own, rule(), confirm("mask", "戴口罩", "Mask"), at=MORNING + HOUR)
    three = published(engines, world.own, at=MORNING + HOUR, holds_from=MORNING + 5 * HOUR)
    assert [one.number, two.number, three.number] == [1, 2, 3]
    with tenancy.open_session(engines, world.own.scope) as session:

        def number(at):
            found = queries.of_enterprise(session, enterprise_id=world.own.id, at=at)
            return found.number if found else None

        assert [number(MORNING - HOUR), number(MORNING), number(MORNING + 2 * HOUR)] == [None, 1, 2]
        assert number(MORNING + 6 * HOUR) == 3
        assert [len(book.rules) for book in queries.in_force(session, at=MORNING + 2 * HOUR)] == [2]


def test_a_published_version_cannot_be_changed_or_deleted(world: World, engines: Engines, databases: Databases):
    published(engines, world.own, rule())
    owner = connect(databases.owner)
    for statement in ("UPDATE rulebook_versions SET number = 9", "DELETE FROM rulebook_versions"):
        with owner.write.connect() as connection, pytest.raises(DBAPIError, match="append-only"), connection.begin():
            connection.execute(sa.text(statement))
    owner.dispose()


def test_the_book_holds_number_hash_and_start_of_a_version(world: World, engines: Engines):
    version = published(engines, world.own, rule())
    with tenancy.open_session(engines, world.own.scope) as session:
        texts = session.scalars(sa.select(LedgerEntry.bytes).order_by(LedgerEntry.seq)).all()
    body = json.loads(texts[-1])["body"]
    assert (body["act"], body["subject"]) == ("rulebook.published", str(version.id))
    assert body["values"] == {
        "number": 1,
        "content_hash": version.content_hash,
        "holds_from": int(MORNING.timestamp()) * 1_000_000,
    }


def test_a_contradiction_is_not_published_and_the_rules_are_named(world: World, engines: Engines):
    low = rule("low", title={"zh": "低温", "en": "Cold"}, params={"unit": "celsius", "max": 360})
    high = rule("high", title={"zh": "高温", "en": "Warm"}, params={"unit": "celsius", "min": 365})
    begun(engines, world.own, low, high)
    with pytest.raises(DomainError) as refused, tenancy.open_session(engines, world.own.scope, write=True) as session:
        draft = session.scalars(sa.select(RulebookDraft)).one()
        service.publish(session, draft, by=world.own.admin, at=MORNING)
    assert refused.value.code == "rulebook.contradiction"
    assert "低温" in refused.value.text.zh and "高温" in refused.value.text.zh
    assert "Cold" in refused.value.text.en and "Warm" in refused.value.text.en
    with tenancy.open_session(engines, world.own.scope) as session:
        assert session.scalars(sa.select(RulebookVersion)).all() == []
        assert session.scalars(sa.select(RulebookDraft)).one() is not None


def test_a_document_with_faults_is_refused_with_rule_and_field(world: World, engines: Engines):
    with pytest.raises(Invalid) as refused:
        published(engines, world.own, rule(title={"zh": "测体温", "en": ""}))
    assert refused.value.code == "rulebook.invalid"
    assert [(fault.rule, fault.path) for fault in refused.value.faults] == [("temperature", "rules[0].title.en")]
    assert "测体温" in refused.value.text.zh


@pytest.mark.parametrize(
    ("hours", "code"), [(-1, "rulebook.past"), (1, "rulebook.past"), (3, "rulebook.before_last"), (4, None)]
)
def test_a_version_begins_neither_in_the_past_nor_before_the_last(world: World, engines: Engines, hours, code):
    published(engines, world.own, rule(), holds_from=MORNING + 4 * HOUR)
    at, holds_from = MORNING + 2 * HOUR, MORNING + hours * HOUR
    if code is None:
        assert published(engines, world.own, at=at, holds_from=holds_from).holds_from == holds_from
        return
    with pytest.raises(Invalid) as refused:
        published(engines, world.own, at=at, holds_from=holds_from)
    assert (refused.value.code, refused.value.field) == (code, "holds_from")


def test_the_first_version_may_hold_from_an_earlier_time(world: World, engines: Engines):
    assert published(engines, world.own, rule(), holds_from=MORNING - HOUR).holds_from == MORNING - HOUR


def test_a_time_of_the_running_minute_means_now(world: World, engines: Engines):
    published(engines, world.own, rule())
    now = MORNING + timedelta(minutes=10, seconds=40)
    picked = MORNING + timedelta(minutes=10)
    assert published(engines, world.own, at=now, holds_from=picked).holds_from == now


def test_a_demo_may_publish_into_its_past(app, platform: Engines, engines: Engines):
    from gatekeeper.ledger import service as ledger

    ledger.use_keystore(app.extensions["gate"].keystore)
    town = make_town(platform, "演示镇", "demo", demo=True)
    place = make_factory(platform, town, "演示厂", "demo1")
    published(engines, place, rule(), holds_from=MORNING - 3 * HOUR)
    later = published(engines, place, at=MORNING, holds_from=MORNING - HOUR)
    assert later.holds_from == MORNING - HOUR


def test_a_factory_cannot_publish_the_townships_rules(world: World, engines: Engines):
    with (
        pytest.raises(Invalid, match=r"rulebook\.owner"),
        tenancy.open_session(engines, world.own.scope, write=True) as session,
    ):
        service.publish_document(session, document(), owner=Owner.TOWNSHIP, by=world.own.admin, at=MORNING)


def test_a_factory_is_judged_by_its_townships_version_and_its_own(world: World, engines: Engines):
    published(engines, world.towns[0].office, rule("town"))
    published(engines, world.own, rule("own"))
    published(engines, world.neighbour, rule("neighbour"))
    published(engines, world.towns[1].office, rule("elsewhere"))
    with tenancy.open_session(engines, world.own.scope) as session:
        books = queries.in_force(session, at=MORNING)
    assert [(book.owner.value, [item.code for item in book.rules]) for book in books] == [
        ("township", ["town"]),
        ("enterprise", ["own"]),
    ]


def test_a_neighbours_version_and_draft_are_not_found(world: World, engines: Engines):
    theirs = published(engines, world.neighbour, rule())
    begun(engines, world.neighbour, rule())
    with tenancy.open_session(engines, world.own.scope) as session:
        with pytest.raises(NotFound):
            queries.version(session, version_id=theirs.id)
        assert queries.draft(session, enterprise_id=world.neighbour.id) is None


def test_publishing_ends_the_draft_and_the_next_one_begins_from_the_version(world: World, engines: Engines):
    begun(engines, world.own, rule())
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        draft = session.scalars(sa.select(RulebookDraft)).one()
        version = service.publish(session, draft, by=world.own.admin, at=MORNING, note="第一版")
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        assert queries.draft(session, enterprise_id=world.own.id) is None
        again = service.draft(session, by=world.own.admin, at=MORNING + HOUR)
        assert (again.based_on, again.document) == (version.id, version.document)
