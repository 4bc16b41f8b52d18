"""The columns that a list of visits can have, and what stands in them. Names are masked as on the screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from gatekeeper.clock import local
from gatekeeper.errors import Invalid
from gatekeeper.figures.words import kind_name
from gatekeeper.reports import words
from gatekeeper.reports.values import VisitLine
from gatekeeper.reports.workbook import Cell
from gatekeeper.rules.values import Text

Say = Callable[[Text], str]
YES, NO = Text("是", "yes"), Text("否", "no")


class Column(NamedTuple):
    """``code`` names it in addresses and on the command line; ``width`` is in characters."""

    code: str
    name: Text
    width: int
    value: Callable[[VisitLine, Say], Cell]


def said_in(lang: str) -> Say:
    """A text in ``zh`` or ``en``."""
    return lambda text: text.en if lang == "en" else text.zh


def moment(at: datetime | None) -> str | datetime:
    """A time at the gate without its zone; empty text for None."""
    return "" if at is None else local(at).replace(tzinfo=None, microsecond=0)


def _flag(name: str) -> Callable[[VisitLine, Say], Cell]:
    return lambda line, say: say(YES if getattr(line, name) else NO)


COLUMNS: tuple[Column, ...] = (
    Column("arrived", Text("到达", "Arrived"), 19, lambda line, say: moment(line.arrived_at)),
    Column("plate", Text("车牌", "Plate"), 12, lambda line, say: line.plate),
    Column("trailers", Text("挂车", "Trailers"), 12, lambda line, say: line.trailers),
    Column("kind", Text("类别", "Kind"), 8, lambda line, say: say(kind_name(line.kind))),
    Column("people", Text("人数", "People"), 6, lambda line, say: line.people),
    Column("names", Text("人员", "Names (masked)"), 14, lambda line, say: " ".join(line.names)),
    Column("origin", Text("来源地", "Origin"), 26, lambda line, say: line.origin),
    Column("risk", Text("风险", "Risk"), 9, lambda line, say: say(words.risk(line.risk_level))),
    Column("cargo", Text("货物", "Cargo"), 12, lambda line, say: say(words.cargo(line.cargo))),
    Column("gate", Text("门岗", "Gate"), 10, lambda line, say: line.gate),
    Column("guard", Text("登记人", "Logged by"), 10, lambda line, say: line.guard),
    Column("verdict", Text("进厂判定", "Verdict at arrival"), 10, lambda line, say: _verdict(line, say)),
    Column("decided_by", Text("处理人", "Decided by"), 10, lambda line, say: line.decided_by),
    Column("entered", Text("入厂", "Entered"), 19, lambda line, say: moment(line.admitted_at)),
    Column("closed", Text("办结", "Closed"), 19, lambda line, say: moment(line.closed_at)),
    Column("state", Text("状态", "State"), 10, lambda line, say: say(words.named(words.STATES, line.state))),
    Column("stay", Text("停留分钟", "Stay, minutes"), 9, lambda line, say: _minutes(line.stay)),
    Column("compliant", Text("合规", "Compliant"), 9, lambda line, say: _compliant(line, say)),
    Column("against", Text("违反判定", "Against verdict"), 9, _flag("against_verdict")),
    Column("override", Text("特批", "Override"), 8, _flag("overridden")),
    Column("overdue", Text("超时", "Overdue"), 8, _flag("overdue")),
    Column("corrected", Text("更正", "Corrected"), 8, _flag("corrected")),
    Column("late", Text("补记", "Written in later"), 8, _flag("late")),
    Column("reasons", Text("原因", "Reasons"), 60, lambda line, say: _reasons(line, say)),
)
CODES = tuple(column.code for column in COLUMNS)


def _verdict(line: VisitLine, say: Say) -> str:
    return say(words.verdict(line.arrival_verdict))


def _minutes(seconds: int | None) -> str | int:
    return "" if seconds is None else (seconds + 30) // 60


def _compliant(line: VisitLine, say: Say) -> str:
    return "" if line.compliant is None else say(YES if line.compliant else NO)


def _reasons(line: VisitLine, say: Say) -> str:
    return "; ".join(say(words.reason(item)) for item in line.reasons)


def chosen(codes: Iterable[str]) -> tuple[Column, ...]:
    """The columns of ``codes`` in the order in which they always stand; none named: all of them.

    Raises ``Invalid`` (``columns``) for a code that there is not.
    """
    wanted = [code.strip() for code in codes if code.strip()]
    if unknown := sorted(set(wanted) - set(CODES)):
        zh = f"没有这样的列：{'、'.join(unknown)}；可选：{'、'.join(CODES)}"
        en = f"No such column: {', '.join(unknown)}. There are: {', '.join(CODES)}"
        raise Invalid("columns.unknown", Text(zh, en), field="columns")
    return tuple(column for column in COLUMNS if not wanted or column.code in wanted)


def cells(line: VisitLine, columns: Sequence[Column], say: Say) -> list[Cell]:
    """One visit in the order of ``columns``; empty text where nothing is known."""
    return [column.value(line, say) for column in columns]
