"""A township's switch in a test: pressed, ended, acknowledged, in a transaction of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.rulebooks import switches
from tests.factories import MORNING, Factory, Town

REASON = "周边出现病例，按县指挥部通知执行"


def switch_on(engines: Engines, town: Town, *, at: datetime = MORNING, **given: Any) -> UUID:
    """``epidemic_2022`` for all of the township unless said otherwise; the id of the switch."""
    with tenancy.open_session(engines, tenancy.Township(town.id)) as session:
        among = list(enterprises.gate_keepers(session))
    plain: dict[str, Any] = {"pack": "epidemic_2022", "reach": "all", "reason": REASON, "among": among}
    with tenancy.open_session(engines, town.office.scope, write=True) as session:
        return switches.switch_on(session, by=town.admin, at=at, **(plain | given)).id


def switch_off(engines: Engines, town: Town, switch_id: UUID, *, at: datetime, reason: str = "疫情解除") -> None:
    with tenancy.open_session(engines, town.office.scope, write=True) as session:
        switches.switch_off(session, switch_id=switch_id, reason=reason, by=town.admin, at=at)


def alert(engines: Engines, town: Town, level: int, *, at: datetime, holds_from: datetime | None = None) -> None:
    with tenancy.open_session(engines, town.office.scope, write=True) as session:
        switches.set_alert_level(session, level=level, reason="重污染天气", by=town.admin, at=at, holds_from=holds_from)


def acknowledge(engines: Engines, place: Factory, switch_id: UUID, *, at: datetime) -> None:
    with tenancy.open_session(engines, place.scope, write=True) as session:
        switches.acknowledge(session, switch_id=switch_id, by=place.admin, at=at)
