"""Official lists of risk areas, as published in 2022 (one JSON file each); docs/formats.md says what is accepted."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from gatekeeper.formats.errors import FormatInvalid
from gatekeeper.formats.people import clean_text
from gatekeeper.formats.region_match import Match, match
from gatekeeper.rules.values import Text

MAX_BYTES = 20 * 1024 * 1024
MAX_COMMUNITIES = 200_000
MAX_NAME = 500
_SHANGHAI = timezone(timedelta(hours=8))
_TIME = re.compile("([0-9]{4})-([0-9]{1,2})-([0-9]{1,2}) ?([0-9]{1,2})[时時]")


class RiskLevel(StrEnum):
    """The lists' three levels, highest first."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"

    @property
    def label(self) -> Text:
        """What the level is called on screen."""
        return _LABELS[self]

    @property
    def fact(self) -> str:
        """The value of the rules' fact ``risk_level``: ``high``, ``medium``, ``low``."""
        return "medium" if self is RiskLevel.MIDDLE else self.value


_LABELS = {
    RiskLevel.HIGH: Text("高风险", "High risk"),
    RiskLevel.MIDDLE: Text("中风险", "Medium risk"),
    RiskLevel.LOW: Text("低风险", "Low risk"),
}
_KEYS = {
    RiskLevel.HIGH: ("highlist", "hcount"),
    RiskLevel.MIDDLE: ("middlelist", "mcount"),
    RiskLevel.LOW: ("lowlist", "lcount"),
}


@dataclass(frozen=True, slots=True)
class RiskPlace:
    """One entry: the names as listed, its communities, and the region they were matched with."""

    level: RiskLevel
    province: str
    city: str
    county: str
    area_name: str
    communities: tuple[str, ...]
    match: Match


@dataclass(frozen=True, slots=True)
class RiskListFile:
    """One list. ``update_time`` is aware, UTC; ``digest`` the SHA-256 of the file in hex; counts are communities."""

    update_time: datetime
    digest: str
    high: int
    middle: int
    low: int
    places: tuple[RiskPlace, ...]

    @property
    def unmatched(self) -> tuple[RiskPlace, ...]:
        """Entries whose own name has no region code: kept, shown, never dropped."""
        return tuple(place for place in self.places if not place.match.exact)


def parse(raw: bytes) -> RiskListFile:
    """Read one list file.

    Raises ``FormatInvalid``: ``risk_list.size`` (over 20 MB or 200,000 communities), ``.json`` (damaged or cut short),
    ``.depth``, ``.shape`` (names the spot), ``.update_time``, ``.counts`` (announced and listed communities differ).
    """
    if len(raw) > MAX_BYTES:
        raise FormatInvalid("risk_list.size", Text("文件超过 20 MB", "The file is larger than 20 MB"))
    data = _mapping(_mapping(_load(raw), "").get("data"), "data")
    places: list[RiskPlace] = []
    counts: dict[RiskLevel, int] = {}
    for level in RiskLevel:
        counts[level] = _read_level(data, level, places)
    return RiskListFile(
        update_time=update_time(data.get("end_update_time")),
        digest=hashlib.sha256(raw).hexdigest(),
        high=counts[RiskLevel.HIGH],
        middle=counts[RiskLevel.MIDDLE],
        low=counts[RiskLevel.LOW],
        places=tuple(places),
    )


def update_time(written: object) -> datetime:
    """The aware UTC time of ``2022-04-18 8时`` (China time, hours padded or not, 24时 is the next midnight).

    Raises ``FormatInvalid`` ``risk_list.update_time``.
    """
    found = _TIME.fullmatch(written.strip()) if isinstance(written, str) else None
    try:
        if found is None or int(found[4]) > 24:
            raise ValueError(written)
        midnight = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=_SHANGHAI)
        return (midnight + timedelta(hours=int(found[4]))).astimezone(UTC)
    except (ValueError, OverflowError):
        zh = "更新时间应形如“2022-04-18 8时”"
        raise FormatInvalid(
            "risk_list.update_time", Text(zh, "The update time must read like 2022-04-18 8时")
        ) from None


def _load(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        raise FormatInvalid("risk_list.depth", Text("文件嵌套过深", "The file is nested too deep")) from None
    except ValueError:
        zh = "文件损坏或不完整，请重新下载"
        raise FormatInvalid("risk_list.json", Text(zh, "The file is damaged or cut short; download it again")) from None


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _read_level(data: Mapping[str, Any], level: RiskLevel, places: list[RiskPlace]) -> int:
    """Append the places of one level, return its communities; ``lowlist`` may be absent, as in April 2022."""
    list_key, count_key = _KEYS[level]
    if level is RiskLevel.LOW and list_key not in data and count_key not in data:
        return 0
    announced = data.get(count_key)
    if not isinstance(announced, int) or isinstance(announced, bool):
        raise _shape(count_key)
    before = len(places)
    for number, entry in enumerate(_list(data.get(list_key), list_key)):
        places.append(_place(_mapping(entry, f"{list_key}[{number}]"), level, f"{list_key}[{number}]"))
    listed = sum(len(place.communities) for place in places[before:])
    if listed > MAX_COMMUNITIES:
        raise FormatInvalid("risk_list.size", Text("小区超过 20 万个", "There are more than 200,000 communities"))
    if listed != announced:
        raise FormatInvalid(
            "risk_list.counts",
            Text(
                f"{level.label.zh}公布 {announced} 个，列出 {listed} 个，文件可能不完整",
                f"{level.label.en}: {announced} announced, {listed} listed; the file may be incomplete",
            ),
        )
    return listed


def _place(entry: Mapping[str, Any], level: RiskLevel, spot: str) -> RiskPlace:
    province, city, county, area = (_name(entry.get(key), f"{spot}.{key}") for key in _COLUMNS)
    communities = _list(entry.get("communitys"), f"{spot}.communitys")
    return RiskPlace(
        level=level,
        province=province,
        city=city,
        county=county,
        area_name=area,
        communities=tuple(_name(each, f"{spot}.communitys[{n}]") for n, each in enumerate(communities)),
        match=match(province, city, county),
    )


_COLUMNS = ("province", "city", "county", "area_name")


def _name(value: object, spot: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_NAME:
        raise _shape(spot)
    return value.strip() if value.isprintable() else clean_text(value, MAX_NAME)


def _mapping(value: object, spot: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _shape(spot)
    return value


def _list(value: object, spot: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise _shape(spot)
    return value


def _shape(spot: str) -> FormatInvalid:
    where = spot or "{}"
    zh = f"文件格式不符：{where} 缺失或类型不对"
    return FormatInvalid(
        "risk_list.shape", Text(zh, f"Not the shape of a risk list: {where} is missing or of a wrong type")
    )
