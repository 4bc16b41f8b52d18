"""Pages of registrations: those of an enterprise, and those that wait for the township."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from gatekeeper.access import (
    ENTERPRISE_STAFF,
    EVERYONE,
    Role,
    Tenant,
    access,
    acting_on,
    enterprise,
    session,
)
from gatekeeper.clock import now, today
from gatekeeper.enterprises.values import TodayFigure, on_today
from gatekeeper.errors import DomainError, Invalid, tell
from gatekeeper.formats import plates
from gatekeeper.forms import shown_again
from gatekeeper.language import say, t
from gatekeeper.pages import navigation
from gatekeeper.registrations import queries, service
from gatekeeper.registrations.forms import AnnounceForm, DeclineForm
from gatekeeper.registrations.models import Registration
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import CARGO, RISK_LEVELS, label

bp = Blueprint("registrations", __name__)
navigation("registrations.coming", *ENTERPRISE_STAFF, label=lambda: t("报备", "Registrations"))
navigation("registrations.approvals", Role.TOWNSHIP_ADMIN, label=lambda: t("报备审批", "Approvals"))

STATES = {
    "waiting_enterprise": Text("待企业批准", "Waits for the enterprise"),
    "waiting_township": Text("待镇街批准", "Waits for the township"),
    "approved": Text("已批准", "Approved"),
    "declined": Text("不批准", "Declined"),
}


@on_today
def waiting(reading: Session, tenant: Tenant, day: date) -> Iterator[TodayFigure]:
    """What waits for the enterprise's admin, on the admin's home."""
    count = queries.waiting_for_enterprise(reading, enterprise_id=tenant.id, since=day)
    yield TodayFigure(Text("待批报备", "To approve"), count, url_for("registrations.coming", slug=tenant.slug))


@bp.get("/e/<slug>/registrations")
@access(*EVERYONE)
def coming(slug: str) -> str:
    """Today's and the coming days' registrations, by day."""
    found = queries.coming(session(), enterprise_id=enterprise().id, since=today())
    days = [(day, list(rows)) for day, rows in groupby(found, key=lambda row: row.day)]
    may_decide = current_user.role == Role.ENTERPRISE_ADMIN
    reasons = queries.reasons(session(), found)
    return render_template("registrations/coming.html", days=days, may_decide=may_decide, reasons=reasons, **_words())


@bp.route("/e/<slug>/registrations/new", methods=["GET", "POST"])
@access(*ENTERPRISE_STAFF, reads="own")
def announce(slug: str) -> Any:
    """Write down a visit that was announced, by whoever was told."""
    form, at = AnnounceForm(), now()
    if form.validate_on_submit():
        try:
            found = service.announce(session(), by=current_user, at=at, **form.announcement())
            flash(*_announced(found, new=found.announced_at == at))
            return redirect(url_for(".coming", slug=slug))
        except Invalid as refused:
            tell(refused, form)
    show = shown_again if form.errors else render_template
    return show("registrations/announce.html", form=form, today=today())


@bp.post("/e/<slug>/registrations/<uuid:registration_id>/approve")
@access(Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)
def approve(slug: str, registration_id: UUID) -> Any:
    """The enterprise's approval, or the township's."""
    with _deciding() as deciding:
        found = queries.get(deciding, enterprise_id=enterprise().id, registration_id=registration_id)
        try:
            service.approve(deciding, found, by=current_user, at=now())
            flash(t(f"{found.plate} 已批准", f"{found.plate} is approved"), "success")
        except DomainError as refused:
            tell(refused)
    return redirect(_list_of(slug))


@bp.route("/e/<slug>/registrations/<uuid:registration_id>/decline", methods=["GET", "POST"])
@access(Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)
def decline(slug: str, registration_id: UUID) -> Any:
    """Decline, with a reason that whoever announced it reads."""
    form = DeclineForm()
    with _deciding() as deciding:
        found = queries.get(deciding, enterprise_id=enterprise().id, registration_id=registration_id)
        if form.validate_on_submit():
            try:
                service.decline(deciding, found, reason=form.reason.data, by=current_user, at=now())
                flash(t(f"{found.plate} 不批准，已告知登记人", f"{found.plate} is declined"), "success")
                return redirect(_list_of(slug))
            except DomainError as refused:
                tell(refused, form)
    show = shown_again if form.errors else render_template
    return show("registrations/decline.html", form=form, found=found, back=_list_of(slug), **_words())


@bp.get("/e/<slug>/approvals")
@access(Role.TOWNSHIP_ADMIN, reads="township")
def approvals(slug: str) -> str:
    """What waits for the township, of all its enterprises."""
    found = queries.waiting_for_township(session(), since=today())
    days = [(day, list(rows)) for day, rows in groupby(found, key=lambda pair: pair[0].day)]
    return render_template("registrations/approvals.html", days=days, **_words())


@contextmanager
def _deciding() -> Iterator[Session]:
    """The session in which the enterprise of the address is decided upon: its own, or the township's acting there."""
    if current_user.is_township_staff and request.method == "POST":
        with acting_on(enterprise().id) as acting:
            yield acting
    else:
        yield session()


def _list_of(slug: str) -> str:
    if current_user.is_township_staff:
        return url_for(".approvals", slug=g.home.slug)
    return url_for(".coming", slug=slug)


def _announced(found: Registration, *, new: bool) -> tuple[str, str]:
    if new:
        return t(f"{found.plate} 已登记报备", f"{found.plate} is registered"), "success"
    return t(
        f"{found.plate} 当天已经报备过，没有重复登记",
        f"{found.plate} was registered for that day already; nothing was added",
    ), "info"


def _words() -> dict[str, Any]:
    """Names of what a registration holds, and the level its origin has now."""
    adoption = risk_areas.in_force(session(), at=now())
    known = risk_areas.index(session(), adoption.list_hash) if adoption else None
    return {
        "state": queries.state,
        "state_name": lambda code: say(STATES[code]),
        "cargo_name": lambda code: say(label(CARGO, code)),
        "level_name": lambda code: say(label(RISK_LEVELS, code)),
        "risk": lambda origin: known.level(origin).level if known else "none",
        "path": risk_areas.path,
        "plate_class": lambda key: plates.classify(key).value,
    }
