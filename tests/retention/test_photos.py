"""Photo files go with their day; those that a kill left behind go after a day of grace."""

from __future__ import annotations

from pathlib import Path

from gatekeeper import durable, files
from gatekeeper.db import new_id
from gatekeeper.ledger.service import keystore
from tests.factories import World
from tests.retention.given import Later, busy, on_day, photo
from tests.retention.test_issue import aged


def folder(world: World, later: Later) -> Path:
    return later.photos / str(world.own.id) / on_day(14).isoformat()


def test_a_named_photo_stays_until_its_day_has_passed(world: World, later: Later) -> None:
    busy(world, later.settings)
    (file,) = folder(world, later).iterdir()
    aged(file, 200)
    assert (later.run(14).photos, later.run(14).orphans) == (0, 0)
    assert file.exists()
    assert later.run(15).photos == 1
    assert not file.parent.exists()


def test_a_photo_that_no_entry_names_goes_after_a_day(world: World, later: Later) -> None:
    busy(world, later.settings)
    orphan = folder(world, later) / photo(later.settings, world.own, colour=200)
    half = folder(world, later) / f"abc{durable.UNFINISHED}"
    half.write_bytes(b"half")
    assert later.run(0).orphans == 0
    aged(orphan, 25), aged(half, 25)
    assert later.run(0).orphans == 2
    assert not orphan.exists() and not half.exists()
    assert len(list(folder(world, later).iterdir())) == 1


def test_a_photo_that_is_sent_again_is_new_again(world: World, later: Later) -> None:
    orphan = aged(folder(world, later) / photo(later.settings, world.own, colour=200), 25)
    photo(later.settings, world.own, colour=200)
    assert later.run(0).orphans == 0
    assert orphan.exists()


def test_copies_for_a_hold_that_never_began_go_after_a_day(world: World, later: Later) -> None:
    cut_off = later.photos / str(world.own.id) / f"hold-{new_id().hex}"
    cut_off.mkdir(parents=True)
    (cut_off / "copy").write_bytes(b"x")
    assert later.run(0).photos == 0
    aged(cut_off, 25)
    assert later.run(0).photos == 1
    assert not cut_off.exists()


def test_nothing_is_taken_for_an_orphan_while_a_part_cannot_be_read(world: World, later: Later) -> None:
    busy(world, later.settings)
    orphan = aged(folder(world, later) / photo(later.settings, world.own, colour=200), 25)
    keystore().destroy_days(on_day(15))
    assert later.run(0).orphans == 0
    assert orphan.exists()


def test_a_photo_kept_just_before_midnight_is_found_by_its_entry_of_the_next_day(world: World, later: Later) -> None:
    name = photo(later.settings, world.own)
    found = files.load(later.photos, keystore(), name, enterprise=world.own.id, expires_on=on_day(15))
    assert found is not None and found.startswith(b"\xff\xd8")
    assert files.load(later.photos, keystore(), name, enterprise=world.neighbour.id, expires_on=on_day(14)) is None
