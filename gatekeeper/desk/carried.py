"""The file in which unsent entries are carried out of a phone (docs/desk.md): opened and read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from gatekeeper.desk.entries import ACTS
from gatekeeper.errors import Invalid
from gatekeeper.rules.values import Text

FORMAT = "gate-unsent-1"
MOST_ROUNDS = 10_000_000
MOST_AT_ONCE = 20
HERE = "photo:"
"""How an answer names a picture that its phone had not sent."""
Event = Mapping[str, Any]


class CarriedInvalid(Invalid):
    """A file that is none, or a passphrase that does not open it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a phone had not sent: its id, its entries in their order, its pictures by the name it had for them."""

    desk: UUID
    events: Sequence[Event]
    photos: Mapping[str, bytes]


def opened(raw: bytes, passphrase: str) -> Carried:
    """What is in the file; raises ``CarriedInvalid``: ``carried.shape``, ``carried.passphrase``."""
    try:
        file = orjson.loads(raw)
        salt, iv, box = (base64.b64decode(file[name], validate=True) for name in ("salt", "iv", "box"))
        rounds = file["rounds"]
        if file["format"] != FORMAT or type(rounds) is not int or not 0 < rounds <= MOST_ROUNDS:
            raise ValueError
        key = PBKDF2HMAC(SHA256(), 32, salt, rounds).derive(passphrase.encode())
        return _read(orjson.loads(AESGCM(key).decrypt(iv, box, FORMAT.encode())))
    except InvalidTag:
        said = Text("口令不对，或文件已损坏", "The passphrase is wrong, or the file is damaged")
        raise CarriedInvalid("carried.passphrase", said) from None
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        said = Text("这不是门岗手机导出的文件", "This is no file that a gate's phone carried out")
        raise CarriedInvalid("carried.shape", said) from None


def _read(found: Any) -> Carried:
    events = [dict(event) for event in found["events"]]
    photos = {str(name): base64.b64decode(picture, validate=True) for name, picture in found["photos"].items()}
    return Carried(UUID(found["desk"]), events, photos)


def runs(events: Sequence[Event]) -> Iterator[tuple[bool, list[Event]]]:
    """(whether it is about duty, entries) of each stretch that goes to one place at once, in their order."""
    batch: list[Event] = []
    for event in events:
        if batch and (len(batch) == MOST_AT_ONCE or is_duty(event) != is_duty(batch[0])):
            yield is_duty(batch[0]), batch
            batch = []
        batch.append(event)
    if batch:
        yield is_duty(batch[0]), batch


def is_duty(event: Event) -> bool:
    """Whether an entry is about who is on duty, not about a visit."""
    return event.get("kind") in ACTS
