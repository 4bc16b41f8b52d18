"""Photos are kept for the days that the rulebooks say, file and entry alike."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.retention import service
from gatekeeper.retention.service import Done
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner
from tests.factories import World
from tests.phone import Phone, enrol
from tests.retention.given import Later
from tests.rules.made import document, rule
from tests.visits.gate import AtGate


def keeps(world: World, days: int, *, ago: int, stage: str = "arrival") -> None:
    """A rulebook that asks for a photo and keeps it ``days`` days, in force since ``ago`` minutes."""
    wanted = document(rule("seal", "photo", stage=stage), retention={"photo": days})
    moment = clock.now() - timedelta(minutes=ago)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        by = world.own.admin
        rulebooks.publish_document(session, wanted, owner=Owner.ENTERPRISE, by=by, at=moment, holds_from=moment)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


def files(later: Later) -> Iterator[Path]:
    return (path for path in later.photos.rglob("*") if path.is_file())


def run(later: Later, days: int) -> Done:
    """Retention as on the day that is ``days`` after today."""
    day = clock.today() + timedelta(days=days)
    return service.run(later.platform, later.settings.data_dir, today=day, at=clock.now())


def take(app: Flask, phone: Phone, gate: AtGate, *, at: str = "arrival") -> None:
    """The phone takes the picture of the seal, and the answer that shows it arrives."""
    told = phone.post(app, path="/desk/photos", raw=picture(), visit=gate.visit_id)
    assert told.status_code == 200
    gate.answer("seal", "photo", {"file": told.json["name"]}, **({"stage": "exit"} if at == "exit" else {}))


def kept(world: World, later: Later) -> tuple[Path, int]:
    """The file of the one photo, and the days that its entry keeps it; they agree."""
    (file,) = files(later)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        (part,) = session.scalars(select(LedgerPart).where(LedgerPart.cls == "photo"))
    assert file.parent.name == part.expires_on.isoformat()
    return file, (part.expires_on - clock.today()).days


@pytest.mark.parametrize(("since", "days"), [(None, 20), (3, 3)], ids=["one_book", "another_book_before_it_is_in"])
def test_a_rulebook_that_keeps_photos_20_days_keeps_them_20_days(
    app: Flask, world: World, later: Later, since: int | None, days: int
) -> None:
    keeps(world, 20, ago=5)
    phone, gate = enrol(world.engines, world.own, world.own.guard), AtGate(world.engines, world.own, at=clock.now())
    gate.arrive()
    if since is not None:
        keeps(world, since, ago=0)
        gate.at = clock.now()
    take(app, phone, gate)
    file, told = kept(world, later)
    assert told == days
    assert run(later, days).photos == 0 and file.exists()
    assert run(later, days + 1).photos == 1 and not file.exists()


def test_a_photo_of_the_exit_is_kept_as_the_rulebook_says_that_let_the_truck_in(
    app: Flask, world: World, later: Later
) -> None:
    keeps(world, 20, ago=5, stage="exit")
    phone, gate = enrol(world.engines, world.own, world.own.guard), AtGate(world.engines, world.own, at=clock.now())
    gate.arrive()
    gate.admit()
    keeps(world, 3, ago=0, stage="exit")
    take(app, phone, gate, at="exit")
    assert kept(world, later)[1] == 20


def test_a_desks_photo_is_kept_as_long_as_the_rulebook_in_force_says(app: Flask, world: World, later: Later) -> None:
    keeps(world, 20, ago=5)
    phone = enrol(world.engines, world.own, world.own.guard)
    assert phone.post(app, path="/desk/photos", raw=picture()).status_code == 200
    (file,) = files(later)
    assert file.parent.name == (clock.today() + timedelta(days=20)).isoformat()
