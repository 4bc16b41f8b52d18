"""Announcing a visit, its two approvals, and the fact that rules are given of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.access import Actor
from gatekeeper.clock import day_of, micros, now, start_of
from gatekeeper.db import Engines
from gatekeeper.errors import DomainError, Forbidden, Invalid, NotFound
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.service import open_part
from gatekeeper.registrations import queries, service
from gatekeeper.registrations.models import Registration
from tests.factories import MORNING, Factory, World

PLATE = "浙B12345"
TODAY = day_of(MORNING)
TOMORROW = TODAY + timedelta(days=1)


def announce(engines: Engines, place: Factory, *, by: Actor | None = None, **values: Any) -> Registration:
    with tenancy.open_session(engines, place.scope, write=True) as session:
        values = {"plate": PLATE, "day": TOMORROW, "at": MORNING, **values}
        return service.announce(session, by=by or place.guard, **values)


def decide(engines: Engines, found: Registration, verb: Callable[..., Any], by: Actor, **values: Any) -> Registration:
    """``verb`` on the registration, in a session that acts at its enterprise."""
    with tenancy.open_session(engines, tenancy.Enterprise(found.enterprise_id), write=True) as session:
        row = queries.get(session, enterprise_id=found.enterprise_id, registration_id=found.id)
        return verb(session, row, by=by, **{"at": MORNING, **values})


def fact_of(engines: Engines, place: Factory, *, plate: str = PLATE, day: date = TOMORROW) -> dict[str, Any] | None:
    with tenancy.open_session(engines, place.scope) as session:
        return queries.fact(queries.for_plate(session, enterprise_id=place.id, plate=plate, day=day))


def test_the_fact_says_when_it_was_announced_and_who_approved(engines, world):
    found = announce(engines, world.own)
    told = {"announced_at": micros(MORNING), "day": TOMORROW.isoformat(), "enterprise_approved": False}
    assert fact_of(engines, world.own) == {**told, "township_approved": None}
    decide(engines, found, service.approve, world.own.admin, at=MORNING + timedelta(hours=3))
    assert fact_of(engines, world.own) == {**told, "enterprise_approved": True, "township_approved": None}


def test_where_the_township_is_asked_both_approvals_are_told(engines, world):
    found = announce(engines, world.own, needs_township=True)
    assert fact_of(engines, world.own)["township_approved"] is False
    decide(engines, found, service.approve, world.own.admin)
    decide(engines, found, service.approve, world.towns[0].admin)
    fact = fact_of(engines, world.own)
    assert (fact["enterprise_approved"], fact["township_approved"]) == (True, True)


def test_nobody_announced_is_no_fact(engines, world):
    announce(engines, world.own)
    assert fact_of(engines, world.own, day=TODAY) is None
    assert fact_of(engines, world.own, plate="浙B54321") is None
    assert fact_of(engines, world.neighbour) is None


def test_an_admin_who_announces_has_not_approved(engines, world):
    announce(engines, world.own, by=world.own.admin)
    assert fact_of(engines, world.own)["enterprise_approved"] is False


def test_the_same_plate_and_day_twice_is_the_same_registration(engines, world):
    first = announce(engines, world.own)
    again = announce(engines, world.own, plate=" 浙b·12345", at=MORNING + timedelta(hours=5))
    assert (again.id, again.announced_at) == (first.id, MORNING)
    assert announce(engines, world.own, day=TODAY).id != first.id
    assert announce(engines, world.neighbour).id != first.id


def test_after_declining_a_plate_is_announced_anew(engines, world):
    first = announce(engines, world.own)
    decide(engines, first, service.decline, world.own.admin, reason="当天停产")
    assert fact_of(engines, world.own) is None
    later = MORNING + timedelta(hours=1)
    assert announce(engines, world.own, at=later).id != first.id
    assert fact_of(engines, world.own)["announced_at"] == micros(later)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"day": TODAY - timedelta(days=1)}, "day.past", "day"),
        ({"day": TODAY + timedelta(days=400)}, "day.far", "day"),
        ({"plate": "无车牌"}, "plate.missing", "plate"),
        ({"plate": "  "}, "plate.missing", "plate"),
        ({"plate": "浙" * 25}, "plate.length", "plate"),
        ({"origin": "999999"}, "region.unknown", "origin"),
    ],
)
def test_what_cannot_be_announced_names_its_field(engines, world, values, code, field):
    with pytest.raises(Invalid) as refused:
        announce(engines, world.own, **values)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_today_is_the_day_at_the_gate_and_not_in_greenwich(engines, world):
    past_midnight_at_the_gate = start_of(TOMORROW) + timedelta(minutes=30)
    with pytest.raises(Invalid):
        announce(engines, world.own, day=TODAY, at=past_midnight_at_the_gate)
    assert announce(engines, world.own, day=TOMORROW, at=past_midnight_at_the_gate).day == TOMORROW


def test_an_odd_plate_is_announced_as_written(engines, world):
    assert announce(engines, world.own, plate="临时牌77").plate == "临时牌77"


@pytest.mark.parametrize("verb", [service.approve, service.decline])
def test_a_guard_decides_nothing(engines, world, verb):
    found = announce(engines, world.own)
    values = {"reason": "不认识"} if verb is service.decline else {}
    for person in (world.own.guard, world.own.lead, world.neighbour.admin):
        with pytest.raises(Forbidden):
            decide(engines, found, verb, person, **values)


def test_the_township_approves_after_the_enterprise_and_only_where_asked(engines, world):
    asked = announce(engines, world.own, needs_township=True)
    with pytest.raises(DomainError) as early:
        decide(engines, asked, service.approve, world.towns[0].admin)
    assert early.value.code == "registration.enterprise_first"
    other = announce(engines, world.own, plate="浙B54321")
    decide(engines, other, service.approve, world.own.admin)
    with pytest.raises(DomainError) as unasked:
        decide(engines, other, service.approve, world.towns[0].admin)
    assert unasked.value.code == "registration.not_asked"


def test_approving_twice_is_approving_once(engines, world):
    found = announce(engines, world.own)
    decide(engines, found, service.approve, world.own.admin)
    again = decide(engines, found, service.approve, world.own.admin, at=MORNING + timedelta(hours=1))
    assert again.enterprise_approved_at == MORNING
    assert acts(engines, world.own).count("registration.enterprise_approved") == 1


def test_what_is_declined_or_past_is_decided_no_more(engines, world):
    found = announce(engines, world.own)
    with pytest.raises(DomainError) as past:
        decide(engines, found, service.approve, world.own.admin, at=MORNING + timedelta(days=2))
    assert past.value.code == "registration.past"
    decide(engines, found, service.decline, world.own.admin, reason="当天停产")
    with pytest.raises(DomainError) as declined:
        decide(engines, found, service.approve, world.own.admin)
    assert declined.value.code == "registration.declined"


def test_declining_wants_a_reason(engines, world):
    found = announce(engines, world.own)
    with pytest.raises(Invalid) as refused:
        decide(engines, found, service.decline, world.own.admin, reason=" \n ")
    assert refused.value.field == "reason"


def acts(engines: Engines, place: Factory) -> list[str]:
    with tenancy.open_session(engines, place.scope) as session:
        texts = session.scalars(select(LedgerEntry.bytes).order_by(LedgerEntry.seq)).all()
    return [text.split('"act":"', 1)[1].split('"', 1)[0] for text in texts if '"act":"' in text]


def test_every_step_is_an_entry_whose_body_holds_no_plate_and_no_free_text(engines, world):
    at = now()  # parts that are past their time would not be written at all
    found = announce(engines, world.own, needs_township=True, origin="440904", day=day_of(at), at=at)
    decide(engines, found, service.approve, world.own.admin, at=at)
    decide(engines, found, service.approve, world.towns[0].admin, at=at)
    decide(engines, found, service.decline, world.towns[0].admin, reason="道路封闭", at=at)
    assert acts(engines, world.own)[-4:] == [
        "registration.announced",
        "registration.enterprise_approved",
        "registration.township_approved",
        "registration.declined",
    ]
    with tenancy.open_session(engines, world.own.scope) as session:
        last = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq.desc()).limit(4)).all()
        assert not any(PLATE in entry.bytes or "12345" in entry.bytes or "道路封闭" in entry.bytes for entry in last)
        parts = session.scalars(select(LedgerPart).where(LedgerPart.seq == last[0].seq)).all()
        opened = {part.cls: open_part(part) for part in parts}
    assert opened == {"plate": {"plate": PLATE}, "note": {"reason": "道路封闭"}}


def test_a_neighbours_registration_is_not_found(engines, world):
    found = announce(engines, world.neighbour)
    with tenancy.open_session(engines, world.own.scope) as session:
        for enterprise_id in (world.own.id, world.neighbour.id):
            with pytest.raises(NotFound):
                queries.get(session, enterprise_id=enterprise_id, registration_id=found.id)


def test_the_township_sees_what_waits_for_it_of_its_own_enterprises_only(engines, world: World):
    for place in (world.own, world.neighbour, world.stranger):
        found = announce(engines, place, needs_township=True)
        decide(engines, found, service.approve, place.admin)
    announce(engines, world.own, plate="浙B54321", needs_township=True)  # its enterprise has not approved it
    with tenancy.open_session(engines, tenancy.Township(world.towns[0].id)) as session:
        waiting = queries.waiting_for_township(session, since=TODAY)
        assert {owner.slug for _, owner in waiting} == {"jia1", "jia2"}
        assert {row.plate for row, _ in waiting} == {PLATE}
        assert queries.waiting_for_township(session, since=TOMORROW + timedelta(days=1)) == []
