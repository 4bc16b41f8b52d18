"""Checkpoints as anybody can check them: a signed statement over all heads, from a file or from inside a report's PDF.

Needs neither database nor private key. ``scripts/verify-ledger`` does the same without this program.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from gatekeeper.clock import from_micros
from gatekeeper.ledger import merkle
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.merkle import Head

DOMAIN = b"gate-checkpoint/1\n"
"""Stands before the statement when it is signed, so that the signature can be taken for nothing else."""

LARGEST_ATTACHMENT = 64 * 1024 * 1024
_EMBEDDED = re.compile(rb"/EmbeddedFile\b")
_LENGTH = re.compile(rb"/Length (\d+)\b(?! \d+ R)")


class NoWitness(Exception):
    """A file that is no checkpoint and carries none; its text says so."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Where one book stood, and that this stands under the root: ``path`` are the neighbours, nearest first, hex."""

    book: str
    seq: int
    hash: str
    index: int
    path: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        return {
            "book": self.book,
            "seq": self.seq,
            "hash": self.hash,
            "index": self.index,
            "path": list(self.path),
        }

    @classmethod
    def from_data(cls, data: Any) -> Self:
        return cls(str(data["book"]), int(data["seq"]), str(data["hash"]), int(data["index"]), tuple(data["path"]))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A statement as it was signed, with all heads or with the proof of one; ``key`` names the public key.

    ``statement`` is canonical JSON ``{"v":1,"n","at","books","root","prev"}``, ``signature`` hex.
    """

    statement: str
    signature: str
    key: str | None = None
    heads: tuple[Head, ...] | None = None
    proof: Proof | None = None

    @property
    def said(self) -> dict[str, Any]:
        """The statement as JSON: ``n``, ``at`` (microseconds UTC), ``books``, ``root``, ``prev``."""
        said: dict[str, Any] = json.loads(self.statement)
        return said

    @property
    def n(self) -> int:
        n: int = self.said["n"]
        return n

    @property
    def at(self) -> datetime:
        """When it was signed."""
        return from_micros(self.said["at"])

    @property
    def root(self) -> str:
        root: str = self.said["root"]
        return root

    @property
    def claims(self) -> tuple[Head, ...]:
        """Each (book, seq, hash) that it is a witness of."""
        if self.heads is not None:
            return self.heads
        return ((self.proof.book, self.proof.seq, self.proof.hash),) if self.proof else ()

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"v": 1, "statement": self.statement, "signature": self.signature, "key": self.key}
        if self.heads is not None:
            data["heads"] = [list(head) for head in self.heads]
        if self.proof is not None:
            data["proof"] = self.proof.to_data()
        return data


def prove(heads: Sequence[Head], book: str) -> Proof | None:
    """The proof of one book under the root over ``heads``; None for a book without an entry."""
    index = next((index for index, head in enumerate(heads) if head[0] == book), None)
    if index is None:
        return None
    neighbours = merkle.path([merkle.leaf(head) for head in heads], index)
    return Proof(*heads[index], index, tuple(neighbour.hex() for neighbour in neighbours))


def fault(checkpoint: Checkpoint, public_key: Ed25519PublicKey) -> str | None:
    """What is wrong with a checkpoint: its signature, or heads that do not stand under its root; None when sound."""
    try:
        public_key.verify(bytes.fromhex(checkpoint.signature), DOMAIN + checkpoint.statement.encode())
    except (InvalidSignature, ValueError):
        other = checkpoint.key is not None and checkpoint.key != fingerprint(public_key)
        return "the checkpoint is signed by another key" if other else "the checkpoint's signature does not fit"
    try:
        return _under_root(checkpoint)
    except (KeyError, TypeError, ValueError):
        return "the checkpoint cannot be read"


def _under_root(checkpoint: Checkpoint) -> str | None:
    said = checkpoint.said
    if said["v"] != 1:
        return "the checkpoint is of another version"
    if checkpoint.heads is not None:
        leaves = [merkle.leaf(head) for head in checkpoint.heads]
        fits = len(leaves) == said["books"] and merkle.root(leaves).hex() == said["root"]
        return None if fits else "the heads are not those that were signed"
    proof = checkpoint.proof
    if proof is None:
        return "the checkpoint names no book"
    start = merkle.leaf((proof.book, proof.seq, proof.hash))
    reached = merkle.climbed(start, proof.index, said["books"], [bytes.fromhex(one) for one in proof.path])
    return None if reached and reached.hex() == said["root"] else "the head does not stand under the signed root"


def read(data: bytes) -> Checkpoint:
    """The checkpoint in a file: its JSON, or what a report's PDF has attached. Raises ``NoWitness``."""
    found = _attached(data) if data.lstrip()[:5] == b"%PDF-" else _parsed(data)
    if found is None:
        raise NoWitness("the file is no checkpoint and no report that carries one")
    return found


def _parsed(data: bytes) -> Checkpoint | None:
    try:
        return from_data(json.loads(data))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None


def from_data(data: Any) -> Checkpoint:
    """A checkpoint as ``to_data`` gives it, also as ``checkpoint`` in a report's JSON. Raises ``KeyError`` and such."""
    data = data.get("checkpoint") or data
    heads = data.get("heads")
    return Checkpoint(
        str(data["statement"]),
        str(data["signature"]),
        data.get("key"),
        None if heads is None else tuple((str(book), int(seq), str(digest)) for book, seq, digest in heads),
        Proof.from_data(data["proof"]) if data.get("proof") else None,
    )


def _attached(pdf: bytes) -> Checkpoint | None:
    """The first embedded file that is a checkpoint. Such a stream is always an object of its own: no PDF library."""
    for match in _EMBEDDED.finditer(pdf):
        begin = pdf.find(b"stream", match.end())
        head = pdf[pdf.rfind(b" obj", 0, match.start()) : begin]
        length = _LENGTH.search(head)
        if begin < 0 or length is None or b"endobj" in head:
            continue
        start = begin + len(b"stream") + (2 if pdf[begin + 6 : begin + 7] == b"\r" else 1)
        stream = pdf[start : start + int(length[1])]
        found = _parsed(_inflated(stream) if b"/FlateDecode" in head else stream)
        if found is not None:
            return found
    return None


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, LARGEST_ATTACHMENT)
    except zlib.error:
        return b""


def fingerprint(public_key: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 bytes of a public key, lower-case hex."""
    return content_hash(public_key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def public_key_of(pem: bytes) -> Ed25519PublicKey:
    """The public key in a PEM file. Raises ``NoWitness`` for anything else."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise NoWitness("the file holds no Ed25519 public key (PEM)")
    return key


def statement_hash(statement: str) -> str:
    """What the next statement names as ``prev``."""
    return hashlib.sha256(statement.encode()).hexdigest()
