"""What a guard copies from papers: numbers of a vehicle, how long a certificate is good, how often a vehicle comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines, new_id
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner
from tests.factories import World
from tests.rules.made import document, rule
from tests.visits.gate import AtGate
from tests.visits.test_pages import Desk, ask, body_of_last

VIN = rule("vin", "text", subject="tractor", params={"format": "vin"})
FLEET = rule("fleet", "text", params={"longest": 10})
LICENCE = rule("licence", "certificate", params={"spare_days": 30})
TWICE = rule("twice", "visit_limit", params={"most": 2})
VIN_FIELD, FLEET_FIELD = ask("vin", "tractor", "text", "text"), ask("fleet", "visit", "text", "text")
UNTIL = ask("licence", "visit", "certificate", "valid_until")
SOUND = "LFV2A21K8D4012345"


@pytest.fixture
def guard(app: Flask, world: World) -> Desk:
    """A guard whose factory asks for papers, and lets a vehicle come twice in seven days."""
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        at, made = clock.now() - timedelta(days=20), document(VIN, FLEET, LICENCE, TWICE)
        rulebooks.publish_document(session, made, owner=Owner.ENTERPRISE, by=world.own.admin, at=at, holds_from=at)
    return Desk(app, world, world.own.guard)


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def test_a_vehicle_with_its_papers_in_order_is_admitted(guard: Desk) -> None:
    address = guard.come()
    page = guard.get(address)
    assert "17 位字母和数字" in page and 'autocapitalize="characters"' in page
    assert 'type="date"' in page and "至少还有 30 天有效" in page
    sent = {VIN_FIELD: SOUND.lower(), FLEET_FIELD: "顺达车队", UNTIL: in_days(30)}
    assert guard.post(f"{address}/answers", **sent).status_code == 302
    assert "verdict--admit" in guard.get(address)


def test_numbers_of_a_vehicle_are_kept_as_its_plate_is_and_other_texts_as_notes(
    guard: Desk, world: World, engines: Engines
) -> None:
    guard.post(f"{guard.come()}/answers", **{VIN_FIELD: SOUND, FLEET_FIELD: "顺达车队"})
    answers = body_of_last(world, "answer")["answers"]
    assert [(answer["unit"], answer["value"]) for answer in answers] == [("vin", {}), ("free", {})]
    with tenancy.open_session(engines, world.own.scope) as session:
        parts = select(LedgerPart.cls).order_by(LedgerPart.seq.desc(), LedgerPart.cls.desc()).limit(2)
        assert list(session.scalars(parts)) == ["plate", "note"]


def test_a_mistyped_number_holds_and_can_be_typed_again(guard: Desk) -> None:
    address = guard.come()
    guard.post(f"{address}/answers", **{VIN_FIELD: SOUND.replace("0", "O"), FLEET_FIELD: "x", UNTIL: in_days(30)})
    page = guard.get(address)
    assert "verdict--hold" in page and "填写的号码格式不对" in page and SOUND.replace("0", "O") not in page
    again = ask("vin", "tractor", "text", "text", "again")
    guard.post(f"{address}/answers", **{again: SOUND, "again-event_id": str(new_id())})
    assert "verdict--admit" in guard.get(address)


def test_a_certificate_counts_to_the_end_of_its_last_day(guard: Desk, world: World) -> None:
    address = guard.come()
    sent = {VIN_FIELD: SOUND, FLEET_FIELD: "x", UNTIL: in_days(29)}
    guard.post(f"{address}/answers", **sent)
    assert "证件剩下的有效期不到 30 天" in guard.get(address)
    until = next(a["value"] for a in body_of_last(world, "answer")["answers"] if a["kind"] == "certificate")
    midnight = clock.start_of(clock.today() + timedelta(days=30))
    assert until == {"valid_until": clock.micros(midnight) - 1}


@pytest.mark.parametrize("typed", ["0001-01-01", "9999-12-31", "2226-01-01"])
def test_a_year_that_cannot_be_is_told_at_its_field(guard: Desk, typed: str) -> None:
    answer = guard.post(f"{guard.come()}/answers", **{UNTIL: typed})
    assert answer.status_code == 422 and "请核对年份" in answer.text


def test_a_text_longer_than_its_field_is_told_and_kept(guard: Desk) -> None:
    answer = guard.post(f"{guard.come()}/answers", **{FLEET_FIELD: "一二三四五六七八九十多"})
    assert answer.status_code == 422 and "一二三四五六七八九十多" in answer.text


@pytest.mark.parametrize(("days_ago", "verdict"), [((7.01, 6.9), "admit"), ((6.9, 1), "hold")])
def test_the_third_visit_in_seven_days_is_held_where_two_are_the_most(
    guard: Desk, world: World, days_ago: tuple[float, ...], verdict: str
) -> None:
    for days, plate in (*((days, "浙A12345") for days in days_ago), (2, "浙A54321")):
        gate = AtGate(world.engines, world.own, at=clock.now() - timedelta(days=days))
        gate.arrive(plate)
        gate.turn_away()
    address = guard.come()
    guard.post(f"{address}/answers", **{VIN_FIELD: SOUND, FLEET_FIELD: "x", UNTIL: in_days(40)})
    page = guard.get(address)
    assert f"verdict--{verdict}" in page
    assert ("7 天内已经来过 2 次或更多" in page) is (verdict == "hold")
