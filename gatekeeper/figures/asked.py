"""The period that a page is asked for, and the usual ones a click away."""

from __future__ import annotations

from datetime import date, timedelta

from flask import request, url_for

from gatekeeper import clock
from gatekeeper.errors import DomainError, tell
from gatekeeper.figures.forms import PeriodForm
from gatekeeper.figures.values import checked_period, usual_periods
from gatekeeper.language import say

DAYS = 7


def presets(slug: str) -> list[tuple[str, str]]:
    """(name, address of this page) of the usual periods."""
    usual = usual_periods(clock.today())
    return [(say(name), url_for(request.endpoint, slug=slug, first=first, last=last)) for name, first, last in usual]


def period() -> tuple[PeriodForm, date, date, bool]:
    """The form, the period to show and whether it could be read; by default the last seven days."""
    today = clock.today()
    first, last = today - timedelta(days=DAYS - 1), today
    if not (request.args.get("first") or request.args.get("last")):
        return PeriodForm(None, data={"first": first, "last": last}), first, last, True
    form = PeriodForm(request.args)
    if not form.validate():
        return form, first, last, False
    try:
        return form, *checked_period(form.first.data, form.last.data, today=today), True
    except DomainError as wrong:
        tell(wrong, form)
    return form, first, last, False
