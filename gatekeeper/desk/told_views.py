"""What a phone asks and tells besides gate events and photos."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, g, jsonify, request

from gatekeeper import clock
from gatekeeper.access import DESK, PUBLIC, access, engines, session
from gatekeeper.desk import entries, presence, reading
from gatekeeper.desk import state as states
from gatekeeper.desk.region_file import region_file
from gatekeeper.desk.views import bp
from gatekeeper.errors import DomainError

WEEK = 7 * 24 * 3600


@bp.post("/desk/state")
@access(DESK, writes=False)
def state() -> Any:
    """How things stand: the rules, the list, who is here, who is on duty; only what the phone does not have yet."""
    at, said = clock.now(), states.asked(g.desk)
    answer = states.answer(session(), g.desk, said, at=at)
    if answer.presence:
        session().rollback()
        who = {"user_id": said.user_id, "visit_id": said.visit_id}
        presence.keep(engines(), g.desk.enterprise_id, g.desk.id, **who, at=at)
    return Response(orjson.dumps(answer.told), mimetype="application/json")


@bp.post("/desk/duty")
@access(DESK)
def take_duty() -> Any:
    """Who came on, handed over, took over, went off: one outcome each; sent again it is answered as before."""
    at = clock.now()
    try:
        told = reading.read(g.desk, received_at=at)
    except DomainError as error:
        return jsonify(code=error.code, text=error.text._asdict()), error.status
    session().rollback()  # a PIN takes a while to be compared; nobody waits behind it
    proved = entries.proofs(engines(), g.desk, told, at=at)
    outcomes = entries.recorded(session(), g.desk, told, proved, received_at=at)
    answer = {"outcomes": [one.sent() for one in outcomes], "revoked": g.desk.revoked}
    return Response(orjson.dumps(answer), mimetype="application/json")


@bp.get("/desk/regions.json")
@access(PUBLIC)
def region_table() -> Any:
    """The regions above the towns, for the phone's own search; the same until the program changes."""
    file = region_file()
    response = Response(file.plain, mimetype="application/json")
    response.set_etag(file.tag, weak=True)
    response.cache_control.public, response.cache_control.max_age = True, WEEK
    return response.make_conditional(request)
