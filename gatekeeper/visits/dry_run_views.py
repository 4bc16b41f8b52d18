"""The page on which a draft is tried before it is published."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper import clock, heartbeat, jobs, tenancy
from gatekeeper.access import Role, access, engines, enterprise, session
from gatekeeper.enterprises.models import EnterpriseKind
from gatekeeper.errors import DomainError, NotFound, tell
from gatekeeper.language import say, t
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.visits import queries, trying
from gatekeeper.visits.dry_run_form import TryForm
from gatekeeper.visits.models import Visit
from gatekeeper.visits.trying import Attempt
from gatekeeper.visits.views import bp

ADMINS = (Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)
TRY = "/e/<slug>/rulebook/draft/try"


@bp.app_context_processor
def names() -> dict[str, Any]:
    """For the draft's own page: what came out when it was tried as it stands."""
    return {"draft_tried": draft_tried}


def draft_tried(revision: int) -> str | None:
    """过去 30 天：多 14 次待定，多 2 次劝返. None where the draft was not tried since it was changed last."""
    found = trying.last(session(), enterprise_id=enterprise().id)
    if found is None or found.result is None or found.revision != revision:
        return None
    return say(trying.summary(found.result, days=found.days))


@bp.get(TRY)
@access(*ADMINS, reads="own")
def try_draft(slug: str) -> Any:
    """The form, how far a run is, and what the last one came to."""
    return _page(TryForm(None))


@bp.post(TRY)
@access(*ADMINS, reads="own")
def begin_try(slug: str) -> Any:
    """Let the worker try the draft; pressed again while it is at it, it is the same run."""
    form = TryForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        trying.ask(session(), days=form.days.data or trying.USUAL, by=current_user, at=clock.now())
    except DomainError as wrong:
        tell(wrong, form)
        return _page(form, 422)
    return redirect(url_for(".try_draft", slug=slug))


@bp.post(f"{TRY}/<uuid:job_id>/cancel")
@access(*ADMINS, reads="own")
def cancel_try(slug: str, job_id: UUID) -> Any:
    """Call a run off; one that has ended meanwhile stays."""
    found = jobs.find(session(), job_id)
    if found.kind != trying.KIND:
        raise jobs.NoSuchJob
    try:
        jobs.cancel(session(), job_id, at=clock.now())
        flash(t("已停止试算", "The run was called off"), "info")
    except NotFound:
        flash(t("试算已经完成", "The run had ended already"), "info")
    return redirect(url_for(".try_draft", slug=slug))


def _page(form: TryForm, status: int = 200) -> tuple[str, int]:
    place, at = enterprise(), clock.now()
    draft = rulebooks.draft(session(), enterprise_id=place.id)
    found = trying.last(session(), enterprise_id=place.id)
    first, last = _days(found)
    values = {
        "form": form,
        "draft": draft,
        "attempt": found,
        "first": first,
        "last": last,
        "same": found is not None and draft is not None and found.revision == draft.revision,
        "told": trying.summary(found.result, days=found.days) if found and found.result else None,
        "examples": _examples(found),
        "office": place.kind == EnterpriseKind.TOWNSHIP_OFFICE,
        "worker_lives": heartbeat.lives(current_app.extensions["gate"].settings.data_dir, at=at),
    }
    return render_template("visits/dry_run.html", **values), status


def _days(found: Attempt | None) -> tuple[date | None, date | None]:
    if found is None or found.result is None:
        return None, None
    return date.fromisoformat(found.result["first"]), date.fromisoformat(found.result["last"])


def _examples(found: Attempt | None) -> list[tuple[Visit, str, str, list[Any]]]:
    """(visit, its enterprise's name and slug, the row of the result) of those that the reader may still see."""
    if found is None or found.result is None:
        return []
    rows = {UUID(row[1]): row for row in found.result["examples"]}
    with tenancy.open_session(engines(), _reading()) as reading:
        visits, places = queries.of_ids(reading, list(rows)), queries.names_of_places(reading)
        reading.expunge_all()
    return [(visit, *places[visit.enterprise_id], rows[visit.id]) for visit in visits]


def _reading() -> tenancy.Scope:
    """An office looks at the visits of its whole township."""
    place = enterprise()
    if place.kind == EnterpriseKind.TOWNSHIP_OFFICE and place.township_id:
        return tenancy.Township(place.township_id)
    return tenancy.Enterprise(place.id)
