"""The report as spreadsheet, CSV and JSON. The sheets list every visit; no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

import xlsxwriter

from gatekeeper.clock import local
from gatekeeper.figures.words import duration, kind_name, period_text
from gatekeeper.reports import words
from gatekeeper.reports.values import Report, VisitLine
from gatekeeper.rules.values import Text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: tuple[tuple[Text, int], ...] = (
    (Text("到达", "Arrived"), 19),
    (Text("车牌", "Plate"), 12),
    (Text("挂车", "Trailers"), 12),
    (Text("类别", "Kind"), 8),
    (Text("人数", "People"), 6),
    (Text("人员", "Names (masked)"), 14),
    (Text("来源地", "Origin"), 26),
    (Text("风险", "Risk"), 9),
    (Text("货物", "Cargo"), 12),
    (Text("门岗", "Gate"), 10),
    (Text("登记人", "Logged by"), 10),
    (Text("进厂判定", "Verdict at arrival"), 10),
    (Text("处理人", "Decided by"), 10),
    (Text("入厂", "Entered"), 19),
    (Text("办结", "Closed"), 19),
    (Text("状态", "State"), 10),
    (Text("停留分钟", "Stay, minutes"), 9),
    (Text("合规", "Compliant"), 9),
    (Text("违反判定", "Against verdict"), 9),
    (Text("特批", "Override"), 8),
    (Text("超时", "Overdue"), 8),
    (Text("更正", "Corrected"), 8),
    (Text("原因", "Reasons"), 60),
)
TIMES = (0, 13, 14)
YES, NO = Text("是", "yes"), Text("否", "no")


def cells(line: VisitLine, lang: str) -> list[str | int | datetime]:
    """One visit in the order of ``COLUMNS``; times at the gate without zone, empty text where nothing is known."""

    def say(text: Text) -> str:
        return text.en if lang == "en" else text.zh

    def moment(at: datetime | None) -> str | datetime:
        return "" if at is None else local(at).replace(tzinfo=None, microsecond=0)

    return [
        moment(line.arrived_at),
        line.plate,
        line.trailers,
        say(kind_name(line.kind)),
        line.people,
        " ".join(line.names),
        line.origin,
        say(words.risk(line.risk_level)),
        say(words.cargo(line.cargo)),
        line.gate,
        line.guard,
        say(words.verdict(line.arrival_verdict)),
        line.decided_by,
        moment(line.admitted_at),
        moment(line.closed_at),
        say(words.named(words.STATES, line.state)),
        "" if line.stay is None else (line.stay + 30) // 60,
        "" if line.compliant is None else say(YES if line.compliant else NO),
        *(say(YES if flag else NO) for flag in (line.against_verdict, line.overridden, line.overdue, line.corrected)),
        "; ".join(say(words.reason(item)) for item in line.reasons),
    ]


def to_csv(lines: Iterable[VisitLine], *, lang: str = "zh") -> Iterator[bytes]:
    """Every visit as CSV with a byte order mark, in pieces; text that a spreadsheet would run gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([name.en if lang == "en" else name.zh for name, _ in COLUMNS])
    yield b"\xef\xbb\xbf" + _taken(buffer)
    for number, line in enumerate(lines, 1):
        writer.writerow([_harmless(cell) for cell in cells(line, lang)])
        if number % 500 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _harmless(cell: str | int | datetime) -> str:
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA_STARTS) else text


def to_json(report: Report) -> bytes:
    """The report's payload, UTF-8."""
    return json.dumps(report.to_data(), ensure_ascii=False, indent=1).encode("utf-8", "replace")


def to_xlsx(report: Report, lines: Iterable[VisitLine], file: BinaryIO, *, lang: str = "zh") -> None:
    """Three sheets: the figures, the rules, every visit; written row by row, so memory stays flat."""
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd hh:mm:ss",
        },
    )
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})

    def say(text: Text) -> str:
        return text.en if lang == "en" else text.zh

    book.set_properties({"title": report.number, "author": report.issuer.name})
    _sheet(book, say(Text("概要", "Summary")), head, [(report.number, 28), ("", 40)], _summary(report, say))
    rule_head = [(say(name), width) for name, width in RULE_COLUMNS]
    _sheet(book, say(Text("按规则", "By rule")), head, rule_head, _rules(report, say))
    visit_head = [(say(name), width) for name, width in COLUMNS]
    _sheet(book, say(Text("台账", "Gate log")), head, visit_head, (cells(line, lang) for line in lines))
    book.close()


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


def _sheet(book: Any, name: str, head: Any, columns: list[tuple[str, int]], rows: Iterable[Iterable[Any]]) -> None:
    sheet = book.add_worksheet(name)
    for index, (_, width) in enumerate(columns):
        sheet.set_column(index, index, width)
    sheet.freeze_panes(1, 0)
    for index, (title, _) in enumerate(columns):
        sheet.write_string(0, index, title, head)
    for number, row in enumerate(rows, 1):
        for index, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, index, cell)
            elif isinstance(cell, int):
                sheet.write_number(number, index, cell)
            elif cell:
                sheet.write_string(number, index, cell)


def _rules(report: Report, say: Any) -> Iterator[list[str | int]]:
    for rule in report.rules:
        n = rule.figures
        owner = say(words.named(words.OWNERS, n.owner))
        yield [say(rule.title), owner, n.met, n.violated, n.missing, n.waived, n.rate.of, n.rate.percent]


def _summary(report: Report, say: Any) -> Iterator[list[str | int]]:
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
