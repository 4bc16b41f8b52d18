"""What a person does to a visit: one view per act, each one event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from gatekeeper.access import ENTERPRISE_STAFF, Role, access
from gatekeeper.db import new_id
from gatekeeper.errors import DomainError, tell
from gatekeeper.visits import compose
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.page import Page
from gatekeeper.visits.views import bp, load, receive, sent_form, show_visit

LEADS = (Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN)


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


@bp.post("/e/<slug>/visits/<uuid:visit_id>/override")
@access(*LEADS)
def override(slug: str, visit_id: UUID) -> Any:
    """A shift lead or the admin waives findings that are theirs to waive."""
    return act(visit_id, "override", EventKind.OVERRIDE, lambda form, _: compose.override(form))


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
