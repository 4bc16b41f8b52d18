"""The page of watched plates: of an enterprise with those of its township, and of a township's office."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper.access import EVERYONE, TOWNSHIP_STAFF, Role, access, enterprise, session
from gatekeeper.clock import now, today
from gatekeeper.errors import DomainError, tell
from gatekeeper.formats import plates
from gatekeeper.forms import shown_again
from gatekeeper.language import say, t
from gatekeeper.pages import navigation
from gatekeeper.watched import queries, service
from gatekeeper.watched.forms import DOES, WatchForm

bp = Blueprint("watched", __name__)
navigation("watched.show", Role.ENTERPRISE_ADMIN, *TOWNSHIP_STAFF, label=lambda: t("关注车牌", "Watched plates"))

KEEPERS = (Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)
"""Who keeps a list, each that of their own place."""


@bp.get("/e/<slug>/watched")
@access(*EVERYONE)
def show(slug: str) -> Any:
    """What the gates here are told of, and what was lifted or is over."""
    return _page(WatchForm(formdata=None))


@bp.post("/e/<slug>/watched")
@access(*KEEPERS, reads="own")
def add(slug: str) -> Any:
    """Put a plate on the own list."""
    form = WatchForm()
    if form.validate_on_submit():
        try:
            row = service.add(session(), by=current_user, at=now(), **form.given())
            flash(t(f"{row.plate} 已列入，门岗随即看到", f"{row.plate} is watched; every gate here is told"), "success")
            return redirect(url_for(".show", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _page(form)


@bp.post("/e/<slug>/watched/<uuid:watched_id>/lift")
@access(*KEEPERS, reads="own")
def lift(slug: str, watched_id: UUID) -> Any:
    """Take a plate off the own list."""
    row = queries.get(session(), enterprise_id=enterprise().id, watched_id=watched_id)
    try:
        service.lift(session(), row, by=current_user, at=now())
        flash(t(f"{row.plate} 已解除", f"{row.plate} is watched no more"), "success")
    except DomainError as wrong:
        tell(wrong)
    return redirect(url_for(".show", slug=slug))


def _page(form: WatchForm) -> Any:
    place, day = enterprise(), today()
    show = shown_again if form.errors else render_template
    return show(
        "watched/show.html",
        form=form,
        rows=queries.standing(session(), enterprise_id=place.id, day=day),
        ended=queries.ended(session(), enterprise_id=place.id, day=day),
        may_keep=current_user.role in KEEPERS and current_user.enterprise_id == place.id,
        day=day,
        does=lambda code: say(DOES[code]),
        plate_class=lambda key: plates.classify(key).value,
    )
