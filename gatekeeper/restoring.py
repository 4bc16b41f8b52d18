"""Restoring a backup: everything is checked before anything is touched."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gatekeeper import backups, dumps, durable, schema
from gatekeeper.backups import KEYS_FORMAT, BackupFault, Manifest
from gatekeeper.config import Settings
from gatekeeper.db import connect
from gatekeeper.dumps import DumpFault


def restore(settings: Settings, file: Path, *, keys_file: Path | None = None, force: bool = False) -> Manifest:
    """Bring database and files back, and the keystore where ``keys_file`` is given; migrates an older database.

    Refuses over a database with a township unless ``force``. Raises ``BackupFault``; before it writes, all is checked.
    """
    manifest = backups.check(file)
    keys = backups.check(keys_file, KEYS_FORMAT) if keys_file else None
    _fits(settings, manifest, keys)
    try:
        if not force and not dumps.is_empty(settings.owner_database_url):
            raise BackupFault("The database holds a township already. --force puts the backup in its place.")
        if keys is None and dumps.is_empty(settings.keys_url):
            raise BackupFault(f"There is no keystore here. Name one with --keys; {_newest(settings)}")
        dumps.release(settings.owner_database_url)
        if keys is not None:
            dumps.release(settings.keys_url)
        with _unpacked(file, settings.data_dir) as folder:
            for name in manifest.members:
                if "/" in name:
                    _place(settings.data_dir / name, folder / name)
            if keys is not None and keys_file is not None:
                _restore_keys(settings, keys_file)
            dumps.load(settings.owner_database_url, folder / f"database.{manifest.database}")
        if dumps.heads(settings.owner_database_url) != manifest.heads:
            raise BackupFault("The restored books do not stand where the backup says.")
        _migrate(settings)
    except (DumpFault, OSError) as fault:
        raise BackupFault(f"Not restored. {fault}") from None
    return manifest


def _fits(settings: Settings, manifest: Manifest, keys: Manifest | None) -> None:
    """Whether this program, with these databases, can take the archives."""
    wanted = ((manifest, settings.owner_database_url, "GATE_DATABASE_URL"), (keys, settings.keys_url, "GATE_KEYS_URL"))
    for archive, url, name in wanted:
        if archive is not None and archive.database != dumps.kind(url):
            raise BackupFault(f"The backup is of {archive.database}, but {name} is {dumps.kind(url)}.")
    if manifest.schema not in schema.versions():
        raise BackupFault(f"The backup stands at {manifest.schema}, which this version does not know. Upgrade first.")


def _newest(settings: Settings) -> str:
    found = sorted((settings.data_dir / "keys" / "backups").glob("keys-*.tar"))
    return f"the newest here is {found[-1]}" if found else "each backup names the one made with it"


@contextmanager
def _unpacked(file: Path, beside: Path) -> Iterator[Path]:
    """The members of a checked archive in a folder that goes afterwards."""
    beside.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=beside) as folder:
        with tarfile.open(file, "r:") as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def _place(target: Path, source: Path) -> None:
    content = source.read_bytes()
    if target.is_file() and target.read_bytes() == content:
        return
    durable.write(target, content)


def _restore_keys(settings: Settings, keys_file: Path) -> None:
    """The keystore is replaced; the list of destroyed keys grows; what was signed last is kept where it is."""
    with _unpacked(keys_file, settings.master_key_file.parent) as folder:
        for name, place in backups.beside_keys(settings).items():
            if (folder / name).exists() and name == "destroyed.jsonl":
                _merge(place, (folder / name).read_text("utf8"))
            elif (folder / name).exists() and not place.exists():
                _place(place, folder / name)
        dumps.load(settings.keys_url, next(folder.glob("keystore.*")))


def _merge(file: Path, listed: str) -> None:
    """Add the lines of ``listed`` that ``file`` lacks; a key destroyed here or there is destroyed."""
    own = file.read_text("utf8").splitlines() if file.exists() else []
    new = [line for line in listed.splitlines() if line and line not in set(own)]
    if new:
        durable.write(file, "".join(f"{line}\n" for line in (*own, *new)).encode())


def _migrate(settings: Settings) -> None:
    owner = connect(settings.owner_database_url)
    try:
        schema.upgrade(owner)
    finally:
        owner.dispose()
