"""Which official list judges a truck at a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.errors import Forbidden, Invalid, NotFound
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.risk_areas import queries, service
from gatekeeper.risk_areas.models import Adoption, RiskList
from tests.factories import World

DIANBAI = "440904"
BEILUN = "330206"


def shanghai(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=timezone(timedelta(hours=8))).astimezone(UTC)


def load(engines: Engines, world: World, raw: bytes, *, at: datetime, town: int = 0) -> str:
    """The list put in force at ``at`` by a township's admin; its hash."""
    place = world.towns[town]
    with tenancy.open_session(engines, place.office.scope, write=True) as session:
        row = service.store(session, raw, at=at)
        service.adopt(session, list_hash=row.hash, by=place.admin, at=at)
        return row.hash


def level_at(engines: Engines, scope: tenancy.Scope, code: str, at: datetime) -> queries.RiskAt:
    with tenancy.open_session(engines, scope) as session:
        return queries.level(session, places=[code], at=at)


def test_a_truck_is_judged_by_the_list_of_8_before_noon_and_by_the_list_of_12_after_it(engines, world, official):
    hashes = [
        load(engines, world, path.read_bytes(), at=shanghai(2022, 4, 18, int(path.name[8:10]), 1))
        for path in official("20220418")
    ]
    at_8, at_12 = hashes[:2]
    before = level_at(engines, world.own.scope, DIANBAI, shanghai(2022, 4, 18, 11, 59))
    after = level_at(engines, world.own.scope, DIANBAI, shanghai(2022, 4, 18, 12, 2))
    assert (before.list_hash, after.list_hash) == (at_8, at_12)
    assert before.level != after.level
    assert before.level == "medium" and before.names
    assert before.update_time == shanghai(2022, 4, 18, 8)


def test_of_two_lists_of_the_same_hour_the_later_loaded_one_holds(engines, world, official):
    first, second = official("2022042219")
    noted = shanghai(2022, 4, 22, 19, 5)
    load(engines, world, second.read_bytes(), at=noted)
    later = load(engines, world, first.read_bytes(), at=noted + timedelta(minutes=1))
    assert level_at(engines, world.own.scope, DIANBAI, noted + timedelta(hours=1)).list_hash == later


def test_the_level_of_several_places_is_the_highest_with_its_communities(engines, world, make_list):
    raw = make_list(
        "2026-04-18 8时",
        high=[("浙江省", "宁波市", "北仑区", "甲社区")],
        middle=[("浙江省", "杭州市", "余杭区", "乙社区"), ("浙江省", "宁波市", "北仑区", "丙社区")],
    )
    at = shanghai(2026, 4, 18, 9)
    load(engines, world, raw, at=at)
    with tenancy.open_session(engines, world.own.scope) as session:
        both = queries.level(session, places=["330110", BEILUN, "110101"], at=at)
        one = queries.level(session, places=["330110"], at=at)
        nowhere = queries.level(session, places=[], at=at)
    assert (both.level, both.names) == ("high", ("甲社区",))
    assert (one.level, one.names) == ("medium", ("乙社区",))
    assert (nowhere.level, nowhere.list_hash) == ("none", both.list_hash)


def test_without_a_list_in_force_there_is_no_level_and_no_list(engines, world):
    found = level_at(engines, world.own.scope, BEILUN, shanghai(2026, 4, 18, 9))
    assert found == queries.RiskAt("none", None, None, ())


def test_a_list_does_not_hold_before_it_is_adopted_nor_before_its_own_hour(engines, world, make_list):
    raw = make_list("2026-04-18 12时", high=[("浙江省", "宁波市", "北仑区", "甲社区")])
    load(engines, world, raw, at=shanghai(2026, 4, 18, 10))
    assert level_at(engines, world.own.scope, BEILUN, shanghai(2026, 4, 18, 9)).level == "none"
    assert level_at(engines, world.own.scope, BEILUN, shanghai(2026, 4, 18, 11)).level == "none"
    assert level_at(engines, world.own.scope, BEILUN, shanghai(2026, 4, 18, 12)).level == "high"


def test_an_older_list_is_loaded_as_history_and_changes_nothing(engines, world, make_list):
    newer = load(engines, world, make_list("2026-04-18 12时"), at=shanghai(2026, 4, 18, 12, 5))
    older = load(engines, world, make_list("2026-04-18 8时"), at=shanghai(2026, 4, 18, 12, 10))
    at = shanghai(2026, 4, 18, 13)
    with tenancy.open_session(engines, world.own.scope) as session:
        assert [row.list_hash for row in queries.history(session, at=at)] == [newer, older]


def test_a_neighbouring_township_keeps_its_own_list(engines, world, make_list):
    at = shanghai(2026, 4, 18, 9)
    load(engines, world, make_list("2026-04-18 8时", high=[("浙江省", "宁波市", "北仑区", "甲社区")]), at=at)
    assert level_at(engines, world.own.scope, BEILUN, at).level == "high"
    assert level_at(engines, world.neighbour.scope, BEILUN, at).level == "high"
    assert level_at(engines, tenancy.Township(world.towns[0].id), BEILUN, at).level == "high"
    assert level_at(engines, world.stranger.scope, BEILUN, at) == queries.RiskAt("none", None, None, ())
    assert level_at(engines, tenancy.Township(world.towns[1].id), BEILUN, at).list_hash is None


def test_the_platform_names_the_office_it_asks_for(platform, engines, world, make_list):
    at = shanghai(2026, 4, 18, 9)
    load(engines, world, make_list("2026-04-18 8时"), at=at)
    with tenancy.open_session(platform, tenancy.Platform()) as session:
        with pytest.raises(tenancy.TenancyError):
            queries.in_force(session, at=at)
        assert queries.in_force(session, at=at, office_id=world.towns[0].office.id) is not None
        assert queries.in_force(session, at=at, office_id=world.towns[1].office.id) is None


def test_a_list_is_stored_once_and_adopted_once(engines, world, make_list):
    raw, at = make_list("2026-04-18 8时"), shanghai(2026, 4, 18, 9)
    assert load(engines, world, raw, at=at) == load(engines, world, raw, at=at + timedelta(hours=1))
    load(engines, world, raw, at=at, town=1)
    with tenancy.open_session(engines, world.towns[0].office.scope) as session:
        assert len(session.scalars(select(RiskList)).all()) == 1
        assert [row.adopted_at for row in session.scalars(select(Adoption))] == [at]


def test_an_adoption_is_an_entry_with_the_content_hash(engines, world, make_list):
    list_hash = load(engines, world, make_list("2026-04-18 8时"), at=shanghai(2026, 4, 18, 9))
    with tenancy.open_session(engines, world.towns[0].office.scope) as session:
        last = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq.desc()).limit(1)).one()
    assert '"act":"risk_list.adopted"' in last.bytes
    assert f'"list":"{list_hash}"' in last.bytes


def test_a_factory_cannot_put_a_list_in_force(engines, world, make_list):
    at = shanghai(2026, 4, 18, 9)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        row = service.store(session, make_list("2026-04-18 8时"), at=at)
        with pytest.raises(Forbidden) as refused:
            service.adopt(session, list_hash=row.hash, by=world.own.admin, at=at)
    assert refused.value.code == "risk_list.office_only"


def test_a_list_that_was_never_stored_cannot_be_adopted(engines, world):
    with (
        tenancy.open_session(engines, world.towns[0].office.scope, write=True) as session,
        pytest.raises(NotFound),
    ):
        service.adopt(session, list_hash="0" * 64, by=world.towns[0].admin, at=shanghai(2026, 4, 18, 9))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda raw: raw[: len(raw) // 2], "risk_list.json"),
        (lambda raw: raw.replace(b'"hcount": 1', b'"hcount": 2'), "risk_list.counts"),
        (lambda raw: raw.replace(b"highlist", b"hochlist"), "risk_list.shape"),
        (lambda raw: b"[]", "risk_list.shape"),
    ],
)
def test_a_damaged_list_is_refused_as_a_whole_and_the_one_before_holds(engines, world, make_list, damage, code):
    at = shanghai(2026, 4, 18, 9)
    standing = load(engines, world, make_list("2026-04-18 8时"), at=at)
    raw = make_list("2026-04-18 12时", high=[("浙江省", "宁波市", "北仑区", "甲社区")])
    assert damage(raw) != raw
    with pytest.raises(Invalid) as refused:
        load(engines, world, damage(raw), at=at + timedelta(hours=4))
    assert (refused.value.code, refused.value.field) == (code, "file")
    found = level_at(engines, world.own.scope, BEILUN, at + timedelta(hours=5))
    assert (found.list_hash, found.level) == (standing, "none")
