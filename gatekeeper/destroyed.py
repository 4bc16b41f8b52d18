"""The list of destroyed keys: written before they go, read after a restore, so that they stay destroyed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import durable
from gatekeeper.clock import now

Key = tuple[str, str, str]
"""(enterprise, purpose, day), as the keystore names a key."""


def fingerprint(key: bytes) -> str:
    """By what a destroyed key is known again: a later key of the same name is another one."""
    return hashlib.sha256(b"gate/fingerprint\n" + key).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What was destroyed: every key of the days before ``before`` ("" for none), and single keys by fingerprint."""

    before: str
    keys: frozenset[tuple[Key, str]]


class DestroyList:
    """``destroyed.jsonl``: ``{"before": day}`` for days that have passed, else one line for each key."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def append(self, keys: Sequence[tuple[Key, str]], *, before: str = "") -> None:
        """On disk when this returns."""
        at = now().isoformat()
        lines: list[dict[str, str]] = [{"before": before, "at": at}] if before else []
        for (enterprise, purpose, day), mark in keys:
            lines.append({"enterprise": enterprise, "purpose": purpose, "day": day, "key": mark, "at": at})
        durable.append(self.file, "".join(json.dumps(line) + "\n" for line in lines).encode())

    def read(self) -> Destroyed:
        """The whole list; a last line that was cut off by a kill destroyed nothing yet and is passed over."""
        before, keys = "", set()
        for line in self.file.read_text("utf8").splitlines() if self.file.exists() else ():
            try:
                item = json.loads(line)
            except ValueError:
                continue
            if "before" in item:
                before = max(before, item["before"])
            else:
                keys.add(((item["enterprise"], item["purpose"], item["day"]), item["key"]))
        return Destroyed(before, frozenset(keys))

    def has_name(self, name: Key) -> bool:
        return any(known == tuple(name) for known, _ in self.read().keys)
