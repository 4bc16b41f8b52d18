"""Bounds of a document before anybody looks into it: depth, width, lengths, and nothing that is not JSON.

Walks without recursion, so that a document nested 100,000 deep is refused, not a crash.
"""

from __future__ import annotations

import json
from typing import Any

from gatekeeper.rules.faults import Faults, RulebookInvalid

DEPTH = 6
VALUES = 30_000
LETTERS = 1_000
BYTES = 1_000_000
WHOLE = 2**53


def check_bounds(document: Any) -> None:
    """Raises ``RulebookInvalid`` for a document that is too deep, too wide, or holds what JSON cannot."""
    faults = Faults()
    waiting: list[tuple[Any, int]] = [(document, 1)]
    seen = 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if seen + len(waiting) > VALUES:
            faults.add("", "document.size", "规则文件过大", "The document holds too many values")
            break
        if isinstance(value, (dict, list, tuple)):
            if depth > DEPTH:
                faults.add(
                    "", "document.depth", f"规则文件嵌套超过 {DEPTH} 层", f"The document nests deeper than {DEPTH}"
                )
                break
            if len(value) > VALUES:
                faults.add("", "document.size", "规则文件过大", "The document holds too many values")
                break
            if isinstance(value, dict):
                waiting.extend((key, depth) for key in value)
                waiting.extend((item, depth + 1) for item in value.values())
                if not all(isinstance(key, str) for key in value):
                    faults.add("", "document.type", "字段名必须是文字", "Names of fields must be text")
                    break
            else:
                waiting.extend((item, depth + 1) for item in value)
        elif not _plain(value):
            faults.add("", "document.type", "规则文件含有不能保存的内容", "The document holds what cannot be stored")
            break
    if faults.found:
        raise RulebookInvalid(faults.found)


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LETTERS and not any(
            (letter < " " and letter != "\n") or "\ud800" <= letter <= "\udfff" or letter == "\x7f" for letter in value
        )
    if isinstance(value, bool) or value is None:
        return True
    return isinstance(value, float) or (isinstance(value, int) and -WHOLE < value < WHOLE)


def read(text: str | bytes) -> Any:
    """The JSON document of ``text`` (UTF-8); raises ``RulebookInvalid`` (codes ``document.*``) for anything else."""
    faults = Faults()
    if len(text) > BYTES:
        faults.add("", "document.size", "规则文件超过 1 MB", "The document is larger than 1 MB")
        raise RulebookInvalid(faults.found)
    try:
        return json.loads(text, object_pairs_hook=_once)
    except _Twice as twice:
        name = str(twice)[:40]
        faults.add("", "document.twice", f"字段“{name}”写了两次", f"The field “{name}” is there twice")
    except RecursionError:
        faults.add("", "document.depth", f"规则文件嵌套超过 {DEPTH} 层", f"The document nests deeper than {DEPTH}")
    except ValueError:
        faults.add("", "document.json", "不是有效的 JSON 文件", "This is not a JSON document")
    raise RulebookInvalid(faults.found)


class _Twice(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return made
