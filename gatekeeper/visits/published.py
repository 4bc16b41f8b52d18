"""Rows that acts made against what the book says of them: rulebooks, lists, switched packs, alert levels, and more.

A feature to the right adds its own with ``compare``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gatekeeper.clock import micros
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.ledger.queries import Fault
from gatekeeper.risk_areas.models import Adoption
from gatekeeper.rulebooks import switch_queries as switches
from gatekeeper.rulebooks.models import Acknowledgement, AlertLevel, PackSwitch, RulebookVersion, SwitchEnd
from gatekeeper.watched.models import WatchedPlate

Rows = dict[str, Mapping[str, Any]]
"""Subject of the entry: the values that it must hold, of those of its row."""
Read = Callable[[Session, UUID], Rows]
SEQ, RECEIVED, BY, NAME = "entry.seq", "entry.received_at", "entry.by", "entry.by.name"
"""Names under which a row may say its entry's number, its receipt, and who did it."""


def fault(session: Session, enterprise_id: UUID) -> Fault | None:
    """The first row that its entry does not speak of as it is, and the first of which no entry speaks."""
    known = {what: (table, read(session, enterprise_id)) for what, (table, read) in COMPARED.items()}
    query = select(LedgerEntry.seq, LedgerEntry.bytes).where(
        LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.kind == "act"
    )
    for seq, text in session.execute(query.order_by(LedgerEntry.seq)):
        whole = json.loads(text)
        entry = whole["body"]
        if entry["act"] not in known:
            continue
        table, rows = known[entry["act"]]
        said = entry["values"] | {SEQ: seq, RECEIVED: whole["received_at"]}
        said |= {BY: entry["by"]["id"], NAME: entry["by"]["name"]}
        row = rows.pop(entry["subject"], None)
        if row is None or any(name not in said or said[name] != value for name, value in row.items()):
            return Fault(seq, f"{table}: {entry['subject']} is not what the book says ({entry['act']})")
    for table, rows in known.values():
        if rows:
            return Fault(None, f"{table} holds {min(rows)}, which the book does not know")
    return None


def rows(model: Any, key: str, values: Callable[[Any], Mapping[str, Any]], *where: ColumnElement[bool]) -> Read:
    """What reads the rows of ``model``: those that ``where`` says, by ``key``."""

    def read(session: Session, enterprise_id: UUID) -> Rows:
        found: Iterable[Any] = session.scalars(select(model).where(model.enterprise_id == enterprise_id, *where))
        return {str(getattr(row, key)): values(row) for row in found}

    return read


def _watched(row: WatchedPlate) -> Mapping[str, Any]:
    until = row.until.isoformat() if row.until else None
    return {"what": row.what, "until": until, "added_at": micros(row.added_at), BY: str(row.added_by)}


def _switches(session: Session, enterprise_id: UUID) -> Rows:
    rows = session.scalars(select(PackSwitch).where(PackSwitch.enterprise_id == enterprise_id)).all()
    targets = switches.targets(session, ids=[row.id for row in rows])
    return {str(row.id): switches.said(row, targets.get(row.id, ())) for row in rows}


COMPARED: dict[str, tuple[str, Read]] = {
    "rulebook.published": (
        "rulebook_versions",
        rows(RulebookVersion, "id", lambda row: {"content_hash": content_hash(row.document.encode())}),
    ),
    "risk_list.adopted": ("adoptions", rows(Adoption, "id", lambda row: {"list": row.list_hash})),
    "pack.switched_on": ("pack_switches", _switches),
    "pack.switched_off": (
        "pack_switch_ends",
        rows(SwitchEnd, "switch_id", lambda row: {"ended_at": micros(row.ended_at), "reason": row.reason}),
    ),
    "pack.acknowledged": (
        "acknowledgements",
        rows(Acknowledgement, "switch_id", lambda row: {"office": str(row.owner_enterprise_id)}),
    ),
    "alert.set": (
        "alert_levels",
        rows(AlertLevel, "id", lambda row: {"level": row.level, "holds_from": micros(row.holds_from)}),
    ),
    "watched.added": ("watched_plates", rows(WatchedPlate, "id", _watched)),
    "watched.lifted": (
        "watched_plates",
        rows(
            WatchedPlate,
            "id",
            lambda row: {"lifted_at": micros(row.lifted_at), BY: str(row.lifted_by)},
            WatchedPlate.lifted_at.is_not(None),
        ),
    ),
}
"""By act: its table, and what reads the rows that such acts made."""


def compare(what: str, table: str, read: Read) -> None:
    """Let acts ``what`` be compared with the rows of ``table``."""
    COMPARED[what] = table, read
