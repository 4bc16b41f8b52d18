"""PINs: one's own, and a new one for somebody who forgot theirs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, Role, access, engines, enterprise, session
from gatekeeper.accounts import pins, queries
from gatekeeper.accounts.forms import PinForm
from gatekeeper.accounts.views import bp
from gatekeeper.errors import DomainError, tell
from gatekeeper.language import t


@bp.route("/account/pin", methods=["GET", "POST"])
@access(*ENTERPRISE_STAFF)
def pin() -> Any:
    """One's own PIN, by which one is known at a desk."""
    form, status = PinForm(), 200
    if form.validate_on_submit():
        try:
            given = {"password": form.password.data or "", "pin": form.pin.data or ""}
            pins.set_own(engines(), by=current_user, at=clock.now(), **given)
            flash(t("PIN 已设置，几秒后各门岗手机就认它", "Your PIN is set; the desks know it in seconds"), "success")
            return redirect(url_for(".home"))
        except DomainError as wrong:
            tell(wrong, form)
            status = wrong.status
    return render_template("accounts/pin.html", form=form), 422 if form.errors else status


@bp.post("/e/<slug>/users/<uuid:user_id>/pin")
@access(Role.ENTERPRISE_ADMIN, reads="own")
def give_pin(slug: str, user_id: UUID) -> Any:
    """A new PIN for a person, shown once."""
    new = pins.NewPin()
    pins.give(session(), user_id=user_id, pin=new, by=current_user, at=clock.now())
    found = queries.user(session(), enterprise_id=enterprise().id, user_id=user_id)
    back = url_for(".user", slug=slug, user_id=user_id)
    return render_template("accounts/pin_given.html", user=found, pin=new.text, back=back)
