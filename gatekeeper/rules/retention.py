"""How long personal values are kept: by class, as the rulebooks in force say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gatekeeper.rules.values import Rulebook

SHORTEST, LONGEST = 1, 1095
DAYS: Mapping[str, int] = {"health": 14, "photo": 14, "contact": 30, "identity": 30, "plate": 183, "note": 183}
"""The usual days of each class, counted from the day of the entry (docs/trust.md)."""


def days_of(books: Iterable[Rulebook]) -> dict[str, int]:
    """Days by class under these rulebooks.

    A class that a book names is kept as long as it says, shorter than usual or longer. Where two name it the longest
    holds: a book that has to keep a ledger for two years is broken by erasing it, one that could do with less is not.
    """
    named: dict[str, int] = {}
    for book in books:
        for cls, days in book.retention.items():
            named[cls] = max(days, named.get(cls, 0))
    return {**DAYS, **named}
