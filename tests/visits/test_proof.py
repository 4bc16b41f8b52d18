"""A changed book is named; a sound one replays and rebuilds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.ledger import reading
from gatekeeper.ledger.chain import canonical, entry_of
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.ledger.queries import Fault
from gatekeeper.visits import comparing, proof, skimming
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant, VisitStage
from gatekeeper.visits.projection import AS_WRITTEN
from tests.conftest import Databases, postgresql_address
from tests.factories import World
from tests.visits.gate import FEVER, PAPERS, AtGate, publish

Sql = Callable[[str], None]


@pytest.fixture
def played(world: World) -> AtGate:
    publish(world, world.own, FEVER, PAPERS)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    gate.send(EventKind.NOTE, {"text": "已通知库房"})
    gate.leave()
    return gate


@pytest.fixture
def intruder(databases: Databases) -> Sql:
    """Somebody with the database's own powers, past every trigger and policy."""
    sqlite = databases.owner.startswith("sqlite")
    url = (
        databases.owner
        if sqlite
        else sa.make_url(postgresql_address()).set(database=sa.make_url(databases.owner).database)
    )

    def run(statement: str) -> None:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            if sqlite:
                for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger'").all():
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            else:
                connection.exec_driver_sql("SET session_replication_role = replica")
            assert connection.exec_driver_sql(statement).rowcount > 0
        engine.dispose()

    return run


def verify(gate: AtGate) -> proof.Sound | Fault:
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        return proof.verify(session, enterprise_id=gate.place.id)


def test_an_untouched_book_is_sound_and_every_decision_replays_equal(played: AtGate) -> None:
    found = verify(played)
    assert isinstance(found, proof.Sound)
    assert found.visits == 1
    with tenancy.open_session(played.engines, played.place.scope) as session:
        counts, first = proof.tally(proof.replay(session, enterprise_id=played.place.id))
    assert (dict(counts), first) == ({"equal": 4}, None)


ENTRY = "(SELECT max(seq) FROM ledger_entry WHERE kind = 'admit')"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (f"UPDATE ledger_entry SET bytes = replace(bytes, 'followed', 'Followed') WHERE seq = {ENTRY}", "changed"),
        (f"UPDATE ledger_entry SET kind = 'turn_away' WHERE seq = {ENTRY}", "kind"),
        (f"DELETE FROM ledger_entry WHERE seq = {ENTRY} AND kind = 'admit'", "missing"),
        ("DELETE FROM ledger_part WHERE class = 'contact'", "no entry erased it"),
        ("UPDATE ledger_head SET seq = seq - 1", "head"),
        ("UPDATE visits SET verdict = 'refuse'", "visits.verdict"),
        ("UPDATE visits SET against_verdict = true", "visits.against_verdict"),
        ("DELETE FROM visit_stages WHERE stage = 'exit'", "visit_stages"),
        ("UPDATE visit_occupants SET phone_mask = '138****0000'", "visit_occupants.phone_mask"),
        ("DELETE FROM visit_events WHERE kind = 'note'", "visit_events"),
        ("UPDATE rulebook_versions SET document = replace(document, '373', '400')", "rulebook_versions"),
    ],
)
def test_what_was_changed_is_named(played: AtGate, intruder: Sql, change: str, reason: str) -> None:
    intruder(change)
    found = verify(played)
    assert isinstance(found, Fault)
    assert reason in found.reason


def test_a_changed_projection_is_named_though_most_of_the_book_is_unread(
    played: AtGate, intruder: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 2)
    monkeypatch.setattr(comparing, "BATCH", 1)
    for _ in range(3):
        AtGate(played.engines, played.place).arrive()
    assert isinstance(verify(played), proof.Sound)
    intruder("UPDATE visits SET zone = 'elsewhere'")
    found = verify(played)
    assert isinstance(found, Fault)
    assert "visits.zone" in found.reason


def test_an_entry_is_skimmed_to_the_same_rows(played: AtGate) -> None:
    other = AtGate(played.engines, played.place)
    for act in (other.arrive, lambda: other.temperature(366), other.admit, other.admit):
        act()
    with tenancy.open_session(played.engines, played.place.scope) as session:
        written = [text.encode() for text in session.scalars(select(LedgerEntry.bytes).order_by(LedgerEntry.seq))]
    gate = [raw for raw in written if b'"outcome"' in raw]
    skimmed = [skimming.skimmed(raw)["body"]["outcome"] for raw in gate]
    full = [entry_of(raw)["body"]["outcome"] for raw in gate]
    judged = [outcome for outcome in skimmed if AS_WRITTEN in outcome.get("decision", ())]
    assert len(judged) == sum("decision" in outcome and "first" not in outcome for outcome in full) > 2
    assert "first" in full[-1]
    for few, every in zip(skimmed, full, strict=True):
        if AS_WRITTEN in few.get("decision", ()):
            assert few["decision"].pop(AS_WRITTEN).decode() == canonical(every["decision"])
            assert dict(few.pop("facts")) == every.pop("facts")
            assert few.pop("decision").items() <= every.pop("decision").items()
        assert few == every


def test_a_visit_that_the_book_does_not_know_is_found(played: AtGate, intruder: Sql) -> None:
    with tenancy.open_session(played.engines, played.place.scope, write=True) as session:
        known = session.scalars(select(Visit)).one()
        values: dict[str, Any] = {c.key: getattr(known, c.key) for c in sa.inspect(Visit).column_attrs}
        session.add(Visit(**{**values, "id": played.place.id}))
    found = verify(played)
    assert isinstance(found, Fault)
    assert "does not know" in found.reason


def test_projections_made_anew_are_the_same(played: AtGate) -> None:
    def rows(engines: Engines) -> list[list[tuple[Any, ...]]]:
        with tenancy.open_session(engines, played.place.scope) as session:
            return [
                sorted(
                    tuple(str(getattr(row, c.key)) for c in sa.inspect(cls).column_attrs)
                    for row in session.scalars(select(cls))
                )
                for cls in (Visit, VisitStage, VisitOccupant, VisitEvent)
            ]

    before = rows(played.engines)
    with tenancy.open_session(played.engines, played.place.scope, write=True) as session:
        assert proof.rebuild(session, enterprise_id=played.place.id) == 1
    assert rows(played.engines) == before
    assert isinstance(verify(played), proof.Sound)


def test_the_database_itself_refuses_to_change_an_entry(played: AtGate, databases: Databases) -> None:
    engine = sa.create_engine(databases.owner, poolclass=sa.NullPool)
    for statement in ("UPDATE ledger_entry SET kind = 'x'", "DELETE FROM ledger_entry"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    engine.dispose()
