"""The report as spreadsheet, CSV and JSON. The sheets list every visit; no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from gatekeeper.figures.words import duration, period_text
from gatekeeper.reports import words
from gatekeeper.reports.columns import COLUMNS, NO, YES, Column, Say, cells, said_in
from gatekeeper.reports.values import Report, VisitLine
from gatekeeper.reports.workbook import Cell, Workbook
from gatekeeper.rules.values import Text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

Head = Sequence[tuple[str, str]]
"""What a file says about itself, line by line: (name, value)."""


def to_csv(
    lines: Iterable[VisitLine], *, lang: str = "zh", columns: Sequence[Column] = COLUMNS, head: Head = ()
) -> Iterator[bytes]:
    """Every visit as CSV with a byte order mark, in pieces; text that a spreadsheet would run gets an apostrophe.

    ``head`` stands above, with an empty line behind it.
    """
    say = said_in(lang)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in line] for line in head)
    if head:
        writer.writerow([])
    writer.writerow([say(column.name) for column in columns])
    yield b"\xef\xbb\xbf" + _taken(buffer)
    for number, line in enumerate(lines, 1):
        writer.writerow([harmless(cell) for cell in cells(line, columns, say)])
        if number % 500 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def harmless(cell: Cell) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula: such text gets an apostrophe."""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA_STARTS) else text


def to_json(report: Report) -> bytes:
    """The report's payload, UTF-8."""
    return json.dumps(report.to_data(), ensure_ascii=False, indent=1).encode("utf-8", "replace")


def to_xlsx(
    report: Report,
    lines: Iterable[VisitLine],
    file: BinaryIO,
    *,
    lang: str = "zh",
    columns: Sequence[Column] = COLUMNS,
    head: Head = (),
) -> None:
    """The figures, the rules, every visit, a sheet each; written row by row, so memory stays flat.

    ``head`` is a sheet of its own before them.
    """
    say = said_in(lang)
    book = Workbook(file, title=report.number, author=report.issuer.name)
    if head:
        _about(book, head, say)
    book.add(say(Text("概要", "Summary")), [(report.number, 28), ("", 40)], _summary(report, say))
    book.add(say(Text("按规则", "By rule")), [(say(name), width) for name, width in RULE_COLUMNS], _rules(report, say))
    _log(book, lines, columns, say)
    book.close()


def log_to_xlsx(
    head: Head, lines: Iterable[VisitLine], file: BinaryIO, *, lang: str, columns: Sequence[Column], author: str
) -> None:
    """Two sheets: what this file holds, and every visit."""
    say = said_in(lang)
    book = Workbook(file, title=say(Text("台账", "Gate log")), author=author)
    _about(book, head, say)
    _log(book, lines, columns, say)
    book.close()


def _about(book: Workbook, head: Head, say: Say) -> None:
    book.add(say(Text("说明", "About")), [(say(Text("本文件", "This file")), 24), ("", 60)], head)


def _log(book: Workbook, lines: Iterable[VisitLine], columns: Sequence[Column], say: Say) -> None:
    heads = [(say(column.name), column.width) for column in columns]
    book.add(say(Text("台账", "Gate log")), heads, (cells(line, columns, say) for line in lines))


RULE_COLUMNS: tuple[tuple[Text, int], ...] = (
    (Text("规则", "Rule"), 32),
    (Text("来自", "Of"), 10),
    (Text("符合", "Met"), 8),
    (Text("违反", "Violated"), 8),
    (Text("未查", "Missing"), 8),
    (Text("特批", "Waived"), 8),
    (Text("应查", "Due"), 8),
    (Text("比率", "Rate"), 10),
)


def _rules(report: Report, say: Say) -> Iterator[list[Cell]]:
    for rule in report.rules:
        n = rule.figures
        owner = say(words.named(words.OWNERS, n.owner))
        yield [say(rule.title), owner, n.met, n.violated, n.missing, n.waived, n.rate.of, n.rate.percent]


def _summary(report: Report, say: Say) -> Iterator[list[Cell]]:
    f = report.figures
    named: tuple[tuple[Text, str | int], ...] = (
        (Text("企业", "Enterprise"), report.issuer.name),
        (Text("镇街", "Township"), report.issuer.township),
        (Text("期间", "Period"), say(period_text(report.first, report.last))),
        (Text("演示", "Demo"), say(YES if report.issuer.demo else NO)),
        (Text("账本条数", "Entries in the book"), report.seq),
        (Text("合规率", "Gate compliance"), f.compliance.percent),
        (Text("合规", "Compliant"), f.compliant),
        (Text("计入", "Counted"), f.counted),
        (Text("来访", "Visits"), f.visits),
        (Text("来访人员", "People"), f.people),
        (Text("判定放行", "Verdict: admit"), f.verdicts.admit),
        (Text("判定待定", "Verdict: hold"), f.verdicts.hold),
        (Text("判定劝返", "Verdict: refuse"), f.verdicts.refuse),
        (Text("已入厂", "Admitted"), f.admitted),
        (Text("已劝返", "Turned away"), f.turned_away),
        (Text("有查验项未答", "Unanswered"), f.unanswered),
        (Text("未按判定处理", "Verdict not followed"), f.not_followed),
        (Text("违反判定入厂", "Entered against the verdict"), f.against_verdict),
        (Text("特批", "With an override"), f.overridden),
        (Text("在门前", "At the gate"), f.at_gate),
        (Text("未离厂", "Not left"), f.inside),
        (Text("超时", "Overdue"), f.overdue),
        (Text("停留中位数", "Median stay"), say(duration(f.dwell.median))),
        (Text("停留九成位数", "90th percentile of stays"), say(duration(f.dwell.ninetieth))),
        (Text("停留超过规定", "Stays over the limit"), f.dwell.over_limit),
        (Text("更正", "Corrected"), f.corrected),
        (Text("补记", "Written in later"), f.late),
        (Text("有待核对", "Needing attention"), f.attention),
        (Text("作废", "Voided"), f.voided),
    )
    for name, value in named:
        yield [say(name), value]
