"""The gate log as a file: what is searched for, which columns, XLSX or CSV."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from flask import Response, render_template, request
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import EVERYONE, access, enterprise, session
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import DomainError, tell
from gatekeeper.figures.values import checked_period
from gatekeeper.formats import plates
from gatekeeper.forms import options
from gatekeeper.language import current
from gatekeeper.reports import log
from gatekeeper.reports.columns import CODES, chosen
from gatekeeper.reports.log_forms import ALL, LogFileForm
from gatekeeper.reports.views import IN_MEMORY, bp, pieces
from gatekeeper.visits import narrowing
from gatekeeper.visits import queries as visits
from gatekeeper.visits.narrowing import Narrowing
from gatekeeper.visits.queries import LogFilter


@bp.get("/e/<slug>/reports/log")
@access(*EVERYONE)
def log_file(slug: str) -> Any:
    """The form; with ``file`` (xlsx or csv) in the address, the file."""
    ending = request.args.get("file", "")
    form, gates = _form()
    narrow = narrowing.read(request.args)
    if ending in log.TYPES and form.validate():
        try:
            first, last = checked_period(form.first.data, form.last.data, today=clock.today())
            return _file(slug, form, gates, _wanted(form, first, last, narrow), ending)
        except DomainError as wrong:
            tell(wrong, form)
    return _page(form, narrow), 422 if form.errors else 200


def _page(form: LogFileForm, narrow: Narrowing) -> str:
    """The form, with what the log was narrowed to when it was opened from there."""
    days = form.first.data or clock.today(), form.last.data or clock.today()
    narrowed = log.narrowed(session(), enterprise_id=enterprise().id, wanted=LogFilter(*days, narrow=narrow))
    every = len(form.columns.data or ()) == len(CODES)
    kept = {name: value for name, value in asdict(narrow).items() if value}
    return render_template("reports/log.html", form=form, all=every, narrowed=narrowed, kept=kept)


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


def _file(slug: str, form: LogFileForm, gates: dict[str, str], wanted: LogFilter, ending: str) -> Response:
    made = log.of(
        session(),
        enterprise=enterprise(),
        wanted=wanted,
        columns=chosen(form.columns.data or ()),
        gate=gates.get(form.gate.data or "", ""),
        by=current_user,
        at=clock.now(),
    )
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 closed by pieces
    log.write(session(), made, file, ending=ending, lang=current())
    answer = Response(pieces(file), mimetype=log.TYPES[ending])
    name = f"{slug}-{wanted.first}-{wanted.last}-{made.seq}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
