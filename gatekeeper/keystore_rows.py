"""The rows of a keystore: how a key is named, and the few statements on its one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Connection, LargeBinary, MetaData, String, Table, bindparam, insert, select, update

metadata = MetaData()
keys = Table(
    "keys",
    metadata,
    Column("enterprise", String(36), primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)


class Name(NamedTuple):
    """Which key: ``purpose`` is a class, ``hold:<id>``, ``index:<field>`` or ``secret:<what>``; ``day`` "" for none."""

    enterprise: str
    purpose: str
    day: str

    @property
    def bound_to(self) -> str:
        return "|".join(self)


CHECK, ID = Name("", "check", ""), Name("", "id", "")


@dataclass(frozen=True, slots=True)
class Count:
    """How many keys of one purpose there are (classes, ``hold``, ``index``), of which days; None for no day."""

    purpose: str
    keys: int
    first: str | None
    last: str | None


def name_of(enterprise: UUID, cls: str, expires_on: date, hold: UUID | None) -> Name:
    return Name(str(enterprise), cls, expires_on.isoformat()) if hold is None else name_of_hold(enterprise, hold)


def name_of_hold(enterprise: UUID, hold: UUID) -> Name:
    return Name(str(enterprise), f"hold:{hold.hex}", "")


def is_named(name: Name) -> tuple[Any, ...]:
    return keys.c.enterprise == name.enterprise, keys.c.purpose == name.purpose, keys.c.day == name.day


def wrapped_of(connection: Connection, name: Name) -> bytes | None:
    return connection.execute(select(keys.c.wrapped).where(*is_named(name))).scalar()


def add(connection: Connection, name: Name, wrapped: bytes) -> None:
    values = dict(zip(("enterprise", "purpose", "day"), name, strict=True))
    connection.execute(insert(keys).values(**values, wrapped=wrapped))


REWRAP = (
    update(keys)
    .where(
        keys.c.enterprise == bindparam("of"),
        keys.c.purpose == bindparam("what"),
        keys.c.day == bindparam("until"),
    )
    .values(wrapped=bindparam("anew"))
)


def changed(name: Name, wrapped: bytes) -> dict[str, Any]:
    return {"of": name.enterprise, "what": name.purpose, "until": name.day, "anew": wrapped}
