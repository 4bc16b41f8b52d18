"""The gate log as a file: what is searched for, which columns, XLSX or CSV; a long one is written by the worker."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock, heartbeat, jobs
from gatekeeper.access import EVERYONE, access, enterprise, session
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import DomainError, NotFound, tell
from gatekeeper.figures.values import checked_period
from gatekeeper.formats import plates
from gatekeeper.forms import options
from gatekeeper.language import current
from gatekeeper.reports import large, log
from gatekeeper.reports.columns import CODES, chosen
from gatekeeper.reports.log_forms import ALL, LogFileForm
from gatekeeper.reports.views import IN_MEMORY, bp, pieces, writing
from gatekeeper.visits import narrowing
from gatekeeper.visits import queries as visits
from gatekeeper.visits.narrowing import Narrowing
from gatekeeper.visits.queries import LogFilter


@bp.get("/e/<slug>/reports/log")
@access(*EVERYONE)
def log_file(slug: str) -> Any:
    """The form; with ``file`` (xlsx or csv) in the address the file, a long one as an offer of the worker."""
    form, gates = _form()
    wanted, ending = _asked(form), request.args.get("file", "")
    count = large.size(session(), enterprise_id=enterprise().id, wanted=wanted) if wanted else 0
    if wanted and not count:
        return _file(slug, _log(form, gates, wanted), ending)
    return _page(form, count), 422 if form.errors else 200


@bp.post("/e/<slug>/reports/log")
@access(*EVERYONE)
def log_ask(slug: str) -> Any:
    """Let the worker write the file that the address asks for."""
    form, gates = _form()
    wanted = _asked(form)
    if wanted is None:
        return _page(form), 422
    made = _log(form, gates, wanted)
    with writing() as acting:
        large.ask(acting, made, ending=request.args["file"], lang=current(), at=clock.now())
    return redirect(url_for(".log_file", slug=slug, first=wanted.first, last=wanted.last, _anchor="taken"))


@bp.post("/e/<slug>/reports/log/<uuid:taking_id>/cancel")
@access(*EVERYONE)
def log_cancel(slug: str, taking_id: UUID) -> Any:
    """Call a file off; one that is ready meanwhile stays."""
    large.mine(session(), enterprise_id=enterprise().id, job_id=taking_id, by=current_user)
    with writing() as acting, suppress(NotFound):
        jobs.cancel(acting, taking_id, at=clock.now())
    return redirect(url_for(".log_file", slug=slug, _anchor="taken"))


@bp.get("/e/<slug>/reports/log/<uuid:taking_id>")
@access(*EVERYONE)
def log_taken(slug: str, taking_id: UUID) -> Response:
    """A file that the worker wrote, for who asked for it; 409 with a sentence once it had its day."""
    job = large.mine(session(), enterprise_id=enterprise().id, job_id=taking_id, by=current_user)
    data, said = large.read(job, folder=_data() / large.FOLDER), json.loads(job.arguments)
    return _answer(Response(data), f"{slug}-{said['first']}-{said['last']}", said["ending"])


def _asked(form: LogFileForm) -> LogFilter | None:
    """What the address asks for as a file; None where it asks for none, or for one that there cannot be."""
    if request.args.get("file") not in log.TYPES or not form.validate():
        return None
    try:
        first, last = checked_period(form.first.data, form.last.data, today=clock.today())
        chosen(form.columns.data or ())
    except DomainError as wrong:
        tell(wrong, form)
        return None
    return _wanted(form, first, last, narrowing.read(request.args))


def _data() -> Path:
    folder: Path = current_app.extensions["gate"].settings.data_dir
    return folder


def _page(form: LogFileForm, count: int = 0) -> str:
    """The form, with what the log was narrowed to when it was opened from there, and the files that are written."""
    days, narrow = (form.first.data or clock.today(), form.last.data or clock.today()), narrowing.read(request.args)
    here = enterprise().id
    values: dict[str, Any] = {"form": form, "count": count, "all": len(form.columns.data or ()) == len(CODES)}
    wanted = LogFilter(*days, narrow=narrow)
    values["narrowed"] = log.narrowed(session(), enterprise_id=here, wanted=wanted) if narrow else []
    values["kept"] = {name: value for name, value in asdict(narrow).items() if value}
    values["taken"] = large.listed(session(), enterprise_id=here, by=current_user, at=clock.now())
    values["worker_lives"] = heartbeat.lives(_data(), at=clock.now())
    return render_template("reports/log.html", **values)


def _form() -> tuple[LogFileForm, dict[str, str]]:
    """The form with today where the address names no day, and the names of the gates by id."""
    given, today = request.args, {"first": clock.today(), "last": clock.today()}
    form = LogFileForm(given if "first" in given or "last" in given else None, data=today)
    if not form.columns.data:
        form.columns.data = list(CODES)
    here = enterprise().id
    gates = {str(g.id): g.name for g in enterprises.gates(session(), enterprise_id=here, closed=True)}
    form.gate.choices = options([ALL, *gates.items()])
    days = form.first.data or clock.today(), form.last.data or clock.today()
    people = visits.people_on_duty(session(), enterprise_id=here, first=days[0], last=days[1])
    asked = form.person.data
    names = list(dict.fromkeys([*people, *([asked] if asked else [])]))
    form.person.choices = options([ALL, *((name, name) for name in names)])
    return form, gates


def _wanted(form: LogFileForm, first: date, last: date, narrow: Narrowing) -> LogFilter:
    part = plates.parse(form.plate.data).plate if (form.plate.data or "").strip() else ""
    gate = form.gate.data or ""
    gate_id = UUID(gate) if gate else None
    return LogFilter(first, last, part, form.verdict.data or "", gate_id, form.person.data or "", narrow)


def _log(form: LogFileForm, gates: dict[str, str], wanted: LogFilter) -> log.Log:
    return log.of(
        session(),
        enterprise=enterprise(),
        wanted=wanted,
        columns=chosen(form.columns.data or ()),
        gate=gates.get(form.gate.data or "", ""),
        by=current_user,
        at=clock.now(),
    )


def _file(slug: str, made: log.Log, ending: str) -> Response:
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 closed by pieces
    log.write(session(), made, file, ending=ending, lang=current())
    return _answer(Response(pieces(file)), f"{slug}-{made.wanted.first}-{made.wanted.last}-{made.seq}", ending)


def _answer(answer: Response, name: str, ending: str) -> Response:
    answer.mimetype = log.TYPES[ending]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer
