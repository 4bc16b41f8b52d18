"""Whether anything changed: one statement that costs the same whatever the size of the book."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.enterprises.models import Enterprise, Township
from gatekeeper.ledger.models import LedgerHead
from gatekeeper.prepared import Prepared, own, table_of
from gatekeeper.risk_areas.models import Adoption
from gatekeeper.rulebooks.models import AlertLevel, PackSwitch, RulebookVersion, SwitchEnd
from gatekeeper.watched.models import WatchedPlate

_enterprise, _township, _head = map(table_of, (Enterprise, Township, LedgerHead))


def _newest(model: Any, name: str) -> Any:
    """The newest row that the township's office published: ids are made in the order of time."""
    table = table_of(model)
    return (
        select(table.c[name])
        .where(table.c.enterprise_id == _township.c.office_id, table.c[name].is_not(None))
        .order_by(table.c[name].desc())
        .limit(1)
        .correlate(_township)
        .scalar_subquery()
    )


_HEADS = Prepared(
    select(
        select(_head.c.seq).where(own(_head)).scalar_subquery().label("seq"),
        _newest(RulebookVersion, "id").label("version"),
        _newest(PackSwitch, "id").label("switch"),
        _newest(SwitchEnd, "ended_at").label("ended"),
        _newest(AlertLevel, "id").label("alert"),
        _newest(Adoption, "id").label("adoption"),
        _newest(WatchedPlate, "id").label("watched"),
        _newest(WatchedPlate, "lifted_at").label("lifted"),
    )
    .select_from(_enterprise.outerjoin(_township, _township.c.id == _enterprise.c.township_id))
    .where(own(_enterprise))
)


class Heads(NamedTuple):
    """``seq``: the last entry of the enterprise's book; ``office``: the newest of everything its office published."""

    seq: int
    office: tuple[object, ...]


def heads(session: Session) -> Heads:
    """Where the session's enterprise and its office stand."""
    row = _HEADS.rows(session)[0]
    return Heads(row.seq or 0, tuple(row[1:]))
