"""What the township has ordered, at the enterprise: what changes, and that it was seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from gatekeeper import clock
from gatekeeper.access import ENTERPRISE_STAFF, Role, Tenant, access, enterprise, session
from gatekeeper.enterprises.values import Notice, on_home
from gatekeeper.language import t
from gatekeeper.pages import navigation
from gatekeeper.rulebooks import acknowledging, context, switches
from gatekeeper.rulebooks import switch_queries as queries
from gatekeeper.rulebooks.views import bp
from gatekeeper.rules.values import Text

navigation("rulebooks.orders", *ENTERPRISE_STAFF, label=lambda: t("镇街指令", "Orders"))


@bp.get("/e/<slug>/orders")
@access(*ENTERPRISE_STAFF, reads="own")
def orders(slug: str) -> Any:
    """Every order of the township that is, will be or was for this enterprise, and what it changes."""
    at, names = clock.now(), context.places(session(), enterprise().id)
    found = acknowledging.changes(session(), place=queries.place(session()), names=names, at=at)
    return render_template(
        "rulebooks/orders.html",
        standing=[one for one in found if one.order.standing != queries.ENDED],
        ended=[one for one in found if one.order.standing == queries.ENDED],
        level=queries.level(session(), at=at),
        may_acknowledge=current_user.role == Role.ENTERPRISE_ADMIN,
    )


@bp.post("/e/<slug>/orders/<uuid:switch_id>/acknowledge")
@access(Role.ENTERPRISE_ADMIN, reads="own")
def acknowledge(slug: str, switch_id: UUID) -> Any:
    """The admin has seen what an order changes here."""
    switches.acknowledge(session(), switch_id=switch_id, by=current_user, at=clock.now())
    flash(t("已确认收到", "Acknowledged"), "success")
    return redirect(url_for(".orders", slug=slug))


@on_home
def not_acknowledged(reading: Session, tenant: Tenant) -> Iterator[Notice]:
    """On the admin's home: each order that nobody here has acknowledged."""
    for order in queries.waiting_for(reading, place=queries.place(reading), at=clock.now()):
        title = order.title
        yield Notice(
            Text(f"镇街启用了“{title.zh}”，请确认收到", f"The township ordered “{title.en}”; please acknowledge it"),
            Text("看看改了什么", "See what changes"),
            url_for("rulebooks.orders", slug=tenant.slug) + f"#order-{order.switch.id}",
        )
