"""Encryption of people's data, and the keystore whose keys make it forgettable.

A part of the book is encrypted with AES-256-GCM under a key derived from the key of (enterprise, class, expiry day).
Day keys lie wrapped by the master key in a keystore of their own; destroying one erases every copy of what it locked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import threading
from datetime import date
from pathlib import Path
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

NONCE_BYTES = 12
_metadata = MetaData()
_keys = Table(
    "keys",
    _metadata,
    Column("enterprise", String(36), primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)


class KeyFault(Exception):
    """The keystore does not fit the data; its text is the sentence shown at the start."""


class KeyGone(Exception):
    """The key of this part was destroyed: what it locked is erased."""


def _derive(key: bytes, info: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(key)


def _seal(key: bytes, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def _open(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())


class Keystore:
    """Day keys by (enterprise, class, day) and index keys by (enterprise, field), wrapped by the master key.

    Raises ``KeyFault`` when the master key is missing over existing keys, or is another one.
    """

    def __init__(self, url: str, master_file: Path, *, may_create: bool = False) -> None:
        path = make_url(url).database
        if url.startswith("sqlite") and path:
            Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._engine = create_engine(url, hide_parameters=True)
        if url.startswith("sqlite"):

            @event.listens_for(self._engine, "connect")
            def pragmas(connection, _record) -> None:  # type: ignore[no-untyped-def]
                connection.execute("PRAGMA secure_delete=ON")
                connection.execute("PRAGMA synchronous=FULL")

        _metadata.create_all(self._engine)
        self._cache: dict[tuple[str, str, str], bytes] = {}
        self._lock = threading.Lock()
        self._master = self._read_master(master_file, may_create=may_create)

    def _read_master(self, file: Path, *, may_create: bool) -> bytes:
        with self._engine.connect() as connection:
            check = connection.execute(select(_keys.c.wrapped).where(_keys.c.purpose == "check")).scalar()
        if not file.exists():
            if check is not None:
                raise KeyFault(f"The master key {file} is missing, but its keystore holds keys. Put the file back.")
            if not may_create:
                raise KeyFault(f"There is no master key at {file} yet. Run `flask upgrade` (or scripts/start) first.")
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        master = base64.b64decode(file.read_bytes().strip())
        if check is None:
            sealed = _seal(master, b"gate", "check")
            with self._engine.begin() as connection:
                connection.execute(insert(_keys).values(enterprise="", purpose="check", day="", wrapped=sealed))
        else:
            try:
                _open(master, check, "check")
            except InvalidTag:
                raise KeyFault(f"{file} is not the master key of this keystore. Put the right file back.") from None
        return master

    def secret(self, purpose: str) -> bytes:
        """A key of the installation itself, such as the one that signs cookies."""
        return _derive(self._master, f"gate/{purpose}")

    def _key(self, enterprise: str, purpose: str, day: str, *, create: bool) -> bytes:
        at = (enterprise, purpose, day)
        if at in self._cache:
            return self._cache[at]
        where = (_keys.c.enterprise == enterprise, _keys.c.purpose == purpose, _keys.c.day == day)
        bound_to = "|".join(at)
        with self._lock, self._engine.connect() as connection:
            wrapped = connection.execute(select(_keys.c.wrapped).where(*where)).scalar()
            if wrapped is None:
                if not create:
                    raise KeyGone
                fresh = _seal(self._master, secrets.token_bytes(32), bound_to)
                try:
                    connection.execute(
                        insert(_keys).values(enterprise=enterprise, purpose=purpose, day=day, wrapped=fresh)
                    )
                    connection.commit()
                except IntegrityError:  # another process was quicker
                    connection.rollback()
                wrapped = connection.execute(select(_keys.c.wrapped).where(*where)).scalar_one()
        key = self._cache[at] = _open(self._master, wrapped, bound_to)
        return key

    def seal(self, plain: bytes, *, enterprise: UUID, seq: int, cls: str, expires_on: date) -> bytes:
        """Encrypt one part; the ciphertext is bound to its enterprise, entry and class."""
        key = self._key(str(enterprise), cls, expires_on.isoformat(), create=True)
        return _seal(_derive(key, "gate/part"), plain, f"{enterprise}|{seq}|{cls}")

    def open(self, sealed: bytes, *, enterprise: UUID, seq: int, cls: str, expires_on: date) -> bytes:
        """Decrypt one part; raises ``KeyGone`` (its key was destroyed) or ``InvalidTag`` (it was moved or changed)."""
        key = self._key(str(enterprise), cls, expires_on.isoformat(), create=False)
        return _open(_derive(key, "gate/part"), sealed, f"{enterprise}|{seq}|{cls}")

    def index(self, value: str, *, enterprise: UUID, field: str) -> str:
        """A keyed digest by which one enterprise finds a phone or a document number it holds encrypted."""
        key = self._key(str(enterprise), f"index:{field}", "", create=True)
        return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def check_password(password: str, stored: str | None) -> bool:
    """Whether the password fits; ``stored`` None (no such person) takes just as long."""
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def new_token() -> str:
    """256 random bits, safe in URLs."""
    return secrets.token_urlsafe(32)


def new_password() -> str:
    """A first password that can be read aloud: 16 characters without look-alikes, about 75 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def key_hash(value: str) -> str:
    """How the directory knows a slug, username or token."""
    return hashlib.sha256(value.encode()).hexdigest()
