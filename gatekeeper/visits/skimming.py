"""Entries read for what projections hold: most of an entry are the findings and facts of its decision, and of those
only few are looked at again. They stay text; making values of them would be half of the work on a long book.

In canonical JSON a quote inside a text is always escaped: `,"decision":{` can be nothing but a key and its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from gatekeeper.ledger.chain import entry_of
from gatekeeper.visits.projection import AS_WRITTEN

_DECISION, _OPEN, _DECISION_END = b',"decision":{"books":', b',"open":[', b'},"due_at":'
_FACTS, _FIRST, _FACTS_END = b',"facts":{', b'},"first":', b'},"list":'
"""``first``, who admitted before, stands between facts and list where it stands at all: such an entry is rare."""


class Unread(Mapping[str, Any]):
    """A JSON object that is read when somebody asks for one of its values."""

    __slots__ = ("_text", "_values")

    def __init__(self, text: bytes) -> None:
        self._text, self._values = text, None

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            self._values = orjson.loads(self._text)
        return self._values

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def skimmed(raw: bytes) -> dict[str, Any]:
    """As ``entry_of``; the decision of its outcome has its findings in ``AS_WRITTEN`` only, the facts are ``Unread``.

    What is cut out is balanced, or the rest would be no JSON; an entry of another make is read in full.
    """
    decision = raw.find(_DECISION) + len(_DECISION) - len(b'"books":')
    opened = raw.find(_OPEN, decision) + 1
    end = raw.find(_DECISION_END, opened) + 1
    facts = raw.find(_FACTS, end) + len(_FACTS)
    behind = raw.find(_FACTS_END, facts)
    in_order = len(_DECISION) < decision < opened < end < facts <= behind
    if not in_order or raw.find(_FIRST, facts, behind) >= 0:
        return entry_of(raw)
    try:
        entry = orjson.loads(raw[:decision] + raw[opened:facts] + raw[behind:])
        outcome = entry["body"]["outcome"]
        found = outcome["decision"]
        if found.keys() != {"open", "stage", "verdict"} or outcome["facts"]:  # it was that of a released event
            return entry_of(raw)
    except (KeyError, TypeError, ValueError):
        return entry_of(raw)
    found[AS_WRITTEN] = raw[decision - 1 : end]
    outcome["facts"] = Unread(raw[facts - 1 : behind + 1])
    entered: dict[str, Any] = entry
    return entered
