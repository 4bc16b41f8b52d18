"""What ``flask doctor`` looks at: each check says what is so, or what is wrong and how to mend it."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from gatekeeper import backups, heartbeat, lan, network, schema
from gatekeeper.crypto import KeyFault

FREE_BYTES = 1_000_000_000
"""Less than this beside the data, and a busy month may not fit."""

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock before this is wrong: the program did not exist."""

EXPIRES_SOON = timedelta(days=30)
BACKUP_AGE = timedelta(days=2)
DURABLE = ("synchronous_commit", "fsync", "full_page_writes")
"""Settings of PostgreSQL without which a commit may be forgotten."""

LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``words`` say how to mend it where it is not ``ok``.

    ``ok`` None: it works, and still should not stay so.
    """

    name: str
    ok: bool | None
    words: str


def run(installation: Any, at: datetime) -> Iterator[Check]:
    """All checks of an ``Installation``, one after the other; a check that fails does not stop the next."""
    checks: tuple[tuple[str, Callable[[Any, datetime], tuple[bool | None, str]]], ...] = (
        ("fonts", fonts),
        ("pango", pango),
        ("database", database),
        ("migrations", migrations),
        ("keys", keys),
        ("durability", durability),
        ("backup", backup),
        ("worker", worker),
        ("checkpoints", checkpoints),
        ("certificate", certificate),
        ("disk", disk),
        ("clock", clock),
        ("https", https),
        ("lan", phones),
    )
    for name, check in checks:
        ok, words = check(installation, at)
        yield Check(name, ok, words)


def fonts(_installation: Any, _at: datetime) -> tuple[bool, str]:
    try:
        found = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, timeout=30, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False, "fc-list does not run; apt-get install fontconfig fonts-noto-cjk"
    if "Noto" not in found or "CJK" not in found:
        return False, "no Noto CJK font, so reports lack Chinese; apt-get install fonts-noto-cjk"
    return True, "a Noto CJK font is here"


def pango(_installation: Any, _at: datetime) -> tuple[bool, str]:
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError):
        return (
            False,
            "WeasyPrint does not load, so there are no reports; apt-get install libpango-1.0-0 libpangoft2-1.0-0",
        )
    return True, "WeasyPrint loads with its libraries"


def database(installation: Any, _at: datetime) -> tuple[bool, str]:
    try:
        with installation.engines.read.connect() as connection:
            connection.execute(select(1))
    except SQLAlchemyError as fault:
        return False, f"the database does not answer ({type(fault).__name__}); look at GATE_DATABASE_URL"
    return True, installation.engines.read.dialect.name


def migrations(installation: Any, _at: datetime) -> tuple[bool, str]:
    try:
        schema.check(installation.engines.read)
    except schema.SchemaFault as fault:
        return False, str(fault)
    except SQLAlchemyError:
        return False, "unknown while the database does not answer"
    return True, f"at {schema.newest()}"


def keys(installation: Any, _at: datetime) -> tuple[bool, str]:
    try:
        installation.open_keystore()
    except KeyFault as fault:
        return False, str(fault)
    except SQLAlchemyError as fault:
        return False, f"the keystore does not answer ({type(fault).__name__}); look at GATE_KEYS_URL"
    loose = installation.settings.master_key_file.stat().st_mode & 0o077
    if loose:
        return False, f"others may read the master key; chmod 600 {installation.settings.master_key_file}"
    return True, "the master key fits its keystore"


def durability(installation: Any, _at: datetime) -> tuple[bool | None, str]:
    """Whether the database has on its disk what it acknowledged."""
    try:
        with installation.engines.write.connect() as connection:
            if connection.dialect.name == "sqlite":
                full = connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
                return full, "SQLite waits for the disk" if full else "SQLite does not wait for the disk"
            off = [name for name in DURABLE if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off"]
    except SQLAlchemyError:
        return False, "unknown while the database does not answer"
    if "synchronous_commit" in off:
        return False, "synchronous_commit is off in our own sessions; take it out of the database's address"
    if off:
        return None, f"PostgreSQL may lose what it acknowledged when the power fails; set {' and '.join(off)} to on"
    return True, "PostgreSQL waits for the disk"


def backup(installation: Any, at: datetime) -> tuple[bool | None, str]:
    last = backups.last(installation.settings)
    if last is None:
        return None, "none was made yet; flask backup FILE every night, and take it to another machine"
    file, age = Path(last["file"]), at - datetime.fromisoformat(last["at"])
    if age > BACKUP_AGE:
        return None, f"the last one is {age.days} days old; flask backup FILE every night"
    if not file.exists():
        return True, f"made {last['at'][:16]}; {file} is not there any more, let it be because it was taken elsewhere"
    try:
        backups.check(file)
    except backups.BackupFault as fault:
        return False, f"{fault} Make another."
    return True, f"{file} of {last['at'][:16]} is whole"


def worker(installation: Any, at: datetime) -> tuple[bool | None, str]:
    seen = heartbeat.last(installation.settings.data_dir)
    if seen is None:
        return None, "none has run here yet; huey_consumer gatekeeper.worker.huey --workers 2"
    if not heartbeat.lives(installation.settings.data_dir, at=at):
        return False, f"silent since {seen:%Y-%m-%d %H:%M} UTC; start huey_consumer gatekeeper.worker.huey --workers 2"
    return True, "it lives"


def checkpoints(installation: Any, _at: datetime) -> tuple[bool, str]:
    from gatekeeper.ledger import checkpoints

    try:
        return checkpoints.state(installation)
    except SQLAlchemyError:
        return False, "unknown while the database does not answer"


def certificate(installation: Any, at: datetime) -> tuple[bool | None, str]:
    """What reports are signed with."""
    try:
        found = installation.open_certificate()
    except KeyFault as fault:
        return False, str(fault)
    until = f"{found.x509.not_valid_after_utc:%Y-%m-%d}"
    if not found.holds(at):
        return False, f"the certificate of the reports is not valid now (until {until}); put a new one in its place"
    if not found.holds(at + EXPIRES_SOON):
        return None, f"the certificate of the reports ends on {until}; order a new one"
    return True, f"reports are signed until {until}"


def disk(installation: Any, _at: datetime) -> tuple[bool, str]:
    folder = installation.settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        return False, f"{free // 1_000_000} MB free in {folder}; make room, a busy gate writes some 100 MB a month"
    return True, f"{free // 1_000_000_000} GB free in {folder}"


def clock(_installation: Any, at: datetime) -> tuple[bool, str]:
    if at < BUILT:
        return False, f"the clock says {at:%Y-%m-%d %H:%M} UTC; set it, entries carry its time for ever"
    return True, f"{at:%Y-%m-%d %H:%M} UTC"


def https(installation: Any, _at: datetime) -> tuple[bool, str]:
    settings = installation.settings
    if not settings.secure_cookies and settings.host not in LOCAL:
        return False, f"{settings.base_url} sends passwords in the clear; serve https, set GATE_BASE_URL"
    return True, settings.base_url


def phones(installation: Any, at: datetime) -> tuple[bool | None, str]:
    """The certificates with which ``scripts/start --lan`` serves phones; what is wrong with them is only noted where
    they are not in use."""
    settings = installation.settings
    folder, wrong = settings.data_dir / "keys", False if settings.lan else None
    try:
        found = lan.standing(folder)
    except KeyFault as fault:
        return wrong, str(fault)
    if found is None or found.server is None:
        return not settings.lan, "no certificate for phones on this network; scripts/start --lan makes it"
    for file in (lan.ca_key_file(folder), lan.server_file(folder)):
        if not file.exists():
            return wrong, f"{file} is missing, so the certificate cannot be made anew; put it back"
        if file.stat().st_mode & 0o077:
            return False, f"others may read {file}; chmod 600 {file}"
    ends, ca_ends = found.server.not_valid_after_utc, found.ca.not_valid_after_utc
    if at >= ends:
        return wrong, f"the certificate ended on {ends:%Y-%m-%d}; scripts/start --lan makes another"
    if settings.lan and not found.lasts(network.hosts(settings.base_url), at):
        return None, "the certificate is not for every address of this machine; the worker makes another in a minute"
    if ca_ends - at < lan.LIFE:
        return (
            None,
            f"the CA ends on {ca_ends:%Y-%m-%d}; delete {lan.ca_file(folder)} before, and tell every phone anew",
        )
    hosts = ", ".join(found.hosts)
    return True, f"good for {hosts} until {ends:%Y-%m-%d}, its CA until {ca_ends:%Y-%m-%d}: SHA-256 {found.fingerprint}"
