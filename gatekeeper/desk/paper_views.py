"""The blank paper form as a page to be printed."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, access, enterprise, session
from gatekeeper.desk import paper
from gatekeeper.desk.views import bp
from gatekeeper.enterprises import queries as enterprises


@bp.get("/e/<slug>/paper-form")
@access(*ENTERPRISE_STAFF)
def paper_form(slug: str) -> Any:
    """As many blank sheets as the address wants, each with a number of its own."""
    sheets = request.args.get("sheets", 1, type=int)
    form = paper.form(session(), at=clock.now(), day=clock.today(), sheets=sheets)
    gates = enterprises.gates(session(), enterprise_id=enterprise().id)
    return render_template("desk/paper_form.html", form=form, gates=gates, rows=paper.ROWS, day=clock.today())
