"""The nightly run: what has had its time is erased, book by book, and then the keys of the days that passed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.clock import day_of
from gatekeeper.db import Engines, truncate_log
from gatekeeper.durable import UNFINISHED
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.ledger.service import keystore
from gatekeeper.reports import issue
from gatekeeper.reports.models import IssuedReport
from gatekeeper.retention import erasing, holds, photos

BATCH = 200
"""Parts erased in one transaction: a kill loses no more, and a gate waits no longer."""


@dataclass(slots=True)
class Done:
    """What a run did, over all books; all zero when there was nothing to do."""

    parts: int = 0
    held: int = 0
    registrations: int = 0
    watched: int = 0
    photos: int = 0
    orphans: int = 0
    reports: int = 0
    keys: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{field.name} {getattr(self, field.name)}" for field in fields(self))


def run(engines: Engines, data_dir: Path, *, today: date, at: datetime) -> Done:
    """Erase everything whose last day was before ``today``; a second run for the same day finds nothing.

    ``engines``: under the platform's role. Each book is worked on under its own scope, in transactions of ``BATCH``
    parts; keys go last, when everything they locked is gone and committed. Stopped anywhere, the next run goes on.
    """
    done = Done()
    books = enterprises(engines)
    for book in books:
        _parts(engines, book, data_dir, today, at, done)
        _files(engines, book, data_dir, today, at, done)
    done.keys += keystore().destroy_days(today)
    if today > day_of(at):  # run for a day to come: what was written meanwhile lost its key just now
        for book in books:
            _parts(engines, book, data_dir, today, at, done)
    truncate_log(engines.read)
    return done


def enterprises(engines: Engines) -> list[UUID]:
    """Every book of the installation."""
    with tenancy.open_session(engines, tenancy.Platform()) as session:
        return list(session.scalars(select(Enterprise.enterprise_id).order_by(Enterprise.enterprise_id)))


def _parts(engines: Engines, book: UUID, data_dir: Path, today: date, at: datetime, done: Done) -> None:
    going = True
    while going:
        with tenancy.open_session(engines, tenancy.Enterprise(book)) as session:
            if not erasing.due(session, today=today, most=1):
                return
        with tenancy.open_session(engines, tenancy.Enterprise(book), write=True) as session:
            named = erasing.due(session, today=today, most=BATCH)
            taken = holds.take_in(session, named, photos=data_dir / "photos", at=at)
            rest = [each for each in named if each not in taken]
            erased = erasing.erase(session, rest, why=erasing.RETENTION, at=at, day=today)
        done.parts, done.held = done.parts + erased, done.held + len(taken)
        going = bool(erased or taken)


def _files(engines: Engines, book: UUID, data_dir: Path, today: date, at: datetime, done: Done) -> None:
    with tenancy.open_session(engines, tenancy.Enterprise(book), write=True) as session:
        done.registrations += erasing.old_registrations(session, today=today, at=at)
        done.watched += erasing.old_watched(session, today=today, at=at)
        done.reports += issue.expire(session, folder=data_dir / "issued", today=today, at=at)
    with tenancy.open_session(engines, tenancy.Enterprise(book)) as session:
        for hold_id in holds.ended(session):
            done.keys += holds.forget(session, hold_id=hold_id, photos=data_dir / "photos")
        swept = photos.sweep(session, data_dir / "photos", today=today, at=at)
        done.photos, done.orphans = done.photos + swept.passed, done.orphans + swept.orphans
        done.orphans += _issued_orphans(session, data_dir / "issued", at=at)


def _issued_orphans(session: Session, folder: Path, *, at: datetime) -> int:
    """Files of reports without a row, left by a kill, and folders of days that are empty."""
    own = folder / str(tenancy.own_id(session))
    if not own.is_dir():
        return 0
    rows = session.execute(select(IssuedReport.id, IssuedReport.expires_on))
    known = {(str(report_id), expires_on.isoformat()) for report_id, expires_on in rows}
    count, oldest = 0, (at - photos.GRACE).timestamp()
    for file in [*own.glob("*/*")]:
        orphan = file.name.endswith(UNFINISHED) or (file.name, file.parent.name) not in known
        if orphan and file.stat().st_mtime < oldest:
            file.unlink()
            count += 1
    for place in own.iterdir():
        with suppress(OSError):
            place.rmdir()
    return count
