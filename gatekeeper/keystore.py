"""The keystore: keys that lock people's data, kept apart from it, so that destroying a key forgets what it locked.

Day keys by (enterprise, class, expiry day), keys of legal holds and index keys by (enterprise, field) lie wrapped by
the master key. What is destroyed is listed in a file first, and destroyed again wherever a backup brings it back.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from gatekeeper.clock import now, start_of, today
from gatekeeper.crypto import Cipher, KeyFault, KeyGone, derive, key_hash
from gatekeeper.db import connect, truncate_log
from gatekeeper.destroyed import Destroyed, DestroyList, fingerprint
from gatekeeper.keystore_rows import (
    CHECK,
    ID,
    REWRAP,
    Count,
    Name,
    add,
    changed,
    is_named,
    keys,
    metadata,
    name_of,
    name_of_hold,
    wrapped_of,
)
from gatekeeper.master_key import MasterKey

CACHE_SECONDS = 60
"""So long a process may go on with a key that another one destroyed; keys of passed days are never cached."""
CACHED = 20_000
TRIES = 5


class Hot(NamedTuple):
    """A key in memory, good ``until`` a moment of the monotonic clock."""

    cipher: Cipher
    enterprise: str
    until: float


class Keystore:
    """Opens with the master key of ``master_file``, which it makes over an empty keystore where it ``may_create``.

    ``bound`` is the digest of the keystore's id that the database remembers, None where it remembers none. Raises
    ``KeyFault`` when the master key is missing or another one, or the keystore is empty or another one.
    """

    def __init__(self, url: str, master_file: Path, *, may_create: bool = False, bound: str | None = None) -> None:
        self._engines = connect(url)
        self._cache: dict[tuple[object, ...], Hot] = {}
        self._list = DestroyList(master_file.with_name("destroyed.jsonl"))
        self._master = MasterKey(master_file)
        try:
            self.id = self._opened(may_create=may_create, bound=bound)
        except BaseException:
            self.close()
            raise

    def _opened(self, *, may_create: bool, bound: str | None) -> str:
        """The keystore's id, once its master key is read and what was destroyed is gone."""
        metadata.create_all(self._engines.write)
        with self._engines.read.connect() as connection:
            check = wrapped_of(connection, CHECK)
        if check is None:
            self._make(may_create and bound is None, bound)
        else:
            self._master.open(check)
        with self._engines.read.connect() as connection:
            own = (wrapped_of(connection, ID) or b"").decode()
        if bound is not None and bound != key_hash(own):
            raise KeyFault(
                f"The keystore beside {self._master.file} is not the one of this database. Put the right keystore back."
            )
        self.replay_destroyed()
        return own

    def _make(self, may_create: bool, bound: str | None) -> None:
        if not may_create:
            if bound is not None or self._master.file.exists():
                raise KeyFault(
                    f"The keystore beside {self._master.file} is missing or empty, but the database is not. "
                    "Put the keystore back; a new one could not read what is there."
                )
            raise KeyFault(
                f"There is no master key at {self._master.file} yet. Run `flask upgrade` (or scripts/start) first."
            )
        check = self._master.create()
        try:
            with self._engines.write.begin() as connection:
                add(connection, CHECK, check)
                add(connection, ID, secrets.token_hex(16).encode())
        except IntegrityError:  # another process was quicker, with the same file
            with self._engines.read.connect() as connection:
                self._master.open(wrapped_of(connection, CHECK) or b"")

    def close(self) -> None:
        self._engines.dispose()

    def seal(
        self, plain: bytes, *, enterprise: UUID, seq: int, cls: str, expires_on: date, hold: UUID | None = None
    ) -> bytes:
        """Encrypt one part under its day's key, or that of a ``hold``; bound to its enterprise, entry and class.

        Raises ``KeyGone`` for a day that has passed, whose key is not made anew, and for a hold that has ended.
        """
        hot = self._hot(enterprise, cls, expires_on, hold, create=True)
        return hot.cipher.seal(plain, f"{hot.enterprise}|{seq}|{cls}")

    def open(
        self, sealed: bytes, *, enterprise: UUID, seq: int, cls: str, expires_on: date, hold: UUID | None = None
    ) -> bytes:
        """Decrypt one part; raises ``KeyGone`` (its key was destroyed) or ``InvalidTag`` (it was moved or changed)."""
        hot = self._hot(enterprise, cls, expires_on, hold, create=False)
        return hot.cipher.open(sealed, f"{hot.enterprise}|{seq}|{cls}")

    def index(self, value: str, *, enterprise: UUID, field: str) -> str:
        """A keyed digest by which one enterprise finds a phone or a document number it holds encrypted."""
        known = self._cache.get((enterprise, field))
        if known is None or known.until < monotonic():
            key = self._key(Name(str(enterprise), f"index:{field}", ""), create=True)
            known = self._keep((enterprise, field), Hot(Cipher(key), str(enterprise), monotonic() + CACHE_SECONDS))
        return hmac.digest(known.cipher.key, value.encode(), "sha256").hex()

    def secret(self, purpose: str) -> bytes:
        """A key of the installation itself, such as the one that signs cookies; the same after a rotation."""
        return derive(self._key(Name("", f"secret:{purpose}", ""), create=True), f"gate/{purpose}")

    def _hot(self, enterprise: UUID, cls: str, expires_on: date, hold: UUID | None, *, create: bool) -> Hot:
        """The cipher of a part, from memory where it may be: not a passed day's, not a hold's."""
        at = (enterprise, cls, expires_on, hold)
        known = self._cache.get(at)
        if known is not None and known.until > monotonic():
            return known
        left = (start_of(expires_on + timedelta(days=1)) - now()).total_seconds()
        key = self._key(name_of(enterprise, cls, expires_on, hold), create=create and (left > 0 or hold is not None))
        made = Hot(Cipher(derive(key, "gate/part")), str(enterprise), monotonic() + min(left, CACHE_SECONDS))
        return self._keep(at, made) if left > 0 and hold is None else made

    def _keep(self, at: tuple[object, ...], made: Hot) -> Hot:
        if len(self._cache) > CACHED:
            self._cache.clear()
        self._cache[at] = made
        return made

    def _key(self, name: Name, *, create: bool) -> bytes:
        key = self._read(name)
        if key is None and not create:
            raise KeyGone
        return self._create(name) if key is None else key

    def _read(self, name: Name) -> bytes | None:
        for _ in range(TRIES):
            with self._engines.read.connect() as connection:
                wrapped, check = wrapped_of(connection, name), wrapped_of(connection, CHECK)
            if wrapped is None:
                return None
            try:
                return self._master.unwrap(wrapped, name.bound_to)
            except InvalidTag:  # the master key was rotated, or this row is damaged
                self._master.open(check or b"")
        raise KeyFault(f"A key in the keystore is damaged: {name.purpose} {name.day}. Put its backup back.")

    def _create(self, name: Name) -> bytes:
        """Make a key, in one transaction with a look at which master key stands now; raises ``KeyGone``."""
        if name.purpose.startswith("hold:") and self._list.has_name(name):
            raise KeyGone
        for _ in range(TRIES):
            fresh = secrets.token_bytes(32)
            try:
                with self._engines.write.begin() as connection:
                    check = connection.execute(
                        select(keys.c.wrapped).where(*is_named(CHECK)).with_for_update(read=True)
                    ).scalar_one()
                    self._master.open(check)
                    add(connection, name, self._master.wrap(fresh, name.bound_to))
                return fresh
            except IntegrityError:  # another process was quicker
                known = self._read(name)
                if known is not None:
                    return known
        raise KeyGone

    def rotate(self) -> int:
        """Wrap every key anew under a new master key; answers how many. Raises ``KeyFault`` while another rotates.

        The new key lies beside the old one before anything is wrapped with it, so that a kill at any point leaves a
        keystore that opens; other processes notice by a key that does not unwrap, and read the file again.
        """
        with self._engines.read.connect() as connection:
            self._master.settle(wrapped_of(connection, CHECK) or b"")
        with self._master.rotating() as new, self._engines.write.begin() as connection:
            check = connection.execute(select(keys.c.wrapped).where(*is_named(CHECK)).with_for_update()).scalar_one()
            self._master.open(check)
            rewrapped = [changed(CHECK, new.check())]
            for *at, wrapped in connection.execute(select(keys)).all():
                name = Name(*at)
                if name not in (CHECK, ID):
                    key = self._master.unwrap(wrapped, name.bound_to)
                    rewrapped.append(changed(name, new.wrap(key, name.bound_to)))
            connection.execute(REWRAP, rewrapped)
        self._tidy()
        return len(rewrapped) - 1

    def destroy_days(self, before: date) -> int:
        """Destroy the keys of every day before ``before``; answers how many there were."""
        with self._engines.read.connect() as connection:
            rows = connection.execute(select(keys).where(keys.c.day != "", keys.c.day < before.isoformat())).all()
        passed = min(before, today()).isoformat()
        return self._destroy(rows, before=passed)

    def destroy_hold(self, enterprise: UUID, hold: UUID) -> int:
        """Destroy the key of a legal hold that has ended; answers 0 when it is gone already."""
        with self._engines.read.connect() as connection:
            rows = connection.execute(select(keys).where(*is_named(name_of_hold(enterprise, hold)))).all()
        return self._destroy(rows)

    def replay_destroyed(self) -> int:
        """Destroy again what a keystore restored from a backup brought back; answers how many keys."""
        found = self._list.read()
        with self._engines.read.connect() as connection:
            passed = connection.execute(select(keys).where(keys.c.day != "", keys.c.day < found.before)).all()
        gone = [Name(*row[:3]) for row in passed]
        for listed, mark in found.keys:
            key = self._read(Name(*listed))
            if key is not None and fingerprint(key) == mark:
                gone.append(Name(*listed))
        self._remove(gone)
        return len(gone)

    def _destroy(self, rows: Any, *, before: str = "") -> int:
        names = [Name(*row[:3]) for row in rows]
        single = [name for name in names if not (name.day and name.day < before)]
        marked = [(name, fingerprint(key)) for name in single if (key := self._read(name)) is not None]
        if names:
            self._list.append(marked, before=before)
            self._remove(names)
        return len(names)

    def _remove(self, names: list[Name]) -> None:
        if not names:
            return
        with self._engines.write.begin() as connection:
            for name in names:
                connection.execute(delete(keys).where(*is_named(name)))
        self._cache.clear()
        self._tidy()

    def _tidy(self) -> None:
        """Let no old page with a key stay behind: SQLite's write-ahead log, PostgreSQL's dead rows."""
        if self._engines.read.dialect.name == "sqlite":
            truncate_log(self._engines.read)
        else:
            with self._engines.read.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM keys")

    def names(self) -> Iterator[Name]:
        """Every key but the keystore's own marks."""
        with self._engines.read.connect() as connection:
            rows = connection.execute(select(keys.c.enterprise, keys.c.purpose, keys.c.day)).all()
        yield from (name for row in rows if (name := Name(*row)) not in (CHECK, ID))

    def counts(self) -> list[Count]:
        """Keys by what they lock, for ``flask keys list``."""
        found: dict[str, list[str]] = {}
        for name in self.names():
            found.setdefault(name.purpose.split(":")[0], []).append(name.day)
        return [Count(p, len(days), min(days) or None, max(days) or None) for p, days in sorted(found.items())]

    def has(self, enterprise: UUID, cls: str, expires_on: date) -> bool:
        """Whether the key of a day is here."""
        return self._read(name_of(enterprise, cls, expires_on, None)) is not None

    def check(self) -> int:
        """Unwrap every key; answers how many. Raises ``KeyFault`` at the first that is damaged."""
        return sum(self._read(name) is not None for name in self.names())

    @property
    def destroyed(self) -> Destroyed:
        return self._list.read()
