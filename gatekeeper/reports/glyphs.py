"""Which characters the fonts of this machine can print; one that they cannot is printed as its code point.

fontconfig is asked, since it is what the renderer takes its fonts from, those to fall back on included.
"""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Iterable
from functools import cache

FAMILY = "Noto Sans CJK SC"
"""The first family of the report's style."""

SECONDS = 20
UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Categories of characters that need no glyph."""


@cache
def known() -> frozenset[int]:
    """The code points that can be printed; empty where fontconfig does not answer (``flask doctor`` says so)."""
    asked = ["fc-match", "-s", "--format=%{charset}\n", FAMILY]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    points: set[int] = set()
    for span in told.split():
        first, _, last = span.partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(points)


def missing(text: str) -> list[str]:
    """The characters of ``text`` that no font here has, each once, in order; none where the fonts are not known."""
    points = known()
    found = {c for c in set(text) if ord(c) not in points and not _unseen(c)} if points else ()
    return sorted(found)


def _unseen(character: str) -> bool:
    selects = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selects or unicodedata.category(character) in UNSEEN


def point(character: str) -> str:
    """U+2A6D6, as the Unicode tables name it."""
    return f"U+{ord(character):04X}"


def spelled(text: str, characters: Iterable[str]) -> str:
    """``text`` with each of ``characters`` as its code point."""
    return text.translate({ord(c): point(c) for c in characters})
