"""The gate log 台账: search, and the sheet of what was found."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from flask import Response, render_template, request

from gatekeeper import clock
from gatekeeper.access import EVERYONE, access, enterprise, session
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.formats import plates, regions
from gatekeeper.forms import options
from gatekeeper.language import lazy, say, t
from gatekeeper.pages import navigation
from gatekeeper.rules.vocabulary import CARGO, VERDICTS, VISITOR_KINDS, label
from gatekeeper.visits import queries
from gatekeeper.visits.forms import LogForm
from gatekeeper.visits.models import Visit
from gatekeeper.visits.queries import LogFilter
from gatekeeper.visits.views import bp, gate_names

navigation("visits.log", *EVERYONE[:3], label=lambda: t("台账", "Gate log"))


def search() -> tuple[LogForm, LogFilter]:
    """The search of the address, with today where it names no days."""
    form = LogForm(request.args)
    today = clock.today()
    first, last = form.first.data or form.last.data or today, form.last.data or form.first.data or today
    first, last = min(first, last), max(first, last)
    form.first.data, form.last.data = first, last
    place = enterprise().id
    gates = enterprises.gates(session(), enterprise_id=place, closed=True)
    form.gate.choices = [("", lazy("全部", "all")), *options((g.id, g.name) for g in gates)]
    people = queries.people_on_duty(session(), enterprise_id=place, first=first, last=last)
    form.person.choices = [("", lazy("全部", "all")), *((p, p) for p in people)]
    return form, _filter(form, first, last)


def _filter(form: LogForm, first: date, last: date) -> LogFilter:
    known = {value for value, _ in form.gate.choices}
    gate = UUID(form.gate.data) if form.gate.data and form.gate.data in known else None
    part = plates.parse(form.plate.data).plate if form.plate.data else ""
    return LogFilter(first, last, part, form.verdict.data or "", gate, form.person.data or "")


@bp.get("/e/<slug>/visits")
@access(*EVERYONE)
def log(slug: str) -> str:
    """Visits by day, part of a plate, verdict, gate, person on duty."""
    form, wanted = search()
    page = max(1, request.args.get("page", 1, type=int))
    rows, count = queries.log(session(), enterprise_id=enterprise().id, wanted=wanted, page=page)
    more = page * queries.LOG_PAGE < count
    return render_template(
        "visits/log.html", form=form, rows=rows, count=count, page=page, more=more, gates=gate_names()
    )


@bp.get("/e/<slug>/visits.csv")
@access(*EVERYONE)
def log_csv(slug: str) -> Response:
    """What the search found, as a sheet without formulas."""
    _, wanted = search()
    rows = queries.log_rows(session(), enterprise_id=enterprise().id, wanted=wanted)
    name = f"{slug}-{wanted.first}-{wanted.last}.csv"
    return Response(
        "".join(_lines(rows, gate_names())),
        mimetype="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


STATES = {
    "at_gate": ("在门口", "at the gate"),
    "inside": ("在厂内", "inside"),
    "left": ("已离场", "left"),
    "turned_away": ("已劝返", "turned away"),
    "void": ("已作废", "void"),
}


def plain_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _lines(rows: list[Visit] | object, gates: dict[UUID, str]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    head = ("到达", "车牌", "挂车", "类型", "门岗", "从哪里来", "货物", "人数", "判定", "状态", "进厂", "离场", "当班人")
    head_en = ("arrived", "plate", "trailer", "kind", "gate", "from", "cargo", "people", "verdict", "state", "in", "out")
    writer.writerow([t(zh, en) for zh, en in zip(head, (*head_en, "on duty"), strict=True)])
    yield "\ufeff"
    for row in rows:  # type: ignore[attr-defined]
        writer.writerow([plain_cell(value) for value in _cells(row, gates)])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _cells(row: Visit, gates: dict[UUID, str]) -> tuple[object, ...]:
    def moment(value: object) -> str:
        return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else ""  # type: ignore[arg-type]

    return (
        moment(row.arrived_at),
        row.plate,
        row.trailers,
        say(label(VISITOR_KINDS, row.kind)) if row.kind else "",
        gates.get(row.gate_id, ""),
        regions.full_name(row.origin) if row.origin else "",
        say(label(CARGO, row.cargo)) if row.cargo else "",
        row.people,
        say(label(VERDICTS, row.verdict)),
        t(*STATES[row.state]),
        moment(row.admitted_at),
        moment(row.closed_at),
        row.guard_name,
    )
