"""PINs: set by a person or given, refused where they are weak, sealed for one entry, and their tries counted."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.access import Role
from gatekeeper.accounts import pins, queries
from gatekeeper.db import new_id
from gatekeeper.errors import Invalid
from gatekeeper.ledger.models import LedgerEntry
from tests.factories import PASSWORD, World, client_for
from tests.phone import sealed


def give(world: World, pin: str, role: Role = Role.SHIFT_LEAD) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        who = {"user_id": world.own.people[role].id, "by": world.own.admin, "at": clock.now()}
        pins.give(session, pin=pins.NewPin(pin), **who)


def test_a_pin_that_is_easy_to_guess_is_refused_with_a_sentence() -> None:
    weak = ["1234", "0000", "9876", "1212", "123123", "1987", "2010", "0412", "1231", "900412", "030929", "456789"]
    for pin in weak:
        with pytest.raises(Invalid) as refused:
            pins.checked(pin)
        assert (refused.value.code, refused.value.field) == ("pin.weak", "pin"), pin
    for pin in ("", "123", "1234567", "12a4", "１２３４", " 2580"):
        with pytest.raises(Invalid) as refused:
            pins.checked(pin)
        assert refused.value.code == "pin.shape", pin
    assert [pin for pin in ("2580", "4071", "70312", "918273") if pins.checked(pin) != pin] == []
    assert all(pins.checked(pins.new_pin()) for _ in range(200))


def test_a_person_sets_their_own_pin_with_their_password(app: Flask, world: World) -> None:
    client = client_for(app, world.own.lead)
    weak = client.post("/account/pin", data={"password": PASSWORD, "pin": "1234", "again": "1234"})
    assert weak.status_code == 422 and "太容易猜到" in weak.text and 'value="1234"' not in weak.text
    assert client.post("/account/pin", data={"password": PASSWORD, "pin": "4071", "again": "4072"}).status_code == 422
    assert client.post("/account/pin", data={"password": "wrong", "pin": "4071", "again": "4071"}).status_code == 422
    sent = client.post("/account/pin", data={"password": PASSWORD, "pin": "4071", "again": "4071"})
    assert sent.status_code == 302
    who = {"user_id": world.own.lead.id, "at": clock.now()}
    assert pins.is_right(world.engines, world.own.scope, pin="4071", **who)
    assert not pins.is_right(world.engines, world.own.scope, pin="4072", **who)


def test_an_admin_gives_a_pin_that_is_shown_once_and_stands_nowhere(app: Flask, world: World) -> None:
    client = client_for(app, world.own.admin)
    person = f"/e/{world.own.slug}/users/{world.own.lead.id}"
    assert "还没有设置" in client.get(person).text
    shown = client.post(f"{person}/pin").text
    pin = re.search(r"<code[^>]*>(\d{6})</code>", shown)
    assert pin is not None
    assert "已设置" in client.get(person).text and pin[1] not in client.get(person).text
    assert pins.is_right(world.engines, world.own.scope, user_id=world.own.lead.id, pin=pin[1], at=clock.now())
    with tenancy.open_session(world.engines, world.own.scope) as session:
        texts = [entry.bytes for entry in session.query(LedgerEntry)]
        stored = queries.user(session, enterprise_id=world.own.id, user_id=world.own.lead.id).pin_hash
    assert json.loads(texts[-1])["body"]["act"] == "user.pin_set"
    assert not any(pin[1] in text for text in texts) and stored is not None and pin[1] not in stored.split("$")


def test_wrong_pins_are_counted_and_then_even_the_right_one_waits(world: World) -> None:
    give(world, "4071")
    scope, who, at = world.own.scope, world.own.lead.id, clock.now()
    for _ in range(5):
        assert not pins.is_right(world.engines, scope, user_id=who, pin="9999", at=at)
    assert not pins.is_right(world.engines, scope, user_id=who, pin="4071", at=at + timedelta(minutes=14))
    for quarter in range(1, 4):
        later = at + timedelta(minutes=16 * quarter)
        assert pins.is_right(world.engines, scope, user_id=who, pin="4071", at=later)
        for _ in range(5):
            pins.is_right(world.engines, scope, user_id=who, pin="9999", at=later)
    after = at + timedelta(hours=2)
    assert not pins.is_right(world.engines, scope, user_id=who, pin="4071", at=after), "20 wrong ones in a day"
    assert pins.is_right(world.engines, scope, user_id=who, pin="4071", at=at + timedelta(hours=26))


def test_somebody_without_a_pin_has_none_that_is_right(world: World) -> None:
    for pin in ("", "0000", None):
        assert not pins.is_right(world.engines, world.own.scope, user_id=world.own.guard.id, pin=pin, at=clock.now())


def test_a_sealed_pin_opens_for_its_entry_and_person_alone(world: World) -> None:
    entry, person = str(new_id()), str(world.own.lead.id)
    box = sealed("4071", entry, person, to=pins.seal())
    assert pins.unsealed(box, entry, person) == "4071"
    assert "4071" not in json.dumps(box)
    assert pins.unsealed(box, str(new_id()), person) is None
    assert pins.unsealed(box, entry, str(world.own.guard.id)) is None
    for name in box:
        assert pins.unsealed({**box, name: "AAAA"}, entry, person) is None
        assert pins.unsealed({key: value for key, value in box.items() if key != name}, entry, person) is None
    for odd in (None, 7, [], "4071", {**box, "key": 1}, {**box, "iv": "=="}):
        assert pins.unsealed(odd, entry, person) is None


def test_the_seal_is_the_same_after_the_master_key_was_rotated(app: Flask, world: World) -> None:
    before = pins.seal()
    app.extensions["gate"].keystore.rotate()
    pins._private.cache_clear()
    assert pins.seal() == before


def test_a_neighbours_admin_gives_no_pin_here(app: Flask, world: World) -> None:
    client = client_for(app, world.neighbour.admin)
    assert client.post(f"/e/{world.own.slug}/users/{world.own.lead.id}/pin").status_code == 404
    assert client.post(f"/e/{world.neighbour.slug}/users/{world.own.lead.id}/pin").status_code == 404
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert queries.user(session, enterprise_id=world.own.id, user_id=world.own.lead.id).pin_hash is None
