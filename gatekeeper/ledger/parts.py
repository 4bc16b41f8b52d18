"""The parts of a book against the entries that name them, batch by batch: only what is doubtful is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.ledger.reading import parts

Key = tuple[int, str]
"""(seq, class) of a part."""
Wrong = tuple[int, str]
"""(seq, reason)."""


class Parts:
    """``read`` and ``compare`` are called for each batch of entries, ``left`` at the end.

    A part that differs from its own entry may be right by a later one: it was erased, or re-encrypted under a hold.
    """

    def __init__(self, session: Session, enterprise_id: UUID) -> None:
        self._session, self._enterprise_id = session, enterprise_id
        self._mine = LedgerPart.enterprise_id == enterprise_id
        self._done = 0
        self._odd: dict[Key, str | None] = {}
        """Parts unlike what their entries said so far: their SHA-256, None where there is none."""
        self._again: dict[Key, str | None] = {}
        """Parts that were as told and then were told of once more: what the last entry said."""

    def read(self, *, last: int) -> list[Any]:
        """Rows as ``PART`` names them, of the entries behind those of the last call, up to ``last``."""
        after, self._done = self._done, last
        return parts(self._session, self._enterprise_id, after=after, last=last)

    def compare(
        self, rows: Sequence[Any], named: Mapping[int, dict[str, str]], told: Sequence[tuple[Key, str | None]]
    ) -> Wrong | None:
        """Parts just read: ``named`` by their own entry, by seq and class, used up; ``told`` of any by later ones."""
        for seq, cls, ciphertext, _, hold_id in rows:
            wanted = named[seq].pop(cls, None) if seq in named else None
            if wanted is None:
                return seq, f"part {cls} is named by no entry"
            found = content_hash(ciphertext)
            if found != wanted:
                self._odd[seq, cls] = found
            elif hold_id is not None:
                return seq, f"part {cls} names a hold, but no entry put it under one"
        for seq, missing in named.items():
            if missing:
                self._odd.update({(seq, cls): None for cls in missing})
        for key, value in told:
            if key not in self._odd:
                self._again[key] = value
            elif self._odd[key] == value:
                del self._odd[key]
        return None

    def left(self, *, last: int) -> Wrong | None:
        """What no entry explains, the first of it; also a part behind the last entry."""
        outside = select(LedgerPart.seq, LedgerPart.cls).where(
            self._mine, or_(LedgerPart.seq > last, LedgerPart.seq < 1)
        )
        wrong: list[Wrong] = [(seq, f"part {cls} is named by no entry") for seq, cls in self._session.execute(outside)]
        for (seq, cls), found in self._odd.items():
            reason = "is missing and no entry erased it" if found is None else "differs from what its entry names"
            wrong.append((seq, f"part {cls} {reason}"))
        for (seq, cls), wanted in self._again.items():
            found = self._now(seq, cls)
            if found != wanted:
                back = "was erased and is here again" if wanted is None else "differs from what its hold names"
                wrong.append((seq, f"part {cls} {back}"))
        return min(wrong, default=None)

    def _now(self, seq: int, cls: str) -> str | None:
        query = select(LedgerPart.ciphertext).where(self._mine, LedgerPart.seq == seq, LedgerPart.cls == cls)
        ciphertext = self._session.scalar(query)
        return None if ciphertext is None else content_hash(ciphertext)
