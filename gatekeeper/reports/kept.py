"""A report that was issued is offered again while nothing has changed since, and files that a kill left are removed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import dropwhile
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import jobs
from gatekeeper.clock import day_of
from gatekeeper.jobs import Job
from gatekeeper.ledger import queries as ledger
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.reports import issue, town_queries, town_values
from gatekeeper.reports.models import IssuedReport
from gatekeeper.reports.values import SCHEMA
from gatekeeper.tenancy import own_id

LOOKED_THROUGH = 100
"""Entries after a report that are looked through; behind more of them it is made anew."""


def asked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a job asked for, in the words of ``as_new``."""
    return {
        "first": date.fromisoformat(arguments["first"]),
        "last": date.fromisoformat(arguments["last"]),
        "lang": arguments["lang"],
        "made_as": issue.WITH_LOG if arguments.get("full") else SCHEMA,
    }


def as_new(
    session: Session, *, enterprise_id: UUID, first: date, last: date, lang: str, made_as: str, at: datetime
) -> IssuedReport | None:
    """The report of this period whose file is still there and which would come out the same at ``at``, or None.

    It was made when the period was over and by the same definitions, it was not withdrawn, and the book holds no entry
    since - an erasure is one too - but that reports were issued.
    """
    row = _newest(session, enterprise_id, first=first, last=last, lang=lang, made_as=made_as, at=at)
    return row if row is not None and _only_issued(_entries(session, enterprise_id, row.seq)) else None


def town_as_new(
    session: Session, *, office_id: UUID, first: date, last: date, lang: str, at: datetime
) -> IssuedReport | None:
    """The same for the report of a township, under its scope: no book of it moved but the office's, by issuing."""
    row = _newest(session, office_id, first=first, last=last, lang=lang, made_as=town_values.SCHEMA, at=at)
    if row is None:
        return None
    latest = _entries(session, office_id, ledger.head(session, enterprise_id=office_id).seq - LOOKED_THROUGH)
    since = list(dropwhile(lambda entry: str(row.id) not in entry[1], latest))
    unmoved = town_queries.position(session) == row.seq + len(since)
    return row if since and unmoved and _only_issued(since) else None


def _newest(session: Session, enterprise_id: UUID, *, at: datetime, **period: Any) -> IssuedReport | None:
    query = select(IssuedReport).filter_by(enterprise_id=enterprise_id, **period)
    query = query.where(
        IssuedReport.file_erased_at.is_(None),
        IssuedReport.expires_on >= day_of(at),
        IssuedReport.withdrawn_at.is_(None),
    )
    row = session.scalars(query.order_by(IssuedReport.made_at.desc(), IssuedReport.id.desc()).limit(1)).one_or_none()
    return row if row is not None and row.last < day_of(row.made_at) else None


Entries = Sequence[tuple[str, str]]


def _entries(session: Session, enterprise_id: UUID, seq: int) -> Entries:
    query = select(LedgerEntry.kind, LedgerEntry.bytes).where(
        LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.seq > seq
    )
    return [(row[0], row[1]) for row in session.execute(query.order_by(LedgerEntry.seq).limit(LOOKED_THROUGH + 1))]


def _only_issued(since: Entries) -> bool:
    return len(since) <= LOOKED_THROUGH and all(
        kind == "act" and json.loads(text)["body"]["act"] == "report.issued" for kind, text in since
    )


def leftovers(session: Session, folder: Path) -> int:
    """Remove files of the session's enterprise that no report and no job at work owns; answers how many.

    ``folder`` is ``issued`` in the data folder. Files are listed first: who is at work is seen before who has ended.
    """
    own = folder / str(own_id(session))
    files = [path for path in own.glob("*/*") if path.is_file()]
    if not files:
        return 0
    running = {str(each) for each in session.scalars(select(Job.id).where(Job.state == jobs.RUNNING))}
    rows = session.execute(select(IssuedReport.id, IssuedReport.expires_on))
    known = {(str(report_id), expires_on.isoformat()) for report_id, expires_on in rows}
    count = 0
    for file in files:
        at_work = any(each in file.name for each in running)
        if not at_work and (file.name, file.parent.name) not in known:
            file.unlink(missing_ok=True)
            count += 1
    return count
