"""What a person does to a visit: one view per act, each one event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash

from gatekeeper import clock
from gatekeeper.access import Role, access, enterprise
from gatekeeper.errors import DomainError, tell
from gatekeeper.forms import OnceForm
from gatekeeper.language import say, t
from gatekeeper.rules.values import Stage
from gatekeeper.visits import compose, photos
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.forms import OverrideForm
from gatekeeper.visits.views import GATEKEEPERS, bp, forms, load, receive, show_visit

LEADS = (Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN)
STAFF = (Role.GUARD, *LEADS)


def _act(visit_id: UUID, name: str, kind: EventKind, **fixed: Any) -> Any:
    """An act whose form gives its whole body."""
    form = forms(load(visit_id))[name]
    if not form.validate_on_submit():
        return show_visit(visit_id, 422, **{name: form})
    body = {k: v for k, v in form.columns().items() if k != "event_id"}
    return receive(visit_id, kind, {**body, **fixed}, form.event_uuid)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/facts")
@access(*GATEKEEPERS)
def tell_facts(slug: str, visit_id: UUID) -> Any:
    """What a rule still wanted to know of the visit: origin, cargo, people."""
    form = forms(load(visit_id))["facts"]
    if not form.validate_on_submit():
        return show_visit(visit_id, 422, facts=form)
    return receive(visit_id, EventKind.ANSWER, compose.facts(form), form.event_uuid)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/answers")
@access(*GATEKEEPERS)
def answer(slug: str, visit_id: UUID) -> Any:
    """Answers to the questions of the gate and of the site; what is left empty stays open."""
    return _answer(visit_id, "questions", None)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/exit-answers")
@access(*GATEKEEPERS)
def answer_exit(slug: str, visit_id: UUID) -> Any:
    """Answers to the questions of the exit."""
    return _answer(visit_id, "leaving", Stage.EXIT.value)


def _answer(visit_id: UUID, name: str, stage: str | None) -> Any:
    form = forms(load(visit_id))[name]
    if not form.validate_on_submit():
        return show_visit(visit_id, 422, **{name: form})
    try:
        photos.keep(form, enterprise_id=enterprise().id, at=clock.now())
    except DomainError as error:
        flash(say(error.text), "error")
    given = form.answers()
    if not given:
        flash(t("还没有填写任何一项", "Nothing was filled in yet"), "info")
        return show_visit(visit_id, 422, **{name: form})
    body = {"answers": given, **({"stage": stage} if stage else {})}
    return receive(visit_id, EventKind.ANSWER, body, form.event_uuid)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/admit")
@access(*GATEKEEPERS)
def admit(slug: str, visit_id: UUID) -> Any:
    """The vehicle goes in. Against the verdict it is written down as that."""
    form = OnceForm()
    form.validate()
    return receive(visit_id, EventKind.ADMIT, {}, form.event_uuid)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/turn-away")
@access(*GATEKEEPERS)
def turn_away(slug: str, visit_id: UUID) -> Any:
    """The vehicle is turned away, with the reason said to the driver."""
    return _act(visit_id, "turn_away", EventKind.TURN_AWAY)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/override")
@access(*LEADS)
def override(slug: str, visit_id: UUID) -> Any:
    """A shift lead or the admin waives findings that are theirs to waive."""
    form: OverrideForm = forms(load(visit_id))["override"]
    if not form.validate_on_submit():
        return show_visit(visit_id, 422, override=form)
    names = ("owner", "rule", "subject", "consequence")
    findings = [dict(zip(names, chosen.split("|"), strict=True)) for chosen in form.findings.data]
    try:
        return receive(
            visit_id, EventKind.OVERRIDE, {"findings": findings, "reason": form.reason.data}, form.event_uuid
        )
    except DomainError as error:
        tell(error, form)
        return show_visit(visit_id, error.status, override=form)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/leave")
@access(*GATEKEEPERS)
def leave(slug: str, visit_id: UUID) -> Any:
    """The vehicle leaves; open mandatory steps come back first (409), confirmed it is written all the same."""
    found = load(visit_id)
    form = forms(found)["leave"]
    form.validate()
    still_open = [q for q in found.asked if not q.answered and not q.alternative]
    if still_open and not form.confirmed.data:
        form.confirmed.data = "yes"
        flash(t("还有步骤没有完成；请先完成，或确认车辆已经离开", "Steps are open; finish them, or confirm it has left"), "error")
        return show_visit(visit_id, 409, leave=form)
    return receive(visit_id, EventKind.LEAVE, {"seen": bool(form.seen.data), "subjects": []}, form.event_uuid)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/correct")
@access(*STAFF)
def correct(slug: str, visit_id: UUID) -> Any:
    """A correction with its reason; what was written before stays in the book."""
    found = load(visit_id)
    form = forms(found)["correct"]
    if not form.validate_on_submit():
        return show_visit(visit_id, 422, correct=form)
    try:
        return receive(visit_id, EventKind.CORRECT, compose.correction(form, found.state), form.event_uuid)
    except DomainError as error:
        tell(error, form)
        return show_visit(visit_id, 422, correct=form)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/void")
@access(*LEADS)
def void(slug: str, visit_id: UUID) -> Any:
    """An entry made by mistake is voided with a reason; it stays in the book and leaves the figures."""
    return _act(visit_id, "void", EventKind.VOID)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/note")
@access(*STAFF)
def note(slug: str, visit_id: UUID) -> Any:
    """A note by anybody of the enterprise."""
    return _act(visit_id, "note", EventKind.NOTE)


@bp.post("/e/<slug>/visits/<uuid:visit_id>/care")
@access(*GATEKEEPERS)
def care(slug: str, visit_id: UUID) -> Any:
    """Driver care handed out: a count of its own, never part of compliance."""
    return _act(visit_id, "care", EventKind.CARE)


