"""The chain, pure: canonical bytes and their hashes. ``scripts/verify-ledger`` checks a book without the program.

Canonical JSON is RFC 8785, restricted: ASCII keys, no floats, integers under 2**53, no U+0000.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

DOMAIN = b"gate/1\n"
FIRST_PREV = "0" * 64
LARGEST = 2**53 - 1
NO_PARTS: dict[str, str] = {}


class NotCanonical(ValueError):
    """A value that has no canonical form: a float, a key that is not ASCII text, a number too large."""


def canonical(value: Any) -> str:
    """The one JSON text of ``value``: keys sorted, no spaces, characters as they are."""
    _check(value)
    return _encode(value)


def _encode(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as fault:  # a lone surrogate, a depth that no reader takes
        raise NotCanonical(str(fault)) from None


def recoded(value: Any) -> str:
    """The canonical text of a value that stands in canonical JSON already: nothing in it is to be checked again."""
    return _encode(value)


_PLAIN = frozenset((bool, type(None)))
_known_keys: set[str] = set()


def _check(value: Any) -> None:
    """Raises ``NotCanonical``; without recursion, since every entry passes here."""
    left = [value]
    while left:
        item = left.pop()
        kind = type(item)
        if kind is str:
            if "\x00" in item:
                raise NotCanonical("U+0000 in a text")
        elif kind is dict:
            for key in item:
                if key not in _known_keys:
                    _check_key(key)
            left.extend(item.values())
        elif kind is list or kind is tuple:
            left.extend(item)
        elif kind is int:
            if not -LARGEST <= item <= LARGEST:
                raise NotCanonical(f"{item} is beyond 2**53")
        elif kind not in _PLAIN:
            left.append(_plain(item))


def _check_key(key: Any) -> None:
    if not isinstance(key, str) or not key.isascii() or "\x00" in key:
        raise NotCanonical(f"the key {key!r} is not ASCII text")
    if len(_known_keys) < 10_000:
        _known_keys.add(key)


def _plain(item: Any) -> Any:
    """What a member of an enum or another subclass stands for in JSON."""
    for kind in (str, int, dict, list, tuple):
        if isinstance(item, kind):
            return kind(item)
    raise NotCanonical(f"a {type(item).__name__} has no canonical form")


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


def entry_of(raw: bytes) -> dict[str, Any]:
    """The JSON of an entry's canonical bytes. Raises ``ValueError`` for anything else."""
    entry = orjson.loads(raw)
    if not isinstance(entry, dict):
        raise ValueError("not an entry")
    return entry


def dashed(uuid: str) -> str:
    """An id as it stands in the bytes; SQLite holds it as 32 hex digits."""
    return uuid if len(uuid) != 32 else f"{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}"


def parts_of(
    raw: bytes, book: str, seq: int, event_id: str, kind: str, received_at: int, prev: str
) -> dict[str, str] | None:
    """``parts`` of the canonical bytes of an entry; None where they say something else than these columns.

    Keys are sorted and ``body`` is the first of them, so that columns are compared without reading the body.
    ``event_id`` is text with or without its dashes.
    """
    before = f',"book":"{book}","event_id":"{dashed(event_id)}","kind":"{kind}","parts":{{'.encode()
    behind = f'}},"prev":"{prev}","received_at":{received_at},"seq":{seq}}}'.encode()
    if raw.endswith(before + behind):
        return NO_PARTS
    end = len(raw) - len(behind)
    begin = raw.rfind(before, 0, end)
    if begin < 0 or not raw.endswith(behind):
        return None
    try:
        parts: dict[str, str] = orjson.loads(raw[begin + len(before) - 1 : end + 1])
    except ValueError:
        return None
    return parts
