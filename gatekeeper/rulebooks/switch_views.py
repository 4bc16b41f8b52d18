"""The township's switch: what is on and what was, pressing it, who has acknowledged it, the alert level."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import TOWNSHIP_STAFF, Role, access, acting_on, enterprise, session
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import DomainError, Invalid, NotFound, tell
from gatekeeper.forms import shown_again
from gatekeeper.language import t
from gatekeeper.pages import navigation
from gatekeeper.rulebooks import acknowledging, context, reading
from gatekeeper.rulebooks import switch_queries as queries
from gatekeeper.rulebooks import switches as service
from gatekeeper.rulebooks.switch_forms import LevelForm, ReasonForm, SwitchForm, moment
from gatekeeper.rulebooks.views import bp
from gatekeeper.rules import packs
from gatekeeper.rules.values import Rulebook, Text

SWITCHES = "/e/<slug>/switches"

navigation("rulebooks.switches", *TOWNSHIP_STAFF, label=lambda: t("镇街指令", "Orders"))


@bp.get(SWITCHES)
@access(*TOWNSHIP_STAFF, reads="township")
def switches(slug: str) -> Any:
    """What is on, what was, the alert level; for the admin the packs that can be switched on."""
    return _overview(LevelForm(formdata=None))


def _overview(form: LevelForm) -> Any:
    at, office = clock.now(), enterprise().id
    show = shown_again if form.errors else render_template
    return show(
        "rulebooks/switches.html",
        orders=acknowledging.overview(session(), office_id=office, at=at),
        level=queries.level(session(), at=at, office_id=office),
        levels=queries.levels(session(), at=at, office_id=office),
        packs=acknowledging.offered(at=at),
        form=form,
        at=at,
        may_press=current_user.role == Role.TOWNSHIP_ADMIN,
    )


@bp.post(f"{SWITCHES}/alert")
@access(Role.TOWNSHIP_ADMIN, reads="township")
def alert(slug: str) -> Any:
    """Set the alert level of the township."""
    form = LevelForm()
    if form.validate_on_submit():
        try:
            given = {"level": form.level.number, "reason": form.reason.data, "holds_from": moment(form.holds_from)}
            with acting_on(enterprise().id) as acting:
                service.set_alert_level(acting, by=current_user, at=clock.now(), **given)
            flash(t("预警等级已设定", "The alert level is set"), "success")
            return redirect(url_for(".switches", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _overview(form)


@bp.route(f"{SWITCHES}/new/<pack_code>", methods=["GET", "POST"])
@access(Role.TOWNSHIP_ADMIN, reads="township")
def switch_on(slug: str, pack_code: str) -> Any:
    """Put a pack on enterprises: its rules in plain words beside whom, from when until when, and why."""
    book, among, form = _pack(pack_code), _open_places(), SwitchForm()
    form.offer(among)
    if form.validate_on_submit():
        try:
            given = form.given()
            with acting_on(enterprise().id) as acting:
                made = service.switch_on(acting, pack=pack_code, among=among, by=current_user, at=clock.now(), **given)
            flash(t(f"“{book.title.zh}”已启用", f"“{book.title.en}” is switched on"), "success")
            return redirect(url_for(".switch", slug=slug, switch_id=made.id))
        except DomainError as wrong:
            tell(wrong, form)
    return _pressing(form, book, among)


def _pressing(form: SwitchForm, book: Rulebook, among: list[Enterprise]) -> Any:
    show = shown_again if form.errors else render_template
    stages = reading.by_stage(book, context.places(session(), enterprise().id))
    return show("rulebooks/switch_on.html", form=form, book=book, stages=stages, among=among)


def _pack(pack: str) -> Rulebook:
    """The rules as they would be switched on; raises ``NotFound``, and ``Invalid`` for an ended pack."""
    if pack not in packs.codes():
        raise NotFound("switch.pack_unknown", Text("没有这个规则包", "There is no such pack"))
    return service.of_pack(pack, at=clock.now())


def _open_places() -> list[Enterprise]:
    return [place for place in enterprises.gate_keepers(session()) if place.closed_at is None]


@bp.get(f"{SWITCHES}/<uuid:switch_id>")
@access(*TOWNSHIP_STAFF, reads="township")
def switch(slug: str, switch_id: UUID) -> Any:
    """The board of one order: who has acknowledged it and who has not."""
    return _board(switch_id, ReasonForm(formdata=None))


def _board(switch_id: UUID, form: ReasonForm) -> Any:
    board = acknowledging.board(session(), switch_id=switch_id, office_id=enterprise().id, at=clock.now())
    show = shown_again if form.errors else render_template
    return show(
        "rulebooks/switch.html",
        board=board,
        stages=reading.by_stage(board.order.book, context.places(session(), enterprise().id)),
        form=form,
        may_end=current_user.role == Role.TOWNSHIP_ADMIN and board.order.standing != queries.ENDED,
    )


@bp.post(f"{SWITCHES}/<uuid:switch_id>/end")
@access(Role.TOWNSHIP_ADMIN, reads="township")
def switch_off(slug: str, switch_id: UUID) -> Any:
    """End an order now, with the reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with acting_on(enterprise().id) as acting:
                service.switch_off(
                    acting, switch_id=switch_id, reason=form.reason.data, by=current_user, at=clock.now()
                )
            flash(t("已结束，等候的车辆随即重新判定", "Ended; who waits is judged again"), "success")
            return redirect(url_for(".switch", slug=slug, switch_id=switch_id))
        except Invalid as wrong:
            tell(wrong, form)
    return _board(switch_id, form)
