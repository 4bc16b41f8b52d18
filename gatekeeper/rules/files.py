"""A rulebook as a file: a document with an ``origin`` block beside it. Read whole or not at all, faults by line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from gatekeeper.rules import checks, codec
from gatekeeper.rules.bounds import BYTES, DEPTH, read
from gatekeeper.rules.faults import Fault, Faults, RulebookInvalid
from gatekeeper.rules.positions import Positions, positions
from gatekeeper.rules.values import Owner, Rulebook, Text

ORIGIN_KEYS = ("township", "enterprise", "number", "content_hash", "published_at")
NAMED = 80
HASH = re.compile(r"[0-9a-f]{64}\Z")
MOST_NUMBER = 1_000_000


class Placed(NamedTuple):
    """A fault with the line of the file, from 1, where the faulty value stands."""

    line: int
    fault: Fault


class FileRefused(ValueError):
    """A file that is no rulebook; ``faults`` are in the order of the file."""

    def __init__(self, faults: list[Placed]) -> None:
        self.faults = tuple(sorted(faults, key=lambda placed: placed.line))
        super().__init__("; ".join(f"{line}: {fault.path}: {fault.text.en}" for line, fault in self.faults[:5]))


@dataclass(frozen=True, slots=True)
class RulebookFile:
    """A file that was read. ``document`` is without ``origin``; ``origin`` None where the file says nothing of it.

    ``positions`` serve whoever finds further faults in it.
    """

    document: dict[str, Any]
    origin: dict[str, Any] | None
    book: Rulebook
    positions: Positions


def read_file(data: bytes, *, owner: Owner) -> RulebookFile:
    """The rulebook in the bytes of a file (UTF-8, with or without a byte order mark); raises ``FileRefused``."""
    faults = Faults()
    if len(data) > BYTES:
        faults.add("", "document.size", "规则文件超过 1 MB", "The file is larger than 1 MB")
        raise FileRefused([Placed(1, fault) for fault in faults.found])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        faults.add("", "document.json", "文件不是 UTF-8 编码", "The file is not UTF-8")
        line = data.count(b"\n", 0, wrong.start) + 1
        raise FileRefused([Placed(line, fault) for fault in faults.found]) from None
    where = positions(text)
    if where.deep is not None:
        zh, en = f"规则文件嵌套超过 {DEPTH} 层", f"The document nests deeper than {DEPTH}"
        faults.add("", "document.depth", zh, en)
        raise FileRefused([Placed(where.deep, fault) for fault in faults.found])
    document = _document(text, where)
    origin = None
    if isinstance(document, dict) and "origin" in document:
        origin = _origin(document.pop("origin"), faults)
    try:
        book = codec.parse(document, owner=owner, version="file")
    except RulebookInvalid as wrong:
        raise FileRefused(placed([*faults.found, *wrong.faults], where)) from None
    if faults.found:
        raise FileRefused(placed(faults.found, where))
    return RulebookFile(document, origin, book, where)


def placed(faults: list[Fault], where: Positions) -> list[Placed]:
    """Faults with their lines."""
    return [Placed(where.line(fault.path), fault) for fault in faults]


def written(document: Mapping[str, Any], *, origin: Mapping[str, Any]) -> bytes:
    """The file of a document: one field a line, Chinese readable, ending with a newline."""
    whole = {"schema": document["schema"], "origin": dict(origin), **document}
    return (json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _document(text: str, where: Positions) -> Any:
    if where.twice:
        faults = Faults()
        for path in where.twice:
            name = path.rsplit(".", 1)[-1]
            faults.add(path, "document.twice", f"字段“{name}”写了两次", f"The field “{name}” is there twice")
        raise FileRefused(placed(faults.found, where))
    try:
        return read(text)
    except RulebookInvalid as wrong:
        raise FileRefused([Placed(_broken(text), fault) for fault in wrong.faults]) from None


def _broken(text: str) -> int:
    """The line where ``text`` stops being JSON."""
    try:
        json.loads(text)
    except json.JSONDecodeError as wrong:
        return wrong.lineno
    except (ValueError, RecursionError):
        pass
    return 1


def _origin(value: Any, faults: Faults) -> dict[str, Any] | None:
    """Where the file says it comes from; None with faults where it says it wrongly."""
    before = len(faults.found)
    if not isinstance(value, dict):
        faults.add("origin", "origin.shape", "来源须写成一组字段", "The origin is a group of fields")
        return None
    checks.keys(value, ORIGIN_KEYS, "origin", faults)
    for key, label in (("township", Text("镇街", "township")), ("enterprise", Text("企业", "enterprise"))):
        name = value.get(key)
        if not isinstance(name, str) or not 0 < len(name.strip()) <= NAMED:
            zh, en = f"请写{label.zh}名称，最多 {NAMED} 个字", f"Name the {label.en}, at most {NAMED} characters"
            faults.add(f"origin.{key}", "origin.name", zh, en)
        elif name.strip().startswith(checks.FORMULA):
            zh, en = f"{label.zh}名称不能以 = + - @ 开头", f"The name of the {label.en} must not begin with = + - @"
            faults.add(f"origin.{key}", "text.formula", zh, en)
    number = value.get("number")
    if type(number) is not int or not 1 <= number <= MOST_NUMBER:
        faults.add("origin.number", "origin.number", "版本号须是从 1 起的整数", "A version is a whole number from 1")
    if not isinstance(value.get("content_hash"), str) or not HASH.match(value["content_hash"]):
        zh, en = "内容指纹须是 64 位十六进制数", "The fingerprint is 64 hexadecimal digits"
        faults.add("origin.content_hash", "origin.hash", zh, en)
    if not _is_time(value.get("published_at")):
        zh, en = "发布时间的写法如 2026-05-01T00:00:00+00:00", "A time is written as 2026-05-01T00:00:00+00:00"
        faults.add("origin.published_at", "origin.time", zh, en)
    return dict(value) if len(faults.found) == before else None


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > 40:
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
