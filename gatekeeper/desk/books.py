"""The rulebooks a phone needs: those that judge now, those that will, those that judge who is inside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import from_micros, micros
from gatekeeper.rulebooks.models import AlertLevel, PackSwitch, RulebookVersion
from gatekeeper.rules.values import Owner
from gatekeeper.tenancy import own_id
from gatekeeper.visits import ground
from gatekeeper.visits.ground import Stamp

AHEAD = timedelta(hours=48)
"""Looked up once a day at least, so that a phone always knows the next day."""
MOST_KEPT = 1000

_made: dict[tuple[UUID, UUID], orjson.Fragment] = {}
"""Books as they are sent, by (enterprise that may see them, version): a version never changes."""


def order(stamp: Stamp) -> list[UUID]:
    """The versions that judge, in judging order: the township's, its switches, the enterprise's."""
    return [version for version in (stamp.above, *stamp.switches, stamp.own) if version is not None]


def sent(session: Session, ids: Iterable[UUID]) -> dict[UUID, orjson.Fragment]:
    """Rulebooks and switched packs as a phone gets them, by version: owner, version, title, switch, document."""
    here, wanted = own_id(session), list(dict.fromkeys(ids))
    missing = [version for version in wanted if (here, version) not in _made]
    if missing:
        if len(_made) > MOST_KEPT:
            _made.clear()
        versions = select(RulebookVersion.id, RulebookVersion.owner, RulebookVersion.document)
        for version, owner, document in session.execute(versions.where(RulebookVersion.id.in_(missing))):
            _made[here, version] = _book(version, owner, document, switch=False)
        switches = select(PackSwitch.id, PackSwitch.document).where(PackSwitch.id.in_(missing))
        for version, document in session.execute(switches):
            _made[here, version] = _book(version, Owner.TOWNSHIP, document, switch=True)
    return {version: _made[here, version] for version in wanted if (here, version) in _made}


def _book(version: UUID, owner: str, document: str, *, switch: bool) -> orjson.Fragment:
    title = json.loads(document)["title"]
    head = {"owner": owner, "version": str(version), "title": title, "switch": switch}
    return orjson.Fragment(orjson.dumps({**head, "document": orjson.Fragment(document)}))


def coming(session: Session, enterprise_id: UUID, *, at: datetime, now: Stamp) -> list[tuple[int, Stamp]]:
    """(from, what holds then) for each moment ahead at which something else begins to judge."""
    before, found = _judging(now), []
    for moment in _moments(session, at=at):
        then = ground.stamp(session, enterprise_id, at=moment)
        if _judging(then) != before:
            before = _judging(then)
            found.append((micros(moment), then))
    return found


def _judging(stamp: Stamp) -> tuple[Any, ...]:
    return (*order(stamp), stamp.alert_level)


def _moments(session: Session, *, at: datetime) -> Sequence[datetime]:
    """When a version, a switch or an alert level that the session sees begins or ends ahead."""
    columns = (RulebookVersion.holds_from, PackSwitch.holds_from, PackSwitch.holds_until, AlertLevel.holds_from)
    found: set[int] = set()
    for column in columns:
        query = select(column).where(column > at, column <= at + AHEAD)
        found.update(micros(moment) for moment in session.scalars(query))
    return [from_micros(moment) for moment in sorted(found)]
