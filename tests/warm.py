"""What every program of a test would work out anew from the same templates and addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule


class Bytecode(BytecodeCache):
    """Compiled templates, found by name and checked against their source."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def builders(compiled: Callable[[Rule, bool], Any]) -> Callable[..., Any]:
    """Werkzeug's function that builds addresses: it depends on the written rule alone, and compiling it is slow."""
    kept: dict[tuple[str, str, bool], Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compiled(rule, append_unknown)
        return kept[key]

    return builder
