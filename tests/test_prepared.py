"""A statement that goes past the ORM is tied to the session's enterprise, or the program does not start."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, insert, select, update

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.enterprises.models import Enterprise, Gate, Township, Zone
from gatekeeper.prepared import OWN, Prepared, inserting, own, updating
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.tenancy import TenancyError
from tests.factories import World

gates, zones = Gate.__table__, Zone.__table__
enterprises, townships, versions = Enterprise.__table__, Township.__table__, RulebookVersion.__table__

LOOSE = {
    "no criterion": select(gates.c.id),
    "another column": select(gates.c.id).where(gates.c.id == bindparam(OWN)),
    "an id the caller chooses": select(gates.c.id).where(gates.c.enterprise_id == bindparam("other")),
    "one of two tables": select(gates.c.id, zones.c.id).where(own(gates)),
    "a join on something else": select(gates.c.id)
    .select_from(gates.join(zones, zones.c.name == gates.c.name))
    .where(own(gates)),
    "a subquery": select(gates.c.id, select(zones.c.id).limit(1).scalar_subquery()).where(own(gates)),
    "one use of two": select(
        select(versions.c.id).where(own(versions)).scalar_subquery(), select(versions.c.id).limit(1).scalar_subquery()
    ),
    "an update of all": update(gates).values(name=bindparam("name")),
    "an insert that names its tenant": insert(gates).values(enterprise_id=bindparam("other"), name=bindparam("name")),
}


@pytest.mark.parametrize("statement", LOOSE.values(), ids=LOOSE)
def test_what_is_not_tied_to_the_tenant_is_refused_when_it_is_made(statement: object) -> None:
    with pytest.raises(TenancyError):
        Prepared(statement)


def test_what_is_tied_is_taken() -> None:
    joined = gates.join(zones, zones.c.enterprise_id == gates.c.enterprise_id)
    of_office = select(versions.c.id).where(versions.c.enterprise_id == townships.c.office_id).correlate(townships)
    above = enterprises.outerjoin(townships, townships.c.id == enterprises.c.township_id)
    for statement in (
        select(gates.c.id).where(own(gates)),
        select(gates.c.id).select_from(joined).where(own(gates)),
        select(of_office.scalar_subquery()).select_from(above).where(own(enterprises)),
        inserting(gates),
        updating(gates, "id"),
    ):
        assert Prepared(statement).statement is statement


def test_it_reads_the_rows_of_the_session_and_no_other(world: World, engines: Engines) -> None:
    every = Prepared(select(gates.c.id).where(own(gates)))
    with tenancy.open_session(engines, world.own.scope) as session:
        assert [row.id for row in every.rows(session)] == [world.own.gate_id]
        assert [row.id for row in every.rows(session, own_enterprise=world.neighbour.id)] == [world.own.gate_id]
    with tenancy.open_session(engines, tenancy.Township(world.own.township_id)) as session, pytest.raises(TenancyError):
        every.rows(session)
