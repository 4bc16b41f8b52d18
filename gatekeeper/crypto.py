"""Encryption of people's data, passwords and tokens."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class KeyFault(Exception):
    """The keystore does not fit the data; its text is the sentence shown at the start."""


class KeyGone(Exception):
    """The key of this part was destroyed: what it locked is erased."""


def derive(key: bytes, info: str) -> bytes:
    """A key of its own for each use (HKDF), 32 bytes."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(key)


class Cipher:
    """AES-256-GCM under one key, set up once. What is sealed is bound to a text that must be the same to open it."""

    __slots__ = ("_aes", "key")

    def __init__(self, key: bytes) -> None:
        self.key, self._aes = key, AESGCM(key)

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aes.encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Raises ``InvalidTag`` for what was changed, moved, or sealed under another key."""
        return self._aes.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())


_hasher = PasswordHasher()
_NOBODY = "$argon2id$v=19$m={},t={},p={}${}${}".format(
    *(_hasher.memory_cost, _hasher.time_cost, _hasher.parallelism),
    *(base64.b64encode(os.urandom(length)).decode().rstrip("=") for length in (_hasher.salt_len, _hasher.hash_len)),
)
"""What no password fits and takes as long to check as any: written rather than hashed, which takes 64 MB."""


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
