"""The answer to a phone that asks how things stand: what it has already is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import SignedDesk
from gatekeeper.clock import micros
from gatekeeper.desk import ground, presence
from gatekeeper.desk import now as minute
from gatekeeper.desk.stamp import heads


@dataclass(frozen=True, slots=True)
class Asked:
    """What a phone says of itself: the tags of what it has, who is on duty on it, which visit it has open."""

    ground: str | None
    now: str | None
    user_id: UUID | None
    visit_id: UUID | None


@dataclass(frozen=True, slots=True)
class Answer:
    """``told`` goes to the phone; ``presence``: what it said of itself is to be written."""

    told: dict[str, Any]
    presence: bool


def asked(desk: SignedDesk) -> Asked:
    """What of a request can be read; anything else counts as not said."""
    data = desk.data if isinstance(desk.data, dict) else {}
    by = desk.people.get(str(data.get("by")))
    ground_tag, now_tag = (tag if isinstance(tag := data.get(name), str) else None for name in ("ground", "now"))
    return Asked(ground_tag, now_tag, by.id if by else None, _id(data.get("visit")))


def _id(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


def answer(session: Session, desk: SignedDesk, said: Asked, *, at: datetime) -> Answer:
    """How things stand at ``at`` for one phone; reads only."""
    if desk.revoked:
        return Answer({"at": micros(at), "revoked": True}, presence=False)
    here = desk.enterprise_id
    stand, known = heads(session), presence.present(session, here)
    now = minute.now(session, here, desk.id, seq=stand.seq, known=known, at=at)
    key = ground.key(session, here, heads=stand, inside=now.base.standing.books, at=at)
    told: dict[str, Any] = {"at": micros(at), "revoked": False, "ground_tag": key.tag, "now_tag": now.tag}
    if said.ground != key.tag:
        told["ground"] = ground.sent(session, here, desk.gate_id, key=key, at=at)
    if said.now != now.tag:
        told["now"] = now.sent()
    stale = presence.is_stale(known, desk.id, user_id=said.user_id, visit_id=said.visit_id, at=at)
    return Answer(told, presence=stale)
