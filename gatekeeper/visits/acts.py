"""What a person does to a visit: one view per act, each one event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, request

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, Role, access, enterprise, session
from gatekeeper.db import new_id
from gatekeeper.errors import DomainError, tell
from gatekeeper.files import MOST_BYTES
from gatekeeper.forms import OnceForm
from gatekeeper.language import say, t
from gatekeeper.pages import upload
from gatekeeper.visits import compose, photos
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.page import Page
from gatekeeper.visits.views import GATEKEEPERS, bp, load, receive, sent_form, show_visit

LEADS = (Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN)

for taker in ("visits.answer", "visits.answer_exit"):
    upload(taker, *GATEKEEPERS, largest=MOST_BYTES)


def act(visit_id: UUID, name: str, kind: EventKind, body: Callable[[Any, Page], dict[str, Any]]) -> Any:
    """One act: its form is checked and recorded; what cannot be taken is shown again with everything typed."""
    found = load(visit_id)
    form = sent_form(found, name)
    if not form.validate_on_submit():
        return show_visit(visit_id, 422, **{name: form})
    try:
        return receive(visit_id, kind, body(form, found), form.event_uuid)
    except DomainError as error:
        tell(error, form)
        form.event_id.data = str(new_id())
        return show_visit(visit_id, error.status, **{name: form})


@bp.post("/e/<slug>/visits/<uuid:visit_id>/facts")
@access(*GATEKEEPERS)
def tell_facts(slug: str, visit_id: UUID) -> Any:
    """What a rule still wanted to know of the visit: origin, cargo, people."""
    return act(visit_id, "facts", EventKind.ANSWER, lambda form, found: compose.facts(form, found.state))


@bp.post("/e/<slug>/visits/<uuid:visit_id>/answers")
@access(*GATEKEEPERS)
def answer(slug: str, visit_id: UUID) -> Any:
    """Answers to the questions of the gate and of the site; what is left empty stays open."""
    name = "again" if "again-event_id" in request.form else "questions"
    return act(visit_id, name, EventKind.ANSWER, lambda form, found: _answers(form, found, at_exit=False))


@bp.post("/e/<slug>/visits/<uuid:visit_id>/exit-answers")
@access(*GATEKEEPERS)
def answer_exit(slug: str, visit_id: UUID) -> Any:
    """Answers to the questions of the exit."""
    return act(visit_id, "leaving", EventKind.ANSWER, lambda form, found: _answers(form, found, at_exit=True))


def _answers(form: Any, found: Page, *, at_exit: bool) -> dict[str, Any]:
    """The answers of a form; a photo that is none is told, and the other answers are kept."""
    at = clock.now()
    retention = photos.retention(session(), at=at, state=found.state)
    try:
        photos.keep(form, enterprise_id=enterprise().id, at=at, retention=retention)
    except DomainError as error:
        if not form.answers():
            raise
        flash(say(error.text), "error")
    return compose.answers(form, at_exit=at_exit)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/admit")
@access(*GATEKEEPERS)
def admit(slug: str, visit_id: UUID) -> Any:
    """The vehicle goes in. Against the verdict it is written down as that."""
    return receive(visit_id, EventKind.ADMIT, {}, OnceForm().event_uuid)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/turn-away")
@access(*GATEKEEPERS)
def turn_away(slug: str, visit_id: UUID) -> Any:
    """The vehicle is turned away, with the reason said to the driver."""
    return act(visit_id, "turn_away", EventKind.TURN_AWAY, lambda form, _: compose.plain(form))


@bp.post("/e/<slug>/visits/<uuid:visit_id>/override")
@access(*LEADS)
def override(slug: str, visit_id: UUID) -> Any:
    """A shift lead or the admin waives findings that are theirs to waive."""
    return act(visit_id, "override", EventKind.OVERRIDE, lambda form, _: compose.override(form))


@bp.post("/e/<slug>/visits/<uuid:visit_id>/leave")
@access(*GATEKEEPERS)
def leave(slug: str, visit_id: UUID) -> Any:
    """The vehicle leaves; open mandatory steps come back first (409), confirmed it is written all the same."""
    found = load(visit_id)
    form = sent_form(found, "leave")
    if found.still_open and not form.confirmed.data:
        form.confirmed.data = "yes"
        flash(t("还有步骤没有完成。请先完成，或确认已离场", "Steps are open. Finish them, or confirm it left"), "error")
        return show_visit(visit_id, 409, leave=form)
    body = {"seen": bool(form.seen.data), "subjects": []}
    return receive(visit_id, EventKind.LEAVE, body, form.event_uuid)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/correct")
@access(*ENTERPRISE_STAFF)
def correct(slug: str, visit_id: UUID) -> Any:
    """A correction with its reason; what was written before stays in the book."""
    return act(visit_id, "correct", EventKind.CORRECT, lambda form, found: compose.correction(form, found.state))


@bp.post("/e/<slug>/visits/<uuid:visit_id>/void")
@access(*LEADS)
def void(slug: str, visit_id: UUID) -> Any:
    """An entry made by mistake is voided with a reason; it stays in the book and leaves the figures."""
    return act(visit_id, "void", EventKind.VOID, lambda form, _: compose.plain(form))


@bp.post("/e/<slug>/visits/<uuid:visit_id>/note")
@access(*ENTERPRISE_STAFF)
def note(slug: str, visit_id: UUID) -> Any:
    """A note by anybody of the enterprise."""
    return act(visit_id, "note", EventKind.NOTE, lambda form, _: compose.plain(form))


@bp.post("/e/<slug>/visits/<uuid:visit_id>/care")
@access(*GATEKEEPERS)
def care(slug: str, visit_id: UUID) -> Any:
    """Driver care handed out: a count of its own, never part of compliance."""
    return act(visit_id, "care", EventKind.CARE, lambda form, _: compose.plain(form))
