"""The tray of entries that need a person: carried out now, or set aside with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from gatekeeper import clock
from gatekeeper.access import TOWNSHIP_STAFF, Role, Tenant, access, enterprise, session
from gatekeeper.db import new_id
from gatekeeper.enterprises.values import TodayFigure, on_today
from gatekeeper.errors import DomainError
from gatekeeper.language import say, t
from gatekeeper.pages import navigation
from gatekeeper.rules.values import Text
from gatekeeper.visits import tray
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.folding import APPLY
from gatekeeper.visits.record import record
from gatekeeper.visits.tray_forms import ResolveForm, resolve_form
from gatekeeper.visits.views import bp, gate_names

RESOLVERS = (Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN)

navigation("visits.tray", *RESOLVERS, label=lambda: t("待核对", "To be checked"))


@on_today
def put_off(reading: Session, tenant: Tenant, day: date) -> Iterator[TodayFigure]:
    """What needs a person, on the admin's home."""
    found = tray.count(reading, enterprise_id=tenant.id, at=clock.now())
    yield TodayFigure(Text("待核对记录", "Entries to be checked"), found, url_for("visits.tray", slug=tenant.slug))


def _show(status: int = 200, sent: tuple[UUID, ResolveForm] | None = None) -> tuple[str, int]:
    """The tray; ``sent`` is a form with faults and the entry it is about, shown with what was typed."""
    place, at = enterprise().id, clock.now()
    own = current_user.enterprise_id == place
    page = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    found = tray.items(session(), enterprise_id=place, at=at, notes=own, page=page)
    shown = sent and tray.item(session(), enterprise_id=place, event_id=sent[0], at=at, notes=own)
    if shown and all(item.event_id != shown.event_id for item in found):
        found = [shown, *found]
    may = own and current_user.role in RESOLVERS
    forms = {item.event_id: resolve_form(item.event_id, formdata=None) for item in found} if may else {}
    values = {"items": found, "forms": {**forms, **dict([sent] if sent and may else [])}, "gates": gate_names()}
    total = tray.count(session(), enterprise_id=place, at=at)
    return render_template("visits/tray.html", **values, count=total, page=page, size=tray.PAGE), status


@bp.get("/e/<slug>/tray", endpoint="tray")
@access(*RESOLVERS, *TOWNSHIP_STAFF)
def show_tray(slug: str) -> Any:
    """What could not be carried out, and what waits for an entry that has not come."""
    return _show()


@bp.post("/e/<slug>/tray/<uuid:event_id>")
@access(*RESOLVERS, reads="own")
def resolve(slug: str, event_id: UUID) -> Any:
    """Deal with one entry. What still cannot be carried out says why and keeps what was typed."""
    item = tray.item(session(), enterprise_id=enterprise().id, event_id=event_id, at=clock.now(), notes=True)
    form = resolve_form(event_id)
    if item is not None and not form.validate_on_submit():
        return _show(422, (event_id, form))
    try:
        _resolved(item, form)
    except DomainError as error:
        form.how.errors = [say(error.text)]
        form.event_id.data = str(new_id())
        return _show(error.status, (event_id, form))
    return redirect(url_for(".tray", slug=slug))


def _resolved(item: tray.Item | None, form: ResolveForm) -> None:
    """Write that a person dealt with it; one that was dealt with meanwhile is said to be."""
    if item is None:
        flash(t("这条记录已经处理过了", "This entry was dealt with already"), "info")
        return
    body = {"events": [str(item.event_id)], "how": form.how.data, "reason": form.reason.data}
    at = clock.now()
    event = Event(form.event_uuid, item.visit_id, EventKind.RESOLVE, at, item.gate_id, body)
    record(session(), event, by=current_user, received_at=at)
    done = t("已执行", "Carried out") if form.how.data == APPLY else t("已核对，不执行", "Checked and set aside")
    flash(done, "success")
