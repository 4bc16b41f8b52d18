"""The gate log on paper: a line for each visit, drawn straight onto the pages behind a report.

A layout engine takes a second for a thousand such lines. They are all alike, so they are placed by arithmetic: 18,000
visits are 450 pages in a few seconds.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import pydyf

from gatekeeper.figures.words import period_text
from gatekeeper.reports import words
from gatekeeper.reports.columns import Say, said_in
from gatekeeper.reports.monospace import Monospace
from gatekeeper.reports.values import Report, VisitLine
from gatekeeper.rules.values import Text

ROWS_PER_PAGE = 40

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, RIGHT = 20 * MM, 200 * MM
SIZE, STEP = 8.0, 16.4
"""Points of the letters, and from line to line."""
TOP = HEIGHT - 26 * MM
BELOW_TITLE = 26
SQUEEZED = 0.62
"""How narrow a long text is made before its end is left out; a plate is never cut."""

DEMO = Text("演示　全部虚构", "DEMO, everything invented")
NUMBER = Text("编号", "No.")


class Column(NamedTuple):
    """``width`` is in halves of a Chinese character."""

    name: Text
    width: int
    value: Callable[[VisitLine, Say], str]
    whole: bool = False


COLUMNS: tuple[Column, ...] = (
    Column(Text("到达", "Arrived"), 11, lambda line, say: words.clock_time(line.arrived_at)),
    Column(Text("车牌", "Plate"), 12, lambda line, say: line.plate or "—", whole=True),
    Column(Text("挂车", "Trailers"), 11, lambda line, say: line.trailers, whole=True),
    Column(Text("来源地", "Origin"), 28, lambda line, say: line.origin),
    Column(Text("风险", "Risk"), 7, lambda line, say: say(words.risk(line.risk_level))),
    Column(Text("人员", "People"), 14, lambda line, say: " ".join(line.names)),
    Column(Text("判定", "Verdict"), 8, lambda line, say: say(words.verdict(line.arrival_verdict))),
    Column(Text("入厂", "In"), 5, lambda line, say: words.clock_time(line.admitted_at)[6:]),
    Column(Text("办结", "Closed"), 11, lambda line, say: _closed(line)),
    Column(Text("状态", "State"), 11, lambda line, say: say(words.named(words.STATES, line.state))),
)


def _closed(line: VisitLine) -> str:
    """The time; with its day where that is not the day of arrival."""
    arrived, closed = words.clock_time(line.arrived_at), words.clock_time(line.closed_at)
    return closed[6:] if closed[:5] == arrived[:5] else closed


class LogPages:
    """``append`` draws the log of ``report`` behind the pages of a document that WeasyPrint made."""

    def __init__(self, report: Report, lines: Iterable[VisitLine], *, lang: str) -> None:
        self._report = report
        self._say = said_in(lang)
        self._font = Monospace()
        self._bodies = [self._body(page, n) for n, page in enumerate(_pages(lines))]

    @property
    def count(self) -> int:
        return len(self._bodies)

    def _body(self, lines: Iterable[VisitLine], number: int) -> bytes:
        """What stands between head and foot of a page, packed at once: so the memory stays flat."""
        y = TOP - (BELOW_TITLE if number == 0 else 0)
        names = self._row([self._say(column.name) for column in COLUMNS], y)
        parts = ["0 g", f"BT 2 Tr .3 w /M {SIZE} Tf", *names, "ET", _rule(y - 4.5, 0.75), ".8 G .25 w"]
        text = [f"BT 0 Tr /M {SIZE} Tf"]
        for line in lines:
            y -= STEP
            parts.append(f"{LEFT:.2f} {y - 4.5:.2f} m {RIGHT:.2f} {y - 4.5:.2f} l S")
            text += self._row([column.value(line, self._say) for column in COLUMNS], y)
        return zlib.compress("\n".join([*parts, *text, "ET"]).encode())

    def _row(self, texts: Sequence[str], y: float) -> Iterator[str]:
        """The drawing of one line."""
        x = LEFT
        for column, text in zip(COLUMNS, texts, strict=True):
            if text:
                codes, scale = self._fitted(text, column.width, whole=column.whole)
                yield f"{scale} Tz 1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj"
            x += (column.width + 1) * SIZE / 2

    def _fitted(self, text: str, width: int, *, whole: bool) -> tuple[str, int]:
        codes, used = self._font.drawn(text)
        if used <= width:
            return codes, 100
        if not whole and width / used < SQUEEZED:
            while text and self._font.drawn(f"{text}…").width > width / SQUEEZED:
                text = text[:-1]
            codes, used = self._font.drawn(f"{text}…")
        return codes, int(100 * width / used)

    def append(self, document: Any, pdf: pydyf.PDF) -> None:
        """Draw every page and put the font into the file."""
        before = len(document.pages)
        total = before + self.count
        frames = [self._frame(n, before + n + 1, total) for n in range(self.count)]
        font = self._font.embed(pdf)
        resources = pydyf.Dictionary({"Font": pydyf.Dictionary({"M": font.reference})})
        pdf.add_object(resources)
        for frame, body in zip(frames, self._bodies, strict=True):
            streams = (
                pydyf.Stream([frame.encode()], compress=True),
                pydyf.Stream([body], {"Filter": "/FlateDecode"}),
            )
            for stream in streams:
                pdf.add_object(stream)
            page = {
                "Type": "/Page", "Parent": pdf.pages.reference, "MediaBox": pydyf.Array([0, 0, WIDTH, HEIGHT]),
                "Resources": resources.reference, "Contents": pydyf.Array([stream.reference for stream in streams]),
            }  # fmt: skip
            pdf.add_page(pydyf.Dictionary(page))

    def _frame(self, number: int, page: int, total: int) -> str:
        """Head and foot of a page; on the first of the log its title."""
        say, report = self._say, self._report
        who = f"{report.issuer.name}　{say(period_text(report.first, report.last))}"
        parts = ["0 g", self._text(LEFT, HEIGHT - 15 * MM, 8.5, who), _rule(HEIGHT - 16.5 * MM, 0.5)]
        if report.issuer.demo:
            parts.append(self._right(HEIGHT - 15 * MM, say(DEMO), bold=True))
        parts.append(self._text(LEFT, 12.5 * MM, 8.5, f"{say(NUMBER)} {report.number}"))
        parts.append(self._right(12.5 * MM, say(Text(f"第 {page} 页 / 共 {total} 页", f"page {page} of {total}"))))
        if number == 0:
            visits = report.figures.visits
            title = Text(f"台账：每次来访一行（共 {visits} 次）", f"Gate log: one line a visit ({visits})")
            parts += [self._text(LEFT, TOP + 4, 13, say(title), bold=True), *self._note(TOP - 9)]
        return "\n".join(parts)

    def _note(self, y: float) -> list[str]:
        """What is told once, under the title: characters that no font has."""
        if not self._font.missing:
            return []
        points = " ".join(sorted(self._font.missing.values())[:8])
        told = Text(f"字库中没有的字以码位表示：{points}", f"Characters without a glyph stand as code points: {points}")
        return [self._text(LEFT, y, SIZE, self._say(told))]

    def _text(self, x: float, y: float, size: float, text: str, *, bold: bool = False) -> str:
        codes, width = self._font.drawn(text)
        fits = min(100, int(100 * (RIGHT - x) / max(width * size / 2, 1)))
        mode = "2 Tr .3 w" if bold else "0 Tr"
        return f"BT {mode} /M {size} Tf {fits} Tz 1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj ET"

    def _right(self, y: float, text: str, *, bold: bool = False) -> str:
        width = self._font.drawn(text).width * 8.5 / 2
        return self._text(RIGHT - width, y, 8.5, text, bold=bold)


def _pages(lines: Iterable[VisitLine]) -> Iterator[list[VisitLine]]:
    """The visits of a page each; one empty page where there are none."""
    stream = iter(lines)
    yield list(islice(stream, ROWS_PER_PAGE))
    while page := list(islice(stream, ROWS_PER_PAGE)):
        yield page


def _rule(y: float, width: float) -> str:
    return f"0 G {width} w {LEFT:.2f} {y:.2f} m {RIGHT:.2f} {y:.2f} l S"
