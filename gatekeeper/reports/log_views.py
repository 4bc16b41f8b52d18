"""The gate log as a file: what is searched for, which columns, XLSX or CSV."""

from __future__ import annotations

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
from gatekeeper.visits import queries as visits
from gatekeeper.visits.queries import LogFilter


@bp.get("/e/<slug>/reports/log")
@access(*EVERYONE)
def log_file(slug: str) -> Any:
    """The form; with ``file`` (xlsx or csv) in the address, the file."""
    ending = request.args.get("file", "")
    form, gates = _form()
    if ending in log.TYPES and form.validate():
        try:
            first, last = checked_period(form.first.data, form.last.data, today=clock.today())
            return _file(slug, form, gates, first, last, ending)
        except DomainError as wrong:
            tell(wrong, form)
    page = render_template("reports/log.html", form=form, all=len(form.columns.data or ()) == len(CODES))
    return page, 422 if form.errors else 200


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


def _file(slug: str, form: LogFileForm, gates: dict[str, str], first: date, last: date, ending: str) -> Response:
    part = plates.parse(form.plate.data).plate if (form.plate.data or "").strip() else ""
    gate = form.gate.data or ""
    wanted = LogFilter(first, last, part, form.verdict.data or "", UUID(gate) if gate else None, form.person.data or "")
    made = log.of(
        session(),
        enterprise=enterprise(),
        wanted=wanted,
        columns=chosen(form.columns.data or ()),
        gate=gates.get(gate, ""),
        by=current_user,
        at=clock.now(),
    )
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 closed by pieces
    log.write(session(), made, file, ending=ending, lang=current())
    answer = Response(pieces(file), mimetype=log.TYPES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-{first}-{last}-{made.seq}.{ending}"'
    return answer
