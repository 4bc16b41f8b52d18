"""The gate log as a file of its own: the visits that fit a search, and what the file says about itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import Actor, Tenant
from gatekeeper.figures import queries as figure_queries
from gatekeeper.figures import service as figures
from gatekeeper.ledger import queries as ledger
from gatekeeper.reports import about, service, sheets, words
from gatekeeper.reports.columns import COLUMNS, Column, Say, said_in
from gatekeeper.reports.sheets import Head
from gatekeeper.reports.values import VisitLine
from gatekeeper.rules.values import Text
from gatekeeper.visits import narrowing
from gatekeeper.visits import queries as visits
from gatekeeper.visits.queries import LogFilter

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


Through = Callable[[Iterator[VisitLine]], Iterator[VisitLine]]


@dataclass(frozen=True, slots=True)
class Log:
    """A file of visits: of whom, which, who asked for it as what, when, and where the book stood.

    ``gate`` is the name of the one that ``wanted`` names, ``narrowed`` what it is narrowed to from a figure, said.
    """

    enterprise: Tenant
    wanted: LogFilter
    columns: tuple[Column, ...]
    gate: str
    narrowed: tuple[Text, ...]
    by: Actor
    at: datetime
    seq: int

    def head(self, say: Say) -> Head:
        """What the file says about itself."""
        wanted, place = self.wanted, self.enterprise
        filters = [
            (Text("车牌", "Plate"), wanted.plate),
            (Text("判定", "Verdict"), say(words.verdict(wanted.verdict)) if wanted.verdict else ""),
            (Text("门岗", "Gate"), self.gate),
            (Text("当班人", "On duty"), wanted.person),
            *((Text("只看", "Only"), say(text)) for text in self.narrowed),
        ]
        return about.head(
            say,
            enterprise=place.name,
            township=place.township_name,
            demo=place.demo,
            days=(wanted.first, wanted.last),
            filters=about.joined(filters, say),
            columns=self.columns,
            left_out=about.NOTHING if wanted.narrow.some == "voided" else about.VOIDED,
            by=self.by,
            at=self.at,
            seq=self.seq,
        )


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
    said = tuple(narrowed(session, enterprise_id=enterprise.id, wanted=wanted))
    return Log(enterprise, wanted, columns, gate, said, by, at, seq)


def narrowed(session: Session, *, enterprise_id: UUID, wanted: LogFilter) -> list[Text]:
    """What the log is narrowed to from a figure, said; a rule by the title it had when it judged the newest."""
    titles: dict[str, Text] = {}
    if wanted.narrow.rule:
        rows, _ = visits.log(session, enterprise_id=enterprise_id, wanted=wanted)
        titles = visits.rule_titles(session, rows)
    return narrowing.words(wanted.narrow, titles)


def lines(session: Session, *, enterprise_id: UUID, wanted: LogFilter) -> Iterator[VisitLine]:
    """The visits that fit, by arrival; names are masked as on the screens. Streams.

    Voided ones are left out, unless the log is narrowed to them.
    """
    counted = figures.count(session, enterprise_id=enterprise_id, first=wanted.first, last=wanted.last)
    everything = wanted == LogFilter(wanted.first, wanted.last)
    fits = None if everything else visits.log_ids(session, enterprise_id=enterprise_id, wanted=wanted)
    period = {"first": wanted.first, "last": wanted.last}
    voided = wanted.narrow.some == "voided"
    stream = figure_queries.visits(session, enterprise_id=enterprise_id, **period, voided=voided)
    chosen = stream if fits is None else (seen for seen in stream if seen.id in fits)
    return service.lines_of(session, enterprise_id, chosen, counted)


def write(
    session: Session, log: Log, file: BinaryIO, *, ending: str, lang: str, through: Through = lambda lines: lines
) -> None:
    """Write the log to ``file`` as ``xlsx`` or ``csv``; every line goes ``through`` on its way."""
    found = through(lines(session, enterprise_id=log.enterprise.id, wanted=log.wanted))
    head = log.head(said_in(lang))
    if ending == "csv":
        file.writelines(sheets.to_csv(found, lang=lang, columns=log.columns, head=head))
    else:
        sheets.log_to_xlsx(head, found, file, lang=lang, columns=log.columns, author=log.enterprise.name)
