"""What the worker does for reports every few minutes: ask for those of the calendar, remove what a kill left."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from gatekeeper.clock import day_of
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import EnterpriseKind
from gatekeeper.reports import issue, kept, large, schedules, tasks
from gatekeeper.reports.models import ReportSchedule
from gatekeeper.tenancy import Enterprise, Platform, open_session


def everywhere(installation: Any, *, at: datetime) -> int:
    """Ask for every report that the calendar wants now; answers how many. Files without a row or a day left go too."""
    large.expire(installation.settings.data_dir / large.FOLDER, today=day_of(at))
    engines, folder = installation.engines, installation.settings.data_dir / "issued"
    with open_session(engines, Platform()) as session:
        found = [(row.enterprise_id, row.every) for row in schedules.waiting(session, at=at)]
    for place in folder.iterdir() if folder.is_dir() else ():
        with open_session(engines, Enterprise(UUID(place.name))) as session:
            kept.leftovers(session, folder)
    return sum(_ask(installation, enterprise_id, every, at) for enterprise_id, every in found)


def _ask(installation: Any, enterprise_id: UUID, every: str, at: datetime) -> bool:
    with open_session(installation.engines, Enterprise(enterprise_id), write=True) as session:
        row = session.get(ReportSchedule, (enterprise_id, every), with_for_update=True)
        if row is None or (period := schedules.due(every, row.hour, at))[1] <= row.done_until:
            return False  # stopped, or another worker was quicker
        row.done_until = period[1]
        office = enterprises.enterprise(session, enterprise_id=enterprise_id).kind == EnterpriseKind.TOWNSHIP_OFFICE
        by = tasks.person(session, enterprise_id, row.made_by)
        kind = issue.TOWN_KIND if office else issue.KIND
        issue.ask(session, first=period[0], last=period[1], lang=row.lang, by=by, at=at, kind=kind)
        return True
