"""Choosing a report, and its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from gatekeeper import clock, heartbeat, jobs, tenancy
from gatekeeper.access import TOWNSHIP_STAFF, Role, access, acting_on, engines, enterprise, session
from gatekeeper.errors import DomainError, NotFound, tell
from gatekeeper.figures.values import checked_period, parse_day, usual_periods
from gatekeeper.language import current, t
from gatekeeper.pages import navigation
from gatekeeper.reports import about, kept, pdf, periods, service, sheets
from gatekeeper.reports import issue as issuing
from gatekeeper.reports.columns import said_in
from gatekeeper.reports.forms import IssueForm, ReportForm, WithdrawForm
from gatekeeper.reports.values import SCHEMA, Report

bp = Blueprint("reports", __name__)

READERS = (Role.ENTERPRISE_ADMIN, *TOWNSHIP_STAFF)
TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
IN_MEMORY = 8 * 1024 * 1024

navigation("reports.index", Role.ENTERPRISE_ADMIN, label=lambda: t("报告", "Reports"))


@bp.get("/e/<slug>/reports")
@access(*READERS)
def index(slug: str) -> Any:
    """Usual periods with their files, and a form for any other; a pressed file button leads to its address."""
    asked = "first" in request.args or "last" in request.args
    form = ReportForm(request.args) if asked else _fresh()
    if asked and form.validate():
        try:
            first, last = checked_period(form.first.data, form.last.data, today=clock.today())
            if request.args.get("file") in TYPES:
                return redirect(url_for(".download", slug=slug, first=first, last=last, ending=request.args["file"]))
        except DomainError as wrong:
            tell(wrong, form)
    return _page(form)


@bp.get("/e/<slug>/reports/<first>/<last>.<any(pdf,xlsx,csv,json):ending>")
@access(*READERS)
def download(slug: str, first: str, last: str, ending: str) -> Any:
    """One file of a report; an impossible period comes back as the form with a sentence (422)."""
    form = _fresh()
    try:
        days = parse_day(first, field="first"), parse_day(last, field="last")
        form = ReportForm(None, data={"first": days[0], "last": days[1]})
        report = _built(*checked_period(*days, today=clock.today()))
    except DomainError as wrong:
        tell(wrong, form)
        return _page(form)
    answer = Response(_file(report, ending), mimetype=TYPES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="{report.number}.{ending}"'
    return answer


@bp.post("/e/<slug>/reports/issued")
@access(Role.ENTERPRISE_ADMIN)
def issue(slug: str) -> Any:
    """Let the worker issue a report: its PDF is kept as handed out until the plates in it have had their time."""
    form = IssueForm(prefix="issue")
    if form.validate_on_submit():
        try:
            first, last = checked_period(form.first.data, form.last.data, today=clock.today())
            return redirect(url_for(".index", slug=slug, ready=_asked(first, last, form.full.data), _anchor="issued"))
        except DomainError as wrong:
            tell(wrong, form)
    return _page(_fresh(), form)


@bp.post("/e/<slug>/reports/asked/<uuid:wanted_id>/cancel")
@access(Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN, reads="own")
def cancel(slug: str, wanted_id: UUID) -> Any:
    """Call a report off; one that was issued meanwhile stays."""
    town = jobs.find(session(), wanted_id).kind == issuing.TOWN_KIND
    if not town and jobs.find(session(), wanted_id).kind != issuing.KIND:
        raise jobs.NoSuchJob
    try:
        jobs.cancel(session(), wanted_id, at=clock.now())
        flash(t("已停止，没有出具", "Called off, nothing was issued"), "info")
    except NotFound:
        flash(t("报告已经出具或没有做成", "It was issued already, or it failed"), "info")
    return redirect(url_for(".town" if town else ".index", slug=slug, _anchor="issued"))


@bp.get("/e/<slug>/reports/issued/<uuid:report_id>.pdf")
@access(*READERS)
def issued(slug: str, report_id: UUID) -> Any:
    """An issued report, byte for byte; 409 with a sentence once its file has had its time."""
    row, plain = issuing.read(session(), enterprise_id=enterprise().id, report_id=report_id, folder=_issued())
    answer = Response(plain, mimetype=TYPES["pdf"])
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.number}.pdf"'
    return answer


def _asked(first: date, last: date, full: bool) -> UUID | None:
    """Ask the worker for a report; the id of one that is as good as new instead, where there is one."""
    made_as = issuing.WITH_LOG if full else SCHEMA
    period: dict[str, Any] = {"first": first, "last": last, "lang": current()}
    ready = kept.as_new(session(), enterprise_id=enterprise().id, **period, made_as=made_as, at=clock.now())
    if ready is None:
        issuing.ask(session(), **period, full=full, by=current_user, at=clock.now())
    return ready and ready.id


def _built(first: date, last: date) -> Report:
    """The report of the address's enterprise with its newest checkpoint."""
    return service.build(
        session(),
        enterprise=enterprise(),
        first=first,
        last=last,
        at=clock.now(),
        key=current_app.extensions["gate"].fingerprint,
        median=service.median(engines(), enterprise(), first=first, last=last),
    )


def _issued() -> Path:
    folder: Path = current_app.extensions["gate"].settings.data_dir
    return folder / "issued"


def _yesterday() -> dict[str, date]:
    """The last day that is whole."""
    _, first, last = usual_periods(clock.today())[1]
    return {"first": first, "last": last}


def _fresh() -> ReportForm:
    return ReportForm(None, data=_yesterday())


def _page(form: ReportForm, to_issue: IssueForm | None = None) -> tuple[str, int]:
    with tenancy.open_session(engines(), g.scope) as reading:
        standing = issuing.issued(reading, enterprise_id=enterprise().id)
        wanted = issuing.wanted(reading, enterprise_id=enterprise().id)
    wrong = bool(form.errors or (to_issue and to_issue.errors))
    page = render_template(
        "reports/index.html",
        form=form,
        parts=periods.parts(form.first.data, form.last.data, today=clock.today()),
        usual=usual_periods(clock.today()),
        types=list(TYPES),
        to_issue=to_issue or IssueForm(None, prefix="issue", data=_yesterday()),
        issued=standing,
        to_withdraw=WithdrawForm(None),
        wanted=wanted,
        ready=issuing.among(standing, request.args.get("ready")),
        watches=any(each.is_open for each in wanted),
        worker_lives=heartbeat.lives(current_app.extensions["gate"].settings.data_dir, at=clock.now()),
    )
    return page, 422 if wrong else 200


def _file(report: Report, ending: str) -> Any:
    """The bytes of the file, read within the request's session."""
    if ending == "json":
        return sheets.to_json(report)
    if ending == "pdf":
        return pdf.render(report, lang=current())
    lines = service.visits(session(), enterprise_id=enterprise().id, counted=report.figures)
    head = about.of_report(report, said_in(current()), by=current_user)
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 closed by pieces
    if ending == "csv":
        file.writelines(sheets.to_csv(lines, lang=current(), head=head))
    else:
        sheets.to_xlsx(report, lines, file, lang=current(), head=head)
    return pieces(file)


@contextmanager
def writing() -> Iterator[Session]:
    """The session of the enterprise of the address: its admin's own, or the township's act on it."""
    if enterprise().id == current_user.enterprise_id:
        yield session()
    else:
        with acting_on(enterprise().id) as acting:
            yield acting


def pieces(file: Any) -> Iterator[bytes]:
    """What was written to ``file``, which is closed then."""
    with file:
        file.seek(0)
        while piece := file.read(64 * 1024):
            yield piece
