"""Looking at what is masked, and who looked. Plain values stand in the answer to a POST and nowhere else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import current_app, g, render_template, request
from flask_login import current_user
from sqlalchemy.orm import Session

from gatekeeper import clock, tenancy
from gatekeeper.access import TOWNSHIP_STAFF, Role, access, acting_on, engines, enterprise, session
from gatekeeper.errors import DomainError
from gatekeeper.language import say, t
from gatekeeper.pages import navigation
from gatekeeper.visits import looks, queries, reveal, revealed, shown
from gatekeeper.visits.page import Page
from gatekeeper.visits.reveal_forms import RevealForm
from gatekeeper.visits.reveal_words import CLASSES, PURPOSES
from gatekeeper.visits.views import bp, load, look_form, show_visit

LOOKERS = (Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN, *TOWNSHIP_STAFF)

navigation("visits.looks", Role.ENTERPRISE_ADMIN, label=lambda: t("谁看过", "Who looked"))


@bp.post("/e/<slug>/visits/<uuid:visit_id>/reveal")
@access(*LOOKERS)
def reveal_values(slug: str, visit_id: UUID) -> Any:
    """The plain values, once the look is written. Never by GET: they stand in no address and no history."""
    found = load(visit_id)
    form = look_form(visit_id)
    if not form.validate_on_submit():
        return show_visit(visit_id, 422, look=form)
    try:
        _write(visit_id, form)
    except DomainError as error:
        field = form[error.field or "classes"]
        field.errors = [*field.errors, say(error.text)]
        return show_visit(visit_id, error.status, look=form)
    return render_template("visits/revealed.html", **_shown(visit_id, found, form))


def _write(visit_id: UUID, form: RevealForm) -> None:
    with _looking() as (writing, reading):
        reveal.reveal(
            writing,
            visit_id=visit_id,
            classes=form.classes.data or (),
            purpose=form.purpose.data,
            text=form.text.data or None,
            event_id=form.event_uuid,
            office=g.home.name,
            by=current_user,
            at=clock.now(),
            looks=reading,
        )


@contextmanager
def _looking() -> Iterator[tuple[Session, Session]]:
    """(where the look is written, where this person's looks are counted): of township staff all its enterprises."""
    if current_user.is_township_staff:
        township = tenancy.Township(current_user.township_id)
        with acting_on(enterprise().id) as acting, tenancy.open_session(engines(), township) as reading:
            yield acting, reading
    else:
        yield session(), session()


def _shown(visit_id: UUID, found: Page, form: RevealForm) -> dict[str, Any]:
    place, classes = enterprise().id, form.classes.data or ()
    values = revealed.values(
        session(),
        enterprise_id=place,
        visit_id=visit_id,
        classes=classes,
        titles=found.titles,
        folder=current_app.extensions["gate"].settings.data_dir / "photos",
    )
    return {
        "visit": queries.get(session(), enterprise_id=place, visit_id=visit_id),
        "groups": [
            (CLASSES[cls], [value for value in values if value.cls == cls]) for cls in CLASSES if cls in classes
        ],
        "purpose": PURPOSES[form.purpose.data],
        "moment": clock.from_micros,
        "at": clock.now(),
        "picture": lambda jpeg: "data:image/jpeg;base64," + b64encode(jpeg).decode(),
        "subject": lambda subject: shown.subject_label(subject, found.state),
    }


@bp.get("/e/<slug>/looks", endpoint="looks")
@access(Role.ENTERPRISE_ADMIN, *TOWNSHIP_STAFF)
def who_looked(slug: str) -> str:
    """Who looked at what is masked: when, from which office, into which visit, at what, what for."""
    page = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    found, older = looks.looks(session(), enterprise_id=enterprise().id, page=page)
    return render_template("visits/looks.html", looks=found, page=page, older=older, size=looks.PAGE)
