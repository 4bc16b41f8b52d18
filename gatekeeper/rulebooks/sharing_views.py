"""A version as a file, and a file as the draft."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper import clock, errors, pages
from gatekeeper.access import access, enterprise, session
from gatekeeper.forms import shown_again
from gatekeeper.language import say, t
from gatekeeper.rulebooks import context, origins, queries, service, sharing
from gatekeeper.rulebooks.models import RulebookDraft, RulebookVersion
from gatekeeper.rulebooks.sharing_forms import ImportForm
from gatekeeper.rulebooks.views import ADMINS, bp, shown_version
from gatekeeper.rules.bounds import BYTES
from gatekeeper.rules.files import Placed
from gatekeeper.rules.values import Text

pages.upload("rulebooks.bring", *ADMINS, largest=2 * BYTES)


@bp.errorhandler(413)
def too_large(_error: Exception) -> tuple[str, int]:
    """A file far beyond what a rulebook can be is not even read."""
    return errors.page(413, hint=Text("规则文件请小于 1 MB。", "A rulebook file has less than 1 MB."))


@bp.context_processor
def where_from() -> dict[str, Any]:
    """The origin of a draft or version, for the templates of this feature."""

    def origin_of(row: RulebookVersion | RulebookDraft) -> origins.Origin | None:
        return origins.origin(session(), row, context.places(session(), enterprise().id)) if row.origin else None

    return {"origin_of": origin_of}


@bp.get("/e/<slug>/rulebook/versions/<uuid:version_id>/file")
@access(*ADMINS)
def export(slug: str, version_id: UUID) -> Response:
    """The version as a file for another place."""
    row = shown_version(version_id)
    answer = Response(sharing.exported(row, enterprise()), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-rules-v{row.number}.json"'
    return answer


@bp.route("/e/<slug>/rulebook/import", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def bring(slug: str) -> Any:
    """Take a file into the draft, whole or not at all."""
    form = ImportForm()
    found = queries.draft(session(), enterprise_id=enterprise().id)
    if not form.is_submitted():
        form.revision.data = str(found.revision if found else 0)
    faults = _taken(form) if form.validate_on_submit() else ()
    if form.is_submitted() and not form.errors:
        flash(t("已导入草稿，请看过再发布", "It is in the draft now; read it, then publish"), "success")
        return redirect(url_for(".draft", slug=slug))
    show = shown_again if form.errors else render_template
    return show("rulebooks/import.html", form=form, faults=faults, draft=found)


def _taken(form: ImportForm) -> tuple[Placed, ...]:
    """Take what was handed in; where it is refused, the form says so and the faults come back."""
    try:
        sharing.take_file(session(), form.bytes(), by=current_user, at=clock.now(), revision=form.shown)
    except sharing.ImportRefused as refused:
        form.form_errors.append(say(refused.text))
        return refused.faults
    except service.DraftChanged as changed:
        form.revision.data = str(changed.revision)
        form.form_errors.append(say(changed.text))
    return ()
