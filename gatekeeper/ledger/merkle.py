"""Merkle trees over the heads of all books, pure: a root, and proofs that one head is under it.

As in RFC 6962: a leaf is hashed behind the byte 0, an inner node behind the byte 1, so that neither can stand for the
other; a tree of n leaves is split at the largest power of two below n.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from gatekeeper.ledger.chain import canonical

Head = tuple[str, int, str]
"""(book, seq, hash): where one book stands. Leaves are ordered by book."""


def leaf(head: Sequence[str | int]) -> bytes:
    """Hash of the canonical JSON ``[book,seq,hash]``."""
    return hashlib.sha256(b"\x00" + canonical(list(head)).encode()).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over ``leaves`` in their order; the hash of nothing where there are none."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node(root(leaves[:split]), root(leaves[split:]))


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The neighbours from leaf ``index`` up to the root, nearest first."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*path(leaves[:split], index), root(leaves[split:])]
    return [*path(leaves[split:], index - split), root(leaves[:split])]


def climbed(start: bytes, index: int, count: int, neighbours: Sequence[bytes]) -> bytes | None:
    """The root to which leaf ``start`` at ``index`` of ``count`` leads; None where ``neighbours`` do not fit there."""
    if not 0 <= index < count:
        return None
    at, last, reached = index, count - 1, start
    for neighbour in neighbours:
        if last == 0:
            return None
        if at % 2 or at == last:
            reached = node(neighbour, reached)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            reached = node(reached, neighbour)
        at, last = at // 2, last // 2
    return reached if last == 0 else None


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1
