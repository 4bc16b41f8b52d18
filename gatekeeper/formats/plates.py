"""Vehicle plates of mainland China (GA 36-2018 and practice, docs/formats.md).

A gate never refuses to write down what stands in front of it: ``parse`` is total, an odd plate is kept with a note.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.formats.characters import is_han, latin, storable, visible
from gatekeeper.rules.values import Text

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
NO_PLATE = "无牌"
MAX_KEY = 32
MAX_GUESSES = 24
TWINS = ("0DQO", "8B", "2Z", "5S", "17TI", "川州")
_TWINS = {char: tuple(c for c in group if c != char) for group in TWINS for char in group}

CAMERA_WORDS = frozenset(
    {"", "UNKNOWN", "UNLICENSED", "NOPLATE", "NONE", "NULL", "无车牌", "无牌", "无牌车", "无号牌", "未知", "未识别"}
)
DROPPED = frozenset("·•.-—‧∙⋅・‐‑‒–―−●◦。─_")
SIMPLIFIED = str.maketrans("滬雲遼魯蘇贛晉陝閩貴粵寧瓊掛學領應", "沪云辽鲁苏赣晋陕闽贵粤宁琼挂学领应")


class PlateClass(StrEnum):
    """Classes in the order in which they are tried."""

    EMERGENCY = "emergency"
    NEW_ENERGY_SMALL = "new_energy_small"
    NEW_ENERGY_LARGE = "new_energy_large"
    TRAILER = "trailer"
    LEARNER = "learner"
    POLICE = "police"
    HK_MACAO = "hk_macao"
    EMBASSY = "embassy"
    CONSULATE = "consulate"
    ARMED_POLICE = "armed_police"
    MILITARY = "military"
    ORDINARY = "ordinary"
    OTHER = "other"

    @property
    def label(self) -> Text:
        """What the class is called on screen."""
        return _LABELS[self]

    @property
    def colours(self) -> tuple[str, ...]:
        """Codes of the plate colours this class may have; empty when unknown (``other``)."""
        return _COLOURS[self]

    @property
    def colour(self) -> Text:
        """The plate's colour in words."""
        names = [COLOUR_NAMES[code] for code in self.colours] or [Text("不明", "unknown")]
        return Text("或".join(name.zh for name in names), " or ".join(name.en for name in names))


COLOUR_NAMES = {
    "blue": Text("蓝", "blue"),
    "yellow": Text("黄", "yellow"),
    "green": Text("绿", "green"),
    "yellow_green": Text("黄绿", "yellow and green"),
    "white": Text("白", "white"),
    "black": Text("黑", "black"),
}
_COLOURS: dict[PlateClass, tuple[str, ...]] = {
    PlateClass.EMERGENCY: ("white",),
    PlateClass.NEW_ENERGY_SMALL: ("green",),
    PlateClass.NEW_ENERGY_LARGE: ("yellow_green",),
    PlateClass.TRAILER: ("yellow",),
    PlateClass.LEARNER: ("yellow",),
    PlateClass.POLICE: ("white",),
    PlateClass.HK_MACAO: ("black",),
    PlateClass.EMBASSY: ("black",),
    PlateClass.CONSULATE: ("black",),
    PlateClass.ARMED_POLICE: ("white",),
    PlateClass.MILITARY: ("white",),
    PlateClass.ORDINARY: ("blue", "yellow"),
    PlateClass.OTHER: (),
}
_LABELS = {
    PlateClass.EMERGENCY: Text("应急救援", "Emergency rescue"),
    PlateClass.NEW_ENERGY_SMALL: Text("小型新能源", "New energy, small"),
    PlateClass.NEW_ENERGY_LARGE: Text("大型新能源", "New energy, large"),
    PlateClass.TRAILER: Text("挂车", "Trailer"),
    PlateClass.LEARNER: Text("教练车", "Learner"),
    PlateClass.POLICE: Text("警车", "Police"),
    PlateClass.HK_MACAO: Text("港澳入出境", "Hong Kong / Macao"),
    PlateClass.EMBASSY: Text("使馆", "Embassy"),
    PlateClass.CONSULATE: Text("领馆", "Consulate"),
    PlateClass.ARMED_POLICE: Text("武警", "Armed police"),
    PlateClass.MILITARY: Text("军车", "Military"),
    PlateClass.ORDINARY: Text("普通", "Ordinary"),
    PlateClass.OTHER: Text("其他", "Other"),
}

_P, _A, _N, _D = f"[{PROVINCES}]", "[A-HJ-NP-Z]", "[A-HJ-NP-Z0-9]", "[0-9]"
PATTERNS: Mapping[PlateClass, str] = {
    PlateClass.EMERGENCY: f"{_P}[XS0-9]{_D}{{4}}应急",
    PlateClass.NEW_ENERGY_SMALL: f"{_P}{_A}[A-HJK]{_N}{_D}{{4}}",
    PlateClass.NEW_ENERGY_LARGE: f"{_P}{_A}{_D}{{5}}[A-HJK]",
    PlateClass.TRAILER: f"{_P}{_A}{_N}{{4}}挂",
    PlateClass.LEARNER: f"{_P}{_A}{_N}{{4}}学",
    PlateClass.POLICE: f"{_P}[A-Z]{_N}{{4}}警",
    PlateClass.HK_MACAO: f"粤Z{_N}{{4}}[港澳]",
    PlateClass.EMBASSY: f"{_D}{{6}}使|使{_D}{{6}}",
    PlateClass.CONSULATE: f"{_P}{_D}{{5}}领|{_P}{_A}{_D}{{4}}领",
    PlateClass.ARMED_POLICE: f"WJ{_P}?{_D}{{4}}{_N}",
    PlateClass.MILITARY: f"[VKHBSLJNGCEZ]{_A}{_D}{{5}}",
    PlateClass.ORDINARY: f"{_P}{_A}{_N}{{5}}",
}
"""What a key of a class looks like, in the order in which they are tried."""
_COMPILED = {cls: re.compile(pattern) for cls, pattern in PATTERNS.items()}

NOTES: Mapping[str, Text] = {
    "missing": Text("没有号牌或未能识别，请人工核对", "No plate, or none read; look at the vehicle"),
    "foreign": Text(
        "含有形似字符，已按字母数字读取，请核对", "Held look-alike characters, read as plain ones; compare"
    ),
    "odd": Text("含有号牌不用的字符，按所写记录", "Holds characters no plate uses; kept as written"),
    "long": Text("太长，不像号牌，按所写记录", "Too long for a plate; kept as written"),
    "io": Text(
        "号牌不用字母 I 和 O，是否为 1、0？按所写记录", "Plates have no I and no O; perhaps 1 or 0? Kept as written"
    ),
    "unknown": Text("不是已知的号牌格式，按所写记录", "Not a known plate format; kept as written"),
    "uncertain": Text("军车号牌格式未经核实", "The military format is not confirmed"),
}


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate: ``written`` as it came, ``plate`` its normalised key (1 to 32 characters), ``note`` or None."""

    written: str
    plate: str
    cls: PlateClass
    note: Text | None

    @property
    def missing(self) -> bool:
        """True when there is no plate to go by: all such vehicles share the key 无牌."""
        return self.plate == NO_PLATE


def parse(written: str) -> Plate:
    """Read one plate; never raises. Unknown shapes get class ``other`` and a note that says why."""
    kept = storable(written)
    plain = _plain(kept)
    key = latin(plain)
    if key in CAMERA_WORDS:
        return Plate(kept, NO_PLATE, PlateClass.OTHER, NOTES["missing"])
    cls = classify(key)
    return Plate(kept, key[:MAX_KEY], cls, _note(plain, key, cls))


def classify(key: str) -> PlateClass:
    """The class of a normalised key; ``other`` when none fits."""
    if len(key) > 9:
        return PlateClass.OTHER
    return next((cls for cls, pattern in _COMPILED.items() if pattern.fullmatch(key)), PlateClass.OTHER)


def lookalikes(plate: str) -> tuple[str, ...]:
    """Well-formed plates that a camera confuses with ``plate`` (written or normalised), nearest first, at most 24.

    One character differs; two where ``plate`` itself is no known format and one change does not mend it.
    Empty for a vehicle without a plate.
    """
    read = parse(plate)
    if read.missing or len(read.plate) > 9:
        return ()
    once = dict.fromkeys(guess for guess in _swaps(read.plate, 0) if classify(guess) is not PlateClass.OTHER)
    if once or read.cls is not PlateClass.OTHER:
        return tuple(once)[:MAX_GUESSES]
    twice = dict.fromkeys(
        guess
        for at in range(len(read.plate))
        for first in _swaps_at(read.plate, at)
        for guess in _swaps(first, at + 1)
        if classify(guess) is not PlateClass.OTHER
    )
    return tuple(twice)[:MAX_GUESSES]


def _plain(written: str) -> str:
    """NFKC, visible characters only, upper case; separators and combining marks dropped; simplified."""
    folded = visible(unicodedata.normalize("NFKC", visible(written))).upper()
    return unicodedata.normalize("NFKC", "".join(c for c in folded if c not in DROPPED and not _is_mark(c))).translate(
        SIMPLIFIED
    )


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me", "Mc")


def _note(plain: str, key: str, cls: PlateClass) -> Text | None:
    if cls is not PlateClass.OTHER:
        if key != plain:
            return NOTES["foreign"]
        return NOTES["uncertain"] if cls is PlateClass.MILITARY else None
    if len(key) > MAX_KEY:
        return NOTES["long"]
    if not all((c.isascii() and c.isalnum()) or is_han(c) for c in key):
        return NOTES["odd"]
    if key != plain:
        return NOTES["foreign"]
    if classify(key[:1] + key[1:].translate(str.maketrans("IO", "10"))) is not PlateClass.OTHER:
        return NOTES["io"]
    return NOTES["unknown"]


def _swaps(key: str, start: int) -> Iterator[str]:
    for at in range(start, len(key)):
        yield from _swaps_at(key, at)


def _swaps_at(key: str, at: int) -> Iterator[str]:
    for twin in _TWINS.get(key[at], ()):
        yield key[:at] + twin + key[at + 1 :]
