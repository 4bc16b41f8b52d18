"""The phones of a gate: an admin shows a code, the phone enrols itself; and takes one out of service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import PUBLIC, Role, access, engines, enterprise, session
from gatekeeper.accounts import desks, invitations
from gatekeeper.accounts.forms import DeskForm
from gatekeeper.accounts.views import bp
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import DomainError, tell
from gatekeeper.forms import options, shown_again
from gatekeeper.language import t
from gatekeeper.pages import navigation

ADMINS = (Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)

navigation("accounts.enrolled_desks", *ADMINS, label=lambda: t("门岗手机", "Desks"))


@bp.get("/e/<slug>/desks")
@access(*ADMINS, reads="own")
def enrolled_desks(slug: str) -> Any:
    """The phones that are enrolled, and where."""
    gates = {gate.id: gate for gate in enterprises.gates(session(), enterprise_id=enterprise().id, closed=True)}
    return render_template("accounts/desks.html", desks=invitations.enrolled(session()), gates=gates)


@bp.route("/e/<slug>/desks/new", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def invite_desk(slug: str) -> Any:
    """Choose a gate and a name; then the code that one phone may read, shown once."""
    form = DeskForm()
    open_gates = enterprises.gates(session(), enterprise_id=enterprise().id)
    form.gate.choices = options((gate.id, gate.name) for gate in open_gates)
    if form.validate_on_submit():
        try:
            gate_id, who = UUID(form.gate.data), {"by": current_user, "at": clock.now()}
            row, token = invitations.invite(session(), gate_id=gate_id, name=form.name.data or "", **who)
            return _code(row, token)
        except DomainError as wrong:
            tell(wrong, form)
    show = shown_again if form.errors else render_template
    return show("accounts/desk_new.html", form=form, gates=open_gates)


def _code(row: Any, token: str) -> str:
    """The page with the code. The token stands behind the #, which no server and no log is ever told."""
    base = current_app.extensions["gate"].settings.base_url.rstrip("/")
    address = f"{base}{url_for('.enrol_page')}#{token}"
    picture = segno.make(address, error="m").svg_data_uri(scale=6, border=4)
    return render_template("accounts/desk_code.html", invitation=row, picture=picture, address=address)


@bp.post("/e/<slug>/desks/<uuid:desk_id>/revoke")
@access(*ADMINS, reads="own")
def revoke_desk(slug: str, desk_id: UUID) -> Any:
    """This phone only hands over what it still has."""
    desks.revoke(session(), desk_id=desk_id, by=current_user, at=clock.now())
    flash(
        t("手机已停用，只能上传尚未发送的记录", "The phone is out of service; it may only send what it has"), "success"
    )
    return redirect(url_for(".enrolled_desks", slug=slug))


@bp.get("/desk/enrol")
@access(PUBLIC)
def enrol_page() -> Any:
    """What the phone opens from the code."""
    return render_template("accounts/enrol.html")


@bp.post("/desk/enrol")
@access(PUBLIC)
def enrol_desk() -> Any:
    """JSON ``{token, public_key}`` -> ``{desk, gate, enterprise}``; the key's other half stays in the phone."""
    sent = request.get_json(silent=True)
    token, key = (
        str((sent if isinstance(sent, dict) else {}).get(name, ""))[:2000] for name in ("token", "public_key")
    )
    try:
        desk = invitations.accept(engines(), token=token, public_key=key, at=clock.now())
    except DomainError as error:
        return jsonify(code=error.code, text=error.text._asdict()), error.status
    return jsonify(desk=str(desk.id), gate=str(desk.gate_id), enterprise=str(desk.enterprise_id), name=desk.name)
