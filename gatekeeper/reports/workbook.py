"""A spreadsheet file (Office Open XML) written row by row into a zip, with flat memory however many rows there are.

A cell is text, a whole number or a time. No formula, no link and no style but these can be written by it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | datetime

ROWS = 1_000_000
"""Rows of one sheet, a little below what the format allows; what is more goes on in the next."""
TEXT = 32_767
"""Characters of one cell that spreadsheets take."""
LEVEL = 2
PIECE = 256 * 1024
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 cells have no zone
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
IN_NAME = re.compile(r"[\[\]:*?/\\]")
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
SPECIAL = re.compile(r"[^ -%'-;=?-^`-~\u00a0-\ud7ff\ue000-\ufffd]|[\t\r\n]|^ | $")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}">
<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill></fills>
<borders count="2"><border/><border><left/><right/><top/><bottom style="thin"/></border></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="3"><xf xfId="0"/><xf xfId="0" numFmtId="164" applyNumberFormat="1"/>
<xf xfId="0" fontId="1" borderId="1" applyFont="1" applyBorder="1" applyAlignment="1">
<alignment wrapText="1" vertical="top"/></xf></cellXfs></styleSheet>"""


class Workbook:
    """``add`` writes one sheet after the other, ``close`` ends the file; ``title`` and ``author`` are said in it."""

    def __init__(self, file: BinaryIO, *, title: str, author: str) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL, allowZip64=True)
        self._said = title, author
        self._names: list[str] = []

    def add(
        self, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]], *, said: str = ""
    ) -> None:
        """A sheet with (heading, width in characters) of its columns and a row each; a very long one is continued.

        ``said`` is a line above the headings.
        """
        stream, part = iter(rows), 1
        first = next(stream, None)
        while first is not None or part == 1:
            self._names.append(_name(name if part == 1 else f"{name} {part}"))
            first = self._sheet(columns, first, stream, said)
            part += 1

    def _sheet(
        self, columns: Sequence[tuple[str, int]], row: Sequence[Cell] | None, rows: Iterator[Sequence[Cell]], said: str
    ) -> Sequence[Cell] | None:
        """Write rows until they end or the sheet is full; answers the first that did not fit."""
        letters = [_letters(index) for index in range(len(columns))]
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, (_, w) in enumerate(columns, 1)
        )
        number = 2 if said else 1
        above = f'<row r="1">{_text("A1", said)}</row>' if said else ""
        head = "".join(_text(f"{letters[n]}{number}", title, ' s="2"') for n, (title, _) in enumerate(columns))
        with self._zip.open(f"xl/worksheets/sheet{len(self._names)}.xml", "w", force_zip64=True) as out:
            piece = [
                f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="{number}" '
                f'topLeftCell="A{number + 1}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
                f'<cols>{widths}</cols><sheetData>{above}<row r="{number}">{head}</row>'
            ]
            size = 0
            while row is not None and number < ROWS:
                number += 1
                text = _row(number, letters, row)
                piece.append(text)
                size += len(text)
                if size > PIECE:
                    out.write("".join(piece).encode())
                    piece.clear()
                    size = 0
                row = next(rows, None)
            piece.append("</sheetData></worksheet>")
            out.write("".join(piece).encode())
        return row

    def close(self) -> None:
        """Write what names the sheets and end the file."""
        numbers = range(1, len(self._names) + 1)
        named = zip(numbers, self._names, strict=True)
        sheets = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in named)
        book = f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>{sheets}</sheets></workbook>'
        title, author = (escape(FORBIDDEN.sub("\ufffd", text)) for text in self._said)
        core = (
            f'{HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>'
            f"</cp:coreProperties>"
        )
        ours = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
        parts = [(f"/xl/worksheets/sheet{n}.xml", f"{KIND}.worksheet+xml") for n in numbers]
        parts += [("/xl/workbook.xml", f"{KIND}.sheet.main+xml"), ("/xl/styles.xml", f"{KIND}.styles+xml")]
        parts.append(("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"))
        self._zip.writestr("xl/workbook.xml", book)
        self._zip.writestr("xl/styles.xml", STYLES)
        self._zip.writestr("docProps/core.xml", core)
        self._zip.writestr("xl/_rels/workbook.xml.rels", _relations([*ours, ("rIdS", "styles", "styles.xml")]))
        self._zip.writestr("_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml"), CORE]))
        self._zip.writestr("[Content_Types].xml", _types(parts))
        self._zip.close()


CORE = ("rId2", "metadata/core-properties", "docProps/core.xml")
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _relations(related: Iterable[tuple[str, str, str]]) -> str:
    def kind(name: str) -> str:
        return f"{PACKAGE}/relationships/{name}" if "/" in name else f"{RELATED}/{name}"

    lines = "".join(f'<Relationship Id="{key}" Type="{kind(name)}" Target="{to}"/>' for key, name, to in related)
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


def _types(parts: Iterable[tuple[str, str]]) -> str:
    named = "".join(f'<Override PartName="{place}" ContentType="{kind}"/>' for place, kind in parts)
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _row(number: int, letters: Sequence[str], row: Sequence[Cell]) -> str:
    cells = [f'<row r="{number}">']
    for letter, cell in zip(letters, row, strict=True):
        kind = type(cell)
        if kind is str:
            if cell:
                cells.append(_text(f"{letter}{number}", cell))  # type: ignore[arg-type]
        elif kind is int:
            cells.append(f'<c r="{letter}{number}"><v>{cell}</v></c>')
        elif isinstance(cell, datetime):
            since = cell - EPOCH
            cells.append(f'<c r="{letter}{number}" s="1"><v>{since.days + since.seconds / 86_400:.9f}</v></c>')
        else:
            raise TypeError(f"no cell holds {kind.__name__}")
    cells.append("</row>")
    return "".join(cells)


def _text(place: str, value: str, style: str = "") -> str:
    return f'<c r="{place}"{style} t="inlineStr">{_inside(value)}</c>'


@lru_cache(2_000)
def _inside(value: str) -> str:
    """A text as it stands in a cell; most of a log says the same few words again and again."""
    if SPECIAL.search(value) is None and len(value) < TEXT and "_x" not in value:
        return f"<is><t>{value}</t></is>"
    plain = escape(ESCAPED.sub("_x005F_", FORBIDDEN.sub("\ufffd", value[:TEXT])).replace("\r", "_x000D_"))
    return f'<is><t xml:space="preserve">{plain}</t></is>'


def _letters(index: int) -> str:
    tens, ones = divmod(index, 26)
    return (_letters(tens - 1) if tens else "") + chr(65 + ones)


def _name(name: str) -> str:
    return IN_NAME.sub(" ", FORBIDDEN.sub(" ", name)).strip("' ")[:31] or "-"
