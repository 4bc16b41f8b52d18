"""What was put in force against what the book says of it: rulebooks, lists, switched packs, alert levels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import micros
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.ledger.queries import Fault
from gatekeeper.risk_areas.models import Adoption
from gatekeeper.rulebooks import switch_queries as switches
from gatekeeper.rulebooks.models import Acknowledgement, AlertLevel, PackSwitch, RulebookVersion, SwitchEnd

Rows = dict[str, Mapping[str, Any]]
"""Subject of the entry: the values that it must hold, of those of its row."""


def fault(session: Session, enterprise_id: UUID) -> Fault | None:
    """The first row that its entry does not speak of as it is, and the first of which no entry speaks."""
    known = {what: (table, read(session, enterprise_id)) for what, table, read in PUBLISHED}
    query = select(LedgerEntry.seq, LedgerEntry.bytes).where(
        LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.kind == "act"
    )
    for seq, text in session.execute(query.order_by(LedgerEntry.seq)):
        entry = json.loads(text)["body"]
        if entry["act"] not in known:
            continue
        table, rows = known[entry["act"]]
        row = rows.pop(entry["subject"], None)
        if row is None or not row.items() <= entry["values"].items():
            return Fault(seq, f"{table}: {entry['subject']} is not what the book says ({entry['act']})")
    for table, rows in known.values():
        if rows:
            return Fault(None, f"{table} holds {min(rows)}, which the book does not know")
    return None


def _rows(model: Any, key: str, values: Callable[[Any], Mapping[str, Any]]) -> Callable[[Session, UUID], Rows]:
    def read(session: Session, enterprise_id: UUID) -> Rows:
        found: Iterable[Any] = session.scalars(select(model).where(model.enterprise_id == enterprise_id))
        return {str(getattr(row, key)): values(row) for row in found}

    return read


def _switches(session: Session, enterprise_id: UUID) -> Rows:
    rows = session.scalars(select(PackSwitch).where(PackSwitch.enterprise_id == enterprise_id)).all()
    targets = switches.targets(session, ids=[row.id for row in rows])
    return {str(row.id): switches.said(row, targets.get(row.id, ())) for row in rows}


PUBLISHED: tuple[tuple[str, str, Callable[[Session, UUID], Rows]], ...] = (
    (
        "rulebook.published",
        "rulebook_versions",
        _rows(RulebookVersion, "id", lambda row: {"content_hash": content_hash(row.document.encode())}),
    ),
    ("risk_list.adopted", "adoptions", _rows(Adoption, "id", lambda row: {"list": row.list_hash})),
    ("pack.switched_on", "pack_switches", _switches),
    (
        "pack.switched_off",
        "pack_switch_ends",
        _rows(SwitchEnd, "switch_id", lambda row: {"ended_at": micros(row.ended_at), "reason": row.reason}),
    ),
    (
        "pack.acknowledged",
        "acknowledgements",
        _rows(Acknowledgement, "switch_id", lambda row: {"office": str(row.owner_enterprise_id)}),
    ),
    (
        "alert.set",
        "alert_levels",
        _rows(AlertLevel, "id", lambda row: {"level": row.level, "holds_from": micros(row.holds_from)}),
    ),
)
"""(act, table, what reads its rows)."""
