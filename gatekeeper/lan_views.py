"""How a phone comes to trust the server of ``scripts/start --lan``: the CA's certificate, and the steps."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, render_template

from gatekeeper import lan
from gatekeeper.access import PUBLIC, access

bp = Blueprint("lan", __name__)


@bp.before_request
def only_where_it_is_served() -> None:
    settings = current_app.extensions["gate"].settings
    if not (settings.lan and lan.ca_file(settings.data_dir / "keys").exists()):
        abort(404)


@bp.get("/lan")
@access(PUBLIC)
def show() -> str:
    """What to do on an Android phone and on an iPhone."""
    return render_template("lan/show.html")


@bp.get("/lan-ca.crt")
@access(PUBLIC)
def certificate() -> Response:
    """The CA's certificate, as phones take it."""
    file = lan.ca_file(current_app.extensions["gate"].settings.data_dir / "keys")
    return Response(file.read_bytes(), mimetype="application/x-x509-ca-cert")
