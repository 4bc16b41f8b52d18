"""The gate log 台账: search. What was found as a file: reports/log_views.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask import render_template, request

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, EVERYONE, access, enterprise, session
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.formats import plates
from gatekeeper.forms import options
from gatekeeper.language import say, t
from gatekeeper.pages import navigation
from gatekeeper.rules.vocabulary import VERDICTS
from gatekeeper.visits import narrowing, queries
from gatekeeper.visits.forms import ALL, LogForm
from gatekeeper.visits.models import Visit
from gatekeeper.visits.queries import LogFilter
from gatekeeper.visits.views import bp, gate_names

navigation("visits.log", *ENTERPRISE_STAFF, label=lambda: t("台账", "Gate log"))

SEARCHED = ("first", "last", "plate", "verdict", "gate", "person", *narrowing.NAMES)


def search() -> tuple[LogForm, LogFilter]:
    """The search of the address, with today where it names no days."""
    form = LogForm(request.args)
    today = clock.today()
    first, last = form.first.data or form.last.data or today, form.last.data or form.first.data or today
    first, last = min(first, last), max(first, last)
    form.first.data, form.last.data = first, last
    place = enterprise().id
    gates = enterprises.gates(session(), enterprise_id=place, closed=True)
    form.gate.choices = options([ALL, *((g.id, g.name) for g in gates)])
    people = queries.people_on_duty(session(), enterprise_id=place, first=first, last=last)
    form.person.choices = options([ALL, *((p, p) for p in people)])
    return form, _filter(form, first, last, {str(g.id) for g in gates})


def _filter(form: LogForm, first: date, last: date, known: set[str]) -> LogFilter:
    gate = UUID(form.gate.data) if form.gate.data and form.gate.data in known else None
    part = plates.parse(form.plate.data).plate if (form.plate.data or "").strip() else ""
    verdict = form.verdict.data if form.verdict.data in {choice.code for choice in VERDICTS} else ""
    return LogFilter(first, last, part, verdict or "", gate, form.person.data or "", narrowing.read(request.args))


def narrowed(wanted: LogFilter, rows: Sequence[Visit]) -> list[str]:
    """What the log is narrowed to from a figure, said; a rule by the title it had when it judged."""
    titles = queries.rule_titles(session(), rows) if wanted.narrow.rule else {}
    return [say(text) for text in narrowing.words(wanted.narrow, titles)]


@bp.get("/e/<slug>/visits")
@access(*EVERYONE)
def log(slug: str) -> str:
    """Visits by day, part of a plate, verdict, gate, person on duty."""
    form, wanted = search()
    page = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    rows, count = queries.log(session(), enterprise_id=enterprise().id, wanted=wanted, page=page)
    shown_to = (page - 1) * queries.LOG_PAGE + len(rows)
    kept = {name: value for name in SEARCHED if (value := request.args.get(name))}
    values = {"form": form, "rows": rows, "count": count, "page": page, "shown_to": shown_to, "kept": kept}
    values |= {"wanted": wanted, "narrowed": narrowed(wanted, rows), "gates": gate_names(), "size": queries.LOG_PAGE}
    values["hidden"] = {name: kept[name] for name in narrowing.NAMES if name in kept and name != "some"}
    return render_template("visits/log.html", **values)
