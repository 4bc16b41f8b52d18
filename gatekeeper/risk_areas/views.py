"""Pages of risk areas: the list in force, handing in a new one, and places by name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import errors, pages
from gatekeeper.access import EVERYONE, Role, access, enterprise, session
from gatekeeper.clock import now
from gatekeeper.formats import regions as places
from gatekeeper.formats.risk_list_file import MAX_BYTES
from gatekeeper.forms import shown_again
from gatekeeper.language import say, t
from gatekeeper.risk_areas import queries, service
from gatekeeper.risk_areas.forms import ListForm, LookupForm
from gatekeeper.risk_areas.overview import overview
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import RISK_LEVELS, label

bp = Blueprint("risk_areas", __name__)
pages.navigation("risk_areas.show", *EVERYONE, label=lambda: t("风险地区", "Risk areas"))
pages.upload("risk_areas.load", Role.TOWNSHIP_ADMIN, largest=MAX_BYTES)
SUGGESTIONS = 12
UNMATCHED = 50
"""Entries without a county on one page: a list of 43,000 communities has hundreds."""


@bp.errorhandler(413)
def too_large(_error: Exception) -> tuple[str, int]:
    return errors.page(413, hint=Text("名单文件请小于 20 MB。", "A list file has less than 20 MB."))


@bp.get("/e/<slug>/risk-areas")
@access(*EVERYONE)
def show(slug: str) -> str:
    """The list in force, what it changed, what could not be matched; the level of one place."""
    return render_template("risk_areas/show.html", **_page(ListForm()))


@bp.post("/e/<slug>/risk-areas")
@access(Role.TOWNSHIP_ADMIN, reads="own")
def load(slug: str) -> Any:
    """Keep an official list and put it in force; one that cannot be taken says why."""
    form = ListForm()
    if form.validate_on_submit():
        try:
            row = service.store(session(), form.file.data.read(), at=now())
            adoption = service.adopt(session(), list_hash=row.hash, by=current_user, at=now())
            flash(say(queries.standing(session(), adoption, at=now())), "success")
            return redirect(url_for("risk_areas.show", slug=slug))
        except errors.Invalid as refused:
            errors.tell(refused, form)
    return shown_again("risk_areas/show.html", **_page(form))


@bp.get("/e/<slug>/regions")
@access(*EVERYONE)
def regions(slug: str) -> Response:
    """Places by a part of the name, pinyin or code, for the list under a field: ``[{code, name, path}]``."""
    found = places.search(request.args.get("q", ""), limit=SUGGESTIONS)
    return jsonify([{"code": region.code, "name": region.name, "path": queries.path(region.code)} for region in found])


def _page(form: ListForm) -> dict[str, Any]:
    lookup, known = LookupForm(formdata=request.args), overview(session(), at=now())
    unmatched = known.file.unmatched if known else ()
    last = max(1, -(-len(unmatched) // UNMATCHED))
    page = min(max(1, request.args.get("unmatched", 1, type=int)), last)
    return {
        "form": form,
        "may_load": current_user.role == Role.TOWNSHIP_ADMIN and enterprise().id == current_user.enterprise_id,
        "known": known,
        "unmatched": unmatched,
        "page": page,
        "last": last,
        "size": UNMATCHED,
        "lookup": lookup,
        "answer": _answer(lookup),
        "level_name": lambda code: say(label(RISK_LEVELS, code)),
        "path": queries.path,
    }


def _answer(lookup: LookupForm) -> tuple[str, queries.RiskAt] | None:
    """(place, its level now) of what was looked up; None, with the reason at the field, where it is no place."""
    if "place" not in request.args or not lookup.validate():
        return None
    try:
        code = queries.place(lookup.place.data, lookup.place_code.data, field="place")
    except errors.Invalid as refused:
        errors.tell(refused, lookup)
        return None
    return (queries.path(code), queries.level(session(), places=[code], at=now())) if code else None
