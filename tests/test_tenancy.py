"""No layer of tenancy leaks, each tried alone: criterion, flush guard, composite keys, row-level security."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import delete, func, insert, select, true, union_all, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, aliased

from gatekeeper import schema, tenancy
from gatekeeper.accounts import service as accounts
from gatekeeper.accounts.models import User, UserSession
from gatekeeper.config import ROOT
from gatekeeper.db import Engines, Published, connect, new_id
from gatekeeper.enterprises.models import Enterprise, Gate, Zone
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.risk_areas.models import Adoption, RiskList
from gatekeeper.tenancy import PLATFORM_ID, TenancyError
from tests.conftest import Databases
from tests.factories import MORNING, World

CORE = Gate.__table__
OTHER = aliased(Gate)
BESIDE = select(Gate.enterprise_id).subquery()


def names(session: Session, statement: Any) -> set[Any]:
    return {value for row in session.execute(statement) for value in row}


# No scope


def test_a_session_without_a_scope_reads_nothing(world: World, engines: Engines) -> None:
    with tenancy.open_session(engines, tenancy.Unscoped()) as session, pytest.raises(TenancyError, match="no scope"):
        session.scalars(select(Gate)).all()
    with tenancy.open_session(engines, tenancy.Unscoped()) as session, pytest.raises(TenancyError, match="no scope"):
        session.get(Gate, (world.own.id, world.own.gate_id))


def test_a_wide_scope_writes_nothing(world: World, engines: Engines) -> None:
    for scope in (tenancy.Township(world.own.township_id), tenancy.Platform()):
        with pytest.raises(TenancyError, match="reading"):
            tenancy.make_session(engines, scope, write=True)
        with tenancy.open_session(engines, scope) as session:
            session.add(Gate(enterprise_id=world.own.id, name="2号门", created_at=MORNING))
            with pytest.raises(TenancyError):
                session.flush()
            session.rollback()
            for statement in (update(Gate).values(name="x"), delete(Gate)):
                with pytest.raises(TenancyError, match="reading"):
                    session.execute(statement)


# Layer 1: the criterion

READS: dict[str, Callable[[], Any]] = {
    "columns": lambda: select(Gate.enterprise_id),
    "an outer join": lambda: select(Gate.enterprise_id).select_from(Enterprise).outerjoin(Gate, true()),
    "a join with a subquery": lambda: select(BESIDE.c.enterprise_id).select_from(Gate).join(BESIDE, true()),
    "a subquery": lambda: select(select(Gate.enterprise_id).subquery().c.enterprise_id),
    "a common table expression": lambda: select(select(Gate.enterprise_id).cte().c.enterprise_id),
    "a union": lambda: select(Gate.enterprise_id).union(select(Zone.enterprise_id)),
    "a union inside": lambda: select(union_all(select(Gate.enterprise_id), select(Zone.enterprise_id)).subquery()),
    "a maximum": lambda: select(func.max(sa.cast(Gate.enterprise_id, sa.String))).having(func.count(Gate.id) > 1),
    "a scalar subquery": lambda: select(select(Zone.enterprise_id).limit(1).scalar_subquery()).select_from(Gate),
    "a correlated subquery": lambda: select(
        select(Zone.enterprise_id).where(Zone.id != Gate.id).limit(1).scalar_subquery()
    ).where(Gate.id.is_not(None)),
    "a class named in the condition only": lambda: select(Zone.enterprise_id).where(
        Gate.enterprise_id != Zone.enterprise_id
    ),
    "membership": lambda: select(Zone.enterprise_id).where(
        Zone.id.is_not(None), Zone.enterprise_id.in_(select(Gate.enterprise_id))
    ),
}


@pytest.mark.parametrize("form", READS)
def test_a_statement_sees_its_own_rows_and_no_others(world: World, engines: Engines, form: str) -> None:
    with tenancy.open_session(engines, world.own.scope) as session:
        assert names(session, READS[form]()) <= {world.own.id, None}


def test_counts_are_counts_of_the_scope(world: World, engines: Engines) -> None:
    sizes = {
        world.own.scope: 1,
        tenancy.Township(world.own.township_id): 2,
        tenancy.Enterprise(new_id()): 0,
        tenancy.Enterprise(PLATFORM_ID): 0,
    }
    for scope, size in sizes.items():
        with tenancy.open_session(engines, scope) as session:
            assert session.scalar(select(func.count(Gate.id))) == size
            assert session.scalar(select(func.count()).select_from(Gate)) == size
            assert len(session.scalars(select(Gate)).all()) == size


def test_the_platform_sees_everything(world: World, platform: Engines) -> None:
    with tenancy.open_session(platform, tenancy.Platform()) as session:
        assert session.scalar(select(func.count(Gate.id))) == 4


def test_a_neighbours_row_is_not_got_by_its_key(world: World, engines: Engines) -> None:
    for other in (world.neighbour, world.stranger):
        with tenancy.open_session(engines, world.own.scope) as session:
            assert session.get(Gate, (other.id, other.gate_id)) is None
            assert session.get(Enterprise, other.id) is None
            assert session.get(Gate, (world.own.id, other.gate_id)) is None
            assert session.get(Gate, (world.own.id, world.own.gate_id)) is not None


def test_an_update_and_a_delete_stay_inside(world: World, engines: Engines) -> None:
    other = world.neighbour.id
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        assert session.execute(update(Zone).values(name="所有")).rowcount == 1
        assert session.execute(update(Zone).where(Zone.enterprise_id == other).values(name="x")).rowcount == 0
        assert session.execute(delete(Zone)).rowcount == 1
    with tenancy.open_session(engines, world.neighbour.scope) as session:
        assert session.scalar(select(Zone.name)) == "A 区"


WAYS_AROUND: dict[str, Callable[[Session, World], Any]] = {
    "text": lambda s, w: s.execute(sa.text("select name from gates")),
    "text in a condition": lambda s, w: s.execute(select(Gate).where(sa.text("1 = 1"))),
    "a literal column": lambda s, w: s.execute(select(Gate.id, sa.literal_column("(select 1)"))),
    "an alias": lambda s, w: s.execute(select(OTHER.name)),
    "an alias in a join": lambda s, w: s.execute(select(OTHER.name).select_from(Gate).join(OTHER, true())),
    "an alias in a condition": lambda s, w: s.execute(select(Gate.name).where(Gate.id != OTHER.id)),
    "an alias of a subquery": lambda s, w: s.execute(select(aliased(Gate, select(CORE).subquery()).name)),
    "a Core select": lambda s, w: s.execute(select(CORE.c.name)),
    "a Core alias": lambda s, w: s.execute(select(Gate.name, CORE.alias().c.name)),
    "a Core subquery": lambda s, w: s.execute(select(Gate.name, select(func.max(CORE.c.name)).scalar_subquery())),
    "a Core membership": lambda s, w: s.execute(select(Gate).where(Gate.id.in_(select(CORE.c.id)))),
    "a Core join": lambda s, w: s.execute(select(Enterprise.name).join(CORE, true())),
    "a Core count": lambda s, w: s.execute(
        select(Enterprise.name, select(func.count()).select_from(CORE).scalar_subquery())
    ),
    "a Core update": lambda s, w: s.execute(update(CORE).values(name="x")),
    "from_statement": lambda s, w: s.execute(select(Gate).from_statement(select(CORE))),
    "an insert": lambda s, w: s.execute(insert(Gate).values(enterprise_id=w.own.id, id=new_id(), name="x")),
    "a bulk insert": lambda s, w: s.bulk_insert_mappings(Gate, [{"enterprise_id": w.neighbour.id, "name": "x"}]),
    "a bulk save": lambda s, w: s.bulk_save_objects([Gate(enterprise_id=w.neighbour.id, name="x", created_at=MORNING)]),
    "an update by keys": lambda s, w: s.execute(
        update(Gate), [{"enterprise_id": w.neighbour.id, "id": w.neighbour.gate_id, "name": "x"}]
    ),
    "a bulk update": lambda s, w: s.bulk_update_mappings(
        Gate, [{"enterprise_id": w.neighbour.id, "id": w.neighbour.gate_id, "name": "x"}]
    ),
    "a move to a neighbour": lambda s, w: s.execute(update(Zone).values(enterprise_id=w.neighbour.id)),
    "the connection": lambda s, w: s.connection(),
}


@pytest.mark.parametrize("way", WAYS_AROUND)
def test_a_way_around_the_criterion_is_refused(world: World, engines: Engines, way: str) -> None:
    with tenancy.open_session(engines, world.own.scope, write=True) as session, pytest.raises(TenancyError):
        WAYS_AROUND[way](session, world)


# Layer 2: the flush guard


def test_a_row_for_a_neighbour_is_not_flushed(world: World, engines: Engines) -> None:
    with tenancy.open_session(engines, world.own.scope) as session:
        session.add(Gate(enterprise_id=world.neighbour.id, name="2号门", created_at=MORNING))
        with pytest.raises(TenancyError, match="another enterprise"):
            session.flush()
        session.rollback()


def test_a_row_is_not_carried_over_to_a_neighbour(world: World, engines: Engines) -> None:
    with tenancy.open_session(engines, world.own.scope) as session:
        zone = session.scalars(select(Zone)).one()
        zone.enterprise_id = world.neighbour.id
        with pytest.raises(TenancyError, match="another enterprise"):
            session.flush()
        session.rollback()


def test_a_published_row_is_not_taken_over_from_the_office(world: World, engines: Engines) -> None:
    publish(engines, world)
    with tenancy.open_session(engines, world.own.scope) as session:
        adoption = session.scalars(select(Adoption)).one()
        adoption.enterprise_id = world.own.id
        with pytest.raises(TenancyError, match="another enterprise"):
            session.flush()
        session.rollback()


def test_a_neighbours_row_is_neither_merged_nor_deleted(world: World, engines: Engines) -> None:
    with tenancy.open_session(engines, world.neighbour.scope) as session:
        foreign = session.scalars(select(Zone)).one()
    with tenancy.open_session(engines, world.own.scope) as session:
        session.delete(foreign)
        with pytest.raises(TenancyError, match="another enterprise"):
            session.flush()
        session.rollback()


# Layer 3: the keys


def tenant_tables() -> list[sa.Table]:
    schema.load_models()
    return sorted(tenancy.tenant_tables(), key=lambda table: table.name)


def test_only_these_tables_are_without_a_tenant() -> None:
    without = {table.name for table in schema.load_models().tables.values()} - {table.name for table in tenant_tables()}
    assert without == {"directory", "townships", "risk_lists"}


OWNERS = {"pack_switches": "owner_enterprise_id", "enterprises": "target_id"}
"""What an enterprise has of its office's, and what the office has of an enterprise, names whose it is."""


def test_every_key_between_tenants_tables_begins_with_the_enterprise() -> None:
    ours = {table.name for table in tenant_tables()}
    for table in tenant_tables():
        assert next(iter(table.primary_key.columns)).name == "enterprise_id", table.name
        for constraint in table.constraints:
            first = next(iter(constraint.columns), None)
            if isinstance(constraint, sa.UniqueConstraint) and first is not None:
                assert first.name == "enterprise_id", constraint.name
            if isinstance(constraint, sa.ForeignKeyConstraint) and constraint.referred_table.name in ours:
                pairs = [(key.parent.name, key.column.name) for key in constraint.elements]
                owners = {"enterprise_id", OWNERS.get(constraint.referred_table.name, "enterprise_id")}
                assert pairs[0][0] in owners and pairs[0][1] == "enterprise_id", constraint.name


def test_the_database_itself_refuses_a_child_under_a_neighbours_parent(world: World, databases: Databases) -> None:
    guard = world.neighbour.guard
    row = UserSession.__table__.insert().values(
        enterprise_id=world.own.id, id=new_id(), user_id=guard.id, created_at=MORNING, expires_at=MORNING
    )
    owner = connect(databases.owner)
    try:
        with owner.write.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(row)
    finally:
        owner.dispose()


# Layer 4: row-level security, alone


def raw(engine: sa.Engine, scope: str | None, statement: str, **values: Any) -> Any:
    """A statement past the program, under the role of ``engine`` and a scope as the program would tell it."""
    with engine.connect() as connection:
        if scope is not None:
            connection.execute(sa.text("select set_config('app.scope', :scope, true)"), {"scope": scope})
        result = connection.execute(sa.text(statement), values)
        return result.fetchall() if result.returns_rows else result.rowcount


@pytest.fixture
def postgresql(databases: Databases) -> None:
    if databases.app.startswith("sqlite"):
        pytest.skip("SQLite has no row-level security; the other layers stand there")


@pytest.mark.usefixtures("postgresql")
class TestRowLevelSecurity:
    def test_every_tenant_table_has_it_forced(self, world: World, engines: Engines) -> None:
        rows = raw(
            engines.read,
            None,
            "select relname from pg_class where relkind = 'r' and relrowsecurity and relforcerowsecurity",
        )
        assert {name for (name,) in rows} == {table.name for table in tenant_tables()}

    def test_without_a_scope_there_are_no_rows(self, world: World, engines: Engines) -> None:
        for table in tenant_tables():
            assert raw(engines.read, None, f"select 1 from {table.name}") == [], table.name
            assert raw(engines.read, "", f"select 1 from {table.name}") == [], table.name

    def test_an_enterprise_has_no_rows_of_another(self, world: World, engines: Engines) -> None:
        scope = tenancy.scope_text(world.own.scope)
        for table in tenant_tables():
            own = f"select 1 from {table.name} where enterprise_id <> '{world.own.id}'"
            assert raw(engines.read, scope, own) == [], table.name
        assert len(raw(engines.read, scope, "select 1 from users")) == 3

    def test_a_township_reads_its_own_and_changes_nothing(self, world: World, engines: Engines) -> None:
        scope = tenancy.scope_text(tenancy.Township(world.own.township_id))
        assert len(raw(engines.read, scope, "select 1 from gates")) == 2
        assert raw(engines.read, scope, "update gates set name = 'x'") == 0
        assert raw(engines.read, scope, "delete from zones") == 0

    def test_the_web_role_cannot_call_itself_the_platform(
        self, world: World, engines: Engines, platform: Engines
    ) -> None:
        assert raw(engines.read, "platform", "select 1 from gates") == []
        assert len(raw(platform.read, "platform", "select 1 from gates")) == 4

    def test_a_row_for_a_neighbour_is_refused(self, world: World, engines: Engines) -> None:
        with pytest.raises(DBAPIError, match="row-level security"):
            raw(
                engines.read,
                tenancy.scope_text(world.own.scope),
                "insert into gates (enterprise_id, id, name, accepts, created_at) values (:e, :i, 'x', '', 0)",
                e=world.neighbour.id,
                i=new_id(),
            )

    def test_a_row_is_not_moved_to_a_neighbour(self, world: World, engines: Engines) -> None:
        with pytest.raises(DBAPIError, match="row-level security"):
            statement = "update zones set enterprise_id = :e"
            raw(engines.read, tenancy.scope_text(world.own.scope), statement, e=world.neighbour.id)

    def test_the_web_role_opens_no_township_and_changes_no_entry(self, world: World, engines: Engines) -> None:
        scope = tenancy.scope_text(world.own.scope)
        for statement in (
            "update townships set name = 'x'",
            "update ledger_entry set kind = 'x'",
            "delete from ledger_entry",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                raw(engines.read, scope, statement)


def test_nobody_changes_an_entry_of_the_book_not_even_the_owner(world: World, databases: Databases) -> None:
    owner = connect(databases.owner)
    try:
        for statement in (LedgerEntry.__table__.update().values(kind="x"), LedgerEntry.__table__.delete()):
            with owner.write.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
                connection.execute(statement)
    finally:
        owner.dispose()


# What an office publishes


def publish(engines: Engines, world: World) -> UUID:
    """The office of the own township adopts a list; gives the adoption's id."""
    adoption_id = new_id()
    with tenancy.open_session(engines, world.towns[0].office.scope, write=True) as session:
        session.add(
            RiskList(
                hash="0" * 64,
                update_time=MORNING,
                high=0,
                middle=0,
                low=0,
                unmatched=0,
                document=b"",
                loaded_at=MORNING,
            )
        )
        session.flush()
        session.add(
            Adoption(
                enterprise_id=world.towns[0].office.id,
                id=adoption_id,
                list_hash="0" * 64,
                update_time=MORNING,
                adopted_at=MORNING,
            )
        )
    return adoption_id


def test_what_an_office_publishes_is_read_by_its_own_enterprises_only(world: World, engines: Engines) -> None:
    published = publish(engines, world)
    readers = {world.own.scope: 1, world.neighbour.scope: 1, world.towns[0].office.scope: 1}
    others = {world.stranger.scope: 0, world.towns[1].office.scope: 0, tenancy.Enterprise(PLATFORM_ID): 0}
    for scope, count in {**readers, **others}.items():
        with tenancy.open_session(engines, scope) as session:
            assert session.scalar(select(func.count(Adoption.id))) == count
            found = session.get(Adoption, (world.towns[0].office.id, published))
            assert (found is not None) == bool(count)


def test_nothing_else_of_the_office_is_read_below(world: World, engines: Engines) -> None:
    office = world.towns[0].office
    with tenancy.open_session(engines, world.own.scope) as session:
        assert session.scalar(select(func.count(User.id)).where(User.enterprise_id == office.id)) == 0


def test_only_lists_rules_orders_and_watched_plates_are_published() -> None:
    classes = {cls.__name__ for cls in tenancy.tenant_tables().values() if issubclass(cls, Published)}
    orders = {"PackSwitch", "SwitchTarget", "SwitchEnd", "AlertLevel"}
    assert classes == {"Adoption", "RulebookVersion", "WatchedPlate", *orders}


# Life of a session


def test_the_scope_of_one_session_is_not_that_of_the_next_on_the_same_connection(
    world: World, engines: Engines
) -> None:
    for place in (world.own, world.stranger, world.own):
        with tenancy.open_session(engines, place.scope) as session:
            assert session.scalars(select(Gate.enterprise_id)).all() == [place.id]


def test_the_scope_still_holds_after_a_commit_inside(world: World, engines: Engines) -> None:
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        accounts.rename_user(session, user_id=world.own.guard.id, name="老王", by=world.own.admin, at=MORNING)
        session.commit()
        assert session.scalars(select(Gate.enterprise_id)).all() == [world.own.id]


# The source

FORBIDDEN = re.compile(
    r"(?<![\w.])text\(|\.any\(|\.has\(|(?<![\w.])exists\(|\.exists\(|\.connection\(|literal_column\(|from_statement\(|aliased\(|\.__table__"
)


def features() -> list[Path]:
    folders = [path for path in (ROOT / "gatekeeper").iterdir() if (path / "__init__.py").exists()]
    return sorted(path for folder in folders for path in folder.glob("*.py"))


@pytest.mark.parametrize("path", features(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_feature_uses_a_form_that_escapes_the_criterion(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    imports_sql = "sqlalchemy" in source
    found = [line.strip() for line in source.splitlines() if FORBIDDEN.search(line)] if imports_sql else []
    assert found == []
    if "table_of(" in source:  # what goes past the ORM is prepared, and nothing else
        assert not re.search(r"\.(execute|scalars?)\(", source)
