"""Writing into a book: one entry, its parts, and the head, in the transaction of the business act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.clock import day_of, micros, now
from gatekeeper.crypto import KeyGone
from gatekeeper.db import new_id
from gatekeeper.keystore import Keystore
from gatekeeper.ledger.chain import FIRST_PREV, content_hash, digest, entry_text
from gatekeeper.ledger.models import LedgerEntry, LedgerHead, LedgerPart
from gatekeeper.rules.retention import DAYS as RETENTION_DAYS
from gatekeeper.rules.retention import days_of
from gatekeeper.tenancy import own_id

__all__ = ["RETENTION_DAYS", "Written", "act", "append", "days_of", "kept", "keystore", "open_part", "use_keystore"]

_keystore: Keystore | None = None


def use_keystore(keystore: Keystore) -> None:
    """Called once by ``create_app``: the keystore of this process."""
    global _keystore
    _keystore = keystore


def keystore() -> Keystore:
    if _keystore is None:
        raise RuntimeError("the keystore is opened by create_app")
    return _keystore


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as written: its place in the book and its hash."""

    seq: int
    hash: str


def kept(parts: Mapping[str, Any], *, start: date, retention: Mapping[str, int] = RETENTION_DAYS) -> dict[str, Any]:
    """Those of ``parts`` whose time is not over yet when it counts from ``start``; ``retention``: days by class."""
    today = day_of(now())
    return {cls: value for cls, value in parts.items() if start + timedelta(days=retention[cls]) >= today}


def append(
    session: Session,
    *,
    event_id: UUID,
    kind: str,
    received_at: datetime,
    body: Mapping[str, Any],
    parts: Mapping[str, Any] | None = None,
    keep_from: date | None = None,
    retention: Mapping[str, int] | None = None,
) -> Written:
    """Add one entry to the book of the session's enterprise; the head is locked until the commit.

    ``parts`` maps a retention class to personal values (JSON); ``body`` must hold none. Retention counts from
    ``keep_from``, by default the day of ``received_at``, and lasts the days of its class in ``retention`` (what
    ``days_of`` makes of the rulebooks in force; None: the usual days). A part already past its time is not written.
    """
    book = own_id(session)
    head = session.execute(select(LedgerHead).with_for_update()).scalar_one_or_none()
    seq, prev = (head.seq + 1, head.hash) if head else (1, FIRST_PREV)
    ciphered = sealed(book, seq, parts or {}, keep_from or day_of(received_at), retention or RETENTION_DAYS)
    text = entry_text(
        book=str(book),
        seq=seq,
        event_id=str(event_id),
        kind=kind,
        received_at=micros(received_at),
        body=dict(body),
        parts={cls: content_hash(ciphertext) for cls, ciphertext, _ in ciphered},
        prev=prev,
    )
    entry_hash = digest(text)
    session.add(
        LedgerEntry(
            enterprise_id=book,
            seq=seq,
            event_id=event_id,
            kind=kind,
            received_at=received_at,
            bytes=text,
            prev=prev,
            hash=entry_hash,
        )
    )
    if head is None:
        session.add(LedgerHead(enterprise_id=book, seq=seq, hash=entry_hash))
    else:
        head.seq, head.hash = seq, entry_hash
    session.flush()
    session.add_all(
        LedgerPart(enterprise_id=book, seq=seq, cls=cls, ciphertext=ciphertext, expires_on=expires_on)
        for cls, ciphertext, expires_on in ciphered
    )
    session.flush()
    return Written(seq, entry_hash)


def sealed(
    book: UUID, seq: int, parts: Mapping[str, Any], start: date, retention: Mapping[str, int] = RETENTION_DAYS
) -> list[tuple[str, bytes, date]]:
    """(class, ciphertext, last day) of every part whose time is not over, for entry ``seq`` of ``book``."""
    made = []
    for cls, value in sorted(kept(parts, start=start, retention=retention).items()):
        expires_on = start + timedelta(days=retention[cls])
        plain = orjson.dumps(value)
        made.append((cls, keystore().seal(plain, enterprise=book, seq=seq, cls=cls, expires_on=expires_on), expires_on))
    return made


def open_part(part: LedgerPart) -> Any | None:
    """The personal values of a part; None when its key is gone or its ciphertext is not the one written."""
    try:
        plain = keystore().open(
            part.ciphertext,
            enterprise=part.enterprise_id,
            seq=part.seq,
            cls=part.cls,
            expires_on=part.expires_on,
            hold=part.hold_id,
        )
    except (KeyGone, InvalidTag):
        return None
    return orjson.loads(plain)


def act(
    session: Session,
    *,
    by: Actor,
    what: str,
    subject: str,
    body: Mapping[str, Any] | None = None,
    parts: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Written:
    """Write an act of administration: ``what`` was done (``user.added``) to ``subject`` (an id or slug), by whom."""
    return append(
        session,
        event_id=new_id(),
        kind="act",
        received_at=at or now(),
        body={
            "act": what,
            "subject": subject,
            "by": {"id": str(by.id), "name": by.name, "role": str(by.role)},
            "values": dict(body or {}),
        },
        parts=parts,
    )
