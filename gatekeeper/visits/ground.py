"""What the program knows besides what the guard says: the place, the rules in force, the list, the announcement.

One statement for all of it, read once for each moment and vehicle of a batch: a row for each pack switched on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gatekeeper.enterprises.models import Enterprise, Gate, Township
from gatekeeper.prepared import Prepared, own, table_of
from gatekeeper.registrations.models import Registration
from gatekeeper.risk_areas.models import Adoption
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks import reach
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.rules.values import Rulebook

_enterprise, _gate, _township = map(table_of, (Enterprise, Gate, Township))
_version, _adoption, _registration = map(table_of, (RulebookVersion, Adoption, Registration))


def _version_of(tenant: object) -> object:
    """The newest version of a tenant that holds at ``at``."""
    return (
        select(_version.c.id)
        .where(tenant, _version.c.holds_from <= bindparam("at"))
        .order_by(_version.c.number.desc())
        .limit(1)
        .correlate(_township)
        .scalar_subquery()
    )


_announced = (
    select(_registration.c.id)
    .where(
        own(_registration),
        _registration.c.plate == bindparam("plate"),
        _registration.c.day == bindparam("day"),
        _registration.c.declined_at.is_(None),
    )
    .order_by(_registration.c.announced_at.desc(), _registration.c.id.desc())
    .limit(1)
)
_ANNOUNCED = Prepared(_announced)
_KNOWN = Prepared(
    select(
        _enterprise.c.exporter,
        _enterprise.c.cluster,
        select(_gate.c.accepts).where(own(_gate), _gate.c.id == bindparam("gate")).scalar_subquery().label("accepts"),
        _version_of(_version.c.enterprise_id == _township.c.office_id).label("above"),
        _version_of(own(_version)).label("own"),
        select(_adoption.c.list_hash)
        .where(
            _adoption.c.enterprise_id == _township.c.office_id,
            _adoption.c.adopted_at <= bindparam("at"),
            _adoption.c.update_time <= bindparam("at"),
        )
        .order_by(_adoption.c.update_time.desc(), _adoption.c.id.desc())
        .limit(1)
        .correlate(_township)
        .scalar_subquery()
        .label("list_hash"),
        _announced.scalar_subquery().label("registration"),
        reach.alert_level().label("alert_level"),
        reach.SWITCH.c.id.label("switch"),
        reach.SWITCH.c.pack,
    )
    .select_from(
        _enterprise.outerjoin(_township, _township.c.id == _enterprise.c.township_id).outerjoin(
            reach.SWITCH, reach.in_force_here()
        )
    )
    .where(own(_enterprise))
    .order_by(reach.SWITCH.c.id)
)


class Known(NamedTuple):
    """``accepts`` None: no such gate; ``list_hash``, ``registration``, ``above`` and ``own`` None: there is none.

    ``above`` and ``own`` are the rulebook versions of township and enterprise, ``switches`` the packs between them;
    ``books`` are all of these in the order in which they judge. ``alert_level`` is 0 where none was ever set.
    """

    exporter: bool
    cluster: str | None
    accepts: str | None
    books: Sequence[Rulebook]
    list_hash: str | None
    registration: UUID | None
    above: UUID | None
    switches: tuple[UUID, ...]
    own: UUID | None
    alert_level: int


class Ground:
    """What is known in one transaction; every question is asked of the database once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._known: dict[tuple[str, str, date, datetime], Known] = {}
        self._here: dict[tuple[str, datetime], Known] = {}

    def at(self, at: datetime, *, gate: str, plate: str | None, day: date) -> Known:
        """What holds at ``at`` for a vehicle (its key, None or empty: none) that came to a gate on ``day``."""
        asked = (gate, plate or "", day, at)
        if asked in self._known:
            return self._known[asked]
        here = self._here.get((gate, at))
        if here is None:
            rows = _KNOWN.rows(self.session, at=at, gate=UUID(gate), plate=plate or "", day=day)
            here = self._here[gate, at] = _known(self.session, rows)
        else:
            announced = _ANNOUNCED.rows(self.session, plate=plate, day=day) if plate else ()
            here = here._replace(registration=announced[0].id if announced else None)
        self._known[asked] = here
        return here


class Stamp(NamedTuple):
    """What judges who waits at an enterprise, whichever the gate and the vehicle; fields as in ``Known``."""

    above: UUID | None
    switches: tuple[UUID, ...]
    own: UUID | None
    alert_level: int
    list_hash: str | None


_ANY = {"gate": UUID(int=0), "plate": "", "day": date.min}


def stamp(session: Session, enterprise_id: UUID, *, at: datetime) -> Stamp:
    """What holds at an enterprise at ``at``: the session's own, under the scope of the platform any one."""
    rows = _KNOWN.rows_of(session, enterprise_id, at=at, **_ANY)
    row = rows[0]
    return Stamp(row.above, reach.once(rows), row.own, row.alert_level or 0, row.list_hash)


def _known(session: Session, rows: Sequence[Any]) -> Known:
    row, switches = rows[0], reach.once(rows)
    ids = [version for version in (row.above, *switches, row.own) if version is not None]
    return Known(
        exporter=row.exporter,
        cluster=row.cluster,
        accepts=row.accepts,
        books=rulebooks.by_ids(session, ids=ids),
        list_hash=row.list_hash,
        registration=row.registration,
        above=row.above,
        switches=switches,
        own=row.own,
        alert_level=row.alert_level or 0,
    )
