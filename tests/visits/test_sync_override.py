"""A lead's override on a phone, proved by a PIN; nothing of it is dropped, and nothing waits for ever."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.accounts import pins
from gatekeeper.accounts.models import SignInTry
from gatekeeper.db import new_id
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.visits import proof, tray
from gatekeeper.visits.models import Visit
from tests.factories import World, client_for
from tests.phone import Phone, enrol, sealed
from tests.visits.gate import FEVER, publish
from tests.visits.test_sync import temperature

PIN = "918273"
FINDING = {"owner": "enterprise", "rule": FEVER["code"], "subject": "occupant:1"}


@pytest.fixture
def phone(world: World) -> Phone:
    publish(world, world.own, FEVER)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        who = {"user_id": world.own.lead.id, "by": world.own.admin, "at": clock.now()}
        pins.give(session, pin=pins.NewPin(PIN), **who)
    return enrol(world.engines, world.own, world.own.guard)


def override(world: World, phone: Phone, visit: Any, pin: str | None = PIN, by: Any = None, **body: Any) -> Any:
    who = str((by or world.own.lead).id)
    event = phone.event("override", visit, {"findings": [FINDING], "reason": "复测正常", **body}, by=who)
    if pin is not None:
        event["body"]["pin"] = sealed(pin, event["id"], who, to=pins.seal())
    return event


def held(phone: Phone) -> tuple[Any, list[Any]]:
    visit = new_id()
    return visit, [phone.arrival(visit=visit), temperature(phone, visit, 376)]


def test_an_override_with_the_leads_pin_is_applied_and_the_pin_stands_nowhere(
    app: Flask, world: World, phone: Phone
) -> None:
    visit, before = held(phone)
    made = override(world, phone, visit)
    outcomes = phone.sync(app, *before, made, phone.event("admit", visit))
    assert [one["state"] for one in outcomes] == ["applied"] * 4
    assert [one["outcome"]["decision"]["verdict"] for one in outcomes] == ["hold", "hold", "admit", "admit"]
    assert outcomes[3]["outcome"]["act"] == "followed"
    with tenancy.open_session(world.engines, world.own.scope) as session:
        texts = [one.bytes for one in session.scalars(select(LedgerEntry))]
        assert not any('"pin"' in text or made["body"]["pin"]["box"] in text for text in texts)
        assert session.get(Visit, (world.own.id, visit)).overridden
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)
    assert [one["replayed"] for one in phone.sync(app, *before, made)] == [True] * 3


@pytest.mark.parametrize("pin", ["555555", None])
def test_an_override_that_is_not_proved_needs_a_person_and_the_visit_goes_on(
    app: Flask, world: World, phone: Phone, pin: str | None
) -> None:
    visit, before = held(phone)
    made = override(world, phone, visit, pin)
    outcomes = phone.sync(app, *before, made, phone.event("admit", visit))
    assert [one["state"] for one in outcomes] == ["applied", "applied", "attention", "applied"]
    assert (outcomes[2]["reason"], outcomes[3]["outcome"]["act"]) == ("override.pin", "against")
    again = phone.sync(app, made)[0]
    assert (again["state"], again["reason"], again["replayed"]) == ("attention", "override.pin", True)
    page = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/tray").text
    assert "放行人的 PIN 不对" in page
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert tray.count(session, enterprise_id=world.own.id, at=clock.now()) == 1
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)


def test_an_override_that_is_not_theirs_needs_a_person_even_with_the_right_pin(
    app: Flask, world: World, phone: Phone
) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        who = {"user_id": world.own.guard.id, "by": world.own.admin, "at": clock.now()}
        pins.give(session, pin=pins.NewPin(PIN), **who)
    visit, before = held(phone)
    made = override(world, phone, visit, by=world.own.guard)
    outcomes = phone.sync(app, *before, made, temperature(phone, visit, 366))
    assert [one["state"] for one in outcomes] == ["applied", "applied", "attention", "applied"]
    assert outcomes[2]["reason"] == "override.not_allowed"


def test_an_override_that_waited_is_looked_at_when_it_is_applied(app: Flask, world: World, phone: Phone) -> None:
    visit, before = held(phone)
    wrong, theirs = override(world, phone, visit, "555555"), override(world, phone, visit, by=world.own.lead)
    assert [one["state"] for one in phone.sync(app, wrong, theirs)] == ["waiting", "waiting"]
    released = phone.sync(app, *before)[1]["outcome"]["released"]
    assert [(one["state"], one.get("reason")) for one in released] == [
        ("attention", "override.pin"), ("applied", None),
    ]  # fmt: skip
    stranger = replace(phone, last={})
    late, rest = held(stranger)
    guards = override(world, stranger, late, None, by=world.own.guard)
    assert stranger.sync(app, guards)[0]["state"] == "waiting"
    assert stranger.sync(app, *rest)[1]["outcome"]["released"][0]["reason"] == "override.pin"


def test_a_repeat_asks_for_no_pin(app: Flask, world: World, phone: Phone) -> None:
    visit, before = held(phone)
    made = override(world, phone, visit)
    phone.sync(app, *before, made)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        tries = len(session.scalars(select(SignInTry)).all())
    for _ in range(3):
        phone.sync(app, made)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert len(session.scalars(select(SignInTry)).all()) == tries == 1


def test_who_applies_an_unproved_override_in_the_tray_stands_for_it(app: Flask, world: World, phone: Phone) -> None:
    visit, before = held(phone)
    made = override(world, phone, visit, "555555")
    phone.sync(app, *before, made)
    apply = phone.event("resolve", visit, {"events": [made["id"]], "how": "apply", "reason": "问过班长，是他放行"})
    released = phone.sync(app, {**apply, "by": str(world.own.admin.id)})[0]["outcome"]["released"]
    assert (released[0]["state"], released[0]["decision"]["verdict"]) == ("applied", "admit")


def test_what_comes_after_a_refused_event_never_waits_for_it(app: Flask, world: World, phone: Phone) -> None:
    visit = new_id()
    arrival = phone.arrival(visit=visit)
    misshapen = phone.event("answer", visit, {"answers": "no"})
    unreadable = {**phone.event("answer", visit), "at": 1.5}
    nobodys = {**phone.event("note", visit, {"text": "x"}), "by": str(world.neighbour.guard.id)}
    last = temperature(phone, visit, 366)
    outcomes = phone.sync(app, arrival, misshapen, unreadable, nobodys, last)
    assert [one["state"] for one in outcomes] == ["applied", "refused", "refused", "refused", "applied"]
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert session.get(Visit, (world.own.id, visit)).verdict == "admit"
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)


def test_what_comes_in_a_later_batch_names_the_one_before_the_refused_one(app: Flask, phone: Phone) -> None:
    visit = new_id()
    arrival, misshapen = phone.arrival(visit=visit), phone.event("answer", visit, {"answers": "no"})
    assert [one["state"] for one in phone.sync(app, arrival, misshapen)] == ["applied", "refused"]
    answer = temperature(phone, visit, 366)
    waiting = phone.sync(app, answer)[0]
    assert (answer["after"], waiting["state"]) == (misshapen["id"], "waiting")
    moved = phone.event("answer", visit, answer["body"], after=arrival["id"])
    assert phone.sync(app, moved)[0]["state"] == "applied"


def test_the_outcome_says_where_the_phone_had_shown_another_verdict(app: Flask, world: World, phone: Phone) -> None:
    visit = new_id()
    arrival = {**phone.arrival(visit=visit), "seen": {"verdict": "admit"}}
    right = {**temperature(phone, visit, 366), "seen": {"verdict": "admit"}}
    late = {**phone.event("note", visit, {"text": "x"}), "seen": {"verdict": "nonsense"}}
    outcomes = [one["outcome"] for one in phone.sync(app, arrival, right, late)]
    assert [one.get("differs") for one in outcomes] == [True, None, None]
    assert phone.sync(app, arrival)[0]["outcome"]["differs"] is True
    _, before = held(phone)
    shuffled = [{**event, "seen": {"verdict": "admit"}} for event in before]
    assert phone.sync(app, shuffled[1])[0]["state"] == "waiting"
    released = phone.sync(app, shuffled[0])[0]["outcome"]["released"][0]
    assert (released["decision"]["verdict"], released["differs"]) == ("hold", True)
