"""Work that is not done on the request: a row is the truth, the worker is only woken.

A job is written in the transaction of the act that wants it. Whoever runs it holds a lease; a lease that ran out,
because its worker was killed, is taken up by the next.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, String, column, delete, event, or_, select, update
from sqlalchemy import Text as LongText
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from gatekeeper import clock
from gatekeeper.access import Actor
from gatekeeper.db import Base, TenantRow, new_id
from gatekeeper.errors import DomainError, NotFound
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import Enterprise, Platform, ScopedSession, open_session, own_id

log = logging.getLogger("gatekeeper.jobs")

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
OPEN = (WAITING, RUNNING)
_OPEN = column("state").in_(OPEN)


class Job(TenantRow, Base):
    """One job of one enterprise (the platform's own are under its id).

    ``key`` is unique among the open jobs of a kind, so that asking twice is one job; ``arguments`` and ``result`` are
    JSON and hold no personal value; ``state``: waiting, running, done, failed or cancelled. ``leased_until`` is when
    a worker's ``lease`` ends, or until when a failed attempt pauses; ``error`` says in both languages why it failed.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"]),
        Index("ix_jobs_key", "enterprise_id", "kind", "key", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_jobs_open", "state", "made_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(100))
    arguments: Mapped[str] = mapped_column(LongText)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    progress: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(LongText)
    error: Mapped[str | None] = mapped_column(String(300))


Task = Callable[[Any, "Job", Mapping[str, Any]], Any]
"""``(installation, job, arguments) -> result``: a result is JSON or None, an exception is a failed attempt."""

TASKS: dict[str, Task] = {}
LEASE = timedelta(minutes=5)
"""A worker that neither finished nor told its progress for so long is dead."""

ATTEMPTS = 3
KEPT = timedelta(days=30)
"""How long a finished job is remembered."""


class Gone(Exception):
    """The job is no longer this worker's: it was cancelled, or its lease ran out and another took it up."""


class NoSuchJob(NotFound):
    def __init__(self) -> None:
        super().__init__("job.unknown", Text("没有这项任务，或已结束", "There is no such job, or it has ended"))


def task(kind: str) -> Callable[[Task], Task]:
    """Register the function that does jobs of ``kind``; it stands in its feature's ``tasks.py``."""

    def register(function: Task) -> Task:
        TASKS[kind] = function
        return function

    return register


def enqueue(
    session: Session,
    kind: str,
    *,
    key: str = "",
    arguments: Mapping[str, Any] | None = None,
    by: Actor | None = None,
    at: datetime,
) -> Job:
    """Write a job of the session's enterprise, in the transaction of the act that wants it, and wake the worker after.

    ``arguments`` (JSON) hold no personal value. While a job of the same kind and key is open, that one is answered.
    """
    for _ in range(5):
        found = _open_one(session, kind, key)
        if found is not None:
            return found
        row = Job(
            enterprise_id=own_id(session),
            id=new_id(),
            kind=kind,
            key=key,
            arguments=json.dumps(dict(arguments or {})),
            state=WAITING,
            progress=0,
            attempts=0,
            made_at=at,
            made_by=by.id if by else None,
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # another was quicker; if that one has ended by now, this one is tried again
            continue
        session.info["job_waits"] = True
        return row
    raise RuntimeError(f"a job of kind {kind} cannot be written")


def _open_one(session: Session, kind: str, key: str) -> Job | None:
    query = select(Job).where(Job.kind == kind, Job.key == key, Job.state.in_(OPEN))
    return session.scalars(query).one_or_none()


_wake: Callable[[], object] | None = None


def wake_with(wake: Callable[[], object] | None) -> None:
    """Called once by ``create_app``: what wakes the worker of this installation."""
    global _wake
    _wake = wake


@event.listens_for(ScopedSession, "after_commit")
def _wake_worker(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.pop("job_waits", False) or _wake is None:
        return
    try:
        _wake()
    except Exception as error:  # the job is written: the sweep finds it within a minute
        log.warning("the worker was not woken: %s", type(error).__name__)


def find(session: Session, job_id: UUID) -> Job:
    """A job of the session's enterprise, open or ended; raises ``NoSuchJob``."""
    row = session.get(Job, (own_id(session), job_id))
    if row is None:
        raise NoSuchJob
    return row


def cancel(session: Session, job_id: UUID, *, at: datetime) -> None:
    """End an open job; a worker that is at it notices when it next tells its progress, and its result is dropped.

    Raises ``NoSuchJob`` where it ended already.
    """
    mine = (Job.enterprise_id == own_id(session), Job.id == job_id, Job.state.in_(OPEN))
    if _change(session, *mine, state=CANCELLED, finished_at=at, lease=None, leased_until=None) == 0:
        raise NoSuchJob


def progress(installation: Any, job: Job, percent: int, *, at: datetime | None = None) -> None:
    """Tell how far a job is (0 to 100) and hold its lease for longer; raises ``Gone`` when it is no longer ours."""
    until = (at or clock.now()) + LEASE
    with _opened(installation, job.enterprise_id) as session:
        if _change(session, *_held(job), progress=percent, leased_until=until) == 0:
            raise Gone


def finish(session: Session, job: Job, result: Any = None, *, at: datetime) -> None:
    """Mark a job done in the transaction that writes what it made, so that neither is without the other.

    For tasks whose work must not be done twice; others simply return their result. Raises ``Gone``: roll back.
    """
    text = None if result is None else json.dumps(result)
    done = {"state": DONE, "progress": 100, "result": text, "error": None, "finished_at": at}
    if _change(session, *_held(job), **done, lease=None, leased_until=None) == 0:
        raise Gone


def run_waiting(installation: Any, *, at: datetime | None = None) -> int:
    """Do every job that waits or whose worker died, one after the other; answers how many were taken up."""
    moment = at or clock.now()
    with open_session(installation.engines, Platform()) as session:
        query = select(Job.enterprise_id, Job.id).where(Job.state.in_(OPEN), _free(moment)).order_by(Job.made_at)
        found = [(row[0], row[1]) for row in session.execute(query)]
    return sum(run_one(installation, enterprise_id, job_id, at=at) for enterprise_id, job_id in found)


def run_one(installation: Any, enterprise_id: UUID, job_id: UUID, *, at: datetime | None = None) -> bool:
    """Do one job under the scope of its enterprise; False where another has it, or it has ended."""
    job = _claim(installation, enterprise_id, job_id, at or clock.now())
    if job is None:
        return False
    function = TASKS.get(job.kind)
    try:
        if function is None:
            raise LookupError(f"no task does {job.kind}")
        result = function(installation, job, json.loads(job.arguments))
        with _opened(installation, enterprise_id) as session:
            if session.scalars(select(Job.id).where(*_held(job))).one_or_none() is not None:
                finish(session, job, result, at=at or clock.now())
    except Gone:
        log.info("job %s %s was taken away", job.kind, job.id)
    except Exception as error:
        log.warning("job %s %s, attempt %d", job.kind, job.id, job.attempts, exc_info=error)
        _failed(installation, job, error, at or clock.now())
    return True


def _claim(installation: Any, enterprise_id: UUID, job_id: UUID, at: datetime) -> Job | None:
    """Take a free job by compare-and-set; one that killed its workers too often fails instead."""
    mine = (Job.enterprise_id == enterprise_id, Job.id == job_id, Job.state.in_(OPEN), _free(at))
    with _opened(installation, enterprise_id) as session:
        if _change(session, *mine, Job.attempts >= ATTEMPTS, **_ended(at, KILLED)):
            return None
        taken = {"state": RUNNING, "lease": new_id(), "leased_until": at + LEASE, "attempts": Job.attempts + 1}
        if _change(session, *mine, **taken) == 0:
            return None
        return find(session, job_id)


def _failed(installation: Any, job: Job, error: Exception, at: datetime) -> None:
    """After a refusal or the last attempt the job has failed; else it waits, for longer each time."""
    with _opened(installation, job.enterprise_id) as session:
        if isinstance(error, DomainError):
            _change(session, *_held(job), **_ended(at, error.text))
        elif job.attempts >= ATTEMPTS:
            _change(session, *_held(job), **_ended(at, BROKEN))
        else:
            pause = timedelta(minutes=job.attempts)
            _change(session, *_held(job), state=WAITING, lease=None, leased_until=at + pause)


def tidy(installation: Any, *, at: datetime) -> int:
    """Forget jobs that ended more than 30 days ago; answers how many."""
    old = (Job.state.not_in(OPEN), Job.finished_at < at - KEPT)
    with open_session(installation.engines, Platform()) as session:
        places = list(session.scalars(select(Job.enterprise_id).where(*old).distinct()))
    count = 0
    for enterprise_id in places:
        with _opened(installation, enterprise_id) as session:
            result = session.execute(delete(Job).where(Job.enterprise_id == enterprise_id, *old))
            count += result.rowcount  # type: ignore[attr-defined]
    return count


KILLED = Text("处理程序多次中断，任务未完成", "The worker ended again and again while doing this")
BROKEN = Text("多次尝试都没有成功，请联系平台运维", "It failed again and again; tell the operator")


def _ended(at: datetime, why: Text) -> dict[str, Any]:
    words = f"{why.zh} / {why.en}"[:300]
    return {"state": FAILED, "error": words, "finished_at": at, "lease": None, "leased_until": None}


def why(job: Job) -> Text:
    """Why a job failed, in both languages."""
    zh, _, en = (job.error or "").partition(" / ")
    return Text(zh, en or zh)


def _free(at: datetime) -> ColumnElement[bool]:
    """Nobody is at it: never taken up, the pause after a failure is over, or its worker is dead."""
    return or_(Job.leased_until.is_(None), Job.leased_until <= at)


def _held(job: Job) -> tuple[ColumnElement[bool], ...]:
    """The job, while this worker's lease is the one that stands."""
    own = (Job.enterprise_id == job.enterprise_id, Job.id == job.id)
    return (*own, Job.state == RUNNING, Job.lease == job.lease)


def _change(session: Session, *where: ColumnElement[bool], **values: Any) -> int:
    statement = update(Job).where(*where).values(**values).execution_options(synchronize_session=False)
    return session.execute(statement).rowcount  # type: ignore[attr-defined]


def _opened(installation: Any, enterprise_id: UUID) -> AbstractContextManager[ScopedSession]:
    return open_session(installation.engines, Enterprise(enterprise_id), write=True)
