"""The signer of checkpoints: its private key, and the last checkpoint that it signed, in a folder of their own.

Only the worker and the command line open it. What it signed last lies beside the key and not in the database, so that
whoever has the database's powers cannot make it forget.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from gatekeeper.crypto import KeyFault
from gatekeeper.ledger.witness import DOMAIN, Checkpoint, fingerprint, from_data, public_key_of


def public_file(key_file: Path) -> Path:
    """Where the public half lies: beside the private key, for everybody to read."""
    return key_file.with_suffix(".pub")


def public_key(key_file: Path) -> Ed25519PublicKey | None:
    """The public key of this installation, None before it has one. The web server may ask for this one."""
    file = public_file(key_file)
    return public_key_of(file.read_bytes()) if file.exists() else None


class Signer:
    """Signs statements. Raises ``KeyFault`` where its key is missing or unreadable; never makes a new one by itself."""

    def __init__(self, key_file: Path) -> None:
        self._file = key_file
        try:
            key = load_pem_private_key(key_file.read_bytes(), password=None)
        except FileNotFoundError:
            raise KeyFault(
                f"The signing key {key_file} is missing. Put it back, or run `flask upgrade` where there never was one."
            ) from None
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFault(f"{key_file} is no Ed25519 private key. Put the right file back.")
        self._key = key

    @property
    def key(self) -> str:
        """The fingerprint of the public half."""
        return fingerprint(self._key.public_key())

    @property
    def public_key(self) -> Ed25519PublicKey:
        return self._key.public_key()

    def public_pem(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, statement: str) -> str:
        """Ed25519 over the domain line and the statement, hex."""
        return self._key.sign(DOMAIN + statement.encode()).hex()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time makes a checkpoint; the kernel frees the lock with its owner."""
        descriptor = os.open(self._file.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @property
    def _signed(self) -> Path:
        return _signed_file(self._file)

    def last(self) -> Checkpoint | None:
        """What was signed last, with all heads; None before the first. Raises ``KeyFault`` for a broken file."""
        try:
            return from_data(json.loads(self._signed.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (AttributeError, KeyError, TypeError, ValueError):
            raise KeyFault(f"{self._signed} cannot be read. Put it back from the backup of the keys.") from None

    def remember(self, checkpoint: Checkpoint) -> None:
        """Keep ``checkpoint`` as the last one; on the disk before this returns, whole or not at all."""
        _write(self._signed, json.dumps(checkpoint.to_data(), separators=(",", ":")).encode(), mode=0o600)


def is_missing(key_file: Path) -> bool:
    return not key_file.exists()


def has_signed(key_file: Path) -> bool:
    """Whether something was signed beside this key, whatever the database holds."""
    return _signed_file(key_file).exists()


def _signed_file(key_file: Path) -> Path:
    return key_file.parent / "signed.json"


def create(key_file: Path) -> None:
    """Make a key and its public half. The caller knows that nothing was ever signed here."""
    key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    _write(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)


def publish(key_file: Path) -> None:
    """Write the public half beside the key where it is not there, or is another's."""
    pem, file = Signer(key_file).public_pem(), public_file(key_file)
    if not file.exists() or file.read_bytes() != pem:
        _write(file, pem, mode=0o644)


def _write(file: Path, data: bytes, *, mode: int) -> None:
    """Replace a file in one step: beside it first, flushed, then moved, and its folder flushed."""
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(beside, file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
