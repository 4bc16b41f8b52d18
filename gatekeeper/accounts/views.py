"""Signing in, one's own password and sessions, and where everybody's home is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask_login import LoginManager, current_user, login_user, logout_user

from gatekeeper import clock
from gatekeeper.access import EVERYONE, PUBLIC, Actor, Role, access, engines, find_tenant, session
from gatekeeper.accounts import queries, service
from gatekeeper.accounts.forms import PasswordForm, SignInForm
from gatekeeper.errors import DomainError, tell
from gatekeeper.language import t

bp = Blueprint("accounts", __name__)

HOMES: dict[Role, str] = {
    Role.GUARD: "visits.queue",
    Role.SHIFT_LEAD: "visits.queue",
    Role.ENTERPRISE_ADMIN: "enterprises.today",
    Role.INSPECTOR: "figures.board",
    Role.TOWNSHIP_ADMIN: "figures.board",
}
WITHOUT_HOME = frozenset(
    {"static", "healthz", "readyz", "visits.desk_sync", "visits.desk_photo"}
    | {"desk.state", "desk.take_duty", "desk.region_table"}
)


@bp.get("/")
@access(*EVERYONE)
def home() -> Any:
    """Everybody's own first page."""
    return redirect(url_for(HOMES[current_user.role], slug=g.home.slug))


@bp.route("/sign-in", methods=["GET", "POST"])
@access(PUBLIC)
def sign_in() -> Any:
    """Name and password; then the page that was asked for, else home."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(url_for(".home"))
    form, status = SignInForm(), 200
    if form.validate_on_submit():
        try:
            name, password = form.username.data or "", form.password.data or ""
            _begin(service.sign_in(engines(), username=name, password=password, at=clock.now()))
            return redirect(local_path(request.args.get("next")) or url_for(".home"))
        except DomainError as wrong:
            tell(wrong, form)
            status = wrong.status
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else status


@bp.post("/sign-out")
@access(*EVERYONE)
def sign_out() -> Any:
    """The end of this session, in the database and in the cookie."""
    service.sign_out(engines(), actor=current_user, at=clock.now())
    logout_user()
    _forget()
    return redirect(url_for(".sign_in"))


@bp.route("/password", methods=["GET", "POST"])
@access(*EVERYONE)
def password() -> Any:
    """One's own password, and where one is signed in."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            old, new = form.old.data or "", form.new.data or ""
            service.set_password(engines(), by=current_user, old=old, new=new, at=clock.now())
            flash(
                t("密码已更换，其他设备上的登录已退出", "Your password is set; other devices are signed out"),
                "success",
            )
            return redirect(url_for(".home"))
        except DomainError as wrong:
            tell(wrong, form)
            return _password_page(form), wrong.status
    return _password_page(form), 422 if form.errors else 200


@bp.post("/sessions/<uuid:session_id>/revoke")
@access(*EVERYONE)
def revoke(session_id: UUID) -> Any:
    """One of one's own sessions ends, such as on a lost phone."""
    service.revoke_session(session(), user_id=current_user.id, session_id=session_id, at=clock.now())
    flash(t("那台设备已退出登录", "That device was signed out"), "success")
    return redirect(url_for(".password"))


def _password_page(form: PasswordForm) -> str:
    running = [] if current_user.must_change_password else queries.sessions_of(engines(), current_user, at=clock.now())
    return render_template("accounts/password.html", form=form, sessions=running)


def local_path(target: str | None) -> str | None:
    """``target`` where it is a path of this site, else None: nobody is sent elsewhere after signing in."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    return target if target.isprintable() and "\\" not in target else None


def _begin(token: str) -> None:
    """Sign in in a fresh cookie session: nothing set before by somebody else lives on."""
    actor = service.find_actor(engines(), token)
    _forget()
    flask.session.permanent = True
    login_user(actor)


def _forget() -> None:
    """A new cookie session that keeps the language only."""
    language = flask.session.get("lang")
    flask.session.clear()
    if language:
        flask.session["lang"] = language


def init_app(app: Flask) -> None:
    """Who is signed in, and where their home is."""
    manager = LoginManager(app)
    manager.session_protection = None  # phones change their address; a session ends by its row

    @manager.user_loader
    def load(token: str) -> Actor | None:
        return service.find_actor(engines(), token)

    @app.before_request
    def find_home() -> None:
        if request.endpoint not in WITHOUT_HOME and current_user.is_authenticated:
            g.home = find_tenant(current_user.enterprise_id)


from gatekeeper.accounts import desk_views, people_views, pin_views  # noqa: E402, F401  the blueprint's other pages
