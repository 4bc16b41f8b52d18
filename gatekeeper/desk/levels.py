"""A risk list as a phone carries it: levels by region code, so that asking is a look-up (docs/desk.md)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import orjson
from sqlalchemy.orm import Session

from gatekeeper.clock import micros
from gatekeeper.formats.region_table import Level, level_of, table
from gatekeeper.risk_areas import queries as risk_areas

MOST_NAMES = 5
"""A fact names five places at most, so five of each region are enough for the five of several."""
MOST_KEPT = 8

_made: OrderedDict[str, orjson.Fragment] = OrderedDict()


def sent(session: Session, list_hash: str | None) -> orjson.Fragment | None:
    """A list as a phone gets it, made once a process; None where none is in force."""
    if list_hash is None:
        return None
    found = _made.get(list_hash)
    if found is None:
        read = risk_areas.read(session, list_hash)
        made = {"hash": list_hash, "updated_at": micros(read.file.update_time), "levels": levels(session, list_hash)}
        found = _made[list_hash] = orjson.Fragment(orjson.dumps(made))
        while len(_made) > MOST_KEPT:
            _made.popitem(last=False)
    return found


def levels(session: Session, list_hash: str) -> dict[str, list[Any]]:
    """{region code: [level, names]} of every region that is not ``none``: provinces, cities, counties, and the towns
    that lie in no county. A phone looks a code up, and a town's county by its first six digits."""
    index = risk_areas.index(session, list_hash)
    found = {}
    for code in table().names:
        if level_of(code) is Level.TOWN and code[:6] in table().names:
            continue
        standing = index.level(code)
        if standing.level != "none":
            found[code] = [standing.level, list(standing.names[:MOST_NAMES])]
    return found
