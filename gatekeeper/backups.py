"""Backups: database and files in one archive; the keystore in another, apart, for seven days.

Keys that were destroyed can be brought back by no backup: their list is merged, never replaced. The master key and the
signing key are in neither; a copy of them belongs into a safe.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gatekeeper import dumps, durable, schema
from gatekeeper.config import Settings
from gatekeeper.db import connect
from gatekeeper.dumps import DumpFault

FORMAT = "gate-backup/1"
KEYS_FORMAT = "gate-keys/1"
FOLDERS = ("photos", "issued")
"""Of the data folder. What is not named here does not travel, so that no key ever does."""

LAST = "backup.json"
"""Where the data folder remembers its last backup."""

KEYS_KEPT = timedelta(days=7)
MANIFEST = "manifest.json"
STAMP = "%Y%m%dT%H%M%SZ"


class BackupFault(Exception):
    """A backup that cannot be made, or is none; its text is the sentence shown."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself. ``members`` maps a name to its SHA-256; ``heads`` is ``[[book, seq, hash]]``."""

    format: str
    made_at: str
    database: str
    schema: str | None
    members: dict[str, str]
    heads: dumps.Heads


@dataclass(frozen=True, slots=True)
class Made:
    """A backup as made: its two files, how many photos and other files are in it, and its heads."""

    file: Path
    keys: Path
    files: int
    heads: dumps.Heads


def make(settings: Settings, file: Path, *, keys_folder: Path | None = None, at: datetime) -> Made:
    """Back up database and files into ``file`` and the keystore into ``keys_folder``; each is whole or not there.

    Keystore archives older than seven days are deleted. Raises ``BackupFault``.
    """
    keys_folder = keys_folder or settings.data_dir / "keys" / "backups"
    with _staging(file) as staging:
        made = _make_archive(settings, file, staging, at)
    keys_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = keys_folder / f"keys-{at:{STAMP}}.tar"
    with _staging(keys) as staging:
        _make_keys_archive(settings, keys, staging, at)
    for old in keys_folder.glob("keys-*.tar"):
        if _stamp(old) < at - KEYS_KEPT:
            old.unlink()
    said = {"at": at.isoformat(), "file": str(file.absolute()), "keys": str(keys.absolute())}
    durable.write(settings.data_dir / LAST, json.dumps(said).encode())
    return Made(file, keys, len(made.members) - 1, made.heads)


def _make_archive(settings: Settings, file: Path, staging: Path, at: datetime) -> Manifest:
    # The database first: whatever file it names was on the disk before it.
    name = f"database.{dumps.kind(settings.owner_database_url)}"
    heads = dumps.dump(settings.owner_database_url, staging / name, books=True)
    found = {name: staging / name}
    for folder in FOLDERS:
        for path in sorted((settings.data_dir / folder).rglob("*")):
            if path.is_file() and not path.name.endswith(".new"):
                found[str(path.relative_to(settings.data_dir))] = path
    return _write(
        file, staging, FORMAT, found, at, database=dumps.kind(settings.owner_database_url), heads=heads,
        standing=_standing(settings),
    )  # fmt: skip


def _standing(settings: Settings) -> str | None:
    owner = connect(settings.owner_database_url)
    try:
        return schema.current(owner.read)
    finally:
        owner.dispose()


def _make_keys_archive(settings: Settings, file: Path, staging: Path, at: datetime) -> None:
    name = f"keystore.{dumps.kind(settings.keys_url)}"
    dumps.dump(settings.keys_url, staging / name, books=False)
    found = {name: staging / name, **{name: path for name, path in beside_keys(settings).items() if path.exists()}}
    _write(file, staging, KEYS_FORMAT, found, at, database=dumps.kind(settings.keys_url), heads=[], standing=None)


def beside_keys(settings: Settings) -> dict[str, Path]:
    """What travels with the keystore: the list of destroyed keys, and what the signer of checkpoints signed last."""
    master = settings.master_key_file
    signing = getattr(settings, "signing_key_file", master)
    return {
        "destroyed.jsonl": master.with_name("destroyed.jsonl"),
        "signed.json": signing.with_name("signed.json"),
        "signing.pub": signing.with_suffix(".pub"),
    }


@contextmanager
def _staging(file: Path) -> Iterator[Path]:
    """A folder beside ``file`` for what is not whole yet; gone afterwards, whatever happens."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        staging = Path(tempfile.mkdtemp(prefix=".gate-backup-", dir=file.parent))
    except OSError as fault:
        raise BackupFault(f"{file.parent} cannot be written: {fault.strerror}") from None
    try:
        yield staging
    except DumpFault as fault:
        raise BackupFault(f"No backup was made. {fault}") from None
    except OSError as fault:
        raise BackupFault(f"No backup was made in {file.parent}: {fault.strerror}") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write(
    file: Path, staging: Path, form: str, found: dict[str, Path], at: datetime, *, database: str, heads: dumps.Heads,
    standing: str | None,
) -> Manifest:  # fmt: skip
    """One archive: the members, then the manifest; read again before it gets its name."""
    members: dict[str, str] = {}
    fresh = staging / "archive"
    with tarfile.open(fresh, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in found.items():
            try:
                with path.open("rb") as content:
                    members[name] = hashlib.file_digest(content, "sha256").hexdigest()
                    _add(archive, name, content, path.stat().st_size)
            except FileNotFoundError:
                members.pop(name, None)  # erased since: its time was over
        manifest = Manifest(form, at.isoformat(), database, standing, members, heads)
        text = json.dumps({**{n: getattr(manifest, n) for n in Manifest.__slots__}}).encode()
        _add(archive, MANIFEST, io.BytesIO(text), len(text))
    with fresh.open("rb") as written:
        os.fsync(written.fileno())
    check(fresh, form)
    fresh.chmod(0o600)
    fresh.replace(file)
    durable.sync_folder(file.parent)
    return manifest


def _add(archive: tarfile.TarFile, name: str, content: Any, size: int) -> None:
    content.seek(0)
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, content)


def check(file: Path, form: str = FORMAT) -> Manifest:
    """Read a whole archive and compare each member with the manifest. Raises ``BackupFault`` where it is damaged."""
    found: dict[str, str] = {}
    text = None
    try:
        with tarfile.open(file, "r:") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None or member.name in found or Path(member.name).is_absolute() or ".." in member.name:
                    raise BackupFault(f"{file} holds {member.name}, which no backup holds.")
                if member.name == MANIFEST:
                    text = content.read()
                else:
                    found[member.name] = hashlib.file_digest(content, "sha256").hexdigest()
        manifest = Manifest(**json.loads(text or ""))
    except FileNotFoundError:
        raise BackupFault(f"There is no {file}.") from None
    except (tarfile.TarError, EOFError, OSError, TypeError, ValueError):
        raise BackupFault(f"{file} is no whole backup: it was cut off or changed.") from None
    if manifest.format != form:
        raise BackupFault(f"{file} is a {manifest.format}, not a {form}.")
    for name in sorted(found.keys() | manifest.members.keys()):
        if found.get(name) != manifest.members.get(name):
            raise BackupFault(f"{file} is damaged: {name} is not what was backed up.")
    return manifest


def _stamp(keys: Path) -> datetime:
    try:
        return datetime.strptime(keys.stem.removeprefix("keys-"), STAMP).replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)  # not one of ours


def last(settings: Settings) -> dict[str, str] | None:
    """``{"at", "file", "keys"}`` of the last backup, None before the first."""
    try:
        said: dict[str, str] = json.loads((settings.data_dir / LAST).read_text(encoding="utf8"))
    except FileNotFoundError:
        return None
    return said
