"""Search regions by a part of the name, by pinyin, by initials or by code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from gatekeeper.formats.region_table import Level, Region, get, level_of, significant, table

MAX_QUERY = 32
_ENOUGH = 3000
_ORDER = {level: rank for rank, level in enumerate(Level)}
_SUFFIXES = re.compile("(?:特别行政区|自治[区州县旗]|街道|地区|新区|[省市区县旗盟镇乡])$")


def search(query: str, limit: int = 20, within: str | None = None) -> list[Region]:
    """At most ``limit`` (to 200) regions: provinces first; whole names before beginnings before parts; short first.

    ``query`` is a part of the name (``江``), pinyin from its beginning, syllables cut short at will (``zj``, ``zhej``,
    ``zhejiang``), or the beginning of a code. Up to four words narrow from left to right: ``浙江 yh``.
    ``within`` keeps regions inside that code. Nothing found is an empty list.
    """
    words = [_plain(word) for word in unicodedata.normalize("NFKC", query[: 4 * MAX_QUERY]).split()]
    words = [word[:MAX_QUERY] for word in words if word][:4]
    if not words or limit < 1:
        return []
    scopes: tuple[str, ...] = (significant(within or ""),)
    for word in words[:-1]:
        scopes = tuple(significant(code) for code in _found(word, scopes)[:50])
    codes = _found(words[-1], scopes)[:limit] if scopes else []
    return [region for code in codes if (region := get(code)) is not None]


def _plain(word: str) -> str:
    return word.lower().replace("ü", "v").replace("lve", "lue").replace("nve", "nue").replace("'", "").replace("’", "")


def _found(word: str, scopes: tuple[str, ...]) -> list[str]:
    """Codes that fit and begin with one of ``scopes``, best first; stops after the level that made them enough."""
    best: dict[str, int] = {}
    last: Level | None = None
    for code, fit in _hits(word):
        level = level_of(code)
        if len(best) >= _ENOUGH or (level != last and len(best) >= 200):
            break
        last = level
        if code.startswith(scopes):
            best[code] = min(fit, best.get(code, fit))
    names = table().names
    return sorted(best, key=lambda code: (_ORDER[level_of(code)], best[code], len(names[code]), code))


def _hits(word: str) -> Iterator[tuple[str, int]]:
    """Codes in the order of the file with how well they fit: 0 the whole name, 1 its beginning, 2 a part."""
    if word.isascii():
        if word.isdigit():
            yield from _hits_by_code(word)
        elif word.isalpha():
            yield from _hits_by_pinyin(word)
        return
    known = table()
    for hit in re.finditer(re.escape(word), known.text):
        code, name = _line(known.text, hit.start())
        if code not in known.retired:
            yield code, 0 if word in (name, _stem(name)) else 1 if name.startswith(word) else 2


def _hits_by_code(word: str) -> Iterator[tuple[str, int]]:
    text = table().text
    for hit in re.finditer(f"\n{word}", text):
        yield text[hit.start() + 1 : text.index("\t", hit.start())], 1


def _hits_by_pinyin(word: str) -> Iterator[tuple[str, int]]:
    """Each letter goes on in its syllable or begins the next one."""
    text = table().text
    pattern = "\t" + word[0] + "".join(f"(?:[a-z]*')?{letter}" for letter in word[1:])
    for hit in re.finditer(pattern, text):
        code, name = _line(text, hit.start())
        syllables = hit.group().count("'") + 1
        whole = syllables == len(_stem(name)) and (syllables == len(word) or not text[hit.end()].isalpha())
        yield code, 0 if whole else 1


def _line(text: str, position: int) -> tuple[str, str]:
    """Code and name of the line around ``position``."""
    start = text.rfind("\n", 0, position) + 1
    code, name = text[start : text.index("\n", start)].split("\t", 2)[:2]
    return code, name


def _stem(name: str) -> str:
    stem = _SUFFIXES.sub("", name)
    return stem if len(stem) > 1 else name
