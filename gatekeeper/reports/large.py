"""A gate log too long to be written while somebody waits: the worker writes it, and who asked has a day to take it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import durable, jobs
from gatekeeper.access import Actor, Tenant
from gatekeeper.clock import day_of
from gatekeeper.errors import DomainError
from gatekeeper.jobs import Job
from gatekeeper.keystore import KeyGone
from gatekeeper.ledger.chain import canonical, content_hash
from gatekeeper.ledger.service import keystore
from gatekeeper.reports import log
from gatekeeper.reports.columns import chosen
from gatekeeper.reports.issue import CLASS
from gatekeeper.reports.log import Log
from gatekeeper.reports.values import VisitLine
from gatekeeper.rules.values import Text
from gatekeeper.visits import queries as visits
from gatekeeper.visits.narrowing import Narrowing
from gatekeeper.visits.queries import LogFilter

KIND = "log_file"
LARGE = 20_000
"""Visits; from so many on the worker writes the file."""

FOLDER = "taken"
KEPT = timedelta(days=1)
STEP = 2000
"""Visits between two tellings of how far it is: each is a transaction."""

IN_MEMORY = 8 * 1024 * 1024


class TakenAway(DomainError):
    """The file has had its day."""

    def __init__(self) -> None:
        super().__init__(
            "log_file.expired",
            Text("这个文件已过一天，已删除；请重新准备", "This file had its day and is deleted; ask for it again"),
        )


@dataclass(frozen=True, slots=True)
class Taking:
    """A file that somebody asked for: ``state`` as of its job; ``why`` says why it failed, else None."""

    job_id: UUID
    state: str
    progress: int
    first: date
    last: date
    ending: str
    asked_at: datetime
    why: Text | None

    @property
    def is_open(self) -> bool:
        return self.state in jobs.OPEN


def size(session: Session, *, enterprise_id: UUID, wanted: LogFilter) -> int:
    """How many visits the file would hold where the worker has to write it; 0 where it is written at once.

    A search for a plate or a person is: what it names is personal, and no job may hold that.
    """
    if wanted.plate or wanted.person:
        return 0
    count = visits.log(session, enterprise_id=enterprise_id, wanted=wanted)[1]
    return count if count >= LARGE else 0


def ask(session: Session, made: Log, *, ending: str, lang: str, at: datetime) -> Job:
    """Let the worker write it; asked again by the same person while it is at it, it is the same job."""
    wanted = made.wanted
    arguments = {
        "first": wanted.first.isoformat(),
        "last": wanted.last.isoformat(),
        "verdict": wanted.verdict,
        "gate": str(wanted.gate_id or ""),
        "gate_name": made.gate,
        "narrow": asdict(wanted.narrow),
        "columns": [column.code for column in made.columns],
        "ending": ending,
        "lang": lang,
        "by": str(made.by.id),
        "of": str(made.by.enterprise_id),
    }
    key = content_hash(canonical(arguments).encode())
    return jobs.enqueue(session, KIND, key=key, arguments=arguments, by=made.by, at=at)


def write(
    session: Session,
    arguments: Mapping[str, Any],
    *,
    enterprise: Tenant,
    by: Actor,
    at: datetime,
    told: Callable[[int], None],
) -> bytes:
    """The file that was asked for; ``told`` hears the percent and may raise to end it. Reads only."""
    wanted = LogFilter(
        date.fromisoformat(arguments["first"]),
        date.fromisoformat(arguments["last"]),
        verdict=arguments["verdict"],
        gate_id=UUID(arguments["gate"]) if arguments["gate"] else None,
        narrow=Narrowing(**arguments["narrow"]),
    )
    count = visits.log(session, enterprise_id=enterprise.id, wanted=wanted)[1]

    def counted(lines: Iterator[VisitLine]) -> Iterator[VisitLine]:
        for number, line in enumerate(lines):
            if number % STEP == 0:
                told(min(99, 100 * number // max(count, 1)))
            yield line

    columns, gate = chosen(arguments["columns"]), arguments["gate_name"]
    made = log.of(session, enterprise=enterprise, wanted=wanted, columns=columns, gate=gate, by=by, at=at)
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        log.write(session, made, file, ending=arguments["ending"], lang=arguments["lang"], through=counted)
        file.seek(0)
        return file.read()


def keep(data: bytes, *, folder: Path, enterprise_id: UUID, job_id: UUID, at: datetime) -> None:
    """Put the file where who asked takes it, encrypted under a key that goes with it."""
    expires_on = day_of(at + KEPT)
    sealed = keystore().seal(data, enterprise=enterprise_id, seq=0, cls=CLASS, expires_on=expires_on)
    durable.write(folder / expires_on.isoformat() / str(job_id), sealed)


def listed(session: Session, *, enterprise_id: UUID, by: Actor, at: datetime) -> list[Taking]:
    """What this person asked for within a day and did not call off, newest first."""
    query = select(Job).where(
        Job.enterprise_id == enterprise_id,
        Job.kind == KIND,
        Job.made_by == by.id,
        Job.made_at > at - KEPT,
        Job.state != jobs.CANCELLED,
    )
    return [_taking(job) for job in session.scalars(query.order_by(Job.made_at.desc(), Job.id.desc()).limit(10))]


def _taking(job: Job) -> Taking:
    said = json.loads(job.arguments)
    days = date.fromisoformat(said["first"]), date.fromisoformat(said["last"])
    why = jobs.why(job) if job.state == jobs.FAILED else None
    return Taking(job.id, job.state, job.progress, *days, said["ending"], job.made_at, why)


def mine(session: Session, *, enterprise_id: UUID, job_id: UUID, by: Actor) -> Job:
    """A job that this person asked for; raises ``NoSuchJob`` for any other."""
    row = session.get(Job, (enterprise_id, job_id))
    if row is None or row.kind != KIND or row.made_by != by.id:
        raise jobs.NoSuchJob
    return row


def read(job: Job, *, folder: Path) -> bytes:
    """The file of a job that is done; raises ``TakenAway``."""
    found = next(folder.glob(f"*/{job.id}"), None)
    if job.state != jobs.DONE or found is None:
        raise TakenAway
    try:
        return keystore().open(
            found.read_bytes(),
            enterprise=job.enterprise_id,
            seq=0,
            cls=CLASS,
            expires_on=date.fromisoformat(found.parent.name),
        )
    except (KeyGone, InvalidTag, FileNotFoundError):
        raise TakenAway from None


def expire(folder: Path, *, today: date) -> None:
    """Remove the files whose day is over, and what a kill left beside them."""
    for day in folder.iterdir() if folder.is_dir() else ():
        if day.name < today.isoformat():
            shutil.rmtree(day)
