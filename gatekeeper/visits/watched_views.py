"""Who came today though their plate is watched, on the admin's home."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from sqlalchemy.orm import Session

from gatekeeper import clock
from gatekeeper.access import Tenant
from gatekeeper.enterprises.values import Notice, on_home
from gatekeeper.pages import hm
from gatekeeper.rules.values import Text
from gatekeeper.visits import queries
from gatekeeper.watched import queries as watched


@on_home
def came_watched(session: Session, tenant: Tenant) -> Iterator[Notice]:
    """The visits of today whose plate the gate is told of."""
    day = clock.today()
    rows = {row.plate: row for row in reversed(watched.standing(session, enterprise_id=tenant.id, day=day))}
    for visit in queries.of_plates(session, enterprise_id=tenant.id, plates=rows, day=day):
        zh = f"{visit.plate} {hm(visit.arrived_at)} 到：{rows[visit.plate].why}"
        en = f"{visit.plate} came at {hm(visit.arrived_at)}: {rows[visit.plate].why}"
        href = url_for("visits.show", slug=tenant.slug, visit_id=visit.id)
        yield Notice(Text(zh, en), Text("看来访", "Look at the visit"), href, word=Text("关注车牌", "Watched"))
