"""The chain, pure: canonical bytes and their hashes. Anybody can check a book with this file and SHA-256 alone.

Canonical JSON is RFC 8785, restricted: ASCII keys, no floats, integers under 2**53, no U+0000.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

DOMAIN = b"gate/1\n"
FIRST_PREV = "0" * 64
LARGEST = 2**53 - 1


class NotCanonical(ValueError):
    """A value that has no canonical form: a float, a key that is not ASCII text, a number too large."""


def canonical(value: Any) -> str:
    """The one JSON text of ``value``: keys sorted, no spaces, characters as they are."""
    _check(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _check(value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if "\x00" in value:
            raise NotCanonical("U+0000 in a text")
    elif isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(f"{value} is beyond 2**53")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii() or "\x00" in key:
                raise NotCanonical(f"the key {key!r} is not ASCII text")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    else:
        raise NotCanonical(f"a {type(value).__name__} has no canonical form")


def digest(text: str) -> str:
    """Hash of an entry: SHA-256 over the domain line and the canonical bytes, lower-case hex."""
    return hashlib.sha256(DOMAIN + text.encode()).hexdigest()


def content_hash(data: bytes) -> str:
    """SHA-256 of a part's ciphertext, of a document, of a list; lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def entry_text(
    *, book: str, seq: int, event_id: str, kind: str, received_at: int, body: Any, parts: dict[str, str], prev: str
) -> str:
    """The canonical bytes of one entry, as text. ``parts`` maps a class to the SHA-256 of its ciphertext."""
    return canonical(
        {
            "book": book,
            "seq": seq,
            "event_id": event_id,
            "kind": kind,
            "received_at": received_at,
            "body": body,
            "parts": parts,
            "prev": prev,
        }
    )
