"""Checkpoints: every five minutes when a head moved, and at each report, the heads of all books are signed.

The signer signs only what continues what it signed before. It writes to its own file first and to the database behind
that: a checkpoint that it signed and the database lost is stored again before the next is made.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.clock import from_micros, micros
from gatekeeper.crypto import KeyFault
from gatekeeper.db import Engines
from gatekeeper.ledger import merkle, queries, signer
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.chain import FIRST_PREV, canonical
from gatekeeper.ledger.models import LedgerCheckpoint, LedgerHead
from gatekeeper.ledger.queries import Standing
from gatekeeper.ledger.signer import Signer
from gatekeeper.ledger.witness import Checkpoint, Proof, fault, prove, statement_hash
from gatekeeper.tenancy import PLATFORM_ID

log = logging.getLogger(__name__)
Heads = tuple[merkle.Head, ...]


class Refused(Exception):
    """A head that was signed before no longer stands: nothing is signed. ``book`` and ``seq`` say where."""

    def __init__(self, book: str, seq: int, reason: str) -> None:
        super().__init__(f"book {book}, entry {seq}: {reason}; no checkpoint is signed over that")
        self.book, self.seq, self.reason = book, seq, reason


def prepare(engines: Engines, key_file: Path) -> None:
    """Make the signing key where nothing was ever signed. Raises ``KeyFault`` where it is missing over checkpoints."""
    if signer.is_missing(key_file):
        if newest(engines) is not None or signer.has_signed(key_file):
            raise KeyFault(f"The signing key {key_file} is missing, but there are checkpoints. Put the file back.")
        signer.create(key_file)
    signer.publish(key_file)


def newest(engines: Engines) -> Checkpoint | None:
    """The newest stored checkpoint with all heads; None before the first."""
    with tenancy.open_session(engines, tenancy.Platform()) as session:
        row = session.scalars(
            select(LedgerCheckpoint)
            .where(LedgerCheckpoint.enterprise_id == PLATFORM_ID)
            .order_by(LedgerCheckpoint.n.desc())
            .limit(1)
        ).one_or_none()
        return row and _of_row(row, None)


def make(engines: Engines, by: Signer, *, at: datetime) -> Checkpoint | None:
    """The checkpoint over the heads as they stand: a new one where a head moved, else the last; None without books.

    Raises ``Refused`` where a head that was signed before no longer stands in today's chain.
    """
    with by.alone():
        last = _last(engines, by)
        heads = _heads(engines, last)
        if last is not None and heads == last.heads:
            return last
        if not heads:
            return None
        return _sign(engines, by, last, heads, at=at)


def _sign(engines: Engines, by: Signer, last: Checkpoint | None, heads: Heads, *, at: datetime) -> Checkpoint:
    statement = canonical(
        {
            "v": 1,
            "n": last.n + 1 if last else 1,
            "at": micros(at),
            "books": len(heads),
            "root": merkle.root([merkle.leaf(head) for head in heads]).hex(),
            "prev": statement_hash(last.statement) if last else FIRST_PREV,
        }
    )
    made = Checkpoint(statement, by.sign(statement), by.key, heads)
    by.remember(made)
    _store(engines, PLATFORM_ID, made)
    return made


def after_loss(engines: Engines, by: Signer, *, reason: str, at: datetime) -> tuple[Checkpoint | None, Heads]:
    """After an older state was put back: (checkpoint, heads that were signed and stand no more).

    The loss is an act in the platform's own book, which the next checkpoint signs: whoever holds an older checkpoint
    sees it still. Each book must be sound by itself. Raises ``Refused`` where one is not.
    """
    with by.alone():
        last = _last(engines, by)
        lost = tuple(claim for claim in (last.heads or ()) if _gone(engines, claim)) if last else ()
        if last is None or not lost:
            return last, lost
        with tenancy.open_session(engines, tenancy.Enterprise(PLATFORM_ID), write=True) as session:
            values = {"checkpoint": last.n, "heads": [list(head) for head in lost]}
            ledger.act(
                session, by=OPERATOR, what="ledger.lost", subject=str(last.n), body=values, at=at,
                parts={"note": {"texts": {"reason": reason}}},
            )  # fmt: skip
        kept = tuple(head for head in last.heads or () if head not in lost)
        heads = _heads(engines, Checkpoint(last.statement, last.signature, by.key, kept))
        return _sign(engines, by, last, heads, at=at), lost


def _gone(engines: Engines, claim: merkle.Head) -> bool:
    book, seq, digest = UUID(claim[0]), claim[1], claim[2]
    with tenancy.open_session(engines, tenancy.Platform()) as session:
        return queries.stands(session, enterprise_id=book, wanted=Standing(seq, digest)) is not None


def at_report(engines: Engines, by: Signer, *, enterprise_id: UUID, at: datetime) -> Checkpoint | None:
    """The checkpoint that a report carries, with the proof of its book; kept with the enterprise. None without entries.

    Raises ``Refused`` as ``make`` does.
    """
    made = make(engines, by, at=at)
    proof = made and prove(made.heads or (), str(enterprise_id))
    if made is None or proof is None:
        return None
    own = Checkpoint(made.statement, made.signature, made.key, None, proof)
    _store(engines, enterprise_id, own)
    return own


def covering(session: Session, *, enterprise_id: UUID, seq: int, key: str | None) -> Checkpoint | None:
    """The enterprise's own newest checkpoint where it reaches entry ``seq``; reads under its scope alone."""
    row = session.scalars(
        select(LedgerCheckpoint)
        .where(LedgerCheckpoint.enterprise_id == enterprise_id)
        .order_by(LedgerCheckpoint.n.desc())
        .limit(1)
    ).one_or_none()
    found = row and _of_row(row, key)
    return found if found and found.proof and found.proof.seq >= seq else None


def tick(installation: Any, *, at: datetime) -> int | None:
    """The worker's five minutes: number of the newest checkpoint; None without books or refused (logged)."""
    try:
        made = make(installation.engines, installation.open_signer(), at=at)
    except (Refused, KeyFault) as fault:
        log.critical("no checkpoint: %s", fault)
        return None
    return made and made.n


def state(installation: Any) -> tuple[bool, str]:
    """For the doctor: whether the next checkpoint may be signed; writes nothing."""
    try:
        by = installation.open_signer()
        last = by.last() or newest(installation.engines)
        _heads(installation.engines, last)
    except (Refused, KeyFault) as fault:
        return False, str(fault)
    return True, f"the books continue checkpoint {last.n}" if last else "nothing was signed yet"


def _last(engines: Engines, by: Signer) -> Checkpoint | None:
    """What was signed last; stored again where the process died before the database had it.

    A signer's file from a backup may be behind the database: then the stored one counts, if this key signed it.
    """
    signed, stored = by.last(), newest(engines)
    if stored is not None and (reason := fault(stored, by.public_key)) is not None:
        raise Refused(str(PLATFORM_ID), 0, f"checkpoint {stored.n}: {reason}")
    if signed is None or (stored is not None and stored.n > signed.n):
        return stored and Checkpoint(stored.statement, stored.signature, by.key, stored.heads)
    if stored is None or stored.n < signed.n:
        _store(engines, PLATFORM_ID, signed)
    elif stored.statement != signed.statement:
        raise Refused(str(PLATFORM_ID), 0, f"checkpoint {stored.n} is stored otherwise than it was signed")
    return signed


def _heads(engines: Engines, last: Checkpoint | None) -> Heads:
    """Every head by book; each is reached from what was signed last by a sound chain. Raises ``Refused``."""
    before = {book: Standing(seq, digest) for book, seq, digest in (last.heads or ())} if last else {}
    with tenancy.open_session(engines, tenancy.Platform()) as session:
        rows = session.execute(select(LedgerHead.enterprise_id, LedgerHead.seq, LedgerHead.hash)).all()
        found = {str(book): Standing(seq, digest) for book, seq, digest in rows}
        for book in sorted(before.keys() | found.keys()):
            signed, head = before.get(book, Standing(0, FIRST_PREV)), found.get(book, Standing(0, FIRST_PREV))
            wrong = queries.broken_since(session, enterprise_id=UUID(book), since=signed, head=head)
            if wrong is not None:
                raise Refused(book, wrong.seq or signed.seq, wrong.reason)
    return tuple((book, found[book].seq, found[book].hash) for book in sorted(found))


def _store(engines: Engines, enterprise_id: UUID, checkpoint: Checkpoint) -> None:
    said = checkpoint.said
    with tenancy.open_session(engines, tenancy.Enterprise(enterprise_id), write=True) as session:
        if session.get(LedgerCheckpoint, (enterprise_id, said["n"])) is not None:
            return
        session.add(
            LedgerCheckpoint(
                enterprise_id=enterprise_id,
                n=said["n"],
                at=from_micros(said["at"]),
                statement=checkpoint.statement,
                signature=checkpoint.signature,
                heads=None if checkpoint.heads is None else json.dumps(checkpoint.heads, separators=(",", ":")),
                proof=None if checkpoint.proof is None else canonical(checkpoint.proof.to_data()),
            )
        )


def _of_row(row: LedgerCheckpoint, key: str | None) -> Checkpoint:
    heads: Any = json.loads(row.heads) if row.heads else None
    return Checkpoint(
        row.statement,
        row.signature,
        key,
        None if heads is None else tuple((book, seq, digest) for book, seq, digest in heads),
        Proof.from_data(json.loads(row.proof)) if row.proof else None,
    )
