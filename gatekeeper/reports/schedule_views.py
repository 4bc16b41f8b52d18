"""Reports by the calendar, switched on and off by the enterprise's admin and, at the office, the township's."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper import clock, heartbeat
from gatekeeper.access import Role, access, enterprise, session
from gatekeeper.enterprises.models import EnterpriseKind
from gatekeeper.reports import schedules as calendar
from gatekeeper.reports.forms import ScheduleForm
from gatekeeper.reports.views import bp

ADMINS = (Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)
ONE = "/e/<slug>/reports/schedules/<any(day,week,month):every>"


@bp.get("/e/<slug>/reports/schedules")
@access(*ADMINS, reads="own")
def schedules(slug: str) -> Any:
    """What is made by itself, and a form for each of day, week and month."""
    return _page()


@bp.post(ONE)
@access(*ADMINS, reads="own")
def schedule(slug: str, every: str) -> Any:
    """Switch one on, or change its hour or language."""
    form = ScheduleForm(prefix=every)
    if not form.validate_on_submit():
        return _page({every: form}), 422
    calendar.begin(
        session(), every=every, hour=int(form.hour.data), lang=form.lang.data, by=current_user, at=clock.now()
    )
    return redirect(url_for(".schedules", slug=slug))


@bp.post(f"{ONE}/stop")
@access(*ADMINS, reads="own")
def unschedule(slug: str, every: str) -> Any:
    """Switch one off; pressed again it stays off."""
    calendar.stop(session(), every=every, by=current_user, at=clock.now())
    return redirect(url_for(".schedules", slug=slug))


def _page(sent: dict[str, ScheduleForm] | None = None) -> str:
    standing = calendar.of(session(), enterprise_id=enterprise().id)
    forms = {}
    for every in calendar.EVERY:
        row = standing.get(every)
        data = {"hour": str(row.hour), "lang": row.lang} if row else None
        forms[every] = (sent or {}).get(every) or ScheduleForm(None, prefix=every, data=data)
    return render_template(
        "reports/schedules.html",
        forms=forms,
        standing=standing,
        names=calendar.EVERY,
        office=enterprise().kind == EnterpriseKind.TOWNSHIP_OFFICE,
        worker_lives=heartbeat.lives(current_app.extensions["gate"].settings.data_dir, at=clock.now()),
    )
