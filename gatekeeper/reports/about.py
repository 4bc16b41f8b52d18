"""What a file of visits says of itself: whose, of which days, which of them, which columns, who asked, when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from gatekeeper.access import Actor
from gatekeeper.figures.words import period_text
from gatekeeper.reports import words
from gatekeeper.reports.columns import COLUMNS, Column, Say
from gatekeeper.reports.sheets import Head
from gatekeeper.reports.values import Report
from gatekeeper.rules.values import Text

VOIDED = Text("作废的来访", "voided visits")
NOTHING = Text("无", "nothing")
COMMAND = Text("命令行", "the command line")


def head(
    say: Say,
    *,
    enterprise: str,
    township: str,
    demo: bool,
    days: tuple[date, date],
    filters: str = "",
    columns: Sequence[Column] = COLUMNS,
    left_out: Text = VOIDED,
    by: Actor | None,
    at: datetime,
    seq: int,
) -> Head:
    """The lines, named; ``filters`` in words, empty for every visit; ``by`` None for the command line."""
    named = [
        (Text("企业", "Enterprise"), enterprise),
        (Text("镇街", "Township"), township),
        (Text("期间", "Period"), say(period_text(*days))),
        (Text("筛选", "Filters"), filters or say(Text("无，全部来访", "none, every visit"))),
        (Text("列", "Columns"), _columns(columns, say)),
        (Text("不含", "Left out"), say(left_out)),
        (Text("下载人", "Asked by"), person(by, say)),
        (Text("下载时间", "Made"), words.full_time(at)),
        (Text("账本条数", "Entries in the book"), str(seq)),
    ]
    if demo:
        named.append((Text("演示", "Demo"), say(Text("全部虚构", "everything invented"))))
    return [(say(name), value) for name, value in named]


def of_report(report: Report, say: Say, *, by: Actor | None, columns: Sequence[Column] = COLUMNS) -> Head:
    """What the sheets of a report say of themselves; its number first."""
    issuer = report.issuer
    told = head(
        say,
        enterprise=issuer.name,
        township=issuer.township,
        demo=issuer.demo,
        days=(report.first, report.last),
        columns=columns,
        by=by,
        at=report.made_at,
        seq=report.seq,
    )
    return [(say(Text("报告编号", "Report")), report.number), *told]


def joined(filters: Iterable[tuple[Text, str]], say: Say) -> str:
    """The filters that are set, in words."""
    return say(Text("；", "; ")).join(f"{say(name)} {value}" for name, value in filters if value)


def person(by: Actor | None, say: Say) -> str:
    """Who asked, with the role; None is the command line."""
    if by is None:
        return say(COMMAND)
    role = words.named(words.ROLES, by.role)
    return say(Text(f"{by.name}（{role.zh}）", f"{by.name} ({role.en})"))


def _columns(columns: Sequence[Column], say: Say) -> str:
    if len(columns) == len(COLUMNS):
        return say(Text("全部", "all"))
    return say(Text("、", ", ")).join(say(column.name) for column in columns)
