"""The gate log as a file of its own: the visits that fit a search, and what the file says about itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import Actor, Tenant
from gatekeeper.figures import queries as figure_queries
from gatekeeper.figures import service as figures
from gatekeeper.figures.words import period_text
from gatekeeper.ledger import queries as ledger
from gatekeeper.reports import service, sheets, words
from gatekeeper.reports.columns import COLUMNS, Column, Say, said_in
from gatekeeper.reports.sheets import Head
from gatekeeper.reports.values import VisitLine
from gatekeeper.rules.values import Text
from gatekeeper.visits import queries as visits
from gatekeeper.visits.queries import LogFilter

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Log:
    """A file of visits: of whom, which, who asked for it as what, when, and where the book stood."""

    enterprise: Tenant
    wanted: LogFilter
    columns: tuple[Column, ...]
    gate: str
    by: Actor
    at: datetime
    seq: int

    def head(self, say: Say) -> Head:
        """What the file says about itself."""
        wanted, role = self.wanted, words.named(words.ROLES, self.by.role)
        filters = [
            (Text("车牌", "Plate"), wanted.plate),
            (Text("判定", "Verdict"), say(words.verdict(wanted.verdict)) if wanted.verdict else ""),
            (Text("门岗", "Gate"), self.gate),
            (Text("当班人", "On duty"), wanted.person),
        ]
        told = say(Text("；", "; ")).join(f"{say(name)} {value}" for name, value in filters if value)
        named = [
            (Text("企业", "Enterprise"), self.enterprise.name),
            (Text("镇街", "Township"), self.enterprise.township_name),
            (Text("期间", "Period"), say(period_text(wanted.first, wanted.last))),
            (Text("筛选", "Filters"), told or say(Text("无，全部来访", "none, every visit"))),
            (Text("列", "Columns"), self._columns(say)),
            (Text("不含", "Left out"), say(Text("作废的来访", "voided visits"))),
            (Text("下载人", "Asked by"), f"{self.by.name}{say(Text('（', ' ('))}{say(role)}{say(Text('）', ')'))}"),
            (Text("下载时间", "Made"), words.full_time(self.at)),
            (Text("账本条数", "Entries in the book"), str(self.seq)),
        ]
        if self.enterprise.demo:
            named.append((Text("演示", "Demo"), say(Text("全部虚构", "everything invented"))))
        return [(say(name), value) for name, value in named]

    def _columns(self, say: Say) -> str:
        if len(self.columns) == len(COLUMNS):
            return say(Text("全部", "all"))
        return say(Text("、", ", ")).join(say(column.name) for column in self.columns)


def of(
    session: Session,
    *,
    enterprise: Tenant,
    wanted: LogFilter,
    columns: tuple[Column, ...] = COLUMNS,
    gate: str = "",
    by: Actor,
    at: datetime,
) -> Log:
    """What is asked for; ``gate`` is the name of the one that ``wanted`` names."""
    seq = ledger.head(session, enterprise_id=enterprise.id).seq
    return Log(enterprise, wanted, columns, gate, by, at, seq)


def lines(session: Session, *, enterprise_id: UUID, wanted: LogFilter) -> Iterator[VisitLine]:
    """The visits that fit, by arrival, voided ones left out; names are masked as on the screens. Streams."""
    counted = figures.count(session, enterprise_id=enterprise_id, first=wanted.first, last=wanted.last)
    everything = wanted == LogFilter(wanted.first, wanted.last)
    fits = None if everything else visits.log_ids(session, enterprise_id=enterprise_id, wanted=wanted)
    stream = figure_queries.visits(session, enterprise_id=enterprise_id, first=wanted.first, last=wanted.last)
    chosen = stream if fits is None else (seen for seen in stream if seen.id in fits)
    return service.lines_of(session, enterprise_id, chosen, counted)


def write(session: Session, log: Log, file: BinaryIO, *, ending: str, lang: str) -> None:
    """Write the log to ``file`` as ``xlsx`` or ``csv``."""
    found = lines(session, enterprise_id=log.enterprise.id, wanted=log.wanted)
    head = log.head(said_in(lang))
    if ending == "csv":
        file.writelines(sheets.to_csv(found, lang=lang, columns=log.columns, head=head))
    else:
        sheets.log_to_xlsx(head, found, file, lang=lang, columns=log.columns, author=log.enterprise.name)
