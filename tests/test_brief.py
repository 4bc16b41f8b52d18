"""The session on the path of an event: one transaction under one scope, whatever of the ORM joins it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError, OperationalError

from gatekeeper import brief, driver, tenancy
from gatekeeper.brief import BriefSession
from gatekeeper.db import Engines, new_id
from gatekeeper.enterprises.models import Gate, Zone
from gatekeeper.prepared import Prepared, connection_of, inserting, own, table_of
from gatekeeper.tenancy import Enterprise, TenancyError, scope_text
from tests.factories import World

_gate, _zone = table_of(Gate), table_of(Zone)
ADD, GATES = Prepared(inserting(_zone)), Prepared(select(_gate.c.id).where(own(_gate)))


@pytest.fixture
def session(world: World, engines: Engines) -> Iterator[BriefSession]:
    made = brief.make_brief(engines, world.own.scope)
    yield made
    made.close()
    assert engines.write.pool.checkedout() == 0  # type: ignore[attr-defined]


def added(session: BriefSession, code: str) -> UUID:
    """A zone, past the ORM."""
    zone = new_id()
    ADD.run(session, {"id": zone, "code": code, "name": code, "closed_at": None})
    return zone


def added_by_orm(session: BriefSession, code: str) -> UUID:
    zone = Zone(enterprise_id=tenancy.own_id(session), id=new_id(), code=code, name=code)
    session.add(zone)
    session.flush()
    return zone.id


Adds = Callable[[BriefSession, str], UUID]
BOTH = pytest.mark.parametrize(
    "order", [(added, added_by_orm), (added_by_orm, added)], ids=["past it first", "it first"]
)


def codes(engines: Engines, scope: Enterprise) -> set[str]:
    """The zones that anybody else sees."""
    with tenancy.open_session(engines, scope) as other:
        return {*other.scalars(select(Zone.code))} & {"one", "two"}


@BOTH
def test_what_goes_past_the_orm_and_through_it_is_committed_together(
    world: World, engines: Engines, session: BriefSession, order: tuple[Adds, Adds]
) -> None:
    for add, code in zip(order, ("one", "two"), strict=True):
        add(session, code)
        assert codes(engines, world.own.scope) == set()
    session.commit()
    assert codes(engines, world.own.scope) == {"one", "two"}


@BOTH
@pytest.mark.parametrize("end", [BriefSession.rollback, BriefSession.close, BriefSession.invalidate])
def test_what_is_not_committed_is_gone_together(
    world: World, engines: Engines, session: BriefSession, order: tuple[Adds, Adds], end: Callable[[BriefSession], None]
) -> None:
    for add, code in zip(order, ("one", "two"), strict=True):
        add(session, code)
    end(session)
    assert codes(engines, world.own.scope) == set()
    assert not session.new and not session.identity_map


def test_rows_that_wait_in_the_orm_are_written_by_the_commit(
    world: World, engines: Engines, session: BriefSession
) -> None:
    added(session, "one")
    session.add(Zone(enterprise_id=world.own.id, code="two", name="two"))
    session.commit()
    assert codes(engines, world.own.scope) == {"one", "two"}


@BOTH
def test_it_sees_and_writes_one_enterprise_alone(world: World, session: BriefSession, order: tuple[Adds, Adds]) -> None:
    order[0](session, "one")
    assert [row.id for row in GATES.rows(session)] == [world.own.gate_id]
    assert session.scalars(select(Gate.id)).all() == [world.own.gate_id]
    session.add(Zone(enterprise_id=world.neighbour.id, code="two", name="two"))
    with pytest.raises(TenancyError):
        session.commit()


ASK_SCOPE = ("select current_setting('app.scope', true)", ())
FIRST: dict[str, Callable[[BriefSession], Any]] = {
    "a read past the orm": lambda session: GATES.rows(session),
    "a read through it": lambda session: session.scalars(select(Gate)).all(),
    "a write past it": lambda session: added(session, new_id().hex[:20]),
    "its connection": connection_of,
}


@pytest.mark.parametrize("first", FIRST.values(), ids=FIRST)
def test_postgresql_knows_the_scope_in_each_transaction_until_its_end(
    world: World, engines: Engines, session: BriefSession, first: Callable[[BriefSession], Any]
) -> None:
    if engines.write.dialect.name != "postgresql":
        pytest.skip("SQLite has no policies")
    for end in (session.commit, session.rollback, session.close):
        first(session)
        assert driver.run(connection_of(session), ASK_SCOPE) == [[(scope_text(world.own.scope),)]]
        end()
        with engines.write.connect() as after:  # the connection that the pool was given last
            assert driver.run(after, ASK_SCOPE) == [[("",)]]


def test_after_a_statement_that_fails_it_is_rolled_back_and_goes_on(
    world: World, engines: Engines, session: BriefSession
) -> None:
    added(session, "one")
    with pytest.raises(IntegrityError):
        added(session, "one")
    session.rollback()
    added(session, "two")
    session.commit()
    assert codes(engines, world.own.scope) == {"two"}


def test_who_listens_hears_of_each_end_and_of_a_commit_only_when_it_was_one(
    engines: Engines, session: BriefSession
) -> None:
    heard: list[str] = []
    event.listen(session, "after_commit", lambda _: heard.append("commit"))
    event.listen(session, "after_rollback", lambda _: heard.append("rollback"))
    added(session, "one")
    session.rollback()
    added(session, "one")
    session.commit()
    assert heard == ["rollback", "commit"]
    with pytest.raises(RuntimeError), lost_on_the_way(engines):
        added(session, "two")
        session.commit()
    assert heard == ["rollback", "commit"]


class lost_on_the_way:
    """While it lasts no commit gets through."""

    def __init__(self, engines: Engines) -> None:
        self.engine = engines.write

    def __enter__(self) -> None:
        event.listen(self.engine, "commit", self._fail)

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "commit", self._fail)

    @staticmethod
    def _fail(_connection: Any) -> None:
        raise RuntimeError("lost")


def test_a_connection_that_is_gone_is_thrown_away_and_the_next_transaction_has_another(
    world: World, engines: Engines, session: BriefSession
) -> None:
    if engines.write.dialect.name != "postgresql":
        pytest.skip("SQLite has no server that could go")
    added(session, "one")
    gone = connection_of(session)
    ((pid,),) = driver.run(gone, ("select pg_backend_pid()", ()))[0]
    with engines.write.connect() as other:
        assert driver.run(other, ("select pg_terminate_backend($1::int, 5000)", (pid,))) == [[(True,)]]
    with pytest.raises(OperationalError):
        added(session, "two")
    assert gone.invalidated
    session.rollback()
    added(session, "two")
    session.commit()
    assert codes(engines, world.own.scope) == {"two"}
