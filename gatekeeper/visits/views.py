"""The gate's pages: the queue, and the visit. What a guard does is written on the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, EVERYONE, Role, access, engines, enterprise, session
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.forms import options
from gatekeeper.language import t
from gatekeeper.pages import navigation
from gatekeeper.rulebooks import switch_queries as switches
from gatekeeper.visits import page, queries, rejudge, reveal, shown, tray
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.forms import CorrectForm, NoteForm, OverrideForm, ReasonForm
from gatekeeper.visits.record import record
from gatekeeper.visits.reveal_forms import RevealForm, reveal_form

bp = Blueprint("visits", __name__)

navigation("visits.queue", *ENTERPRISE_STAFF, label=lambda: t("门岗", "Gate"))


@bp.app_context_processor
def words() -> dict[str, Any]:
    """Names of codes, for the templates of the gate."""
    return {"visit_words": shown}


def gate_names() -> dict[UUID, str]:
    """Names of all gates of this enterprise, closed ones too."""
    return {g.id: g.name for g in enterprises.gates(session(), enterprise_id=enterprise().id, closed=True)}


@bp.get("/e/<slug>/gate")
@access(*EVERYONE)
def queue(slug: str) -> str:
    """At the gate, inside, overdue, left today; what happens there is written on the desk."""
    rejudge.at_place(engines(), enterprise().id, at=clock.now())
    return render_template("visits/queue.html", **_queue_values())


def _queue_values() -> dict[str, Any]:
    """What the queue's page shows."""
    at = clock.now()
    lists = queries.queue(session(), enterprise_id=enterprise().id, at=at, day=clock.day_of(at))
    put_off = tray.count(session(), enterprise_id=enterprise().id, at=at)
    place = enterprises.enterprise(session(), enterprise_id=enterprise().id)
    on = [
        order.title for order in switches.for_enterprise(session(), place=place, at=at) if order.standing == switches.ON
    ]
    return {"queue": lists, "at": at, "gates": gate_names(), "put_off": put_off, "orders": on}


def load(visit_id: UUID) -> page.Page:
    """The page's values of a visit of this enterprise, or 404."""
    queries.get(session(), enterprise_id=enterprise().id, visit_id=visit_id)
    found = page.page(session(), enterprise_id=enterprise().id, visit_id=visit_id, by=current_user, at=clock.now())
    if found is None:
        abort(404)
    return found


def _override_form(found: page.Page, **source: Any) -> OverrideForm:
    form = OverrideForm(prefix="override", **source)
    form.findings.choices = options(
        (shown.finding_key(reason.finding), shown.finding_words(reason, found.state)) for reason in found.overridable
    )
    return form


FORMS: dict[str, Callable[..., Any]] = {
    "override": _override_form,
    "void": lambda _, **source: ReasonForm(prefix="void", **source),
    "correct": lambda _, **source: CorrectForm(prefix="correct", **source),
    "note": lambda _, **source: NoteForm(prefix="note", **source),
}
"""The forms of the visit page by name; each is made of the page's values."""


def sent_form(found: page.Page, name: str) -> Any:
    """The form that was sent, with what was typed."""
    return FORMS[name](found)


def empty_forms(found: page.Page) -> dict[str, Any]:
    """Every form of the visit page, as it is before anything is typed."""
    return {name: make(found, formdata=None) for name, make in FORMS.items()}


def look_form(visit_id: UUID, **source: Any) -> RevealForm:
    """The form by which this person asks to see what is masked; without choices where there is nothing for them."""
    place, role = enterprise().id, current_user.role
    return reveal_form(reveal.offered(session(), enterprise_id=place, visit_id=visit_id, role=role), **source)


def show_visit(visit_id: UUID, status: int = 200, **replaced: Any) -> tuple[str, int]:
    """The visit page; ``replaced`` are forms with faults, shown with everything typed."""
    found, look = load(visit_id), replaced.pop("look", None)
    place, acting = enterprise().id, current_user.enterprise_id == enterprise().id
    row = queries.get(session(), enterprise_id=place, visit_id=visit_id)
    values = {
        "page": found,
        "visit": row,
        "people": queries.occupants(session(), enterprise_id=place, visit_id=visit_id),
        "facts": shown.facts(session(), found, row, gate_names()),
        "at": clock.now(),
        "forms": {**empty_forms(found), **replaced} if acting and current_user.role in ENTERPRISE_STAFF else {},
        "lead": acting and current_user.role in (Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN),
        "look": look or look_form(visit_id, formdata=None),
        "may_look": current_user.role in reveal.MAY,
        "subject": lambda subject: shown.subject_label(subject, found.state),
    }
    return render_template("visits/show.html", **values), status


@bp.get("/e/<slug>/visits/<uuid:visit_id>")
@access(*EVERYONE)
def show(slug: str, visit_id: UUID) -> Any:
    """One visit: verdict, reasons, what is open, what happened."""
    rejudge.at_place(engines(), enterprise().id, at=clock.now())
    return show_visit(visit_id)


def receive(visit_id: UUID, kind: EventKind, body: dict[str, Any], event_id: UUID) -> Any:
    """Record one event of the page and go back to it; a refusal is said on top."""
    row = queries.get(session(), enterprise_id=enterprise().id, visit_id=visit_id)
    event = Event(event_id, visit_id, kind, clock.now(), row.gate_id, body)
    outcome = record(session(), event, by=current_user, received_at=clock.now())
    if outcome.state == "attention":
        flash(t("这一步现在不能执行，已记入待处理", "This cannot be done now; it was kept for attention"), "error")
    elif outcome.replayed:
        flash(t("这一步已经记过了，没有重复", "This was recorded already; nothing was doubled"), "info")
    else:
        flash(shown.recorded(kind), "success")
    return redirect(url_for("visits.show", slug=request.view_args["slug"], visit_id=visit_id))
