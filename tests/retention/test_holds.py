"""A legal hold keeps visits past their time, and no longer."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, files, tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.crypto import KeyGone
from gatekeeper.errors import DomainError
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.ledger.service import RETENTION_DAYS, keystore, open_part
from gatekeeper.retention import erasing, holds
from gatekeeper.retention.holds import Begun
from gatekeeper.retention.photos import names_in
from gatekeeper.visits import book, revealed
from gatekeeper.visits.events import EventKind
from tests.factories import World
from tests.retention.given import Later, busy, on_day, parts, photo, row, sound

HELD = {"plate": 1, "contact": 1, "health": 1, "photo": 1, "note": 1}


def begin(world: World, later: Later, *visits: UUID) -> Begun:
    with tenancy.open_session(later.platform, world.own.scope, write=True) as session:
        return holds.begin(
            session, visit_ids=visits, reason="某法院（2026）第 1 号", by=OPERATOR, at=clock.now(), photos=later.photos
        )


def end(world: World, later: Later, hold: UUID, days: int) -> tuple[int, int]:
    with tenancy.open_session(later.platform, world.own.scope, write=True) as session:
        found = holds.end(session, hold_id=hold, by=OPERATOR, at=clock.now(), photos=later.photos, today=on_day(days))
    with tenancy.open_session(later.platform, world.own.scope) as session:
        holds.forget(session, hold_id=hold, photos=later.photos)
    return found


def name(world: World, visit_id: UUID) -> str | None:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        state = book.folded(session, enterprise_id=world.own.id, visit_id=visit_id).state
        assert state is not None
        return state.people["occupant:1"].name


def test_what_is_held_outlives_its_day_and_opens(world: World, later: Later) -> None:
    gate, free = busy(world, later.settings), busy(world, later.settings, world.neighbour)
    begun = begin(world, later, gate.visit_id)
    assert (begun.visits, begun.parts, begun.too_late) == (1, 5, 0)
    assert sound(world.engines, world.own)
    later.run(200)
    assert {k: v for k, v in parts(world.engines, world.own).items() if k != "note"} == {
        k: v for k, v in HELD.items() if k != "note"
    }
    assert name(world, gate.visit_id) == "张伟强"
    assert row(world.engines, world.own, gate.visit_id)[1].name_mask == "张**"
    assert row(world.engines, world.neighbour, free.visit_id)[1].name_mask is None
    assert sound(world.engines, world.own)


def test_its_end_erases_what_has_had_its_time_and_destroys_its_key(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    begun = begin(world, later, gate.visit_id)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        copy = session.scalars(select(LedgerPart).where(LedgerPart.cls == "contact")).one()
    later.run(40)
    assert end(world, later, begun.id, 40) == (2, 3)
    assert parts(world.engines, world.own) == {"plate": 1, "note": 2}
    assert name(world, gate.visit_id) is None
    assert sound(world.engines, world.own)
    with pytest.raises(KeyGone):
        keystore().open(
            copy.ciphertext, enterprise=world.own.id, seq=copy.seq, cls="contact", expires_on=copy.expires_on,
            hold=begun.id,
        )  # fmt: skip
    with pytest.raises(DomainError, match=r"hold\.ended"):
        end(world, later, begun.id, 40)
    later.run(200)
    assert parts(world.engines, world.own) == {}
    assert sound(world.engines, world.own)


def test_its_end_before_the_day_gives_everything_back_to_the_day(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    begun = begin(world, later, gate.visit_id)
    assert end(world, later, begun.id, 1) == (5, 0)
    assert name(world, gate.visit_id) == "张伟强"
    assert sound(world.engines, world.own)
    assert later.run(40).parts == 3


def test_two_holds_over_one_visit_end_one_by_one(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    first, second = begin(world, later, gate.visit_id), begin(world, later, gate.visit_id)
    assert second.parts == 0
    later.run(40)
    assert end(world, later, first.id, 40) == (5, 0)
    assert name(world, gate.visit_id) == "张伟强"
    assert sound(world.engines, world.own)
    assert end(world, later, second.id, 40) == (2, 3)
    assert name(world, gate.visit_id) is None
    assert sound(world.engines, world.own)


def test_what_is_written_of_a_held_visit_later_is_held_too(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    begin(world, later, gate.visit_id)
    gate.send(EventKind.NOTE, {"text": "法院来电"})
    done = later.run(200)
    assert done.held == 1
    assert sound(world.engines, world.own)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        lines = book.entries_of(session, enterprise_id=world.own.id, visit_id=gate.visit_id)
    assert [line.body.get("text") for line in lines if line.kind == "note"] == ["已通知库房", "法院来电"]


def test_a_photo_under_hold_outlives_its_folder_and_goes_with_the_hold(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    begun = begin(world, later, gate.visit_id)
    assert later.run(40).photos == 1
    shot, last = photo_of(world), on_day(RETENTION_DAYS["photo"])

    def load(hold: UUID | None) -> bytes | None:
        return files.load(later.photos, keystore(), shot, enterprise=world.own.id, expires_on=last, hold=hold)

    assert load(None) is None
    held = load(begun.id)
    assert held is not None and held.startswith(b"\xff\xd8")
    with tenancy.open_session(world.engines, world.own.scope) as session:
        at = {"enterprise_id": world.own.id, "visit_id": gate.visit_id, "folder": later.photos}
        (looked,) = revealed.values(session, classes=["photo"], titles={}, **at)
    assert looked.photo == held and looked.held
    end(world, later, begun.id, 40)
    assert load(begun.id) is None
    assert list(later.photos.rglob("*")) == [later.photos / str(world.own.id)]


def photo_of(world: World) -> str:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        part = session.scalars(select(LedgerPart).where(LedgerPart.cls == "photo")).one()
        return next(names_in(open_part(part)))


def test_a_request_to_erase_waits_for_the_end_of_the_hold(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    begin(world, later, gate.visit_id)
    with (
        pytest.raises(erasing.UnderHold),
        tenancy.open_session(later.platform, world.own.scope, write=True) as session,
    ):
        erasing.erase_visit(session, gate.visit_id, ("contact",), by=OPERATOR, at=clock.now())


def test_what_was_erased_before_the_hold_cannot_be_held(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    later.run(40)
    assert begin(world, later, gate.visit_id).parts == 2


def test_the_commands_say_what_they_hold(world: World, later: Later, command_app: Flask) -> None:
    gate = busy(world, later.settings)
    run = command_app.test_cli_runner()
    slug, day = world.own.slug, on_day(0).isoformat()
    begun = run.invoke(
        args=["hold", "begin", slug, "--plate", "浙A·12345", "--from", day, "--to", day, "--reason", "第 1 号"]
    )
    assert begun.exit_code == 0, begun.output
    found = re.match(r"hold (\S+): 1 visits, 5 parts\n", begun.output)
    assert found is not None
    assert f"{slug} {found[1]} since {clock.today()}, holds: 第 1 号" in run.invoke(args=["hold", "list"]).output
    ended = run.invoke(args=["hold", "end", slug, found[1]])
    assert ended.output == "5 parts kept until their day, 0 erased\n"
    assert "ended" in run.invoke(args=["hold", "list", slug]).output
    both = ["hold", "begin", slug, "--visit", str(gate.visit_id), "--plate", "浙A12345", "--reason", "x"]
    assert run.invoke(args=both).exit_code == 2
    nobody = ["hold", "begin", slug, "--plate", "浙A00000", "--from", day, "--to", day, "--reason", "x"]
    assert "nothing is held" in run.invoke(args=nobody).output
    stranger = ["hold", "begin", world.neighbour.slug, "--visit", str(gate.visit_id), "--reason", "x"]
    assert "no visit" in run.invoke(args=stranger).output


def test_a_photo_of_another_visit_is_not_held(world: World, later: Later) -> None:
    gate = busy(world, later.settings)
    other = photo(later.settings, world.own, colour=7)
    begun = begin(world, later, gate.visit_id)
    held = {file.name for file in (later.photos / str(world.own.id) / f"hold-{begun.id.hex}").iterdir()}
    assert held == {photo_of(world)} and other not in held
