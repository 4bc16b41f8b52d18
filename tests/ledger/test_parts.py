"""A part is compared with the last entry that names it: its own, a hold, or an erasure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines, new_id
from gatekeeper.ledger import queries
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.ledger.queries import Fault, Standing
from tests.factories import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# On PostgreSQL the web's role may not touch a part; that books are read alike there is tried in test_checkpoints.


@pytest.fixture
def book(world: World, engines: Engines) -> Iterator[Session]:
    """A session in which nothing is committed: what a test does to the book is gone behind it."""
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        yield session
        session.rollback()


def written(book: Session, kind: str = "note", **more: Any) -> int:
    at = clock.now()
    return ledger.append(book, event_id=new_id(), kind=kind, received_at=at, **({"body": {}} | more)).seq


def part(book: Session, seq: int) -> LedgerPart:
    return book.scalars(select(LedgerPart).where(LedgerPart.seq == seq)).one()


def chain(book: Session, world: World) -> Standing | Fault:
    book.flush()
    return queries.verify_chain(book, enterprise_id=world.own.id)


def erase(book: Session, *seqs: int) -> None:
    for seq in seqs:
        book.delete(part(book, seq))
    book.flush()
    written(book, "erase", body={"parts": [[seq, "note"] for seq in seqs]})


def hold(book: Session, seq: int, ciphertext: bytes, named: bytes | None = None) -> None:
    part(book, seq).ciphertext = ciphertext
    written(book, "hold", body={"parts": [[seq, "note", content_hash(named or ciphertext)]]})


def test_an_erasure_that_an_entry_names_is_no_fault_even_when_it_is_named_twice(book: Session, world: World) -> None:
    seq = written(book, parts={"note": {"texts": {"text": "司机在车上等候"}}})
    erase(book, seq)
    written(book, "erase", body={"parts": [[seq, "note"]]})
    assert isinstance(chain(book, world), Standing)


def test_a_part_that_is_gone_without_an_entry_is_named(book: Session, world: World) -> None:
    first, second = (written(book, parts={"note": {"texts": {"text": "等候"}}}) for _ in range(2))
    erase(book, first)
    book.delete(part(book, second))
    assert chain(book, world) == Fault(second, "part note is missing and no entry erased it")


def test_a_part_that_is_back_after_its_erasure_is_named(book: Session, world: World) -> None:
    seq = written(book, parts={"note": {"texts": {"text": "等候"}}})
    kept = part(book, seq)
    values = {name: getattr(kept, name) for name in ("enterprise_id", "seq", "cls", "ciphertext", "expires_on")}
    erase(book, seq)
    book.add(LedgerPart(**values))
    found = chain(book, world)
    assert isinstance(found, Fault) and (found.seq, "here again" in found.reason) == (seq, True)


def test_a_part_under_a_hold_is_compared_with_the_hold(book: Session, world: World) -> None:
    seq = written(book, parts={"note": {"texts": {"text": "等候"}}})
    hold(book, seq, b"under the hold")
    assert isinstance(chain(book, world), Standing)
    hold(book, seq, b"under another")
    assert isinstance(chain(book, world), Standing)
    part(book, seq).ciphertext = b"under the hold"
    assert chain(book, world) == Fault(seq, "part note differs from what its hold names")
    erase(book, seq)
    assert isinstance(chain(book, world), Standing)


@pytest.mark.parametrize("other", [b"", b"something else"])
def test_a_part_that_was_emptied_or_replaced_is_named(book: Session, world: World, other: bytes) -> None:
    seq = written(book, parts={"note": {"texts": {"text": "等候"}}})
    part(book, seq).ciphertext = other
    assert chain(book, world) == Fault(seq, "part note differs from what its entry names")


def test_a_part_that_no_entry_names_is_named(book: Session, world: World) -> None:
    seq = written(book, parts={"note": {"texts": {"text": "等候"}}})
    kept = part(book, seq)
    book.add(
        LedgerPart(enterprise_id=kept.enterprise_id, seq=seq, cls="plate", ciphertext=b"x", expires_on=kept.expires_on)
    )
    assert chain(book, world) == Fault(seq, "part plate is named by no entry")
