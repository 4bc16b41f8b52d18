"""Backup, destroy, restore: every row is the same again, and what was destroyed on purpose stays so."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image
from sqlalchemy.engine import make_url

from gatekeeper import backups, checks, clock, create_app, dumps, files, restoring, schema
from gatekeeper.backups import BackupFault
from gatekeeper.config import Settings
from gatekeeper.db import connect
from gatekeeper.ledger import service as ledger
from tests.conftest import Databases, make_database
from tests.factories import World
from tests.visits.gate import AtGate


def rows(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text and in order."""
    owner = connect(url)
    try:
        tables = sa.MetaData()
        tables.reflect(owner.read)
        with owner.read.connect() as connection:
            return {
                name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(tables.tables[name])))
                for name in sorted(tables.tables)
            }
    finally:
        owner.dispose()


def destroy(databases: Databases, settings: Settings) -> None:
    """The machine is lost; the master key lies in a safe."""
    url = make_url(databases.owner)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).unlink()
    else:
        make_database(str(url.database))
    shutil.rmtree(settings.data_dir / "photos", ignore_errors=True)
    for path in settings.master_key_file.parent.iterdir():
        if path != settings.master_key_file:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def run(settings: Settings, *arguments: Any) -> Any:
    app = create_app(settings, command_line=True, testing=True)
    try:
        return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    finally:
        app.extensions["gate"].engines.dispose()


def close(*apps: Flask) -> None:
    """Stop the programs: nobody has the database open any more."""
    for app in apps:
        app.extensions["gate"].engines.dispose()
        getattr(app.extensions["gate"].keystore, "close", lambda: None)()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def played(world: World, app: Flask, settings: Settings) -> World:
    """A township at work: visits at two factories, and a photo."""
    for place in (world.own, world.stranger):
        gate = AtGate(world.engines, place)
        gate.arrive()
        gate.admit()
    far = clock.today() + timedelta(days=14)
    files.store(settings.data_dir / "photos", ledger.keystore(), picture(), enterprise=world.own.id, expires_on=far)
    return world


def photos(settings: Settings) -> dict[str, bytes]:
    folder = settings.data_dir / "photos"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_restored_machine_has_every_row_and_file_and_its_books_are_sound(
    played: World, app: Flask, command_app: Flask, databases: Databases, settings: Settings, tmp_path: Path
) -> None:
    safe = tmp_path / "safe"
    made = run(settings, "backup", safe / "gate.tar", "--keys", safe / "keys")
    assert made.exit_code == 0, made.output
    before, heads = rows(databases.owner), dumps.heads(databases.owner)
    pictures = photos(settings)
    assert len(pictures) == 1
    close(app, command_app)
    destroy(databases, settings)
    keys = next((safe / "keys").iterdir())
    restored = run(settings, "restore", safe / "gate.tar", "--keys", keys)
    assert restored.exit_code == 0, restored.output
    assert "sound:" in restored.output and "retention run" in restored.output
    assert rows(databases.owner) == before
    assert dumps.heads(databases.owner) == heads
    assert photos(settings) == pictures
    AtGate(played.engines, played.own).arrive("浙B12345")
    assert run(settings, "ledger", "verify").exit_code == 0


def test_a_backup_is_of_one_moment_while_guards_write(
    played: World, settings: Settings, databases: Databases, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 10000
        while not stop.is_set():
            AtGate(played.engines, played.own).arrive(f"浙A{number}")
            number += 1

    guard = threading.Thread(target=write)
    guard.start()
    try:
        for number in range(3):
            made = backups.make(settings, tmp_path / f"{number}.tar", at=clock.now())
            with tarfile.open(made.file) as archive:
                archive.extract(f"database.{dumps.kind(databases.owner)}", tmp_path / str(number), filter="data")
            if dumps.kind(databases.owner) == "sqlite":
                inside = f"sqlite:///{tmp_path / str(number) / 'database.sqlite'}"
                assert dumps.heads(inside) == made.heads
    finally:
        stop.set()
        guard.join()
    numbered = [dict((book, seq) for book, seq, _ in backups.check(tmp_path / f"{n}.tar").heads) for n in range(3)]
    assert numbered[0][str(played.own.id)] <= numbered[2][str(played.own.id)]


def test_neither_key_lies_in_an_archive_and_only_the_owner_reads_them(
    played: World, settings: Settings, tmp_path: Path
) -> None:
    made = backups.make(settings, tmp_path / "gate.tar", keys_folder=tmp_path / "k", at=clock.now())
    master = settings.master_key_file.read_bytes().strip()
    assert made.file.stat().st_mode & 0o077 == 0 and made.keys.stat().st_mode & 0o077 == 0
    signing = settings.signing_key_file.read_bytes().strip()
    for secret in (master, signing):
        assert secret and secret not in made.file.read_bytes() + made.keys.read_bytes()
    with tarfile.open(made.file) as archive:
        assert not [name for name in archive.getnames() if "key" in name]
    with tarfile.open(made.keys) as archive:
        assert archive.getnames() == ["keystore.sqlite", "signing.pub", "manifest.json"]
    assert not list(tmp_path.glob(".gate-backup*"))


def test_archives_of_the_keystore_are_kept_for_seven_days(played: World, settings: Settings, tmp_path: Path) -> None:
    now = clock.now()
    foreign = tmp_path / "k" / "keys-of-the-house.tar"
    foreign.parent.mkdir()
    foreign.write_bytes(b"not ours")
    for days in (9, 8, 6, 0):
        backups.make(settings, tmp_path / "gate.tar", keys_folder=tmp_path / "k", at=now - timedelta(days=days))
    left = sorted(path.name for path in (tmp_path / "k").iterdir())
    assert left == sorted(
        [f"keys-{now - timedelta(days=days):{backups.STAMP}}.tar" for days in (6, 0)] + [foreign.name]
    )


def test_a_restore_over_a_township_is_refused_unless_it_is_forced(
    played: World, app: Flask, command_app: Flask, settings: Settings, databases: Databases, tmp_path: Path
) -> None:
    made = backups.make(settings, tmp_path / "gate.tar", at=clock.now())
    before = rows(databases.owner)
    AtGate(played.engines, played.own).arrive("浙B12345")
    later = rows(databases.owner)
    assert later != before
    close(app, command_app)
    refused = run(settings, "restore", made.file)
    assert refused.exit_code == 1 and "--force" in refused.output
    assert rows(databases.owner) == later
    forced = run(settings, "restore", made.file, "--force")
    assert forced.exit_code == 0, forced.output
    assert rows(databases.owner) == before


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_database_that_is_in_use_is_not_replaced_under_its_users(
    played: World, settings: Settings, databases: Databases, tmp_path: Path
) -> None:
    made = backups.make(settings, tmp_path / "gate.tar", at=clock.now())
    before = rows(databases.owner)
    refused = run(settings, "restore", made.file, "--force")
    assert refused.exit_code == 1 and "Stop web server and worker" in refused.output
    assert rows(databases.owner) == before


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20_000])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


def smuggle(file: Path) -> None:
    with tarfile.open(file, "a") as archive:
        archive.addfile(tarfile.TarInfo("../../evil"), io.BytesIO())


def future(file: Path) -> None:
    manifest = backups.check(file)
    with tarfile.open(file) as old:
        content = {member.name: old.extractfile(member).read() for member in old}  # type: ignore[union-attr]
    said = {name: getattr(manifest, name) for name in backups.Manifest.__slots__}
    content["manifest.json"] = json.dumps({**said, "schema": "9999"}).encode()
    with tarfile.open(file, "w") as new:
        for name, text in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            new.addfile(member, io.BytesIO(text))


@pytest.mark.parametrize(
    ("harm", "said"),
    [(cut, "cut off"), (flip, "damaged"), (smuggle, "which no backup holds"), (future, "does not know")],
)
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    played: World, settings: Settings, databases: Databases, tmp_path: Path, harm: Callable[[Path], None], said: str
) -> None:
    made = backups.make(settings, tmp_path / "gate.tar", at=clock.now())
    before = rows(databases.owner)
    harm(made.file)
    with pytest.raises(BackupFault, match=said):
        restoring.restore(settings, made.file, force=True)
    assert rows(databases.owner) == before


def test_an_older_backup_is_migrated_up(
    command_app: Flask, settings: Settings, databases: Databases, tmp_path: Path
) -> None:
    owner = connect(databases.owner)
    schema.downgrade(owner, "0002")
    try:
        made = backups.make(settings, tmp_path / "gate.tar", at=clock.now())
        assert backups.check(made.file).schema == "0002"
        close(command_app)
        owner.dispose()
        restored = run(settings, "restore", made.file, "--force")
        assert restored.exit_code == 0, restored.output
        assert schema.current(owner.read) == schema.newest()
    finally:
        schema.upgrade(owner)
        owner.dispose()


def test_keys_destroyed_since_the_backup_are_listed_still(
    played: World, app: Flask, command_app: Flask, settings: Settings, databases: Databases, tmp_path: Path
) -> None:
    listed = settings.master_key_file.with_name("destroyed.jsonl")
    listed.write_text('{"before": "2000-01-01", "at": "a"}\n', encoding="utf8")
    made = backups.make(settings, tmp_path / "gate.tar", keys_folder=tmp_path / "k", at=clock.now())
    listed.write_text('{"before": "2000-01-02", "at": "b"}\n', encoding="utf8")
    close(app, command_app)
    restored = run(settings, "restore", made.file, "--keys", made.keys, "--force")
    assert restored.exit_code == 0, restored.output
    assert listed.read_text(encoding="utf8").splitlines() == [
        '{"before": "2000-01-02", "at": "b"}',
        '{"before": "2000-01-01", "at": "a"}',
    ]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a full disk needs the right to mount one")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_backup_that_finds_no_room_says_so_and_leaves_no_half(
    played: World, settings: Settings, small_disk: Path
) -> None:
    if dumps.kind(settings.database_url) == "postgresql":
        subprocess.run(["mount", "-o", "remount,size=8k", small_disk], check=True)
    ran = run(settings, "backup", small_disk / "gate.tar")
    assert ran.exit_code == 1 and "No backup was made" in ran.output
    assert list(small_disk.iterdir()) == []
    assert backups.last(settings) is None


def test_the_doctor_looks_at_the_last_backup(
    played: World, command_app: Flask, settings: Settings, tmp_path: Path
) -> None:
    here, now = command_app.extensions["gate"], clock.now()

    def backup(at: datetime) -> checks.Check:
        return {check.name: check for check in checks.run(here, at=at)}["backup"]

    assert backup(now).ok is None and "flask backup" in backup(now).words
    made = backups.make(settings, tmp_path / "gate.tar", at=now)
    assert backup(now).ok is True
    assert backup(now + timedelta(days=3)).ok is None
    flip(made.file)
    assert backup(now).ok is False
    made.file.unlink()
    assert backup(now).ok is True and "elsewhere" in backup(now).words
