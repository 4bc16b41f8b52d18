"""Reports by the calendar: of yesterday, of the week that ended, of the month that ended; one that is missed is made
once, when the worker is back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.clock import local
from gatekeeper.ledger.service import act
from gatekeeper.reports.models import ReportSchedule
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

EVERY: dict[str, Text] = {
    "day": Text("每天，出前一天的", "Daily, for the day before"),
    "week": Text("每周一，出上一周的", "On Mondays, for the week before"),
    "month": Text("每月 1 日，出上个月的", "On the 1st, for the month before"),
}


def due(every: str, hour: int, at: datetime) -> tuple[date, date]:
    """(first, last) of the newest period that is over and whose hour has come by ``at``."""
    here, day = local(at), timedelta(days=1)
    today = here.date() if here.hour >= hour else here.date() - day
    if every == "day":
        return today - day, today - day
    if every == "week":
        monday = today - day * today.weekday()
        return monday - 7 * day, monday - day
    last = today.replace(day=1) - day
    return last.replace(day=1), last


def of(session: Session, *, enterprise_id: UUID) -> dict[str, ReportSchedule]:
    """What is made by itself at one enterprise, by ``every``."""
    query = select(ReportSchedule).where(ReportSchedule.enterprise_id == enterprise_id)
    return {row.every: row for row in session.scalars(query)}


def begin(session: Session, *, every: str, hour: int, lang: str, by: Actor, at: datetime) -> ReportSchedule:
    """From now on such a report is made by itself, the next one first; what was set before is replaced."""
    row = session.get(ReportSchedule, (own_id(session), every))
    if row is None:
        row = ReportSchedule(enterprise_id=own_id(session), every=every)
        session.add(row)
    row.hour, row.lang, row.made_at, row.made_by = hour, lang, at, by.id
    row.done_until = due(every, hour, at)[1]
    session.flush()
    act(session, by=by, what="report.scheduled", subject=every, body={"hour": hour, "lang": lang}, at=at)
    return row


def stop(session: Session, *, every: str, by: Actor, at: datetime) -> None:
    """No longer made by itself; nothing where it was not."""
    row = session.get(ReportSchedule, (own_id(session), every))
    if row is not None:
        session.delete(row)
        session.flush()
        act(session, by=by, what="report.unscheduled", subject=every, body={}, at=at)


def waiting(session: Session, *, at: datetime) -> Sequence[ReportSchedule]:
    """Those of all that the scope covers with a period to be made; of several missed ones it is the newest."""
    rows = session.scalars(select(ReportSchedule).order_by(ReportSchedule.enterprise_id, ReportSchedule.every))
    return [row for row in rows if due(row.every, row.hour, at)[1] > row.done_until]
