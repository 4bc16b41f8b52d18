"""Who is on duty at a gate: taken and handed over on the phone, with a PIN, and seen where somebody is missing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.access import Role
from gatekeeper.accounts import pins
from gatekeeper.db import new_id
from gatekeeper.desk import duty
from gatekeeper.desk.models import Duty
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.service import keystore
from gatekeeper.visits import proof
from tests.factories import World, client_for
from tests.phone import Phone, enrol, sealed

PINS = {Role.GUARD: "4071", Role.SHIFT_LEAD: "918273"}
NOTE = "西门栏杆坏了，李师傅的车在 3 号库"


@pytest.fixture
def phone(world: World) -> Phone:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        for role, pin in PINS.items():
            who = {"user_id": world.own.people[role].id, "by": world.own.admin, "at": clock.now()}
            pins.give(session, pin=pins.NewPin(pin), **who)
    return enrol(world.engines, world.own, world.own.guard)


def entry(world: World, phone: Phone, kind: str, role: Role = Role.GUARD, pin: str | None = "", **body: Any) -> Any:
    """An entry as the phone keeps it; ``pin`` empty: the right one, None: without."""
    phone.n += 1
    name, by = str(new_id()), str(world.own.people[role].id)
    if pin is not None:
        body["pin"] = sealed(pin or PINS[role], name, by, to=pins.seal())
    return {"id": name, "n": phone.n, "kind": kind, "by": by, "at": clock.micros(clock.now()), "body": body}


def tell(app: Flask, phone: Phone, *entries: Any, **more: Any) -> list[dict[str, Any]]:
    data = {"sent_at": clock.micros(clock.now()), "entries": list(entries), **more}
    return phone.tell(app, "/desk/duty", data)["outcomes"]


def at_gate(app: Flask, world: World, phone: Phone) -> dict[str, Any]:
    return phone.state(app)["now"]["duty"][str(world.own.gate_id)]


def test_a_gate_goes_from_hand_to_hand(app: Flask, world: World, phone: Phone) -> None:
    assert at_gate(app, world, phone)["state"] == "none"
    assert [one["state"] for one in tell(app, phone, entry(world, phone, "duty"))] == ["confirmed"]
    on = at_gate(app, world, phone)
    assert (on["state"], on["by"], on["name"]) == ("on", str(world.own.guard.id), world.own.guard.name)
    left = entry(world, phone, "handover", pin=None, note=NOTE, supplies={"masks": 12}, open=3)
    assert tell(app, phone, left)[0]["state"] == "confirmed"
    handed = at_gate(app, world, phone)
    assert (handed["state"], handed["note_from"]) == ("handed_over", world.own.guard.name)
    told = {name: handed["handover"][name] for name in ("id", "note", "supplies", "open")}
    assert told == {"id": left["id"], "note": NOTE, "supplies": {"masks": 12}, "open": 3}
    accept = entry(world, phone, "accept", Role.SHIFT_LEAD, handover=left["id"])
    assert tell(app, phone, accept)[0]["state"] == "confirmed"
    taken = at_gate(app, world, phone)
    assert (taken["state"], taken["by"]) == ("on", str(world.own.lead.id))
    assert (taken["note_from"], taken["handover"]["note"]) == (world.own.guard.name, NOTE)
    assert tell(app, phone, entry(world, phone, "off", Role.SHIFT_LEAD, pin=None))[0]["state"] == "confirmed"
    assert at_gate(app, world, phone)["state"] == "none"


def test_a_wrong_pin_is_kept_unconfirmed_and_changes_nothing(app: Flask, world: World, phone: Phone) -> None:
    wrong = entry(world, phone, "duty", pin="5555")
    outcome = tell(app, phone, wrong)[0]
    assert (outcome["state"], outcome["code"], outcome["replayed"]) == ("unconfirmed", "duty.pin", False)
    missing = tell(app, phone, entry(world, phone, "duty", pin=None), entry(world, phone, "off", pin=None))
    assert [one["code"] for one in missing] == ["duty.pin", "duty.not_on"]
    borrowed = entry(world, phone, "duty", Role.SHIFT_LEAD, pin=None)
    borrowed["body"]["pin"] = sealed(PINS[Role.GUARD], borrowed["id"], str(world.own.guard.id), to=pins.seal())
    assert tell(app, phone, borrowed)[0]["code"] == "duty.pin"
    assert at_gate(app, world, phone)["state"] == "none"
    page = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/").text
    assert f"{world.own.guard.name} " in page and "没有确认" in page and "没有人值班" in page
    listed = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/duty").text
    assert listed.count("已记下但没有确认") == 4
    tell(app, phone, entry(world, phone, "duty"), entry(world, phone, "duty", Role.SHIFT_LEAD))
    page = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/").text
    assert "没有确认" not in page and "没有人值班" not in page


def test_what_is_sent_again_is_answered_as_before_and_asks_for_no_pin(app: Flask, world: World, phone: Phone) -> None:
    wrong, right = entry(world, phone, "duty", pin="5555"), entry(world, phone, "duty")
    first = tell(app, phone, wrong, right, right)
    assert [(one["state"], one["replayed"]) for one in first] == [
        ("unconfirmed", False), ("confirmed", False), ("confirmed", True),
    ]  # fmt: skip
    for _ in range(8):  # more often than a wrong PIN may be tried
        again = tell(app, phone, wrong, right)
        assert [(one["state"], one["replayed"]) for one in again] == [("unconfirmed", True), ("confirmed", True)]
    assert tell(app, phone, entry(world, phone, "duty"))[0]["state"] == "confirmed"
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert len(session.scalars(select(Duty)).all()) == 3
        acts = [json.loads(one.bytes)["body"] for one in session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq))]
        assert [act["act"] for act in acts if act.get("act", "").startswith("duty.")] == ["duty.taken"] * 3
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)


def test_an_entry_made_offline_is_dated_by_its_age(app: Flask, world: World, phone: Phone) -> None:
    wrong_clock = clock.micros(clock.now()) - 2 * 86_400_000_000
    late = {**entry(world, phone, "duty"), "at": wrong_clock - 3600 * 1_000_000}
    tell(app, phone, late, sent_at=wrong_clock)
    since = clock.from_micros(at_gate(app, world, phone)["since"])
    assert abs(clock.now() - timedelta(hours=1) - since) < timedelta(minutes=1)


def test_what_cannot_be_read_is_told_by_itself(app: Flask, world: World, phone: Phone) -> None:
    good = entry(world, phone, "duty")
    stranger = {**entry(world, phone, "duty"), "by": str(world.neighbour.guard.id)}
    odd = [
        {},
        {**good, "id": "x"},
        {**good, "kind": "leave"},
        {**good, "at": 1.5},
        {**good, "body": {"extra": 1}},
        {**good, "body": {"handover": 7}, "kind": "accept"},
        {**good, "body": {"supplies": {"a b": 1}}, "kind": "handover"},
        {**good, "body": {"supplies": {"a": -1}}, "kind": "handover"},
        {**good, "body": {"note": "x" * 501}, "kind": "handover"},
        {**good, "body": []},
        {**good, "body": [1]},
    ]
    outcomes = tell(app, phone, *odd[:-1], stranger, odd[-1], good)
    assert [one["state"] for one in outcomes] == ["refused"] * 12 + ["confirmed"]
    assert [one["code"] for one in outcomes[-3:-1]] == ["event.by", "event.shape"]
    for raw in (b"[]", b"{}", b'{"entries": []}', b"nonsense"):
        assert phone.post(app, raw=raw, path="/desk/duty").status_code == 400


def test_a_note_is_a_part_that_is_erased_in_its_time(app: Flask, world: World, phone: Phone) -> None:
    tell(app, phone, entry(world, phone, "duty"), entry(world, phone, "handover", note=NOTE))
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert not any(NOTE in one.bytes for one in session.scalars(select(LedgerEntry)))
        part = session.scalars(select(LedgerPart).where(LedgerPart.cls == "note")).one()
        assert _note(session, world) == NOTE
        keystore().destroy_days(part.expires_on + timedelta(days=1))
        assert _note(session, world) is None


def _note(session: Any, world: World) -> str | None:
    gate = world.own.gate_id
    told = duty.sent(session, world.own.id, [gate], at=clock.now())[str(gate)]
    assert told["note_from"] == world.own.guard.name
    found: str | None = told["handover"]["note"]
    return found


def test_a_gate_that_nobody_keeps_is_seen_by_the_township(app: Flask, world: World, phone: Phone) -> None:
    board = f"/e/{world.towns[0].office.slug}/board"
    inspector = client_for(app, world.towns[0].inspector)
    assert inspector.get(board).text.count("无人值班") == 1, "only where a phone is enrolled"
    tell(app, phone, entry(world, phone, "duty"))
    assert "无人值班" not in inspector.get(board).text
    tell(app, phone, entry(world, phone, "handover"))
    assert "无人值班" in inspector.get(board).text
    assert "没有人接班" in inspector.get(f"/e/{world.own.slug}/duty").text
    assert (
        "无人值班" not in client_for(app, world.towns[1].inspector).get(f"/e/{world.towns[1].office.slug}/board").text
    )


def test_a_duty_that_never_ended_counts_no_more_after_a_day_and_a_half(app: Flask, world: World, phone: Phone) -> None:
    long_ago = clock.micros(clock.now() - timedelta(hours=37))
    tell(app, phone, {**entry(world, phone, "duty"), "at": long_ago})
    assert at_gate(app, world, phone)["state"] == "none"
