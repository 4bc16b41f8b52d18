"""A report that was issued is offered again while nothing has changed since, and files that a kill left are removed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import jobs
from gatekeeper.jobs import Job
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.reports import issue
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
    session: Session, *, enterprise_id: UUID, first: date, last: date, lang: str, made_as: str, today: date
) -> IssuedReport | None:
    """The report of this period whose file is still there and which would come out the same today, or None.

    The same definitions, and no entry in the book since - an erasure is one too - but that reports were issued.
    """
    query = select(IssuedReport).where(
        IssuedReport.enterprise_id == enterprise_id,
        IssuedReport.first == first,
        IssuedReport.last == last,
        IssuedReport.lang == lang,
        IssuedReport.made_as == made_as,
        IssuedReport.file_erased_at.is_(None),
        IssuedReport.expires_on >= today,
    )
    newest = query.order_by(IssuedReport.made_at.desc(), IssuedReport.id.desc()).limit(1)
    row = session.scalars(newest).one_or_none()
    return row if row is not None and _unchanged(session, enterprise_id, row.seq) else None


def _unchanged(session: Session, enterprise_id: UUID, seq: int) -> bool:
    query = select(LedgerEntry.kind, LedgerEntry.bytes).where(
        LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.seq > seq
    )
    since = session.execute(query.order_by(LedgerEntry.seq).limit(LOOKED_THROUGH + 1)).all()
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
