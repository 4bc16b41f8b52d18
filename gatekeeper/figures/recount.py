"""Counting again: whether every kept day is what the visits of that day add up to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.figures import counting, rolled
from gatekeeper.figures.tally import Day


class Difference(NamedTuple):
    """A kept day that its visits do not add up to: the figure, as kept and as counted."""

    day: date
    figure: str
    kept: Any
    counted: Any


class Recount(NamedTuple):
    """``days`` were compared and agree, up to the first ``difference``; ``waiting`` days are not in step yet."""

    days: int
    waiting: int
    difference: Difference | None


NOTHING = Day().row()
"""A day on which nobody came."""


def recount(session: Session, *, enterprise_id: UUID, first: date, last: date) -> Recount:
    """Compare the kept days of a period with the visits, one by one."""
    period: dict[str, Any] = {"enterprise_id": enterprise_id, "first": first, "last": last}
    kept = {row.day: rolled.values(row) for row in rolled.rows(session, **period)}
    counted = {day: found.row() for day, found in counting.of_visits(session, **period).items()}
    # What somebody wrote while the visits were counted is no difference: asked last.
    days, stale = sorted(kept.keys() | counted.keys()), rolled.out_of_step(session, **period)
    waiting = len(days) if stale is None else len(stale)
    fixed = [] if stale is None else [day for day in days if day not in stale]
    for number, day in enumerate(fixed):
        found = _first(kept.get(day, NOTHING), counted.get(day, NOTHING))
        if found is not None:
            return Recount(number, waiting, Difference(day, *found))
    return Recount(len(fixed), waiting, None)


def _first(kept: Mapping[str, Any], counted: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    for name, value in kept.items():
        if value == counted[name]:
            continue
        if name != "nested":
            return name, value, counted[name]
        found = _first(json.loads(value), json.loads(counted[name]))
        return found or (name, value, counted[name])
    return None
