"""The provinces, cities and counties as a phone carries them, to be searched without a network."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import NamedTuple

import orjson

from gatekeeper.formats.region_table import Level, level_of, table


class RegionFile(NamedTuple):
    """``[[code, name, pinyin], ...]`` as JSON, and the tag of its content."""

    plain: bytes
    tag: str


@cache
def region_file() -> RegionFile:
    """Every region above the towns in the order of the table; one that was given up has an empty pinyin."""
    lines = (line.split("\t", 2) for line in table().text.split("\n") if line)
    plain = orjson.dumps([row for row in lines if level_of(row[0]) is not Level.TOWN])
    return RegionFile(plain, hashlib.sha256(plain).hexdigest()[:16])
