"""Issued reports: a PDF is handed out once, lies encrypted as class ``plate``, and goes with the plates in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import directory, durable, jobs
from gatekeeper.access import Actor, Tenant
from gatekeeper.clock import day_of
from gatekeeper.crypto import KeyGone
from gatekeeper.errors import DomainError, NotFound
from gatekeeper.jobs import Job
from gatekeeper.ledger.chain import canonical, content_hash
from gatekeeper.ledger.service import act, days_of, keystore
from gatekeeper.ledger.witness import Checkpoint
from gatekeeper.reports import payload, pdf, service
from gatekeeper.reports.models import IssuedReport
from gatekeeper.reports.payload import Payload
from gatekeeper.reports.town_values import TownReport
from gatekeeper.reports.values import SCHEMA, Median, Report
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

KIND = "report"
"""The kind of the jobs that issue reports."""

TOWN_KIND = "town_report"
"""The kind of those that issue the report of a whole township, at its office."""

SIGNED = 50
"""The progress of such a job once its checkpoint is signed, in percent."""

WITH_LOG = f"{SCHEMA}+log"
"""What a report with every visit in it is made as."""

CLASS = "plate"
LISTED = 100


def place(folder: Path, row: IssuedReport) -> Path:
    """Where the file of a report lies; ``folder`` is ``issued`` in the data folder."""
    return folder / str(row.enterprise_id) / row.expires_on.isoformat() / str(row.id)


@dataclass(frozen=True, slots=True)
class Made:
    """A report and its PDF before they are handed out; ``keep_days``: how long class ``plate`` is kept now.

    ``certificate`` is the SHA-256 of the certificate that ``plain`` is signed with. ``made_as`` names what it holds and
    by which definitions.
    """

    report: Report | TownReport
    payload: Payload
    lang: str
    plain: bytes
    keep_days: int
    certificate: str | None = None
    made_as: str = SCHEMA


def ask(
    session: Session,
    *,
    first: date,
    last: date,
    lang: str,
    full: bool = False,
    by: Actor,
    at: datetime,
    kind: str = KIND,
) -> Job:
    """Let the worker issue a report, since it alone opens the signing key; asked again while it is open, it is one.

    ``full``: with every visit of the period as a log behind the summary.
    """
    arguments: dict[str, object] = {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "lang": lang,
        "by": str(by.id),
    }
    key = f"{first}:{last}:{lang}"
    if full:
        arguments["full"], key = True, f"{key}:full"
    return jobs.enqueue(session, kind, key=key, arguments=arguments, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that is not issued yet: ``step`` is waiting, again (it failed and pauses), counting, printing or failed.

    ``why`` says why it failed, None while it is open; ``progress`` is in percent.
    """

    job_id: UUID
    progress: int
    full: bool
    first: date
    last: date
    lang: str
    asked_at: datetime
    step: str
    why: Text | None

    @property
    def is_open(self) -> bool:
        return self.why is None


def wanted(session: Session, *, enterprise_id: UUID, kind: str = KIND) -> list[Wanted]:
    """Reports of one enterprise that are asked for and not issued, newest first; of each what was asked last."""
    query = select(Job).where(Job.enterprise_id == enterprise_id, Job.kind == kind)
    last: dict[str, Job] = {}
    for job in session.scalars(query.order_by(Job.made_at.desc(), Job.id.desc()).limit(LISTED)):
        last.setdefault(job.key, job)
    return [_wanted(job) for job in last.values() if job.state in (*jobs.OPEN, jobs.FAILED)]


def _wanted(job: Job) -> Wanted:
    said = json.loads(job.arguments)
    if job.state == jobs.WAITING:
        step = "again" if job.attempts else "waiting"
    elif job.state == jobs.RUNNING:
        step = "printing" if job.progress >= SIGNED else "counting"
    else:
        step = "failed"
    why = jobs.why(job) if job.state == jobs.FAILED else None
    days = date.fromisoformat(said["first"]), date.fromisoformat(said["last"])
    return Wanted(job.id, job.progress, bool(said.get("full")), *days, said["lang"], job.made_at, step, why)


def make(
    session: Session,
    *,
    enterprise: Tenant,
    first: date,
    last: date,
    lang: str,
    at: datetime,
    sign: Callable[[], Checkpoint | None],
    address: str,
    full: bool = False,
    render: Callable[..., bytes] = pdf.render,
    median: Median | None = None,
) -> Made:
    """Make the PDF of a period; reads only, since laying out takes a second in which no gate may wait.

    ``sign`` is called when the report stands: what it signs then reaches every entry that the report counted.
    ``address`` is printed on it: where anybody can check it once it is issued. ``render`` lays out; the worker does it
    in a process of its own.
    """
    report = service.build(session, enterprise=enterprise, first=first, last=last, at=at, median=median)
    report = service.witnessed(session, report, sign(), enterprise_id=enterprise.id)
    days = days_of(rulebooks.in_force(session, at=at))
    log = list(service.visits(session, enterprise_id=enterprise.id, counted=report.figures)) if full else None
    plain = render(report, lang=lang, address=address, log=log)
    made_as = WITH_LOG if full else SCHEMA
    return Made(report, payload.of(report, address=address), lang, plain, days[CLASS], made_as=made_as)


def issue(session: Session, made: Made, *, report_id: UUID, by: Actor, at: datetime, folder: Path) -> IssuedReport:
    """Hand a report out: its file is on disk before its row, and an entry of the book names it.

    ``folder`` is ``issued`` in the data folder. The row keeps the figures for good; the file goes when class ``plate``
    does, counted from the day of ``at``. With the same ``report_id`` a second try replaces the file of one that died.
    """
    report, figures = made.report, canonical(made.report.figures.to_data())
    row = IssuedReport(
        enterprise_id=own_id(session),
        id=report_id,
        number=report.number,
        first=report.first,
        last=report.last,
        lang=made.lang,
        seq=report.seq,
        figures=figures,
        figures_digest=content_hash(figures.encode()),
        sha256=content_hash(made.plain),
        size=len(made.plain),
        checkpoint=report.checkpoint and report.checkpoint.n,
        made_at=at,
        made_by=by.id,
        expires_on=day_of(at) + timedelta(days=made.keep_days),
        file_erased_at=None,
        payload_digest=made.payload.digest,
        certificate=made.certificate,
        made_as=made.made_as,
    )
    sealed = keystore().seal(made.plain, enterprise=row.enterprise_id, seq=0, cls=CLASS, expires_on=row.expires_on)
    durable.write(place(folder, row), sealed)
    session.add(row)
    session.flush()
    directory.add(session, directory.Kind.REPORT, str(row.id), enterprise_id=row.enterprise_id, ref=row.id)
    body = {"number": row.number, "sha256": row.sha256, "figures": row.figures_digest}
    act(session, by=by, what="report.issued", subject=str(row.id), body=body, at=at)
    return row


def issued(session: Session, *, enterprise_id: UUID) -> Sequence[IssuedReport]:
    """The latest 100 issued reports of one enterprise, newest first."""
    query = select(IssuedReport).where(IssuedReport.enterprise_id == enterprise_id)
    return session.scalars(query.order_by(IssuedReport.made_at.desc(), IssuedReport.id.desc()).limit(LISTED)).all()


def among(rows: Sequence[IssuedReport], report_id: str | None) -> IssuedReport | None:
    """The one of ``rows`` with this id, as text; None where there is none."""
    return next((row for row in rows if str(row.id) == report_id), None)


def read(session: Session, *, enterprise_id: UUID, report_id: UUID, folder: Path) -> tuple[IssuedReport, bytes]:
    """An issued report and its PDF, byte for byte; raises ``NotFound`` or ``report.expired`` (409)."""
    row = session.get(IssuedReport, (enterprise_id, report_id))
    if row is None:
        raise NotFound("report.unknown", Text("没有这份报告", "There is no such report"))
    expired = DomainError(
        "report.expired",
        Text(
            "这份报告的文件已过保存期限并删除，数据仍在；可以重新出具",
            "The file of this report has had its time and is erased; its figures remain. Issue it again",
        ),
    )
    path = place(folder, row)
    if row.file_erased_at is not None or not path.is_file():
        raise expired
    try:
        plain = keystore().open(
            path.read_bytes(), enterprise=enterprise_id, seq=0, cls=CLASS, expires_on=row.expires_on
        )
    except (KeyGone, InvalidTag):
        raise expired from None
    return row, plain


def expire(session: Session, *, folder: Path, today: date, at: datetime) -> int:
    """Remove the files of the session's enterprise whose last day was before ``today``; answers how many rows."""
    query = select(IssuedReport).where(
        IssuedReport.enterprise_id == own_id(session),
        IssuedReport.expires_on < today,
        IssuedReport.file_erased_at.is_(None),
    )
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        place(folder, row).unlink(missing_ok=True)
        row.file_erased_at = at
    session.flush()
    return len(rows)
