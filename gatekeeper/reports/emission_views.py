"""The emission ledger as a page to choose its days, and its files."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Response, render_template, request
from flask_login import current_user

from gatekeeper import clock, tenancy
from gatekeeper.access import access, engines, enterprise, session
from gatekeeper.errors import DomainError, tell
from gatekeeper.figures.values import checked_period
from gatekeeper.language import current
from gatekeeper.reports import emission, emission_files
from gatekeeper.reports.emission_values import LIMIT, EmissionLedger, tonnes
from gatekeeper.reports.forms import ReportForm
from gatekeeper.reports.views import IN_MEMORY, READERS, TYPES, bp, pieces

FILES = ("pdf", "xlsx")


@bp.get("/e/<slug>/reports/emission")
@access(*READERS)
def emission_ledger(slug: str) -> Any:
    """The share and the trucks below the stage; with ``file`` (pdf or xlsx) in the address, the file."""
    asked = "first" in request.args or "last" in request.args
    form = ReportForm(request.args if asked else None, data={"first": clock.today(), "last": clock.today()})
    made = None
    if asked and form.validate():
        try:
            first, last = checked_period(form.first.data, form.last.data, today=clock.today())
            made = emission.build(session(), enterprise=enterprise(), first=first, last=last, at=clock.now())
        except DomainError as wrong:
            tell(wrong, form)
    return _file(made, request.args["file"]) if made and request.args.get("file") in FILES else _page(form, made)


def _page(form: ReportForm, made: EmissionLedger | None) -> tuple[str, int]:
    with tenancy.open_session(engines(), tenancy.Enterprise(enterprise().id)) as reading:
        kept = emission.is_kept(reading, at=clock.now())
    values = {"form": form, "made": made, "kept": kept, "limit": LIMIT, "tonnes": tonnes, "files": emission_files}
    return render_template("reports/emission_page.html", **values), 422 if form.errors else 200


def _file(made: EmissionLedger, ending: str) -> Response:
    if ending == "pdf":
        answer = Response(emission_files.to_pdf(made, lang=current()), mimetype=TYPES["pdf"])
    else:
        file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 closed by pieces
        emission_files.to_xlsx(made, file, lang=current(), by=current_user)
        answer = Response(pieces(file), mimetype=TYPES["xlsx"])
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.number}.{ending}"'
    return answer
