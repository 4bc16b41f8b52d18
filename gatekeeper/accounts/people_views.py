"""The people of an enterprise, for its admin; enterprises' first admins, for the township's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper import clock, tenancy
from gatekeeper.access import Role, access, acting_on, engines, enterprise, session
from gatekeeper.accounts import queries, service
from gatekeeper.accounts.forms import ROLES, NewAdminForm, NewEnterpriseForm, NewUserForm, UserForm
from gatekeeper.accounts.views import bp
from gatekeeper.db import new_id
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises import service as enterprise_service
from gatekeeper.errors import DomainError, tell
from gatekeeper.forms import shown_again
from gatekeeper.language import t
from gatekeeper.pages import navigation

ADMINS = (Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)

navigation("accounts.users", *ADMINS, label=lambda: t("人员", "People"))


@bp.get("/e/<slug>/users")
@access(*ADMINS, reads="own")
def users(slug: str) -> Any:
    """Everybody of the enterprise, those who may sign in first."""
    found = queries.users(session(), enterprise_id=enterprise().id)
    return render_template("accounts/users.html", users=found, roles=ROLES)


@bp.route("/e/<slug>/users/new", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def add_user(slug: str) -> Any:
    """A new person, whose first password is shown once."""
    form = NewUserForm().offer(service.roles_of(enterprise().kind))
    if form.validate_on_submit():
        try:
            user, first = service.add_user(session(), by=current_user, at=clock.now(), **form.columns())
            return _given(user.name, user.username, first, back=url_for(".users", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _shown("accounts/user_new.html", form)


@bp.route("/e/<slug>/users/<uuid:user_id>", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def user(slug: str, user_id: UUID) -> Any:
    """One person: name, role, password, and whether they may sign in."""
    found = queries.user(session(), enterprise_id=enterprise().id, user_id=user_id)
    form = UserForm(data={"name": found.name, "role": found.role}).offer(service.roles_of(enterprise().kind))
    if form.validate_on_submit():
        try:
            who = {"user_id": user_id, "by": current_user, "at": clock.now()}
            service.change_role(session(), role=form.role.data, **who)
            service.rename_user(session(), name=form.name.data or "", **who)
            flash(t("已保存", "Saved"), "success")
            return redirect(url_for(".users", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
            return shown_again("accounts/user.html", form=form, user=found)
    return _shown("accounts/user.html", form, user=found)


@bp.post("/e/<slug>/users/<uuid:user_id>/disable")
@access(*ADMINS, reads="own")
def disable_user(slug: str, user_id: UUID) -> Any:
    """This person no longer signs in."""
    found = service.disable_user(session(), user_id=user_id, by=current_user, at=clock.now())
    flash(t(f"{found.name} 已停用", f"{found.name} can no longer sign in"), "success")
    return redirect(url_for(".users", slug=slug))


@bp.post("/e/<slug>/users/<uuid:user_id>/enable")
@access(*ADMINS, reads="own")
def enable_user(slug: str, user_id: UUID) -> Any:
    """This person signs in again."""
    found = service.enable_user(session(), user_id=user_id, by=current_user, at=clock.now())
    flash(t(f"{found.name} 已恢复", f"{found.name} may sign in again"), "success")
    return redirect(url_for(".users", slug=slug))


@bp.post("/e/<slug>/users/<uuid:user_id>/password")
@access(*ADMINS, reads="own")
def reset_password(slug: str, user_id: UUID) -> Any:
    """A new first password, shown once; the person is signed out everywhere."""
    first = service.reset_password(session(), user_id=user_id, by=current_user, at=clock.now())
    found = queries.user(session(), enterprise_id=enterprise().id, user_id=user_id)
    return _given(found.name, found.username, first, back=url_for(".users", slug=slug))


@bp.route("/e/<slug>/enterprises/new", methods=["GET", "POST"])
@access(Role.TOWNSHIP_ADMIN, reads="township")
def add_enterprise(slug: str) -> Any:
    """A new enterprise and its first admin, or neither of them."""
    form = NewEnterpriseForm()
    if form.validate_on_submit():
        try:
            first = _open_enterprise(form)
            name, username = form.admin_name.data, service.normal_username(form.admin_username.data or "")
            return _given(name, username, first.text, back=url_for("enterprises.every", slug=slug))
        except DomainError as wrong:
            wrong.field = {"username.taken": "admin_username", "username.shape": "admin_username"}.get(
                wrong.code, wrong.field
            )
            tell(wrong, form)
    return _shown("accounts/enterprise_new.html", form)


def _open_enterprise(form: NewEnterpriseForm) -> service.FirstPassword:
    first, who = service.FirstPassword(), {"by": current_user, "at": clock.now()}
    with tenancy.open_session(engines(), tenancy.Enterprise(new_id()), write=True) as acting:
        enterprise_service.add_enterprise(acting, township_id=current_user.township_id, **form.enterprise(), **who)
        service.add_user(
            acting,
            username=form.admin_username.data or "",
            name=form.admin_name.data or "",
            role=Role.ENTERPRISE_ADMIN,
            password=first.text,
            password_hash=first.hash,
            **who,
        )
    return first


@bp.route("/e/<slug>/enterprises/<uuid:enterprise_id>/admins/new", methods=["GET", "POST"])
@access(Role.TOWNSHIP_ADMIN, reads="township")
def add_admin(slug: str, enterprise_id: UUID) -> Any:
    """One more admin for an enterprise, such as where its only one has left."""
    found = enterprises.gate_keeper(session(), enterprise_id=enterprise_id)
    form = NewAdminForm()
    if form.validate_on_submit():
        first, who = service.FirstPassword(), {"by": current_user, "at": clock.now(), "role": Role.ENTERPRISE_ADMIN}
        try:
            with acting_on(enterprise_id) as acting:
                hashed = {"password": first.text, "password_hash": first.hash}
                user, _ = service.add_user(acting, **form.columns(), **who, **hashed)
            return _given(user.name, user.username, first.text, back=url_for("enterprises.every", slug=slug))
        except DomainError as wrong:
            tell(wrong, form)
    return _shown("accounts/admin_new.html", form, enterprise=found)


def _shown(template: str, form: Any, **context: Any) -> Any:
    show = shown_again if form.errors else render_template
    return show(template, form=form, **context)


def _given(name: str | None, username: str, password: str, *, back: str) -> str:
    """The page that shows a first password, once and only here."""
    return render_template("accounts/given.html", name=name, username=username, password=password, back=back)
