"""An enterprise's own pages - its home, gates, zones, settings - and the township's list of enterprises."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import Role, access, acting_on, enterprise, session
from gatekeeper.enterprises import queries, service
from gatekeeper.enterprises.details import DetailsForm, NamedDetailsForm
from gatekeeper.enterprises.forms import GateForm, ZoneForm, ZoneNameForm
from gatekeeper.enterprises.models import Gate
from gatekeeper.enterprises.values import KINDS, NOTICES, SIZES, TODAY, VISITORS
from gatekeeper.errors import DomainError, tell
from gatekeeper.forms import shown_again
from gatekeeper.language import t
from gatekeeper.pages import navigation

bp = Blueprint("enterprises", __name__)

navigation("enterprises.today", Role.ENTERPRISE_ADMIN, label=lambda: t("今日", "Today"))
navigation("enterprises.every", Role.TOWNSHIP_ADMIN, label=lambda: t("企业", "Enterprises"))
navigation("enterprises.gates", Role.ENTERPRISE_ADMIN, label=lambda: t("门岗设置", "Gate setup"))
navigation("enterprises.settings", Role.ENTERPRISE_ADMIN, label=lambda: t("企业信息", "Enterprise"))


@bp.app_context_processor
def names() -> dict[str, Any]:
    """Names of codes, for every template."""
    return {"enterprise_kinds": KINDS, "enterprise_sizes": SIZES, "visitor_kinds": VISITORS}


def _shown(template: str, form: Any, **context: Any) -> Any:
    """A form: as new (200), or with what is wrong (422)."""
    show = shown_again if form.errors else render_template
    return show(template, form=form, **context)


@bp.get("/e/<slug>/")
@access(Role.ENTERPRISE_ADMIN)
def today(slug: str) -> Any:
    """The admin's home: five steps to the first visit, then the day's numbers."""
    steps = queries.first_steps(session(), enterprise_id=enterprise().id)
    figures = [figure for source in TODAY for figure in source(session(), enterprise(), clock.today())]
    notices = [notice for source in NOTICES for notice in source(session(), enterprise())]
    return render_template("enterprises/today.html", steps=steps, figures=figures, notices=notices, day=clock.today())


@bp.get("/e/<slug>/gates")
@access(Role.ENTERPRISE_ADMIN, reads="own")
def gates(slug: str) -> Any:
    """All gates, closed ones last."""
    found = queries.gates(session(), enterprise_id=enterprise().id, closed=True)
    return render_template("enterprises/gates.html", gates=sorted(found, key=lambda gate: gate.closed_at is not None))


@bp.route("/e/<slug>/gates/new", methods=["GET", "POST"])
@access(Role.ENTERPRISE_ADMIN, reads="own")
def add_gate(slug: str) -> Any:
    """A new entrance."""
    form = GateForm()
    if form.validate_on_submit():
        try:
            service.add_gate(session(), by=current_user, at=clock.now(), **form.columns())
            flash(t("门岗已新增", "The gate was added"), "success")
            return redirect(url_for(".gates", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _shown("enterprises/gate.html", form, gate=None)


@bp.route("/e/<slug>/gates/<uuid:gate_id>", methods=["GET", "POST"])
@access(Role.ENTERPRISE_ADMIN, reads="own")
def gate(slug: str, gate_id: UUID) -> Any:
    """One gate, to rename, limit or close."""
    found = queries.gate(session(), enterprise_id=enterprise().id, gate_id=gate_id)
    form = GateForm(data={"name": found.name, "accepts": _codes(found)})
    if form.validate_on_submit():
        try:
            service.change_gate(session(), gate_id=gate_id, by=current_user, at=clock.now(), **form.columns())
            flash(t("门岗已保存", "The gate was saved"), "success")
            return redirect(url_for(".gates", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _shown("enterprises/gate.html", form, gate=found)


@bp.post("/e/<slug>/gates/<uuid:gate_id>/close")
@access(Role.ENTERPRISE_ADMIN, reads="own")
def close_gate(slug: str, gate_id: UUID) -> Any:
    """No more arrivals at this gate."""
    closed = service.close_gate(session(), gate_id=gate_id, by=current_user, at=clock.now())
    flash(t(f"{closed.name} 已停用", f"{closed.name} was closed"), "success")
    return redirect(url_for(".gates", slug=slug))


@bp.get("/e/<slug>/zones")
@access(Role.ENTERPRISE_ADMIN, reads="own")
def zones(slug: str) -> Any:
    """The zones that visits are sent to."""
    return render_template("enterprises/zones.html", zones=queries.zones(session(), enterprise_id=enterprise().id))


@bp.route("/e/<slug>/zones/new", methods=["GET", "POST"])
@access(Role.ENTERPRISE_ADMIN, reads="own")
def add_zone(slug: str) -> Any:
    """A new zone."""
    form = ZoneForm()
    if form.validate_on_submit():
        try:
            service.add_zone(session(), by=current_user, at=clock.now(), **form.columns())
            flash(t("分区已新增", "The zone was added"), "success")
            return redirect(url_for(".zones", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _shown("enterprises/zone.html", form, zone=None)


@bp.route("/e/<slug>/zones/<uuid:zone_id>", methods=["GET", "POST"])
@access(Role.ENTERPRISE_ADMIN, reads="own")
def zone(slug: str, zone_id: UUID) -> Any:
    """One zone, to rename or close."""
    found = queries.zone(session(), enterprise_id=enterprise().id, zone_id=zone_id)
    form = ZoneNameForm(data={"name": found.name})
    if form.validate_on_submit():
        try:
            service.change_zone(session(), zone_id=zone_id, by=current_user, at=clock.now(), **form.columns())
            flash(t("分区已保存", "The zone was saved"), "success")
            return redirect(url_for(".zones", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _shown("enterprises/zone.html", form, zone=found)


@bp.post("/e/<slug>/zones/<uuid:zone_id>/close")
@access(Role.ENTERPRISE_ADMIN, reads="own")
def close_zone(slug: str, zone_id: UUID) -> Any:
    """No more visits to this zone."""
    closed = service.close_zone(session(), zone_id=zone_id, by=current_user, at=clock.now())
    flash(t(f"{closed.name} 已停用", f"{closed.name} was closed"), "success")
    return redirect(url_for(".zones", slug=slug))


@bp.route("/e/<slug>/settings", methods=["GET", "POST"])
@access(Role.ENTERPRISE_ADMIN, reads="own")
def settings(slug: str) -> Any:
    """What the enterprise says of itself."""
    found = queries.enterprise(session(), enterprise_id=enterprise().id)
    form = DetailsForm(obj=found)
    if form.validate_on_submit():
        try:
            service.change_enterprise(session(), name=found.name, by=current_user, at=clock.now(), **form.details())
            flash(t("企业信息已保存", "The details were saved"), "success")
            return redirect(url_for(".settings", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _shown("enterprises/settings.html", form, enterprise=found)


@bp.get("/e/<slug>/enterprises")
@access(Role.TOWNSHIP_ADMIN, reads="township")
def every(slug: str) -> Any:
    """All enterprises of the township, closed ones last."""
    return render_template("enterprises/every.html", enterprises=queries.gate_keepers(session()))


@bp.route("/e/<slug>/enterprises/<uuid:enterprise_id>", methods=["GET", "POST"])
@access(Role.TOWNSHIP_ADMIN, reads="township")
def edit(slug: str, enterprise_id: UUID) -> Any:
    """One enterprise of the township, to change or close."""
    found = queries.gate_keeper(session(), enterprise_id=enterprise_id)
    form = NamedDetailsForm(obj=found)
    if form.validate_on_submit():
        try:
            with acting_on(enterprise_id) as acting:
                values = {"name": form.name.data, **form.details()}
                service.change_enterprise(acting, by=current_user, at=clock.now(), **values)
            flash(t("企业信息已保存", "The details were saved"), "success")
            return redirect(url_for(".every", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _shown("enterprises/edit.html", form, enterprise=found)


@bp.post("/e/<slug>/enterprises/<uuid:enterprise_id>/close")
@access(Role.TOWNSHIP_ADMIN, reads="township")
def close(slug: str, enterprise_id: UUID) -> Any:
    """An enterprise that keeps no gate any more; its history stays."""
    queries.gate_keeper(session(), enterprise_id=enterprise_id)
    with acting_on(enterprise_id) as acting:
        closed = service.close_enterprise(acting, by=current_user, at=clock.now())
    flash(t(f"{closed.name} 已停用", f"{closed.name} was closed"), "success")
    return redirect(url_for(".every", slug=slug))


def _codes(gate: Gate) -> list[str]:
    return gate.accepts.split(",") if gate.accepts else []
