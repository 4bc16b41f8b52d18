"""Merkle trees over heads: roots as RFC 6962 gives them, and proofs that hold for one head at one place only."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.ledger import merkle
from gatekeeper.ledger.chain import FIRST_PREV


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf((f"book-{number:04d}", number + 1, FIRST_PREV)) for number in range(count)]


def plain_root(items: list[bytes]) -> bytes:
    """As the RFC writes it, for small trees."""
    if len(items) == 1:
        return items[0]
    split = max(2**power for power in range(12) if 2**power < len(items))
    return hashlib.sha256(b"\x01" + plain_root(items[:split]) + plain_root(items[split:])).digest()


def test_the_root_is_that_of_rfc_6962() -> None:
    for count in range(1, 70):
        assert merkle.root(leaves(count)) == plain_root(leaves(count))
    assert merkle.root([]) == hashlib.sha256(b"").digest()


def test_a_leaf_is_hashed_behind_a_byte_of_its_own() -> None:
    text = f'["a",1,"{FIRST_PREV}"]'
    assert merkle.leaf(("a", 1, FIRST_PREV)) == hashlib.sha256(b"\x00" + text.encode()).digest()


@given(st.integers(1, 300), st.data())
def test_every_head_is_proven_at_its_place_and_at_no_other(count: int, data: st.DataObject) -> None:
    tree = leaves(count)
    index = data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, count - 1))
    path = merkle.path(tree, index)
    assert merkle.climbed(tree[index], index, count, path) == merkle.root(tree)
    if other != index:
        assert merkle.climbed(tree[other], index, count, path) != merkle.root(tree)
        assert merkle.climbed(tree[index], other, count, path) != merkle.root(tree)


@given(st.integers(2, 100), st.data())
def test_a_path_that_was_changed_proves_nothing(count: int, data: st.DataObject) -> None:
    tree = leaves(count)
    index = data.draw(st.integers(0, count - 1))
    path = merkle.path(tree, index)
    at = data.draw(st.integers(0, len(path) - 1))
    changed = [*path[:at], hashlib.sha256(path[at]).digest(), *path[at + 1 :]]
    assert merkle.climbed(tree[index], index, count, changed) != merkle.root(tree)
    assert merkle.climbed(tree[index], index, count, path[:-1]) != merkle.root(tree)
    assert merkle.climbed(tree[index], index, count, [*path, path[0]]) is None
    assert merkle.climbed(tree[index], count, count, path) is None
