"""The regions of GB/T 2260: provinces, cities and counties of six digits, towns of nine; names and ancestors.

The table is ``regions.tsv.gz`` beside this file, made by ``scripts/build_regions.py``; it is read once.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000"})


class Level(StrEnum):
    """The four levels, highest first."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"


@dataclass(frozen=True, slots=True)
class Region:
    """One region. ``parent`` is None for a province; ``full_name`` runs from the province down, without spaces."""

    code: str
    name: str
    level: Level
    parent: str | None
    full_name: str


@dataclass(frozen=True, slots=True)
class Table:
    """The file as read: ``text`` to search in, lines after ``\\n``; ``names`` by code; codes out of use."""

    text: str
    names: dict[str, str]
    retired: frozenset[str]


@cache
def table() -> Table:
    """The region table; about 0.1 s at first, then at once."""
    raw = gzip.decompress(Path(__file__).with_name("regions.tsv.gz").read_bytes()).decode()
    text = "\n" + raw.partition("\n")[2]
    names: dict[str, str] = {}
    retired: set[str] = set()
    for line in text.split("\n"):
        code, _, rest = line.partition("\t")
        if rest:
            name, _, readings = rest.partition("\t")
            names[code] = name
            if not readings:
                retired.add(code)
    return Table(text, names, frozenset(retired))


def get(code: str) -> Region | None:
    """The region of ``code`` (six digits, a town nine), or None; county codes given up in 2021 are still known."""
    name = table().names.get(code)
    if name is None:
        return None
    return Region(code, name, level_of(code), parent_of(code), full_name(code))


def full_name(code: str) -> str:
    """``浙江省杭州市余杭区``; the empty string for a code that does not exist."""
    names = table().names
    if code not in names:
        return ""
    return "".join(names[each] for each in (*reversed(ancestors(code)), code))


def level_of(code: str) -> Level:
    """The level that the shape of ``code`` tells, whether or not the region exists."""
    if len(code) > 6:
        return Level.TOWN
    if code.endswith("0000"):
        return Level.PROVINCE
    return Level.CITY if code.endswith("00") else Level.COUNTY


def parent_of(code: str) -> str | None:
    """The code one level up; None for a province.

    Districts of the four municipalities and counties directly under a province have the province; towns of a
    development zone without a code of its own have the city.
    """
    names = table().names
    for above in (code[:6], code[:4] + "00", code[:2] + "0000"):
        if above != code and above in names:
            return above
    return None


def ancestors(code: str) -> tuple[str, ...]:
    """All codes above ``code``, nearest first."""
    above: list[str] = []
    parent = parent_of(code)
    while parent is not None:
        above.append(parent)
        parent = parent_of(parent)
    return tuple(above)


def province_of(code: str) -> str:
    """The province's code, by shape: ``330000`` for ``330182001``."""
    return code[:2] + "0000"


def covers(prefix_code: str, code: str) -> bool:
    """True when ``code`` is ``prefix_code`` or lies in it; judged by shape, unknown codes included."""
    return code.startswith(significant(prefix_code))


def significant(code: str) -> str:
    """The digits that every region inside ``code`` begins with: two, four, six or nine."""
    if len(code) == 6 and code.endswith("00"):
        return code[:2] if code.endswith("0000") else code[:4]
    return code
