"""A monospace font for the pages of a log: which characters it has, and how the used ones go into a PDF.

A log of 18,000 visits is two million characters in straight lines; drawn with one font they need no layout. The font is
the one that fontconfig gives; it holds Chinese and Latin letters, the latter half as wide.
"""

from __future__ import annotations

import hashlib
import subprocess
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

import pydyf
from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Noto Sans Mono CJK SC"
SECONDS = 20
UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Categories of characters of which nothing is drawn."""
FULL = 1000
"""Width of a Chinese character in the font's units."""
DROPPED = ["GSUB", "GPOS", "BASE", "VORG", "vhea", "vmtx", "DSIG", "post"]
IN_BLOCK = 100


class NoFont(RuntimeError):
    """There is no font for the log on this machine; ``flask doctor`` says which package holds it."""


class Drawn(NamedTuple):
    """Text as it is drawn: hexadecimal numbers of glyphs, and its width in halves of a Chinese character."""

    codes: str
    width: float


class Monospace:
    """``drawn`` remembers which characters were used; ``embed`` puts exactly these into a PDF.

    Numbers alone are kept: the tables of the font take ten times as much, as long as pages are drawn.
    """

    def __init__(self) -> None:
        with _found() as font:
            head, lines = font["head"], font["hhea"]
            self._box = head.xMin, head.yMin, head.xMax, head.yMax
            self._ascent, self._descent = lines.ascent, lines.descent
            self._glyphs = {point: _number(name) for point, name in font.getBestCmap().items()}
            widths = font["hmtx"].metrics.items()
            self._narrow = {_number(name): width for name, (width, _) in widths if width != FULL}
        self._known: dict[str, Drawn] = {}
        self._used: dict[int, str] = {}
        self.missing: dict[str, str] = {}
        """Characters without a glyph, and how they are written instead."""

    def drawn(self, text: str) -> Drawn:
        """The text; a character that the font has not is drawn as its code point."""
        known = self._known
        parts = [known.get(character) or self._learnt(character) for character in text]
        return Drawn("".join([part.codes for part in parts]), sum([part.width for part in parts]))

    def _learnt(self, character: str) -> Drawn:
        made = self._glyph(character)
        if made is None:
            if unicodedata.category(character) in UNSEEN or _selects(character):
                made = Drawn("", 0)
            else:
                self.missing[character] = f"U+{ord(character):04X}"
                made = self.drawn(self.missing[character])
        self._known[character] = made
        return made

    def _glyph(self, character: str) -> Drawn | None:
        number = self._glyphs.get(ord(character))
        if number is None or unicodedata.category(character) in UNSEEN:
            return None
        self._used.setdefault(number, character)
        return Drawn(f"{number:04x}", self._narrow.get(number, FULL) * 2 / FULL)

    def embed(self, pdf: pydyf.PDF) -> pydyf.Dictionary:
        """The font with what was used of it, as an object of ``pdf``; the text can be searched and copied."""
        widths = {number: self._narrow.get(number, FULL) for number in sorted(self._used)}
        tag = hashlib.sha256(repr(sorted(self._used)).encode()).digest()
        name = "/" + "".join(chr(65 + byte % 26) for byte in tag[:6]) + "+NotoSansMonoCJKsc-Regular"
        data = pydyf.Stream([self._subset()], {"Subtype": "/CIDFontType0C"}, compress=True)
        pdf.add_object(data)
        descriptor = pydyf.Dictionary(
            {
                "Type": "/FontDescriptor", "FontName": name, "Flags": 4, "FontBBox": pydyf.Array(self._box),
                "ItalicAngle": 0, "Ascent": self._ascent, "Descent": self._descent, "CapHeight": self._ascent,
                "StemV": 80, "FontFile3": data.reference,
            }
        )  # fmt: skip
        pdf.add_object(descriptor)
        identity = {"Registry": pydyf.String("Adobe"), "Ordering": pydyf.String("Identity"), "Supplement": 0}
        glyphs = pydyf.Dictionary(
            {
                "Type": "/Font", "Subtype": "/CIDFontType0", "BaseFont": name,
                "CIDSystemInfo": pydyf.Dictionary(identity), "DW": FULL,
                "W": pydyf.Array(item for number, width in widths.items() for item in (number, pydyf.Array([width]))),
                "FontDescriptor": descriptor.reference,
            }
        )  # fmt: skip
        pdf.add_object(glyphs)
        names = pydyf.Stream([_to_unicode(self._used)], compress=True)
        pdf.add_object(names)
        font = pydyf.Dictionary(
            {
                "Type": "/Font", "Subtype": "/Type0", "BaseFont": name, "Encoding": "/Identity-H",
                "DescendantFonts": pydyf.Array([glyphs.reference]), "ToUnicode": names.reference,
            }
        )  # fmt: skip
        pdf.add_object(font)
        return font

    def _subset(self) -> bytes:
        options = subset.Options(layout_features=[], hinting=False, desubroutinize=True, notdef_outline=True)
        options.drop_tables = [*options.drop_tables, *DROPPED]
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(character) for character in self._used.values()])
        with _found() as font:
            cutter.subset(font)
            data: bytes = font["CFF "].compile(font)
        return data


def _found() -> TTFont:
    asked = ["fc-match", "--format=%{file}\n%{index}", FAMILY]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
        path, _, number = told.partition("\n")
        font = TTFont(path, fontNumber=int(number), lazy=True)
    except (OSError, ValueError, subprocess.SubprocessError) as fault:
        raise NoFont(FAMILY) from fault
    if "CFF " not in font or not hasattr(font["CFF "].cff[0], "ROS"):
        font.close()
        raise NoFont(f"{FAMILY}; fontconfig gives {path}")
    return font


def _number(name: str) -> int:
    """Of a glyph, which this font names by it."""
    return 0 if name == ".notdef" else int(name[3:])


def _selects(character: str) -> bool:
    """Whether it only chooses a variant of the character before it."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _to_unicode(used: dict[int, str]) -> bytes:
    def blocks() -> Iterator[str]:
        lines = [f"<{number:04x}> <{used[number].encode('utf-16-be').hex()}>" for number in sorted(used)]
        for start in range(0, len(lines), IN_BLOCK):
            block = lines[start : start + IN_BLOCK]
            yield "\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"])

    parts: list[Any] = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
        *blocks(),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(parts).encode()
