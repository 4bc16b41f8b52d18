"""The township's board, and the figures of one enterprise."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from gatekeeper import clock
from gatekeeper.access import TOWNSHIP_STAFF, Role, Tenant, access, enterprise, session
from gatekeeper.desk import duty
from gatekeeper.enterprises.values import TodayFigure, on_today
from gatekeeper.figures import in_force, queries, service, words
from gatekeeper.figures.asked import period, presets
from gatekeeper.figures.values import EnterpriseRow
from gatekeeper.language import t
from gatekeeper.pages import navigation
from gatekeeper.rules.values import Text

bp = Blueprint("figures", __name__)

READERS = (Role.ENTERPRISE_ADMIN, *TOWNSHIP_STAFF)

navigation("figures.board", *TOWNSHIP_STAFF, label=lambda: t("看板", "Board"))
navigation("figures.show", Role.ENTERPRISE_ADMIN, label=lambda: t("数据", "Figures"))


@bp.record_once
def helpers(state: BlueprintSetupState) -> None:
    """The words of the charts, also inside the macros that screen and paper share."""
    state.app.jinja_env.globals["figure_words"] = words


SORTS = {
    "name": lambda row: row.name,
    "visits": lambda row: row.visits,
    "rate": lambda row: -1 if row.compliance.tenths is None else row.compliance.tenths,
    "held": lambda row: row.held,
    "refused": lambda row: row.refused,
    "against": lambda row: row.against_verdict,
    "overdue": lambda row: row.overdue,
}


def ordered(rows: list[EnterpriseRow], sort: str, down: bool) -> list[EnterpriseRow]:
    """By the chosen column; by default those that need attention stand on top."""
    key = SORTS.get(sort)
    return rows if key is None else sorted(rows, key=key, reverse=down)


@bp.get("/e/<slug>/board")
@access(*TOWNSHIP_STAFF, reads="township")
def board(slug: str) -> Any:
    """Every enterprise of the township in a period, the ones that need attention on top."""
    form, first, last, good = period()
    rows = service.board(session(), first=first, last=last) if good else []
    sort, down = request.args.get("sort", ""), request.args.get("order") == "down"
    values: dict[str, Any] = {"form": form, "good": good, "first": first, "last": last, "down": down}
    values |= {"rows": ordered(rows, sort, down), "sort": sort if sort in SORTS else "", "presets": presets(slug)}
    values["unmanned"] = duty.names_of_unmanned(session(), at=clock.now())
    return render_template("figures/board.html", **values), 200 if good else 422


@bp.get("/e/<slug>/figures")
@access(*READERS)
def show(slug: str) -> Any:
    """The figures of one enterprise, the same as the report's, with the same charts."""
    form, first, last, good = period()
    counted = service.count(session(), enterprise_id=enterprise().id, first=first, last=last) if good else None
    values: dict[str, Any] = {"form": form, "good": good, "first": first, "last": last, "f": counted}
    values["presets"] = presets(slug)
    if counted is not None:
        known = in_force.of(session(), counted)
        before = service.period_before(session(), enterprise_id=enterprise().id, first=first, last=last)
        values.update(rules=in_force.lines(counted, known), known=known, before=before)
        values["people"] = queries.people_by_kind(session(), enterprise_id=enterprise().id, first=first, last=last)
    return render_template("figures/show.html", **values), 200 if good else 422


@on_today
def of_today(session: Any, tenant: Tenant, day: date) -> list[TodayFigure]:
    """What arrived today and how it stands, for the admin's home."""
    rows = queries.day_sums(session, first=day, last=day, enterprise_id=tenant.id)
    address = url_for("figures.show", slug=tenant.slug, first=day, last=day)
    named = (
        ("visits", Text("今日来访", "Visits today")),
        ("held", Text("判定待定", "Held")),
        ("refused", Text("判定劝返", "Refused")),
        ("against_verdict", Text("违反判定入厂", "Entered against the verdict")),
        ("overdue", Text("超时", "Overdue")),
    )
    return [TodayFigure(text, sum(getattr(row, name) for row in rows), address) for name, text in named]
