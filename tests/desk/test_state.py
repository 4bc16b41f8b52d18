"""What a phone is told of how things stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from gatekeeper import clock, tenancy
from gatekeeper.accounts import desks
from gatekeeper.db import new_id
from gatekeeper.desk.models import DeskPresence
from gatekeeper.ledger.models import LedgerHead
from gatekeeper.registrations import service as registrations
from gatekeeper.watched import service as watched
from gatekeeper.watched.models import WatchedPlate
from tests.factories import World
from tests.phone import Phone, enrol
from tests.rulebooks import given
from tests.rulebooks.switched import switch_on
from tests.visits.gate import FEVER, publish
from tests.visits.test_sync import temperature


@pytest.fixture
def phone(world: World) -> Phone:
    publish(world, world.own, FEVER)
    return enrol(world.engines, world.own, world.own.guard)


@pytest.fixture
def statements(world: World, app: Flask) -> Iterator[list[str]]:
    """Every statement that changes something, of the web's engines."""
    found: list[str] = []
    engines = app.extensions["gate"].engines

    def seen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(maxsplit=1)[0].upper() in ("INSERT", "UPDATE", "DELETE", "BEGIN"):
            found.append(statement)

    for engine in {engines.read, engines.write}:
        sa.event.listen(engine, "before_cursor_execute", seen)
    yield found
    for engine in {engines.read, engines.write}:
        sa.event.remove(engine, "before_cursor_execute", seen)


def test_a_phone_is_told_where_it_stands_and_by_what_it_judges(app: Flask, world: World, phone: Phone) -> None:
    ground = phone.state(app)["ground"]
    own = world.own
    assert ground["enterprise"] | {"id": str(own.id), "slug": own.slug, "name": own.name} == ground["enterprise"]
    assert ground["gate"] == {"id": str(own.gate_id), "name": "1号门", "kind": "logistics"}
    assert ground["zones"] == [{"code": "A", "name": "A 区"}]
    assert {person["id"]: person["role"] for person in ground["people"]} == {
        str(person.id): role.value for role, person in own.people.items()
    }
    assert [person["pin"] for person in ground["people"]] == [False] * 3
    book = ground["books"][0]
    assert (book["owner"], book["switch"], len(ground["books"])) == ("enterprise", False, 1)
    assert [rule["code"] for rule in book["document"]["rules"]] == [FEVER["code"]]
    assert (ground["coming"], ground["shelf"], ground["list"], ground["alert_level"]) == ([], {}, None, 0)


def test_what_a_phone_has_already_is_left_out_until_it_changes(app: Flask, world: World, phone: Phone) -> None:
    first = phone.state(app)
    tags = {"ground": first["ground_tag"], "now": first["now_tag"]}
    again = phone.state(app, **tags)
    assert again.keys() == {"at", "revoked", "ground_tag", "now_tag"}
    phone.sync(app, phone.arrival())
    changed = phone.state(app, **tags)
    assert "ground" not in changed and [row["state"] for row in changed["now"]["visits"]] == ["at_gate"]
    given.published(world.engines, world.own, FEVER, given.confirm("brake", "拉手刹", "Brake"), at=clock.now())
    assert len(phone.state(app, **tags)["ground"]["books"][0]["document"]["rules"]) == 2


def test_an_open_visit_is_told_with_masks_and_what_is_needed_to_judge(app: Flask, world: World, phone: Phone) -> None:
    visit = new_id()
    phone.sync(app, phone.arrival(visit=visit, facts={"origin": "330182"}), temperature(phone, visit, 366))
    told = phone.state(app)
    row = told["now"]["visits"][0]
    assert (row["id"], row["stage"], row["verdict"], row["open"]) == (str(visit), "arrival", "admit", 0)
    person = row["people"][0]
    assert (person["name"], person["phone"]) == ("张**", "199****1234")
    assert row["plates"] == [{"subject": "tractor", "class": "ordinary", "written": "浙A12345", "plate": "浙A12345"}]
    answers = [(a["question"], a["subject"], a["value"]) for a in row["answers"]]
    assert answers == [("temperature", "occupant:1", {"n": 366})]
    assert row["facts"]["origin"] == "330182" and row["judged_facts"]["registration"] is None
    assert row["versions"].keys() == {"enterprise"}
    text = json.dumps(told, ensure_ascii=False)
    assert "张伟强" not in text and "19900001234" not in text
    phone.sync(app, phone.event("admit", visit), phone.event("leave", visit, {"seen": True, "subjects": []}))
    assert phone.state(app)["now"]["visits"] == []
    assert phone.state(app)["now"]["today"] == {"arrived": 1, "turned_away": 0}


def test_free_text_and_names_in_answers_are_not_sent(app: Flask, world: World, phone: Phone) -> None:
    visit = new_id()
    secret = "李秘密"
    said = [
        {"question": "why", "subject": "visit", "kind": "text", "unit": "free", "value": {"text": secret}},
        {
            "question": "clean",
            "subject": "tractor",
            "kind": "disinfection",
            "value": {"agent": "x", "operator": secret},
        },
    ]
    said[1]["value"]["operator"] = secret
    phone.sync(app, phone.arrival(visit=visit), phone.event("answer", visit, {"answers": said}))
    row = phone.state(app)["now"]["visits"][0]
    values = {answer["question"]: answer["value"] for answer in row["answers"]}
    assert values == {"why": {"text": "*"}, "clean": {"agent": "x", "operator": "李**"}}


def test_a_phone_knows_the_rules_of_tomorrow(app: Flask, world: World, phone: Phone) -> None:
    first = phone.state(app)["ground"]["books"][0]["version"]
    soon = clock.now() + timedelta(hours=5)
    brake = given.confirm("brake", "拉手刹", "Brake")
    next_one = given.published(world.engines, world.own, brake, at=clock.now(), holds_from=soon)
    until = clock.now() + timedelta(hours=9)
    order = switch_on(world.engines, world.towns[0], at=clock.now(), holds_until=until)
    ground = phone.state(app)["ground"]
    assert [(book["version"], book["switch"]) for book in ground["books"]] == [(str(order), True), (first, False)]
    coming = [(change["from"], change["books"]) for change in ground["coming"]]
    later = str(next_one.id)
    assert coming == [(clock.micros(soon), [str(order), later]), (clock.micros(until), [later])]
    assert ground["shelf"].keys() == {later}


def test_the_rules_that_admitted_somebody_stay_on_the_shelf(app: Flask, world: World, phone: Phone) -> None:
    visit = new_id()
    phone.sync(app, phone.arrival(visit=visit), temperature(phone, visit, 366), phone.event("admit", visit))
    told = phone.state(app)
    first = told["ground"]["books"][0]["version"]
    given.published(world.engines, world.own, given.confirm("brake", "拉手刹", "Brake"), at=clock.now())
    after = phone.state(app, ground=told["ground_tag"])["ground"]
    assert after["shelf"][first]["document"]["rules"][0]["code"] == FEVER["code"]
    phone.sync(app, phone.event("leave", visit, {"seen": True, "subjects": []}))
    assert phone.state(app)["ground"]["shelf"] == {}


def test_announced_and_known_trucks_stand_in_the_ground(app: Flask, world: World, phone: Phone) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        day = clock.today()
        registrations.announce(session, plate="浙B22222", day=day, origin="330182", by=world.own.admin, at=clock.now())
    visit = new_id()
    arrival = phone.arrival("浙C33333", visit=visit)
    phone.sync(app, arrival, phone.event("turn_away", visit, {"reason": "拒绝消毒"}))
    ground = phone.state(app)["ground"]
    announced = ground["registrations"][0]
    assert (announced["plate"], announced["state"], announced["origin"]) == ("浙B22222", "waiting", "330182")
    assert announced["fact"]["enterprise_approved"] is False
    truck = ground["trucks"][0]
    assert (truck["plate"], truck["driver"], truck["phone"], truck["people"]) == ("浙C33333", "张**", "199****1234", 1)
    assert truck["recent"] == [truck["last"]] and truck["turned_away"] is not None


def test_two_phones_at_one_truck_see_each_other(app: Flask, world: World, phone: Phone) -> None:
    other = enrol(world.engines, world.own, world.own.lead)
    visit = new_id()
    phone.sync(app, phone.arrival(visit=visit))
    assert other.state(app)["now"]["desks"] == []
    phone.state(app, visit=str(visit))
    seen = other.state(app, visit=str(visit))["now"]["desks"]
    assert [(one["desk"], one["by"], one["visit"]) for one in seen] == [
        (str(phone.id), world.own.guard.name, str(visit))
    ]
    assert [one["desk"] for one in phone.state(app, visit=str(visit))["now"]["desks"]] == [str(other.id)]
    phone.state(app)
    assert other.state(app)["now"]["desks"] == []
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        session.get(DeskPresence, (world.own.id, other.id)).at = clock.now() - timedelta(minutes=3)
    assert phone.state(app)["now"]["desks"] == []


def test_an_unchanged_answer_writes_nothing(app: Flask, phone: Phone, statements: list[str]) -> None:
    visit = new_id()
    phone.sync(app, phone.arrival(visit=visit))
    told = phone.state(app, visit=str(visit))
    del statements[:]
    phone.state(app, visit=str(visit), ground=told["ground_tag"], now=told["now_tag"])
    assert [statement for statement in statements if statement != "BEGIN"] == []
    phone.state(app)
    assert any("desk_presence" in statement for statement in statements)


def test_a_phone_is_told_while_somebody_else_writes(app: Flask, world: World, phone: Phone) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        session.scalars(sa.select(LedgerHead).with_for_update()).one()
        assert "ground" in phone.state(app)


def test_a_phone_sees_its_own_enterprise_and_nothing_of_a_neighbours(app: Flask, world: World, phone: Phone) -> None:
    publish(world, world.neighbour, FEVER)
    stranger = enrol(world.engines, world.neighbour, world.neighbour.guard)
    phone.sync(app, phone.arrival("浙A77777"))
    phone.state(app, visit=str(new_id()))
    text = json.dumps(stranger.state(app), ensure_ascii=False)
    for secret in ("浙A77777", str(world.own.id), world.own.name, str(world.own.guard.id), str(phone.id)):
        assert secret not in text, secret


def test_a_revoked_phone_is_told_that_and_nothing_else(app: Flask, world: World, phone: Phone) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        desks.revoke(session, desk_id=phone.id, by=world.own.admin, at=clock.now())
    told = phone.state(app)
    assert told.keys() == {"at", "revoked"} and told["revoked"] is True


def test_nonsense_is_answered_as_if_nothing_had_been_said(app: Flask, world: World, phone: Phone) -> None:
    odd: list[dict[str, Any]] = [{"by": 7, "visit": "x"}, {"ground": [], "now": {}}, {"visit": {"a": 1}, "by": None}]
    assert all("ground" in phone.state(app, **data) for data in odd)
    assert phone.post(app, raw=b"[]", path="/desk/state").status_code == 200
    assert app.test_client().post("/desk/state", data=b"{}").status_code == 401


def test_a_watched_plate_is_told_at_once_and_no_more_once_it_is_lifted(app: Flask, world: World, phone: Phone) -> None:
    office, own = world.towns[0].office, world.own
    tag = phone.state(app)["ground_tag"]
    for place, by, plate in ((own, own.admin, "浙B11111"), (office, world.towns[0].admin, "浙B22222")):
        given = {"plate": plate, "what": "tell", "why": "核对单据", "by": by, "until": clock.today()}
        with tenancy.open_session(world.engines, place.scope, write=True) as session:
            row = watched.add(session, **given, at=clock.now())
        told = phone.state(app, ground=tag)
        tag = told["ground_tag"]
        what = {"plate": plate, "what": "tell", "why": "核对单据", "until": clock.today().isoformat()}
        assert told["ground"]["watched"][0] == {**what, "by": "enterprise" if place is own else "township"}
    with tenancy.open_session(world.engines, office.scope, write=True) as session:
        watched.lift(session, session.get_one(WatchedPlate, (office.id, row.id)), by=by, at=clock.now())
    assert [one["plate"] for one in phone.state(app, ground=tag)["ground"]["watched"]] == ["浙B11111"]
