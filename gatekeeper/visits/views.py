"""The gate's pages: the queue with the arrival form, and the visit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, EVERYONE, Role, access, enterprise, session
from gatekeeper.db import new_id
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import DomainError, tell
from gatekeeper.formats import plates
from gatekeeper.forms import options, shown_again
from gatekeeper.language import say, t
from gatekeeper.pages import navigation
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.decide import needs
from gatekeeper.visits import answers, compose, page, queries
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
from gatekeeper.visits.record import record

bp = Blueprint("visits", __name__)
GATEKEEPERS = (Role.GUARD, Role.SHIFT_LEAD)

navigation("visits.queue", *ENTERPRISE_STAFF, label=lambda: t("门岗", "Gate"))


def arrival_form() -> ArrivalForm:
    """The arrival form as the rules in force want it, with the gates and zones of this enterprise."""
    form = ArrivalForm()
    place = enterprise().id
    form.gate.choices = options((g.id, g.name) for g in enterprises.gates(session(), enterprise_id=place))
    zones = [(z.code, f"{z.code} {z.name}") for z in enterprises.zones(session(), enterprise_id=place)]
    form.keep(set(needs(rulebooks.in_force(session(), at=clock.now()))), zones)
    return form


def queue_values(form: ArrivalForm | None, **more: Any) -> dict[str, Any]:
    at = clock.now()
    lists = queries.queue(session(), enterprise_id=enterprise().id, at=at, day=clock.day_of(at))
    return {"form": form, "queue": lists, "at": at, "gates": gate_names(), **more}


def gate_names() -> dict[UUID, str]:
    return {g.id: g.name for g in enterprises.gates(session(), enterprise_id=enterprise().id, closed=True)}


@bp.get("/e/<slug>/gate")
@access(*EVERYONE)
def queue(slug: str) -> str:
    """At the gate, inside, overdue, left today; on top the plate of who just came."""
    form = arrival_form() if current_user.role in GATEKEEPERS else None
    return render_template("visits/queue.html", **queue_values(form))


@bp.post("/e/<slug>/gate")
@access(*GATEKEEPERS)
def arrive(slug: str) -> Any:
    """A truck or a visitor stands at the gate. A plate that is still here is asked about first (409)."""
    form = arrival_form()
    if not form.validate_on_submit():
        return shown_again("visits/queue.html", **queue_values(form))
    plate = plates.parse(form.plate.data).plate if form.plate.data else None
    here = queries.still_here(session(), enterprise_id=enterprise().id, plate=plate) if plate else None
    if here is not None and not form.already.data and here.plate_class != "other":
        return render_template("visits/queue.html", **queue_values(form, here=here)), 409
    try:
        body = compose.arrival(form)
        event = Event(form.event_uuid, form.event_uuid, EventKind.ARRIVE, clock.now(), UUID(form.gate.data), body)
        outcome = record(session(), event, by=current_user, received_at=clock.now())
    except DomainError as error:
        tell(error, form)
        return shown_again("visits/queue.html", **queue_values(form))
    note = plates.parse(form.plate.data).note if form.plate.data else None
    if note is not None:
        flash(say(note), "info")
    return redirect(url_for("visits.show", slug=slug, visit_id=outcome.visit.visit_id))


def load(visit_id: UUID) -> page.Page:
    """The page's values of a visit of this enterprise, or 404."""
    queries.get(session(), enterprise_id=enterprise().id, visit_id=visit_id)
    found = page.page(
        session(), enterprise_id=enterprise().id, visit_id=visit_id, by=current_user, at=clock.now()
    )
    if found is None:
        abort(404)
    return found


def forms(found: page.Page) -> dict[str, Any]:
    """Every form of the visit page, empty; one that failed takes the place of its own."""
    at = clock.now()
    zones = [(z.code, f"{z.code} {z.name}") for z in enterprises.zones(session(), enterprise_id=enterprise().id)]
    facts = FactsForm(prefix="facts")
    facts.keep(set(found.unknown), zones)
    override = OverrideForm(prefix="override")
    override.findings.choices = [
        (f"{r.finding.owner}|{r.finding.rule}|{r.finding.subject}|{r.finding.consequence}", say(r.text))
        for r in found.overridable
    ]
    on_spot = [q for q in found.asked if q.stage != "exit" and not q.answered]
    return {
        "facts": facts,
        "questions": answers.build(on_spot, at=at, known=dict(found.state.answers)),
        "leaving": answers.build(found.exit_asked, at=at, known=dict(found.state.answers)),
        "override": override,
        "turn_away": ReasonForm(prefix="away"),
        "void": ReasonForm(prefix="void"),
        "correct": CorrectForm(prefix="correct"),
        "leave": LeaveForm(prefix="leave"),
        "note": NoteForm(prefix="note"),
        "care": CareForm(prefix="care"),
    }


def show_visit(visit_id: UUID, status: int = 200, **replaced: Any) -> tuple[str, int]:
    """The visit page; ``replaced`` are forms with faults, shown with everything typed."""
    found = load(visit_id)
    row = queries.get(session(), enterprise_id=enterprise().id, visit_id=visit_id)
    people = queries.occupants(session(), enterprise_id=enterprise().id, visit_id=visit_id)
    values = {"page": found, "visit": row, "people": people, "gates": gate_names(), "at": clock.now()}
    acting = current_user.role in ENTERPRISE_STAFF and current_user.enterprise_id == enterprise().id
    kit = {**forms(found), **replaced} if acting else {}
    return (
        render_template(
            "visits/show.html",
            **values,
            forms=kit,
            acting=acting,
            once=new_id(),
            subject=lambda s: answers.subject_label(s, found.state),
        ),
        status,
    )


@bp.get("/e/<slug>/visits/<uuid:visit_id>")
@access(*EVERYONE)
def show(slug: str, visit_id: UUID) -> Any:
    """One visit: verdict, reasons, what is open, what happened."""
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
    return redirect(url_for("visits.show", slug=request.view_args["slug"], visit_id=visit_id))
