"""Migrations go up and down on both databases, with data in them, and end where the models are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from gatekeeper import schema, tenancy
from gatekeeper.db import Engines, connect, new_id
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.reports import schedules
from gatekeeper.reports.models import IssuedReport
from tests.conftest import Databases, make_database
from tests.factories import MORNING, World
from tests.visits.gate import FEVER, AtGate, publish

REVISIONS = ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011"]


@pytest.fixture
def owner(databases: Databases) -> Iterator[Engines]:
    engines = connect(databases.owner)
    yield engines
    schema.upgrade(engines)
    engines.dispose()


def counts(engines: Engines) -> dict[str, int]:
    """Rows of every table that is there, alembic's apart."""
    there = set(sa.inspect(engines.read).get_table_names())
    with engines.read.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in schema.load_models().sorted_tables
            if table.name in there
        }


def test_the_migrated_database_is_the_one_of_the_models(owner: Engines) -> None:
    assert schema.differences(owner.read) == []
    assert schema.current(owner.read) == schema.newest() == REVISIONS[-1]


def test_a_program_that_serves_does_not_carry_alembic() -> None:
    asks = "import sys; from gatekeeper import create_app; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0


def test_guards_come_and_go_with_every_row_left_in_place(world: World, owner: Engines) -> None:
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.temperature(366)
    world.engines.dispose()
    before = counts(owner)
    assert before["visits"] == 1
    schema.downgrade(owner, "0001")
    without = counts(owner)
    left = {name: count for name, count in before.items() if name in without}
    assert without == {**left, "enterprises": before["enterprises"] - 1}  # the platform's row came with the guards
    assert without["ledger_part"] > 0
    schema.upgrade(owner)
    assert counts(owner) == before
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert session.scalar(sa.select(sa.func.count(Enterprise.slug))) == 1


def test_an_issued_report_stays_when_the_calendar_of_reports_goes_and_comes(world: World, owner: Engines) -> None:
    place, day = world.own, MORNING.date()
    texts = {"number": "A-1", "lang": "zh", "figures": "{}", "figures_digest": "0" * 64, "sha256": "0" * 64}
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        schedules.begin(session, every="day", hour=6, lang="zh", by=place.admin, at=MORNING)
        days = {"first": day, "last": day, "made_at": MORNING, "made_by": place.admin.id, "expires_on": day}
        row = IssuedReport(enterprise_id=place.id, id=new_id(), seq=1, size=1, made_as="gate-report/1", **days, **texts)
        session.add(row)
    world.engines.dispose()
    schema.downgrade(owner, "0009")
    assert counts(owner)["issued_reports"] == 1 and "report_schedules" not in counts(owner)
    schema.upgrade(owner)
    with tenancy.open_session(world.engines, place.scope) as session:
        assert session.scalars(sa.select(IssuedReport.made_as)).all() == [None]
        assert schedules.of(session, enterprise_id=place.id) == {}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_an_empty_database_goes_all_the_way_up_and_down(database: str, tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'way.db'}" if database == "sqlite" else make_database("gate_test_way").owner
    engines = connect(url)
    for revision in REVISIONS:
        schema.upgrade(engines, revision)
        assert schema.current(engines.read) == revision
    schema.downgrade(engines, "base")
    assert set(sa.inspect(engines.read).get_table_names()) == {"alembic_version"}
    schema.upgrade(engines)
    assert schema.differences(engines.read) == []
    engines.dispose()


def test_a_database_without_migrations_says_what_to_do(tmp_path) -> None:
    engines = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(schema.SchemaFault, match="flask upgrade"):
        schema.check(engines.read)
    engines.dispose()
