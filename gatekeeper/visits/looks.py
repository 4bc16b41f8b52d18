"""Who looked: every look at what is masked, as the enterprise reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.service import open_part
from gatekeeper.rules.values import Text
from gatekeeper.visits.models import Visit
from gatekeeper.visits.reveal import is_reveal
from gatekeeper.visits.reveal_words import CLASSES, PURPOSES

PAGE = 50


@dataclass(frozen=True, slots=True)
class Look:
    """One look. ``text`` is what the person wrote (None: nothing, or erased: ``text_gone``); ``visit`` the visit."""

    at: datetime
    by: Mapping[str, str]
    office: str
    visit: Visit | None
    what: tuple[Text, ...]
    purpose: Text
    text: str | None
    text_gone: bool


def looks(session: Session, *, enterprise_id: UUID, page: int = 1) -> tuple[list[Look], bool]:
    """(one page of the looks into an enterprise's visits, newest first; whether there are older ones)."""
    query = (
        select(LedgerEntry)
        .where(LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.kind == is_reveal())
        .order_by(LedgerEntry.received_at.desc(), LedgerEntry.seq.desc())
    )
    entries = session.scalars(query.limit(PAGE + 1).offset(PAGE * (page - 1))).all()
    bodies = [(entry, json.loads(entry.bytes)) for entry in entries[:PAGE]]
    visits = _visits(session, enterprise_id, [UUID(written["body"]["visit"]) for _, written in bodies])
    texts = _texts(session, enterprise_id, [entry.seq for entry, _ in bodies])
    return [_look(entry, written, visits, texts) for entry, written in bodies], len(entries) > PAGE


def _look(entry: LedgerEntry, written: Mapping[str, Any], visits: Mapping[UUID, Visit], texts: dict[int, str]) -> Look:
    body = written["body"]
    text = texts.get(entry.seq)
    return Look(
        at=entry.received_at,
        by=body["by"],
        office=body["office"],
        visit=visits.get(UUID(body["visit"])),
        what=tuple(CLASSES[cls] for cls in CLASSES if cls in body["classes"]),
        purpose=PURPOSES.get(body["purpose"], Text(body["purpose"], body["purpose"])),
        text=text,
        text_gone=text is None and "note" in written["parts"],
    )


def _visits(session: Session, enterprise_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Visit]:
    query = select(Visit).where(Visit.enterprise_id == enterprise_id, Visit.id.in_(ids))
    return {visit.id: visit for visit in session.scalars(query)}


def _texts(session: Session, enterprise_id: UUID, seqs: Sequence[int]) -> dict[int, str]:
    query = select(LedgerPart).where(
        LedgerPart.enterprise_id == enterprise_id, LedgerPart.seq.in_(seqs), LedgerPart.cls == "note"
    )
    opened = {part.seq: open_part(part) for part in session.scalars(query)}
    return {seq: value["texts"]["text"] for seq, value in opened.items() if value is not None}
