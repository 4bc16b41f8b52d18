"""Who keeps the gates, for the enterprise and the township; what is missing, on the admin's home."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, TOWNSHIP_STAFF, Tenant, access, enterprise, session
from gatekeeper.desk import duty, entries
from gatekeeper.desk.views import bp
from gatekeeper.enterprises import queries as gate_queries
from gatekeeper.enterprises.values import Notice, on_home
from gatekeeper.pages import hm
from gatekeeper.rules.values import Text


@bp.get("/e/<slug>/duty")
@access(*ENTERPRISE_STAFF, *TOWNSHIP_STAFF)
def duties(slug: str) -> Any:
    """Who keeps the gates now, and what the phones told of duty in the last week."""
    at, here = clock.now(), enterprise().id
    gates = gate_queries.gates(session(), enterprise_id=here, closed=True)
    standing, told = duty.standing(session(), here, at=at), entries.lately(session(), enterprise_id=here, at=at)
    return render_template("desk/duties.html", gates=gates, standing=standing, entries=told, codes=entries.CODES)


@on_home
def of_duty(session: Session, tenant: Tenant) -> list[Notice]:
    """Gates that nobody keeps, and duty that was not confirmed, for the admin's home."""
    at, found = clock.now(), []
    for gate, standing in duty.unmanned(session, at=at):
        since = hm(standing.last.at) if standing.last else None
        zh = f"{since} 交班后没有人接班" if since else "没有人值班"
        en = f"handed over at {since}, nobody took it" if since else "nobody is on duty"
        found.append(Text(f"{gate.name}：{zh}", f"{gate.name}: {en}"))
    for entry in duty.unconfirmed(duty.recent(session, enterprise_id=tenant.id, at=at)):
        when = hm(entry.at)
        zh, en = (
            f"{entry.user_name} {when} 的值班记录没有确认",
            f"what {entry.user_name} told at {when} is not confirmed",
        )
        found.append(Text(zh, en))
    address, look = url_for("desk.duties", slug=tenant.slug), Text("看值班", "Look at duty")
    return [Notice(text, look, address, word=Text("值班", "Duty")) for text in found]
