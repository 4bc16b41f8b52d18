"""Whom a switched pack reaches, and when: once as SQL for the path that must be fast, once for a row in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from gatekeeper.enterprises.models import Enterprise, Township
from gatekeeper.enterprises.queries import GATE_KEEPERS
from gatekeeper.prepared import Prepared, own, table_of
from gatekeeper.rulebooks.models import AlertLevel, PackSwitch, Reach, SwitchEnd, SwitchTarget

_enterprise, _township = map(table_of, (Enterprise, Township))
_switch, _end, _target, _alert = map(table_of, (PackSwitch, SwitchEnd, SwitchTarget, AlertLevel))

SWITCH = _switch
"""The table that ``in_force_here`` joins."""


def in_force_here() -> ColumnElement[bool]:
    """What ties a switch to a row of ``enterprises`` joined with its township: in force at bind ``at``, and for it."""
    ended = select(_end.c.switch_id).where(
        _end.c.enterprise_id == _switch.c.enterprise_id,
        _end.c.ended_at <= bindparam("at"),
    )
    named = select(_target.c.switch_id).where(
        _target.c.enterprise_id == _switch.c.enterprise_id,
        _target.c.target_id == _enterprise.c.enterprise_id,
    )
    return and_(
        _switch.c.enterprise_id == _township.c.office_id,
        _enterprise.c.enterprise_id != _township.c.office_id,
        _switch.c.holds_from <= bindparam("at"),
        or_(_switch.c.holds_until.is_(None), _switch.c.holds_until > bindparam("at")),
        _switch.c.id.not_in(ended.correlate(_switch)),
        or_(
            _switch.c.reach == Reach.ALL.value,
            and_(_switch.c.reach == Reach.CLUSTER.value, _switch.c.cluster == _enterprise.c.cluster),
            and_(_switch.c.reach == Reach.NAMED.value, _switch.c.id.in_(named.correlate(_switch, _enterprise))),
        ),
    )


def alert_level() -> Any:
    """The alert level of a row of ``townships`` at bind ``at``; NULL where none was ever set."""
    return (
        select(_alert.c.level)
        .where(_alert.c.enterprise_id == _township.c.office_id, _alert.c.holds_from <= bindparam("at"))
        .order_by(_alert.c.holds_from.desc(), _alert.c.id.desc())
        .limit(1)
        .correlate(_township)
        .scalar_subquery()
    )


_HERE = Prepared(
    select(_switch.c.id.label("switch"), _switch.c.pack)
    .select_from(
        _enterprise.join(_township, _township.c.id == _enterprise.c.township_id).join(_switch, in_force_here())
    )
    .where(own(_enterprise))
    .order_by(_switch.c.id)
)


def once(rows: Iterable[Any]) -> tuple[UUID, ...]:
    """Ids of switches in their order, from rows (``switch``, ``pack``): of two of the same pack the newer one."""
    newest = {row.pack: row.switch for row in rows if row.switch is not None}
    return tuple(sorted(newest.values()))


def here(session: Session, *, at: datetime) -> tuple[UUID, ...]:
    """The switches that judge the session's enterprise at ``at``."""
    return once(_HERE.rows(session, at=at))


def reaches(
    switch: PackSwitch, *, named: Collection[UUID], enterprise_id: UUID, cluster: str | None, kind: str
) -> bool:
    """Whether a switch is for this enterprise at all, whenever; ``named``: its targets."""
    if kind not in GATE_KEEPERS:
        return False
    if switch.reach == Reach.CLUSTER:
        return cluster is not None and switch.cluster == cluster
    return switch.reach == Reach.ALL or enterprise_id in named
