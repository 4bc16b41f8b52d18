"""A gate that was busy for a while, and runs of retention on a later day."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from PIL import Image
from sqlalchemy import select

from gatekeeper import clock, files, schema, tenancy
from gatekeeper.config import Settings
from gatekeeper.db import Engines
from gatekeeper.ledger.models import LedgerPart
from gatekeeper.ledger.queries import Fault
from gatekeeper.ledger.service import RETENTION_DAYS, keystore
from gatekeeper.retention import service
from gatekeeper.retention.service import Done
from gatekeeper.visits import proof
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.models import Visit, VisitOccupant
from tests.factories import MORNING, Factory, World
from tests.visits.gate import FEVER, AtGate, publish


@dataclass
class Later:
    """The installation, ``days`` after the day of the entries."""

    platform: Engines
    settings: Settings

    def run(self, days: int) -> Done:
        return service.run(self.platform, self.settings.data_dir, today=on_day(days), at=clock.now())

    @property
    def photos(self) -> Path:
        return self.settings.data_dir / "photos"


def on_day(days: int) -> date:
    return clock.day_of(MORNING) + timedelta(days=days)


def photo(settings: Settings, place: Factory, colour: int = 90) -> str:
    """A photo on disk, taken on the day of the entries; its name."""
    raw = io.BytesIO()
    Image.new("RGB", (40, 30), (colour, 20, 20)).save(raw, "PNG")
    last = on_day(RETENTION_DAYS["photo"])
    folder = settings.data_dir / "photos"
    return files.store(folder, keystore(), raw.getvalue(), enterprise=place.id, expires_on=last)


def busy(world: World, settings: Settings, place: Factory | None = None) -> AtGate:
    """A truck that was measured, photographed, admitted, noted and left: a part of each class but identity."""
    place = place or world.own
    publish(world, place, FEVER)
    gate = AtGate(world.engines, place)
    gate.arrive("浙A12345")
    gate.temperature(366)
    gate.answer("seal", "photo", {"file": photo(settings, place)})
    gate.admit()
    gate.send(EventKind.NOTE, {"text": "已通知库房"})
    gate.leave()
    return gate


def parts(engines: Engines, place: Factory) -> dict[str, int]:
    """How many parts of each class the book of a place still has."""
    with tenancy.open_session(engines, place.scope) as session:
        query = select(LedgerPart.cls, sa.func.count(LedgerPart.seq)).group_by(LedgerPart.cls)
        return {cls: count for cls, count in session.execute(query)}


def row(engines: Engines, place: Factory, visit_id: UUID) -> tuple[Visit, VisitOccupant]:
    with tenancy.open_session(engines, place.scope) as session:
        visit = session.get(Visit, (place.id, visit_id))
        person = session.scalars(select(VisitOccupant).where(VisitOccupant.visit_id == visit_id)).one()
        assert visit is not None
        return visit, person


def sound(engines: Engines, place: Factory) -> bool:
    """Whether ``verify`` is green, and ``replay`` without a difference."""
    with tenancy.open_session(engines, place.scope) as session:
        found = proof.verify(session, enterprise_id=place.id)
        assert not isinstance(found, Fault), found
        counts, _ = proof.tally(proof.replay(session, enterprise_id=place.id))
    return counts["different"] == 0 and sum(counts.values()) > 0


def snapshot(settings: Settings, place: Factory) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of one enterprise in every tenant table, as the database has it."""
    engine = sa.create_engine(settings.owner_database_url, poolclass=sa.NullPool)
    own = place.id.hex if settings.is_sqlite else place.id
    found: dict[str, list[tuple[Any, ...]]] = {}
    with engine.connect() as connection:
        for table in schema.load_models().sorted_tables:
            if "enterprise_id" in table.columns and table.name != "directory":
                rows = connection.exec_driver_sql(
                    f"SELECT * FROM {table.name} WHERE enterprise_id = {'?' if settings.is_sqlite else '%s'}", (own,)
                )
                found[table.name] = sorted((tuple(map(str, r)) for r in rows), key=str)
    engine.dispose()
    return found
