"""``flask ledger verify`` looks at duty too: a row that was changed, taken away or added is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, make_transient

from gatekeeper import clock, tenancy
from gatekeeper.db import new_id
from gatekeeper.desk.models import Duty
from gatekeeper.ledger.queries import Fault
from gatekeeper.visits import proof
from tests.desk.test_duty import entry, phone, tell
from tests.factories import World
from tests.phone import Phone

__all__ = ["phone"]

OTHER = UUID(int=7)
CHANGES: dict[str, dict[str, Any]] = {
    "who": {"user_name": "别人"},
    "when": {"at": clock.now() - timedelta(hours=3)},
    "received": {"received_at": clock.now() - timedelta(hours=3)},
    "confirmed": {"code": "duty.pin"},
    "kind": {"kind": "off"},
    "supplies": {"supplies": '{"masks": 900}'},
    "open": {"open_count": 0},
    "handover": {"handover_id": OTHER},
    "number": {"n": 99},
}


@pytest.fixture
def shift(app: Flask, world: World, phone: Phone) -> list[str]:
    """A guard came on, handed over, and the lead took over: the ids of the entries."""
    told = [entry(world, phone, "duty"), entry(world, phone, "handover", pin=None, supplies={"masks": 12}, open=3)]
    assert [one["state"] for one in tell(app, phone, *told)] == ["confirmed"] * 2
    assert not isinstance(after(world, lambda session: None), Fault)
    return [one["id"] for one in told]


def after(world: World, change: Any) -> Any:
    """What the proof finds after a change that is not kept."""
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        change(session)
        found = proof.verify(session, enterprise_id=world.own.id)
        session.rollback()
    return found


@pytest.mark.parametrize("what", CHANGES)
def test_a_duty_that_was_changed_is_named(world: World, shift: list[str], what: str) -> None:
    def change(session: Session) -> None:
        session.execute(update(Duty).where(Duty.id == UUID(shift[1])).values(**CHANGES[what]))

    found = after(world, change)
    assert isinstance(found, Fault) and f"duties: {shift[1]}" in found.reason and found.seq


def test_a_duty_that_was_taken_away_is_named(world: World, shift: list[str]) -> None:
    found = after(world, lambda session: session.execute(delete(Duty).where(Duty.id == UUID(shift[0]))))
    assert isinstance(found, Fault) and f"duties: {shift[0]}" in found.reason


def test_a_duty_that_no_entry_made_is_named(world: World, shift: list[str]) -> None:
    made = new_id()

    def add(session: Session) -> None:
        row = session.scalars(select(Duty).where(Duty.id == UUID(shift[0]))).one()
        make_transient(row)
        row.id = made
        session.add(row)
        session.flush()

    found = after(world, add)
    assert isinstance(found, Fault) and found.reason == f"duties holds {made}, which the book does not know"
