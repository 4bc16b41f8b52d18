"""What an enrolled desk sends: signed, in batches, exactly once."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from gatekeeper import clock, files, tenancy
from gatekeeper.accounts import desks
from gatekeeper.db import new_id
from gatekeeper.ledger.service import keystore
from gatekeeper.visits import proof
from gatekeeper.visits.models import Visit, VisitEvent
from tests.factories import World
from tests.phone import Phone, enrol
from tests.visits.gate import FEVER, publish


@pytest.fixture
def phone(world: World) -> Phone:
    publish(world, world.own, FEVER)
    return enrol(world.engines, world.own, world.own.guard)


def temperature(phone: Phone, visit: str, tenths: int) -> dict:
    given = {
        "question": "temperature",
        "subject": "occupant:1",
        "kind": "number",
        "unit": "celsius",
        "value": {"n": tenths},
    }
    return phone.event("answer", visit, {"answers": [given]})


def test_a_batch_is_recorded_in_order_with_one_outcome_each(app: Flask, world: World, phone: Phone) -> None:
    visit = new_id()
    events = [phone.arrival(visit=visit), temperature(phone, visit, 366), phone.event("admit", visit)]
    outcomes = phone.sync(app, *events)
    assert [item["id"] for item in outcomes] == [event["id"] for event in events]
    assert [item["state"] for item in outcomes] == ["applied"] * 3
    assert [item["outcome"]["decision"]["verdict"] for item in outcomes] == ["hold", "admit", "admit"]
    with tenancy.open_session(world.engines, world.own.scope) as session:
        row = session.get(Visit, (world.own.id, visit))
        assert (row.state, row.against_verdict, row.guard_name) == ("inside", False, world.own.guard.name)
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)


def test_the_same_batch_sent_again_is_answered_as_before_and_writes_nothing(
    app: Flask, world: World, phone: Phone
) -> None:
    visit = new_id()
    events = [phone.arrival(visit=visit), temperature(phone, visit, 366)]
    first = phone.sync(app, *events)
    again = phone.sync(app, *events, phone.event("admit", visit))
    assert [item["seq"] for item in again[:2]] == [item["seq"] for item in first]
    assert [item["replayed"] for item in again] == [True, True, False]
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert len(session.scalars(select(VisitEvent)).all()) == 3


def test_what_is_not_signed_by_the_desk_is_not_taken(app: Flask, world: World, phone: Phone) -> None:
    body = phone.batch(phone.arrival())
    signed = phone.headers(body)
    client = app.test_client()
    for headers in (
        {},
        {**signed, "X-Gate-Signature": "bm8="},
        {**signed, "X-Gate-Desk": str(new_id())},
        {**signed, "X-Gate-Desk": "no"},
    ):
        assert client.post("/desk/sync", data=body, headers=headers).status_code == 401
    assert client.post("/desk/sync", data=body + b" ", headers=signed).status_code == 401
    other = enrol(world.engines, world.neighbour, world.neighbour.guard)
    assert client.post("/desk/sync", data=body, headers={**signed, "X-Gate-Desk": str(other.id)}).status_code == 401


def test_a_desk_writes_into_its_own_book_only_and_for_its_own_people(app: Flask, world: World, phone: Phone) -> None:
    stranger = replace(phone, by=world.neighbour.guard.id)
    refused = stranger.sync(app, stranger.arrival())[0]
    assert (refused["state"], refused["code"]) == ("refused", "event.by")
    inspector = replace(phone, by=world.towns[0].inspector.id)
    assert inspector.sync(app, inspector.arrival())[0]["code"] == "event.by"


def test_a_malformed_event_is_told_by_itself_and_the_others_are_kept(app: Flask, phone: Phone) -> None:
    good = phone.arrival()
    broken = [
        {"id": "x"},
        {**phone.arrival(), "kind": "judge"},
        {**phone.arrival(), "at": 1.5},
        {**phone.arrival(), "body": []},
    ]
    outcomes = phone.sync(app, *broken, good)
    assert [item["state"] for item in outcomes] == ["refused"] * 4 + ["applied"]
    assert {item["code"] for item in outcomes[:4]} == {"event.shape"}
    for raw in (b"[]", b"{}", b"nonsense", phone.batch()):
        assert phone.post(app, raw=raw).status_code == 400


def test_a_body_over_64_kb_is_413(app: Flask, phone: Phone) -> None:
    assert phone.post(app, raw=phone.batch(phone.arrival(already="x" * 66_000))).status_code == 413


def test_a_wrong_clock_keeps_both_times_and_moves_no_decision(app: Flask, world: World, phone: Phone) -> None:
    two_days = 2 * 24 * 3600 * 1_000_000
    before = clock.micros(clock.now())
    arrival = phone.arrival()
    arrival["at"] += two_days
    outcome = phone.sync(app, arrival, sent_at=arrival["at"] + 1_000_000)[0]["outcome"]
    assert before <= outcome["at"] <= clock.micros(clock.now())
    late = phone.arrival("浙A54321")
    late["at"] -= two_days
    old = phone.sync(app, late, sent_at=late["at"] + 3600 * 1_000_000)[0]["outcome"]
    assert abs(old["at"] - (clock.micros(clock.now()) - 3600 * 1_000_000)) < 60_000_000


def test_an_event_is_never_dated_before_the_one_it_follows(app: Flask, phone: Phone) -> None:
    visit = new_id()
    first = phone.sync(app, phone.arrival(visit=visit))[0]["outcome"]
    answer = temperature(phone, visit, 366)
    answer["at"] -= 3600 * 1_000_000
    assert phone.sync(app, answer)[0]["outcome"]["at"] >= first["at"]


def test_a_revoked_desk_may_still_hand_over_what_it_has_and_is_told_to_forget(
    app: Flask, world: World, phone: Phone
) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        desks.revoke(session, desk_id=phone.id, by=world.own.admin, at=clock.now() - timedelta(minutes=1))
    answer = phone.post(app, phone.arrival())
    assert answer.json["revoked"] is True
    assert answer.json["outcomes"][0]["state"] == "applied"


def test_a_photo_is_kept_encrypted_and_named_by_its_content(app: Flask, world: World, phone: Phone, settings) -> None:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "JPEG")
    answer = phone.post(app, path="/desk/photos", raw=out.getvalue())
    stored = list((settings.data_dir / "photos" / str(world.own.id)).rglob(answer.json["name"]))
    assert len(stored) == 1
    assert b"JFIF" not in stored[0].read_bytes()
    refused = phone.post(app, path="/desk/photos", raw=b"no photo")
    assert (refused.status_code, refused.json["code"]) == (422, "photo.unreadable")


def answering(value: object, subject: str = "visit") -> dict:
    return {"answers": [{"question": "q", "subject": subject, "kind": "number", "value": value}]}


FORGED = {
    "a fact only the program knows": {"facts": {"risk_level": "none"}},
    "an announcement of one's own": {"facts": {"registration": {"announced_at": 0, "enterprise_approved": True}}},
    "a name where nobody looks for one": {"driver": "张伟强"},
    "a document of a person": {"people": [{"subject": "occupant:1", "role": "driver", "document": "33018219900101"}]},
    "a number beyond 2**53": answering({"n": 2**60}),
    "a broken number": answering({"n": 36.6}),
    "a deep answer": answering({"n": {"n": {}}}),
    "a subject nobody knows": answering({"n": 366}, "dog:1"),
    "too long a text": {"text": "长" * 501},
}


@pytest.mark.parametrize("body", FORGED.values(), ids=FORGED)
def test_what_no_form_sends_is_refused_by_itself_and_stands_nowhere(
    app: Flask, world: World, phone: Phone, body: dict
) -> None:
    visit = new_id()
    good, forged = phone.arrival(visit=visit), phone.event("note", visit, {"text": "x", **body})
    outcomes = phone.sync(app, good, forged)
    assert [item["state"] for item in outcomes] == ["applied", "refused"]
    assert outcomes[1]["code"] == "event.shape"


def test_texts_that_no_database_takes_are_made_storable(app: Flask, phone: Phone) -> None:
    visit = new_id()
    outcomes = phone.sync(app, phone.arrival(visit=visit), phone.event("note", visit, {"text": "a\x00b\ud800c"}))
    assert [item["state"] for item in outcomes] == ["applied", "applied"]


def test_a_plate_is_read_by_the_program_whatever_the_phone_says_it_is(app: Flask, world: World, phone: Phone) -> None:
    arrival = phone.arrival("浙A12345")
    arrival["body"]["plates"][0].update({"plate": "浙B99999", "class": "police"})
    phone.sync(app, arrival)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        row = session.scalars(select(Visit)).one()
        assert (row.plate, row.plate_class) == ("浙A12345", "ordinary")


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


def test_a_picture_that_unpacks_to_gigabytes_is_refused_by_its_head(app: Flask, phone: Phone) -> None:
    bomb = _png(20_000, 20_000)
    assert len(bomb) < 200_000
    answer = phone.post(app, path="/desk/photos", raw=bomb)
    assert (answer.status_code, answer.json["code"]) == (422, "photo.unreadable")


def test_what_hides_behind_a_picture_is_not_kept(app: Flask, world: World, phone: Phone, settings) -> None:
    hidden = b"PK\x03\x04<script>alert(1)</script>"
    answer = phone.post(app, path="/desk/photos", raw=_png(64, 64) + hidden)
    found = next((settings.data_dir / "photos" / str(world.own.id)).rglob(answer.json["name"]))
    day = date.fromisoformat(found.parent.name)
    kept = files.load(settings.data_dir / "photos", keystore(), found.name, enterprise=world.own.id, expires_on=day)
    assert kept is not None and kept[:3] == b"\xff\xd8\xff" and hidden not in kept
