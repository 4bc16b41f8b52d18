"""What an enrolled desk sends: gate events and photos, signed with its key."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, current_app, g, jsonify, request

from gatekeeper import clock, files, tenancy
from gatekeeper.access import DESK, access, engines, session
from gatekeeper.errors import DomainError
from gatekeeper.files import MOST_BYTES
from gatekeeper.ledger.service import keystore
from gatekeeper.pages import upload
from gatekeeper.visits import photos, sync
from gatekeeper.visits.views import bp

upload("visits.desk_photo", DESK, largest=MOST_BYTES)


@bp.post("/desk/sync")
@access(DESK)
def desk_sync() -> Any:
    """A batch of gate events: one outcome each, in order; sent again it is answered as before."""
    at = clock.now()
    try:
        sent = sync.read(g.desk, received_at=at)
    except DomainError as error:
        return jsonify(code=error.code, text=error.text._asdict()), error.status
    sent = sync.proved(session(), engines(), g.desk, sent, at=at)
    outcomes = sync.recorded(session(), sent, received_at=at)
    told = sync.answer(sent, outcomes, revoked=g.desk.revoked)
    return Response(orjson.dumps(told), mimetype="application/json")


@bp.post("/desk/photos")
@access(DESK)
def desk_photo() -> Any:
    """One photo, raw; answers the name by which an event of the same day refers to it.

    ``X-Gate-Visit`` says of which visit, whose rulebooks say how long it is kept.
    """
    folder = current_app.extensions["gate"].settings.data_dir / "photos"
    place = g.desk.enterprise_id
    session().rollback()  # a photo takes a while to be read; nobody waits behind it
    with tenancy.open_session(engines(), g.scope) as reading:
        last_day = photos.expires_on(reading, visit=request.headers.get("X-Gate-Visit"), at=clock.now())
    try:
        name = files.store(folder, keystore(), request.get_data(), enterprise=place, expires_on=last_day)
    except DomainError as error:
        return jsonify(code=error.code, text=error.text._asdict()), error.status
    return jsonify(name=name)
