"""The desk as a phone opens it: one page and its worker, the same for everybody. They hold nobody's data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request

from gatekeeper.access import PUBLIC, access
from gatekeeper.desk import shell

bp = Blueprint("desk", __name__)


def _shell() -> shell.Shell:
    assert current_app.static_folder is not None
    static = Path(current_app.static_folder)
    return shell.read(static, (Path(str(current_app.template_folder)) / "desk/shell.html").read_text(encoding="utf-8"))


@bp.get("/desk")
@access(PUBLIC)
def show() -> Any:
    """The page; what it shows it has from the phone itself."""
    return render_template("desk/shell.html", shell=_shell())


@bp.get("/desk/sw.js")
@access(PUBLIC)
def worker() -> Any:
    """The worker that lets the page open without a network; it looks after ``/desk`` alone."""
    answer = Response(_shell().worker, mimetype="text/javascript")
    answer.headers.update({"Service-Worker-Allowed": shell.PAGE, "Cache-Control": "no-cache"})
    answer.add_etag()
    return answer.make_conditional(request)


@bp.get("/desk/pack")
@access(PUBLIC)
def pack() -> Any:
    """All scripts of the desk in one answer, for its worker; those of another version (``v``) are not here (404)."""
    here = _shell()
    if request.args.get("v", here.version) != here.version:
        abort(404)
    coding = request.accept_encodings.best_match(["br", "gzip"])
    answer = Response(shell.compressed(here.pack, coding) if coding else here.pack, mimetype="text/plain")
    answer.headers.update({"Vary": "Accept-Encoding"} | ({"Content-Encoding": coding} if coding else {}))
    return answer


from gatekeeper.desk import duty_views, told_views  # noqa: E402, F401  the blueprint's other pages
