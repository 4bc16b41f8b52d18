"""Characters that look alike, look like nothing, or reorder what stands around them.

NFKC folds full-width forms but leaves zero-width marks and Cyrillic or Greek letters that look Latin; both stand here.
"""

from __future__ import annotations

import unicodedata

_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Zs", "Zl", "Zp"})
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

LOOKALIKE = str.maketrans(
    {
        # Cyrillic
        "А": "A", "В": "B", "Е": "E", "Ё": "E", "З": "3", "І": "I", "Ї": "I", "Ј": "J", "К": "K", "М": "M", "Н": "H",
        "О": "O", "Р": "P", "С": "C", "Ѕ": "S", "Т": "T", "У": "Y", "Ү": "Y", "Х": "X", "Ԁ": "D", "Ԛ": "Q", "Ԝ": "W",
        "Ԍ": "G", "Ӏ": "I", "Һ": "H", "Ѵ": "V",
        # Greek
        "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P",
        "Τ": "T", "Υ": "Y", "Χ": "X", "Ϲ": "C", "Ϝ": "F", "Ϳ": "J",
        # Cherokee and Lisu capitals met in look-alike attacks
        "Ꭺ": "A", "Ᏼ": "B", "Ꮯ": "C", "Ꭰ": "D", "Ꭼ": "E", "Ꮋ": "H", "Ꭻ": "J", "Ꮶ": "K", "Ꮇ": "M", "Ꮲ": "P",
        "Ꮪ": "S", "Ꭲ": "T", "Ꮩ": "V", "Ꮃ": "W", "Ꮓ": "Z", "ꓐ": "B", "ꓚ": "C", "ꓓ": "D", "ꓮ": "A", "ꓰ": "E",
    }
)  # fmt: skip


def visible(text: str) -> str:
    """``text`` without spaces, control, zero-width and direction marks, variation selectors and blank letters."""
    return "".join(c for c in text if not _unseen(c))


def latin(text: str) -> str:
    """Upper-case ``text``, letters and decimal digits of other scripts replaced by the ASCII ones they look like."""
    return "".join(_digit(c) for c in text.translate(LOOKALIKE))


def storable(text: str) -> str:
    """``text`` that any database and any UTF-8 encoder takes: U+0000 and lone surrogates become U+FFFD."""
    return "".join("\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text)


def is_han(char: str) -> bool:
    """True for one CJK ideograph, those beyond the BMP (𬭎) included; compatibility forms are not."""
    point = ord(char)
    return (
        0x4E00 <= point <= 0x9FFF
        or 0x3400 <= point <= 0x4DBF
        or 0x20000 <= point <= 0x2EE5D
        or 0x30000 <= point <= 0x323AF
    )


def _unseen(char: str) -> bool:
    return (
        unicodedata.category(char) in _INVISIBLE
        or char in _BLANK
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
    )


def _digit(char: str) -> str:
    if char.isascii() or unicodedata.category(char) != "Nd":
        return char
    return str(unicodedata.decimal(char))
