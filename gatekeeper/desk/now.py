"""What stands at an enterprise this minute, as its phones get it: visits, who is at what, duty, the tray."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from gatekeeper.clock import day_of, micros
from gatekeeper.crypto import key_hash
from gatekeeper.desk import duty
from gatekeeper.desk.kept import kept
from gatekeeper.desk.presence import Present, others
from gatekeeper.desk.standing import Standing, standing
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.visits import tray
from gatekeeper.visits.models import Visit, VisitState


class Base(NamedTuple):
    """What all phones of an enterprise share, and what it was made for: it is made anew when that changes."""

    key: tuple[Any, ...]
    at: int
    standing: Standing
    duty: dict[str, Any]
    today: dict[str, int]


def base(session: Session, enterprise_id: UUID, *, seq: int, at: datetime) -> Base:
    """The shared part after entry ``seq`` of the book; made once in a process for each entry and day."""
    key, made = (seq, day_of(at)), kept(session, "now")
    known: Base | None = made.get(enterprise_id)
    if known is None or known.key != key:
        gates = [gate.id for gate in enterprises.gates(session, enterprise_id=enterprise_id)]
        known = made[enterprise_id] = Base(
            key,
            micros(at),
            standing(session, enterprise_id),
            duty.sent(session, enterprise_id, gates, at=at),
            _today(session, enterprise_id, at),
        )
    return known


def _today(session: Session, enterprise_id: UUID, at: datetime) -> dict[str, int]:
    turned_away = func.sum(case((Visit.state == VisitState.TURNED_AWAY, 1), else_=0))
    query = select(func.count(Visit.id), turned_away).where(
        Visit.enterprise_id == enterprise_id, Visit.day == day_of(at), Visit.state != VisitState.VOID
    )
    arrived, away = session.execute(query).one()
    return {"arrived": arrived, "turned_away": away or 0}


class Now(NamedTuple):
    """The answer for one phone; ``tag`` says whether it has it already."""

    tag: str
    base: Base
    desks: list[dict[str, Any]]
    attention: int

    def sent(self) -> orjson.Fragment:
        """``now`` as in docs/desk.md."""
        made = {
            "seq": self.base.key[0],
            "at": self.base.at,
            "visits": self.base.standing.visits,
            "desks": self.desks,
            "duty": self.base.duty,
            "attention": self.attention,
            "today": self.base.today,
        }
        return orjson.Fragment(orjson.dumps(made))


def now(
    session: Session, enterprise_id: UUID, desk_id: UUID, *, seq: int, known: Sequence[Present], at: datetime
) -> Now:
    """What stands at ``at``, for the phone ``desk_id``."""
    shared = base(session, enterprise_id, seq=seq, at=at)
    desks = others(known, desk_id, at=at)
    attention = tray.count(session, enterprise_id=enterprise_id, at=at)
    told = [(one["desk"], one["by"], one["visit"]) for one in desks]
    return Now(key_hash(repr((shared.key, told, attention)))[:16], shared, desks, attention)
