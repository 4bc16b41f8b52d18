"""What a guard copies from papers: numbers of a vehicle, how long a certificate is good, how often a vehicle comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner
from gatekeeper.visits.events import EventKind
from tests.factories import World
from tests.rules.made import document, rule
from tests.visits.gate import AtGate
from tests.visits.test_pages import Desk, body_of_last

VIN = rule("vin", "text", subject="tractor", params={"format": "vin"})
FLEET = rule("fleet", "text", params={"longest": 10})
LICENCE = rule("licence", "certificate", params={"spare_days": 30})
TWICE = rule("twice", "visit_limit", params={"most": 2})
SOUND = "LFV2A21K8D4012345"


@pytest.fixture
def guard(app: Flask, world: World) -> Desk:
    """A guard whose factory asks for papers, and lets a vehicle come twice in seven days."""
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        at, made = clock.now() - timedelta(days=20), document(VIN, FLEET, LICENCE, TWICE)
        rulebooks.publish_document(session, made, owner=Owner.ENTERPRISE, by=world.own.admin, at=at, holds_from=at)
    return Desk(app, world, world.own.guard)


def until(days: int) -> int:
    """The last microsecond of the day that comes in so many days: to then a certificate is good."""
    return clock.micros(clock.start_of(clock.today() + timedelta(days=days + 1))) - 1


def shows(guard: Desk, address: str, *, vin: str = SOUND, fleet: str = "顺达车队", days: int = 30) -> None:
    """The driver shows the papers of the vehicle, the guard copies them."""
    given = [
        {"question": "vin", "subject": "tractor", "kind": "text", "value": {"text": vin}, "unit": "vin"},
        {"question": "fleet", "subject": "visit", "kind": "text", "value": {"text": fleet}, "unit": "free"},
        {"question": "licence", "subject": "visit", "kind": "certificate", "value": {"valid_until": until(days)}},
    ]
    guard.at(address).send(EventKind.ANSWER, {"answers": given})


def test_a_vehicle_with_its_papers_in_order_is_admitted(guard: Desk) -> None:
    address = guard.come()
    shows(guard, address, vin=SOUND.lower())
    assert "verdict--admit" in guard.get(address)


def test_numbers_of_a_vehicle_are_kept_as_its_plate_is_and_other_texts_as_notes(
    guard: Desk, world: World, engines: Engines
) -> None:
    shows(guard, guard.come())
    answers = body_of_last(world, "answer")["answers"]
    assert [(answer["unit"], answer["value"]) for answer in answers[:2]] == [("vin", {}), ("free", {})]
    with tenancy.open_session(engines, world.own.scope) as session:
        parts = select(LedgerPart.cls).order_by(LedgerPart.seq.desc(), LedgerPart.cls.desc()).limit(2)
        assert list(session.scalars(parts)) == ["plate", "note"]


def test_a_mistyped_number_holds_and_can_be_typed_again(guard: Desk) -> None:
    address = guard.come()
    shows(guard, address, vin=SOUND.replace("0", "O"))
    page = guard.get(address)
    assert "verdict--hold" in page and "填写的号码格式不对" in page and SOUND.replace("0", "O") not in page
    shows(guard, address)
    assert "verdict--admit" in guard.get(address)


def test_a_certificate_counts_to_the_end_of_its_last_day(guard: Desk) -> None:
    address = guard.come()
    shows(guard, address, days=29)
    assert "证件剩下的有效期不到 30 天" in guard.get(address)


@pytest.mark.parametrize(("days_ago", "verdict"), [((7.01, 6.9), "admit"), ((6.9, 1), "hold")])
def test_the_third_visit_in_seven_days_is_held_where_two_are_the_most(
    guard: Desk, world: World, days_ago: tuple[float, ...], verdict: str
) -> None:
    for days, plate in (*((days, "浙A12345") for days in days_ago), (2, "浙A54321")):
        gate = AtGate(world.engines, world.own, at=clock.now() - timedelta(days=days))
        gate.arrive(plate)
        gate.turn_away()
    address = guard.come()
    shows(guard, address, days=40)
    page = guard.get(address)
    assert f"verdict--{verdict}" in page
    assert ("7 天内已经来过 2 次或更多" in page) is (verdict == "hold")
