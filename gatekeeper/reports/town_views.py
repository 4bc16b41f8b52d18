"""The township's report: on screen, as a file, and issued."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock, heartbeat, tenancy
from gatekeeper.access import TOWNSHIP_STAFF, Role, access, engines, enterprise, session
from gatekeeper.errors import DomainError, tell
from gatekeeper.figures.values import checked_period, parse_day, usual_periods
from gatekeeper.language import current, t
from gatekeeper.pages import navigation
from gatekeeper.reports import issue as issuing
from gatekeeper.reports import kept, town_files, town_service, town_words
from gatekeeper.reports.forms import ReportForm, WithdrawForm
from gatekeeper.reports.town_values import FEWEST, TownReport
from gatekeeper.reports.views import TYPES, bp

MAKERS = {"pdf": town_files.render, "xlsx": town_files.to_xlsx, "csv": town_files.to_csv}

navigation("reports.town", *TOWNSHIP_STAFF, label=lambda: t("镇街报告", "Township report"))


@bp.get("/e/<slug>/reports/town")
@access(*TOWNSHIP_STAFF, reads="township")
def town(slug: str) -> Any:
    """All enterprises of a period, compared like for like; by default yesterday's bulletin."""
    yesterday = usual_periods(clock.today())[1]
    asked = "first" in request.args or "last" in request.args
    form = ReportForm(request.args if asked else None, data={"first": yesterday[1], "last": yesterday[2]})
    if asked and not form.validate():
        return _page(form, None)
    try:
        return _page(form, _built(form.first.data, form.last.data))
    except DomainError as wrong:
        tell(wrong, form)
    return _page(form, None)


@bp.get("/e/<slug>/reports/town/<first>/<last>.<any(pdf,xlsx,csv):ending>")
@access(*TOWNSHIP_STAFF, reads="township")
def town_file(slug: str, first: str, last: str, ending: str) -> Any:
    """One file of it; an impossible period leads back to the form, which says why."""
    try:
        made = _built(parse_day(first, field="first"), parse_day(last, field="last"))
    except DomainError:
        return redirect(url_for(".town", slug=slug, first=first, last=last))
    answer = Response(MAKERS[ending](made, lang=current()), mimetype=TYPES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.number}.{ending}"'
    return answer


@bp.post("/e/<slug>/reports/town/issued")
@access(Role.TOWNSHIP_ADMIN, reads="own")
def town_issue(slug: str) -> Any:
    """Let the worker issue it; pressed again while it is at it, it is one."""
    try:
        days = (parse_day(request.form.get(name, ""), field=name) for name in ("first", "last"))
        first, last = checked_period(*days, today=clock.today())
    except DomainError:
        return redirect(url_for(".town", slug=slug, first=request.form.get("first"), last=request.form.get("last")))
    period: dict[str, Any] = {"first": first, "last": last, "lang": current()}
    ready = _ready(period)
    if ready is None:
        issuing.ask(session(), **period, by=current_user, at=clock.now(), kind=issuing.TOWN_KIND)
    return redirect(url_for(".town", slug=slug, first=first, last=last, ready=ready, _anchor="issued"))


def _ready(period: dict[str, Any]) -> UUID | None:
    """The id of an issued one that is as good as new."""
    with tenancy.open_session(engines(), tenancy.Township(enterprise().township_id)) as reading:  # type: ignore[arg-type]
        row = kept.town_as_new(reading, office_id=enterprise().id, **period, at=clock.now())
        return row.id if row else None


def _built(first: date, last: date) -> TownReport:
    start, end = checked_period(first, last, today=clock.today())
    return town_service.build(session(), office=enterprise(), first=start, last=end, at=clock.now())


def _page(form: ReportForm, made: TownReport | None) -> tuple[str, int]:
    wanted = issuing.wanted(session(), enterprise_id=enterprise().id, kind=issuing.TOWN_KIND)
    standing = issuing.issued(session(), enterprise_id=enterprise().id)
    page = render_template(
        "reports/town_page.html",
        form=form,
        report=made,
        attention=town_words.attention(made.figures) if made else [],
        told=town_words.told(made) if made else [],
        sizes=town_words.SIZES,
        fewest=FEWEST,
        usual=usual_periods(clock.today()),
        issued=standing,
        ready=issuing.among(standing, request.args.get("ready")),
        to_withdraw=WithdrawForm(None),
        wanted=wanted,
        watches=any(each.is_open for each in wanted),
        worker_lives=heartbeat.lives(current_app.extensions["gate"].settings.data_dir, at=clock.now()),
    )
    return page, 422 if form.errors else 200
