"""The master key: one file that wraps the keystore, and how it is exchanged without a moment in which nothing opens."""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from cryptography.exceptions import InvalidTag

from gatekeeper.crypto import Cipher, KeyFault
from gatekeeper.durable import sync_folder

TRIES, PAUSE = 20, 0.02


class Wrapping:
    """A master key at work. ``check`` is a known text under it, by which a keystore tells its own master key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(key)

    def wrap(self, key: bytes, bound_to: str) -> bytes:
        return self._cipher.seal(key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """Raises ``InvalidTag`` under another master key."""
        return self._cipher.open(wrapped, bound_to)

    def check(self) -> bytes:
        return self._cipher.seal(b"gate", "check")

    def fits(self, check: bytes) -> bool:
        try:
            return self._cipher.open(check, "check") == b"gate"
        except (InvalidTag, ValueError):
            return False


class MasterKey:
    """The file, and beside it ``.next`` while it is exchanged: whichever fits the keystore is the master key."""

    def __init__(self, file: Path) -> None:
        self.file, self.next = file, file.with_suffix(file.suffix + ".next")
        self._lock_file = file.with_suffix(file.suffix + ".lock")
        self._wrapping: Wrapping | None = None
        self._reading = threading.Lock()

    def wrap(self, key: bytes, bound_to: str) -> bytes:
        return self._open.wrap(key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        return self._open.unwrap(wrapped, bound_to)

    @property
    def _open(self) -> Wrapping:
        if self._wrapping is None:
            raise KeyFault(f"The master key {self.file} was not read.")
        return self._wrapping

    def create(self) -> bytes:
        """Take the file, made where it is missing; answers the check of the empty keystore."""
        if not self.file.exists():
            _write(self.file)
        self._wrapping = _read(self.file)
        return self._open.check()

    def open(self, check: bytes) -> None:
        """Take the file that fits ``check``; raises ``KeyFault`` where none does."""
        if self._wrapping is not None and self._wrapping.fits(check):
            return
        with self._reading:
            for _ in range(TRIES):  # again, for a file may be renamed between two looks
                for file in (self.file, self.next):
                    if file.exists() and (found := _read(file)).fits(check):
                        self._wrapping = found
                        self.settle(check)
                        return
                sleep(PAUSE)
                if not self.next.exists() and not self.file.exists():
                    break
        if not self.file.exists():
            raise KeyFault(f"The master key {self.file} is missing, but its keystore holds keys. Put the file back.")
        raise KeyFault(f"{self.file} is not the master key of this keystore. Put the right file back.")

    def settle(self, check: bytes) -> None:
        """Complete or undo a rotation that was killed: nobody rotates, and a ``.next`` is there."""
        if not self.next.exists():
            return
        with self._locked() as alone:
            if not alone or not self.next.exists():
                return
            if _read(self.next).fits(check):
                os.replace(self.next, self.file)
            elif self.file.exists() and _read(self.file).fits(check):
                self.next.unlink()
            sync_folder(self.file.parent)

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        """Whether this process alone may exchange the files; freed by the kernel when it dies."""
        descriptor = os.open(self._lock_file, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    @contextmanager
    def rotating(self) -> Iterator[Wrapping]:
        """A new master key, on disk beside the old one; it takes the old one's place when the block ends well."""
        with self._locked() as alone:
            if not alone:
                raise KeyFault("Somebody else rotates the master key just now. Try again in a minute.")
            _write(self.next)
            new = _read(self.next)
            yield new
            os.replace(self.next, self.file)
            sync_folder(self.file.parent)
            self._wrapping = new


def _read(file: Path) -> Wrapping:
    """Raises ``KeyFault`` for a file that holds no key."""
    try:
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
    except FileNotFoundError:
        return Wrapping(bytes(32))  # renamed between two looks: fits nothing
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise KeyFault(f"{file} holds no master key. Put the right file back.")
    return Wrapping(key)


def _write(file: Path) -> None:
    """A fresh key, whole or not at all, and never over another."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(temporary, file)
    except FileExistsError:
        pass  # another process was quicker
    finally:
        temporary.unlink()
    sync_folder(file.parent)
