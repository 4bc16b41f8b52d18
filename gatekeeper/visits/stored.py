"""The rows of the projections as the database holds them, some hundred visits at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Dialect, String, Uuid, bindparam, cast, select
from sqlalchemy.orm import Session

from gatekeeper.db import UtcTime
from gatekeeper.prepared import Prepared, own, table_of
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant, VisitStage

BATCH = 200
Raw = tuple[Any, ...]
_VISITS = [f"visit_{number}" for number in range(BATCH)]


class Stored:
    """One projection: ``read`` gives its rows as the database holds them, ``row`` what they should be."""

    def __init__(self, cls: Any, dialect: Dialect, *, keys: Sequence[str], without: Sequence[str] = ()) -> None:
        table = table_of(cls)
        self.name = table.name
        self.columns = [
            column.name for column in table.columns if column.name not in ("enterprise_id", *keys, *without)
        ]
        self._of = itemgetter(*self.columns)
        processors = ((name, _bound(table.c[name].type, dialect)) for name in self.columns)
        self._processors = [(name, bound) for name, bound in processors if bound is not None]
        wanted = [_text(table.c[name], dialect) for name in (*keys, *self.columns, *without)]
        mine = table.c[keys[0]].in_([bindparam(name, type_=Uuid()) for name in _VISITS])
        self._query = Prepared(select(*wanted).where(own(table), mine))

    def read(self, session: Session, enterprise_id: UUID, visits: Sequence[UUID]) -> list[Raw]:
        """(keys..., columns..., those left out...) of the rows of these visits, ``BATCH`` at most; ids as text."""
        if not visits:
            return []
        padded = [*visits, *([visits[-1]] * (BATCH - len(visits)))]
        return self._query.plain(session, enterprise_id, **dict(zip(_VISITS, padded, strict=True)))

    def row(self, values: dict[str, Any]) -> Raw:
        """The columns of one row as the database would hold them; ids and times come as it has them already."""
        for name, bound in self._processors:
            values[name] = bound(values[name])
        made: Raw = self._of(values)
        return made

    def differing(self, stored: Raw, wanted: Raw) -> str:
        """``table.column`` of the first column in which they differ."""
        names = (f"{self.name}.{name}" for name in self.columns)
        return next(name for name, one, other in zip(names, stored, wanted, strict=True) if one != other)


class Projections(NamedTuple):
    """The four of them; ``raw_id``: an id of the book as the rows have it."""

    visits: Stored
    people: Stored
    stages: Stored
    events: Stored
    raw_id: Callable[[str], str]


@cache
def projections(dialect: Dialect) -> Projections:
    """Made once for each database."""
    return Projections(
        Stored(Visit, dialect, keys=("id",), without=("last_seq",)),
        Stored(VisitOccupant, dialect, keys=("visit_id", "subject")),
        Stored(VisitStage, dialect, keys=("visit_id", "stage")),
        Stored(VisitEvent, dialect, keys=("visit_id", "seq")),
        _without_dashes if dialect.name == "sqlite" else str,
    )


def _without_dashes(value: str) -> str:
    return value.replace("-", "")


def _text(column: Any, dialect: Dialect) -> Any:
    """PostgreSQL's driver would make a UUID of each id, to be compared with one made of the text in the book."""
    is_id = isinstance(column.type, Uuid) and dialect.name != "sqlite"
    return cast(column, String) if is_id else column


def _bound(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes the database's value of Python's; None where they are equal as they are (True and 1 are)."""
    if isinstance(kind, Uuid | UtcTime | Boolean):
        return None
    found: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found
