"""A phone is enrolled with a code that an admin shows: once, soon, and at that admin's enterprise alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.access import OPERATOR, Role
from gatekeeper.accounts import invitations
from gatekeeper.accounts import service as accounts
from gatekeeper.accounts.models import Desk, DeskInvitation
from gatekeeper.enterprises import service as enterprises
from gatekeeper.errors import Invalid
from gatekeeper.ledger.models import LedgerEntry
from tests.factories import World
from tests.phone import Phone

KEY = generate_private_key(SECP256R1())
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def invited(world: World, **how: object) -> str:
    """The token of a new invitation to the gate of the world's own factory."""
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        given = {"gate_id": world.own.gate_id, "name": "1号门手机", "by": world.own.admin, "at": clock.now(), **how}
        return invitations.invite(session, **given)[1]


def accepted(world: World, token: str, *, pem: str = PEM, minutes: int = 0) -> Desk:
    at = clock.now() + timedelta(minutes=minutes)
    return invitations.accept(world.engines, token=token, public_key=pem, at=at)


def test_a_phone_that_brings_its_key_signs_what_it_sends(world: World, app: Flask) -> None:
    desk = accepted(world, invited(world))
    assert (desk.enterprise_id, desk.gate_id, desk.name) == (world.own.id, world.own.gate_id, "1号门手机")
    phone = Phone(desk.id, world.own.guard.id, KEY)
    assert [outcome["state"] for outcome in phone.sync(app, phone.arrival())] == ["applied"]


def test_a_code_is_good_once(world: World) -> None:
    token = invited(world)
    accepted(world, token)
    with pytest.raises(invitations.InvitationOver):
        accepted(world, token)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert len(session.scalars(select(Desk)).all()) == 1


def test_a_code_is_good_for_ten_minutes(world: World) -> None:
    with pytest.raises(invitations.InvitationOver):
        accepted(world, invited(world), minutes=10)
    assert accepted(world, invited(world), minutes=9).name == "1号门手机"


def test_a_code_that_nobody_gave_opens_nothing(world: World) -> None:
    invited(world)
    for made_up in ("", "x" * 43):
        with pytest.raises(invitations.InvitationOver):
            accepted(world, made_up)


def test_a_key_of_another_kind_leaves_the_code_as_it_was(world: World) -> None:
    token = invited(world)
    with pytest.raises(Invalid) as wrong:
        accepted(world, token, pem="-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    assert wrong.value.code == "desk.key"
    assert accepted(world, token).gate_id == world.own.gate_id


def test_what_an_admin_invited_who_is_no_longer_one_is_over(world: World) -> None:
    token = invited(world)
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        second = {"username": "second@ce", "name": "李四", "role": Role.ENTERPRISE_ADMIN}
        accounts.add_user(session, **second, by=OPERATOR, at=clock.now())
        accounts.disable_user(session, user_id=world.own.admin.id, by=OPERATOR, at=clock.now())
    with pytest.raises(invitations.InvitationOver):
        accepted(world, token)


def test_nobody_is_invited_to_a_closed_gate_or_a_neighbours(world: World) -> None:
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        second = enterprises.add_gate(session, name="2号门", by=world.own.admin, at=clock.now())
        enterprises.close_gate(session, gate_id=second.id, by=world.own.admin, at=clock.now())
    for gate_id, code in ((second.id, "gate.closed"), (world.neighbour.gate_id, "gate.unknown")):
        with pytest.raises(Exception) as refused:
            invited(world, gate_id=gate_id)
        assert refused.value.code == code


def test_the_token_stands_nowhere(world: World) -> None:
    token = invited(world)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        rows = [str(vars(row)) for row in session.scalars(select(DeskInvitation))]
        texts = session.scalars(select(LedgerEntry.bytes)).all()
    assert rows and texts and not any(token in text for text in (*rows, *texts))
