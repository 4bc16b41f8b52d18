"""Watched plates: who keeps which list, who reads it, what the book says of it, when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from gatekeeper import clock, tenancy
from gatekeeper.access import Actor
from gatekeeper.db import Engines
from gatekeeper.errors import DomainError, Invalid
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.ledger.queries import Fault
from gatekeeper.retention import erasing
from gatekeeper.visits import proof
from gatekeeper.watched import queries, service
from gatekeeper.watched.models import WatchedPlate
from tests.factories import Factory, World, client_for
from tests.visits.gate import AtGate

PLATE, WHY = "浙B12345", "上次拒绝过磅"


def watch(engines: Engines, place: Factory, by: Actor, **values: Any) -> WatchedPlate:
    with tenancy.open_session(engines, place.scope, write=True) as session:
        values = {"plate": PLATE, "what": "refuse", "why": WHY, "at": clock.now(), **values}
        return service.add(session, by=by, **values)


def lift(engines: Engines, place: Factory, row: WatchedPlate, by: Actor, **values: Any) -> None:
    with tenancy.open_session(engines, place.scope, write=True) as session:
        found = queries.get(session, enterprise_id=place.id, watched_id=row.id)
        service.lift(session, found, by=by, **{"at": clock.now(), **values})


def told(engines: Engines, place: Factory, *, days: int = 0) -> list[tuple[str, str]]:
    with tenancy.open_session(engines, place.scope) as session:
        rows = queries.standing(session, enterprise_id=place.id, day=clock.today() + timedelta(days=days))
        return [(row.plate, row.what) for row in rows]


def test_an_enterprises_list_is_its_own_and_a_townships_is_for_all_its_enterprises(
    world: World, engines: Engines
) -> None:
    office = world.towns[0].office
    watch(engines, world.own, world.own.admin)
    watch(engines, office, world.towns[0].admin, plate="浙c·54321", what="tell")
    assert told(engines, world.own) == [("浙C54321", "tell"), (PLATE, "refuse")]
    assert told(engines, world.neighbour) == told(engines, office) == [("浙C54321", "tell")]
    assert told(engines, world.stranger) == []
    with tenancy.open_session(engines, tenancy.Township(world.towns[0].id)) as session:
        rows = queries.standing(session, enterprise_id=world.own.id, day=clock.today())
    assert [row.plate for row in rows] == ["浙C54321", PLATE]


def test_a_plate_is_told_through_its_last_day_and_until_it_is_lifted(world: World, engines: Engines) -> None:
    row = watch(engines, world.own, world.own.admin, until=clock.today())
    assert (told(engines, world.own), told(engines, world.own, days=1)) == ([(PLATE, "refuse")], [])
    lift(engines, world.own, row, world.own.admin)
    assert told(engines, world.own) == []
    with pytest.raises(DomainError, match=r"watched\.lifted"):
        lift(engines, world.own, row, world.own.admin)
    watch(engines, world.own, world.own.admin)
    with tenancy.open_session(engines, world.own.scope) as session:
        (over,) = queries.ended(session, enterprise_id=world.own.id, day=clock.today())
    assert (over.plate, over.lifted_by_name) == (PLATE, world.own.admin.name)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"plate": " "}, "plate.missing", "plate"),
        ({"plate": "浙" * 30}, "plate.length", "plate"),
        ({"what": "shoot"}, "watched.what", "what"),
        ({"why": "  "}, "watched.why", "why"),
        ({"until": clock.today() - timedelta(days=1)}, "watched.until", "until"),
        ({}, "watched.already", "plate"),
    ],
)
def test_what_cannot_be_watched_says_so_at_its_field(
    world: World, engines: Engines, values: dict[str, Any], code: str, field: str
) -> None:
    watch(engines, world.own, world.own.admin)
    with pytest.raises(Invalid) as found:
        watch(engines, world.own, world.own.admin, **values)
    assert (found.value.code, found.value.field) == (code, field)


def test_a_list_that_is_full_takes_no_more(world: World, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 1)
    row = watch(engines, world.own, world.own.admin)
    with pytest.raises(Invalid, match=r"watched\.full"):
        watch(engines, world.own, world.own.admin, plate="浙B11111")
    lift(engines, world.own, row, world.own.admin)
    watch(engines, world.own, world.own.admin, plate="浙B11111")


def test_both_acts_stand_in_the_book_without_plate_and_reason_and_prove_the_rows(
    world: World, engines: Engines
) -> None:
    row = watch(engines, world.own, world.own.admin)
    lift(engines, world.own, row, world.own.admin)
    with tenancy.open_session(engines, world.own.scope) as session:
        texts = [text for text in session.scalars(select(LedgerEntry.bytes)) if '"watched.' in text]
        assert not isinstance(proof.verify(session, enterprise_id=world.own.id), Fault)
    assert ["watched.added" in texts[0], "watched.lifted" in texts[1], len(texts)] == [True, True, 2]
    assert not any(PLATE in text or WHY in text for text in texts)
    for change in ({"what": "tell"}, {"lifted_at": None, "lifted_by": None}):
        with tenancy.open_session(engines, world.own.scope, write=True) as session:
            session.execute(update(WatchedPlate).values(**change))
            found = proof.verify(session, enterprise_id=world.own.id)
            session.rollback()
        assert isinstance(found, Fault) and "watched_plates" in found.reason


def test_what_is_over_forgets_its_plate_when_plates_have_had_their_time(world: World, engines: Engines) -> None:
    stays = watch(engines, world.own, world.own.admin)
    lifted = watch(engines, world.own, world.own.admin, plate="浙B11111")
    watch(engines, world.own, world.own.admin, plate="浙B22222", until=clock.today())
    lift(engines, world.own, lifted, world.own.admin)
    for days, cleared in ((150, 0), (400, 2), (401, 0)):
        day = clock.today() + timedelta(days=days)
        with tenancy.open_session(engines, world.own.scope, write=True) as session:
            assert erasing.old_watched(session, today=day, at=clock.now()) == cleared
    with tenancy.open_session(engines, world.own.scope) as session:
        rows = {row.id: (row.plate, row.why) for row in session.scalars(select(WatchedPlate))}
    assert rows.pop(stays.id) == (PLATE, WHY) and set(rows.values()) == {("", "")}


def test_the_admin_keeps_the_list_on_its_page_and_a_guard_reads_it(app, world) -> None:
    page = f"/e/{world.own.slug}/watched"
    form = {"plate": PLATE, "what": "refuse", "why": WHY}
    admin = client_for(app, world.own.admin)
    assert "门岗随即看到" in admin.post(page, data=form, follow_redirects=True).text
    again = admin.post(page, data={**form, "why": "第二次"})
    assert again.status_code == 422 and "已在名单上" in again.text and "第二次" in again.text
    seen = client_for(app, world.own.guard).get(page).text
    assert PLATE in seen and WHY in seen and "解除</button>" not in seen and "列入名单" not in seen
    assert PLATE not in client_for(app, world.neighbour.admin).get(f"/e/{world.neighbour.slug}/watched").text
    with tenancy.open_session(world.engines, world.own.scope) as session:
        (row,) = session.scalars(select(WatchedPlate))
    assert "已解除" in admin.post(f"{page}/{row.id}/lift", follow_redirects=True).text
    assert "还没有解除" not in admin.post(f"{page}/{row.id}/lift", follow_redirects=True).text
    assert client_for(app, world.own.guard).post(page, data=form).status_code == 403


def test_the_townships_list_is_kept_on_its_own_page_and_read_on_each_enterprises(app, world) -> None:
    town, office = world.towns[0].admin, world.towns[0].office
    form = {"plate": PLATE, "what": "tell", "why": WHY}
    assert client_for(app, town).post(f"/e/{office.slug}/watched", data=form).status_code == 302
    seen = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/watched").text
    assert PLATE in seen and "镇街" in seen and "解除</button>" not in seen
    assert client_for(app, town).post(f"/e/{world.own.slug}/watched", data=form).status_code == 403
    with tenancy.open_session(world.engines, office.scope) as session:
        (row,) = session.scalars(select(WatchedPlate))
    answer = client_for(app, world.own.admin).post(f"/e/{world.own.slug}/watched/{row.id}/lift")
    assert answer.status_code == 404


def test_a_watched_plate_that_came_stands_on_the_admins_home_and_its_verdict_is_that_of_the_rules(app, world) -> None:
    watch(world.engines, world.own, world.own.admin)
    gate = AtGate(world.engines, world.own, at=clock.now())
    outcome = gate.arrive(PLATE)
    assert outcome.data["decision"]["verdict"] == "admit"
    home = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/").text
    assert f"/visits/{gate.visit_id}" in home and WHY in home
