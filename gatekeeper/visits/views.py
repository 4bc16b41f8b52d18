"""The gate's pages: the queue with the arrival form, and the visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import session as browser
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, EVERYONE, Role, access, engines, enterprise, session
from gatekeeper.db import new_id
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import DomainError, tell
from gatekeeper.formats import plates
from gatekeeper.forms import options, shown_again
from gatekeeper.language import say, t
from gatekeeper.pages import navigation
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks import switch_queries as switches
from gatekeeper.rules.decide import needs
from gatekeeper.visits import admission, answers, arrivals, book, compose, page, queries, rejudge, reveal, shown, tray
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.forms import (
    ArrivalForm,
    CareForm,
    CorrectForm,
    FactsForm,
    LeaveForm,
    NoteForm,
    OverrideForm,
    ReasonForm,
)
from gatekeeper.visits.models import Visit
from gatekeeper.visits.record import Outcome, record
from gatekeeper.visits.reveal_forms import RevealForm, reveal_form

bp = Blueprint("visits", __name__)
GATEKEEPERS = (Role.GUARD, Role.SHIFT_LEAD)

navigation("visits.queue", *ENTERPRISE_STAFF, label=lambda: t("门岗", "Gate"))


@bp.app_context_processor
def words() -> dict[str, Any]:
    """Names of codes, for the templates of the gate."""
    return {"visit_words": shown}


def arrival_form() -> ArrivalForm:
    """The arrival form as the rules in force want it, with the gates and zones of this enterprise."""
    form = ArrivalForm()
    place = enterprise().id
    form.gate.choices = options((g.id, g.name) for g in enterprises.gates(session(), enterprise_id=place))
    if not form.is_submitted():
        form.gate.data = browser.get("gate")
    form.keep(set(needs(rulebooks.in_force(session(), at=clock.now()))), _zones())
    return form


def _zones() -> list[tuple[str, str]]:
    return [(z.code, f"{z.code} {z.name}") for z in enterprises.zones(session(), enterprise_id=enterprise().id)]


def gate_names() -> dict[UUID, str]:
    """Names of all gates of this enterprise, closed ones too."""
    return {g.id: g.name for g in enterprises.gates(session(), enterprise_id=enterprise().id, closed=True)}


def queue_values(form: ArrivalForm | None, **more: Any) -> dict[str, Any]:
    """What the queue's page shows."""
    at = clock.now()
    lists = queries.queue(session(), enterprise_id=enterprise().id, at=at, day=clock.day_of(at))
    put_off = tray.count(session(), enterprise_id=enterprise().id, at=at)
    place = enterprises.enterprise(session(), enterprise_id=enterprise().id)
    on = [
        order.title for order in switches.for_enterprise(session(), place=place, at=at) if order.standing == switches.ON
    ]
    return {"form": form, "queue": lists, "at": at, "gates": gate_names(), "put_off": put_off, "orders": on, **more}


@bp.get("/e/<slug>/gate")
@access(*EVERYONE)
def queue(slug: str) -> str:
    """At the gate, inside, overdue, left today; on top the plate of who just came."""
    rejudge.at_place(engines(), enterprise().id, at=clock.now())
    acting = current_user.role in GATEKEEPERS and current_user.enterprise_id == enterprise().id
    return render_template("visits/queue.html", **queue_values(arrival_form() if acting else None))


@bp.post("/e/<slug>/gate")
@access(*GATEKEEPERS)
def arrive(slug: str) -> Any:
    """A truck or a visitor stands at the gate. A plate that is still here is asked about first (409)."""
    form = arrival_form()
    if not form.validate_on_submit():
        return shown_again("visits/queue.html", **queue_values(form))
    here = _still_here(form)
    if here is not None and form.already.data not in arrivals.LEFT_EARLIER:
        asked = {} if form.already.data == "wrong_plate" else {"here": here}
        return render_template("visits/queue.html", **queue_values(form, **asked)), 409
    try:
        outcome = _arrived(form, here)
    except DomainError as error:
        tell(error, form)
        form.event_id.data = str(new_id())
        return shown_again("visits/queue.html", **queue_values(form))
    return redirect(url_for("visits.show", slug=slug, visit_id=outcome.visit.visit_id if outcome.visit else ""))


def _still_here(form: ArrivalForm) -> Visit | None:
    return arrivals.still_here(
        session(), enterprise_id=enterprise().id, written=form.plate.data, event_id=form.event_uuid
    )


def _arrived(form: ArrivalForm, here: Visit | None) -> Outcome:
    """Record the arrival, and before it how the earlier visit of this plate ended."""
    body, at, event_id = compose.arrival(form), clock.now(), form.event_uuid
    if here is not None:
        arrivals.close_earlier(
            session(), here, already=form.already.data or "", event_id=event_id, by=current_user, at=at
        )
    event = Event(event_id, event_id, EventKind.ARRIVE, at, UUID(form.gate.data), body)
    outcome = record(session(), event, by=current_user, received_at=at)
    browser["gate"] = form.gate.data
    note = plates.parse(form.plate.data).note if form.plate.data else None
    if note is not None:
        flash(say(note), "info")
    return outcome


def load(visit_id: UUID) -> page.Page:
    """The page's values of a visit of this enterprise, or 404."""
    queries.get(session(), enterprise_id=enterprise().id, visit_id=visit_id)
    found = page.page(session(), enterprise_id=enterprise().id, visit_id=visit_id, by=current_user, at=clock.now())
    if found is None:
        abort(404)
    return found


def _facts_form(found: page.Page, **source: Any) -> FactsForm:
    form = FactsForm(prefix="facts", **source)
    form.keep(set(found.unknown), _zones())
    return form


def _override_form(found: page.Page, **source: Any) -> OverrideForm:
    form = OverrideForm(prefix="override", **source)
    form.findings.choices = options(
        (shown.finding_key(reason.finding), shown.finding_words(reason, found.state)) for reason in found.overridable
    )
    return form


def _away_form(found: page.Page, **source: Any) -> ReasonForm:
    why_not = "；".join(dict.fromkeys(f"{say(r.text)}（{say(r.detail)}）" for r in found.against))[:200]
    return ReasonForm(prefix="away", data={"reason": why_not}, **source)


def _asking(prefix: str, of: str) -> Callable[..., answers.AnswerForm]:
    def build(found: page.Page, **source: Any) -> answers.AnswerForm:
        asked = getattr(found, of)
        return answers.build(asked, at=clock.now(), known=found.state.answers, prefix=prefix, **source)

    return build


FORMS: dict[str, Callable[..., Any]] = {
    "facts": _facts_form,
    "questions": _asking("ask", "due"),
    "again": _asking("again", "done"),
    "leaving": _asking("exit", "exit_due"),
    "override": _override_form,
    "turn_away": _away_form,
    "void": lambda _, **source: ReasonForm(prefix="void", **source),
    "correct": lambda _, **source: CorrectForm(prefix="correct", **source),
    "leave": lambda _, **source: LeaveForm(prefix="leave", **source),
    "note": lambda _, **source: NoteForm(prefix="note", **source),
    "care": lambda _, **source: CareForm(prefix="care", **source),
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
        "keeper": acting and current_user.role in GATEKEEPERS,
        "lead": acting and current_user.role in (Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN),
        "look": look or look_form(visit_id, formdata=None),
        "may_look": current_user.role in reveal.MAY,
        "once": new_id(),
        "subject": lambda subject: answers.subject_label(subject, found.state),
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
    elif outcome.data.get("act") == "also":
        lines = book.entries_of(session(), enterprise_id=row.enterprise_id, visit_id=visit_id)
        before = admission.also(admission.first(lines))
        flash(t(f"{before.zh}；您的放行另记一笔", f"{before.en}; yours was written beside it"), "info")
    elif outcome.replayed:
        flash(t("这一步已经记过了，没有重复", "This was recorded already; nothing was doubled"), "info")
    else:
        flash(shown.recorded(kind), "success")
    return redirect(url_for("visits.show", slug=request.view_args["slug"], visit_id=visit_id))
