"""The township's report as PDF, spreadsheet and CSV: the same numbers in each; no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gatekeeper.figures.words import period_text
from gatekeeper.reports import payload, pdf, town_words, words
from gatekeeper.reports.sheets import harmless
from gatekeeper.reports.town_values import FEWEST, PlaceFigures, Sums, TownReport
from gatekeeper.reports.workbook import Cell, Workbook
from gatekeeper.rules.values import Text

Say = Callable[[Text], str]

COLUMNS = (
    Text("产业", "Cluster"), Text("规模", "Size"), Text("名次", "Place"), Text("企业", "Enterprise"),
    Text("来访", "Visits"), Text("合规", "Compliant"), Text("计入", "Counted"), Text("合规率", "Rate"),
    Text("上一期合规", "Compliant before"), Text("上一期计入", "Counted before"), Text("待定", "Held"),
    Text("劝返", "Refused"), Text("违反判定入厂", "Against the verdict"), Text("超时", "Overdue"),
    Text("无登记工作日", "Working days without entry"), Text("已出报告", "Report issued"),
)  # fmt: skip
TOTAL = Text("全镇", "Township")
YES, NO = Text("是", "yes"), Text("否", "no")


def render(report: TownReport, *, lang: str = "zh", address: str | None = None) -> bytes:
    """The PDF; of one day it is the bulletin. ``address`` is where an issued one can be checked, with its QR code."""
    said = payload.of(report, address=address)
    page = pdf.page(
        "reports/town.html",
        lang=lang,
        report=report,
        figures_digest=said.figures_digest,
        seal=pdf.seal(address),
        f=report.figures,
        told=town_words.told(report),
        attention=town_words.attention(report.figures),
        most=_room(report),
        fewest=FEWEST,
        sizes=town_words.SIZES,
    )
    return pdf.to_pdf(page, pdf.attached(report, said))


def _room(report: TownReport) -> int:
    """How many enterprises are listed as needing attention; a bulletin is one page whatever else it has to say."""
    return 4 + 6 * (not report.orders) + 3 * (not report.unkept) if report.is_bulletin else 60


class Table(NamedTuple):
    """One sheet: ``widths`` in characters."""

    name: Text
    head: tuple[Text, ...]
    rows: list[list[Cell]]
    widths: tuple[int, ...]


def enterprises(report: TownReport, say: Say) -> Iterator[list[Cell]]:
    """A row for each enterprise, in the order of the ranking, and the township last."""
    for place in report.figures.places:
        yield _row(place, say)
    f = report.figures
    yield ["", "", "", say(TOTAL), *_counts(f.now, f.before.compliant, f.before.counted), "", ""]


def _row(place: PlaceFigures, say: Say) -> list[Cell]:
    size = say(words.named(town_words.SIZES, place.size))
    counts = _counts(place.now, place.before.met, place.before.of)
    reported = say(YES if place.reported else NO)
    return [place.cluster, size, place.place or "", place.name, *counts, len(place.silent), reported]


def _counts(now: Sums, compliant_before: int, counted_before: int) -> list[Cell]:
    rate = now.compliance.percent
    before = (compliant_before, counted_before)
    return [
        now.visits,
        now.compliant,
        now.counted,
        rate,
        *before,
        now.held,
        now.refused,
        now.against_verdict,
        now.overdue,
    ]


def tables(report: TownReport, lang: str) -> list[Table]:
    """Every table of the report."""
    say = _say(lang)
    f = report.figures
    rules = [
        [say(r.title), say(words.named(words.OWNERS, r.owner)), r.places, r.violated, r.missing, r.failed.met, r.of]
        for r in f.worst
    ]
    rule_head = (
        Text("规则", "Rule"), Text("来自", "Of"), Text("企业", "Enterprises"), Text("违反", "Violated"),
        Text("未查", "Missing"), Text("未做到", "Failed"), Text("应查", "Due"),
    )  # fmt: skip
    attention = [[place.name, "; ".join(map(say, why))] for place, why in town_words.attention(f)]
    silent = [[place.name, day.isoformat()] for place in f.places for day in place.silent]
    made = [
        Table(Text("企业", "Enterprises"), COLUMNS, list(enterprises(report, say)), (14, 8, 6, 28) + (11,) * 12),
        Table(Text("最差规则", "Worst rules"), rule_head, rules, (40, 10) + (11,) * 5),
        Table(Text("需要关注", "Attention"), (COLUMNS[3], Text("为什么", "Why")), attention, (28, 60)),
        Table(Text("没有登记", "No entry"), (COLUMNS[3], Text("日期", "Day")), silent, (28, 14)),
    ]
    if not report.is_bulletin:
        day_head = (Text("日期", "Day"), *COLUMNS[4:8])
        days = [
            [each.day.isoformat(), each.verdicts.total, each.compliant, each.counted, each.rate.percent]
            for each in f.days
        ]
        made.append(Table(Text("逐日", "By day"), day_head, days, (14,) + (11,) * 4))
    else:
        orders = [[say(order.title), name] for order in report.orders for name in order.waiting]
        gates = [[each.enterprise, each.gate] for each in report.unkept]
        order_head, gate_head = (Text("指令", "Order"), COLUMNS[3]), (COLUMNS[3], Text("门岗", "Gate"))
        made.append(Table(Text("未确认指令", "Orders not acknowledged"), order_head, orders, (40, 28)))
        made.append(Table(Text("无人值班", "Gates nobody kept"), gate_head, gates, (28, 20)))
    return made


def to_xlsx(report: TownReport, *, lang: str = "zh") -> bytes:
    """All tables, a sheet each; the first cell of each says what it is of."""
    out, say = io.BytesIO(), _say(lang)
    book = Workbook(out, title=report.number, author=report.office)
    said = f"{report.number}  {say(period_text(report.first, report.last))}"
    for table in tables(report, lang):
        heads = [(say(title), width) for title, width in zip(table.head, table.widths, strict=True)]
        book.add(say(table.name), heads, table.rows, said=said)
    book.close()
    return out.getvalue()


def to_csv(report: TownReport, *, lang: str = "zh") -> bytes:
    """The enterprises and the township, with a byte order mark."""
    buffer, say = io.StringIO(), _say(lang)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([say(title) for title in COLUMNS])
    writer.writerows([harmless(cell) for cell in row] for row in enterprises(report, say))
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8", "replace")


def _say(lang: str) -> Say:
    return lambda text: text.en if lang == "en" else text.zh
