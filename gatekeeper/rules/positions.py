"""On which line of a JSON text each value stands, so that a fault can be told by line. One pass, no recursion."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatekeeper.rules.bounds import DEPTH, VALUES

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\],:]|[^\s"{}\[\],:]+', re.S)
NAME_KEPT = 60
"""Letters kept of a field's name: no rule has a longer one, and paths stay short."""


@dataclass(frozen=True, slots=True)
class Positions:
    """``lines``: the line (from 1) of each path, such as ``rules[3].params.max``; ``""`` is the whole document.
    ``twice``: paths of fields written more than once; ``deep``: the line where it nests too deep, None where nowhere.
    """

    lines: Mapping[str, int]
    twice: tuple[str, ...]
    deep: int | None

    def line(self, path: str) -> int:
        """The line of ``path``; of a field that is not there, the line of what it is missing from."""
        while path not in self.lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 1)


@dataclass(slots=True)
class _Open:
    """An object or list whose end is still to come; ``key`` is the field that is being read."""

    path: str
    keyed: bool
    key: str | None = None
    index: int = 0
    seen: set[str] = field(default_factory=set)

    def inner(self) -> str:
        return f"{self.path}.{self.key}".lstrip(".") if self.keyed else f"{self.path}[{self.index}]"


def positions(text: str) -> Positions:
    """The lines of ``text``. It need not be right JSON: whatever can be read before the error has its line."""
    lines: dict[str, int] = {}
    twice: list[str] = []
    stack: list[_Open] = []
    line, counted = 1, 0
    for token in TOKEN.finditer(text):
        mark, top = token[0], stack[-1] if stack else None
        line, counted = line + text.count("\n", counted, token.start()), token.start()
        if mark in "}]":
            if not stack:
                break
            stack.pop()
        elif mark == ",":
            if top is not None:
                top.index, top.key = top.index + 1, None
        elif mark == ":":
            continue
        elif top is not None and top.keyed and top.key is None:
            top.key = _name(mark)
            lines[top.inner()] = line
            if top.key in top.seen:
                twice.append(top.inner())
            top.seen.add(top.key)
        else:
            path = top.inner() if top is not None else ""
            lines[path] = line
            if mark in "{[":
                if len(stack) == DEPTH:
                    return Positions(lines, tuple(twice), line)
                stack.append(_Open(path, keyed=mark == "{"))
        if len(lines) > VALUES:
            break
    return Positions(lines, tuple(twice), None)


def _name(mark: str) -> str:
    try:
        name = json.loads(mark)
    except ValueError:
        name = mark
    return str(name)[:NAME_KEPT]
