"""Find the code of a place that an official list names in three columns: province, city, county."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from gatekeeper.formats.region_table import MUNICIPALITIES, Level, level_of, parent_of, table

_COUNTY_SUFFIX = ("市", "区", "县", "旗")
_TOWN_SUFFIX = ("街道办事处", "办事处", "街道", "地区", "镇", "乡")
_BRACKETED = re.compile("[（(][^（()）]{1,8}[)）]")
_NO_COUNTY = frozenset({"", "市辖区", "全域", "全市"})


@dataclass(frozen=True, slots=True)
class Match:
    """What a name stands for. ``code`` is the best region known, or None; ``exact`` False means that the name itself
    (a development zone, a company, a place of another year) has no code and ``code`` is what surely holds it."""

    code: str | None
    exact: bool
    level: Level | None


_NOTHING = Match(None, False, None)


@lru_cache(maxsize=65536)
def match(province: str, city: str, county: str) -> Match:
    """Match the columns of a risk-area list.

    In the four municipalities ``city`` holds the district and ``county`` the street (some lists repeat the province in
    ``city``); elsewhere county means county, or town where a city has no counties. A street that is not found gives its
    district, not exact.
    """
    above = _find(_children(None), _name(province), ("省", "市", "自治区", "特别行政区"))
    if above is None:
        return _NOTHING
    city, county = _name(city), _name(county)
    if above in MUNICIPALITIES:
        names = [name for name in (city, county) if name != table().names[above] and name not in _NO_COUNTY]
        return _descend(above, names)
    if city == county or "直辖" in city:
        found = _anywhere(above, county)
        return _exact(found) if found else Match(above, county in _NO_COUNTY, level_of(above))
    return _descend(above, [name for name in (city, county) if name not in _NO_COUNTY])


def _descend(code: str, names: list[str]) -> Match:
    for name in names:
        below = _below(code, name)
        if below is None:
            return Match(code, False, level_of(code))
        code = below
    return _exact(code)


def _exact(code: str) -> Match:
    return Match(code, True, level_of(code))


def _below(code: str, name: str) -> str | None:
    """The child of ``code`` called ``name``: cities and counties before towns; same stem with another suffix counts."""
    children = _children(code)
    units = {child: each for child, each in children.items() if level_of(each) != Level.TOWN}
    found = _find(units, name, _COUNTY_SUFFIX)
    if found is None and len(units) < len(children):
        towns = {child: each for child, each in children.items() if level_of(each) == Level.TOWN}
        found = _find(towns, name, _TOWN_SUFFIX) if not units or name in towns else None
    return found


def _anywhere(province: str, name: str) -> str | None:
    """The one city or county of that name in the province; None when there is none or more than one."""
    found = [code for code, own in table().names.items() if own == name and _living_county(code, province)]
    return found[0] if len(found) == 1 else None


def _living_county(code: str, province: str) -> bool:
    return code[:2] == province[:2] and code not in table().retired and level_of(code) in (Level.CITY, Level.COUNTY)


def _find(children: Mapping[str, str], name: str, suffixes: tuple[str, ...]) -> str | None:
    if name in children:
        return children[name]
    stem = _stem(_BRACKETED.sub("", name), suffixes)
    if len(stem) < 2:
        return None
    same = [code for child, code in children.items() if child.startswith(stem) and _stem(child, suffixes) == stem]
    return same[0] if len(same) == 1 else None


def _stem(name: str, suffixes: tuple[str, ...]) -> str:
    return next((name.removesuffix(suffix) for suffix in suffixes if name.endswith(suffix)), name)


def _name(written: str) -> str:
    return "".join(unicodedata.normalize("NFKC", written).split())


@cache
def _tree() -> dict[str | None, dict[str, str]]:
    known = table()
    tree: dict[str | None, dict[str, str]] = defaultdict(dict)
    for code, name in known.names.items():
        if code not in known.retired:
            tree[parent_of(code)].setdefault(name, code)
    return dict(tree)


def _children(code: str | None) -> dict[str, str]:
    """Name to code of what lies directly below."""
    return _tree().get(code, {})
