"""What is wrong with a rulebook document: every fault with its place, so that a person can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gatekeeper.rules.values import Text


class Fault(NamedTuple):
    """One fault. ``path`` is its place (``rules[3].params.max``), ``rule`` the rule's code or None, ``field`` the last
    name of the path, ``code`` stable, ``text`` for the person at the editor."""

    path: str
    rule: str | None
    field: str
    code: str
    text: Text


class RulebookInvalid(ValueError):
    """A document that is no rulebook; ``faults`` lists everything that is wrong with it, at most ``MOST``."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MOST])
        super().__init__("; ".join(f"{fault.path}: {fault.text.en}" for fault in self.faults[:5]))


MOST = 200


class Faults:
    """Collects faults while a document is read."""

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self.rule: str | None = None

    def add(self, path: str, code: str, zh: str, en: str) -> None:
        """One fault at ``path`` of the rule being read."""
        if len(self.found) < MOST:
            field = path.rsplit(".", 1)[-1].split("[")[0]
            self.found.append(Fault(path, self.rule, field, code, Text(zh, en)))
