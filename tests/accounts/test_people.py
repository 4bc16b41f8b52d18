"""The people of an enterprise: who may be what, first passwords, and the last admin."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import Role
from gatekeeper.accounts import queries, service
from gatekeeper.accounts.models import User
from gatekeeper.crypto import check_password
from gatekeeper.db import Engines
from gatekeeper.errors import DomainError
from gatekeeper.ledger.models import LedgerEntry
from tests.factories import MORNING, PASSWORD, Factory, World, client_for, password_hash


@contextmanager
def inside(world: World, place: Factory | None = None) -> Iterator[Session]:
    with tenancy.open_session(world.engines, (place or world.own).scope, write=True) as session:
        yield session


def last_act(engines: Engines, place: Factory) -> dict:
    with tenancy.open_session(engines, place.scope) as session:
        text = session.scalar(select(LedgerEntry.bytes).order_by(LedgerEntry.seq.desc()).limit(1))
    return json.loads(text or "{}")["body"]


def add(session: Session, world: World, username: str = "li@jia1", role: str = "guard", **values) -> User:
    values = {"name": "李师傅", "password_hash": password_hash(), "by": world.own.admin, "at": MORNING, **values}
    return service.add_user(session, username=username, role=role, **values)[0]


def test_a_person_is_added_and_the_book_says_by_whom(world: World, engines: Engines) -> None:
    with inside(world) as session:
        user = add(session, world, username=" Li@Jia1 ")
    act = last_act(engines, world.own)
    assert (user.username, act["act"], act["subject"]) == ("li@jia1", "user.added", str(user.id))
    assert act["by"]["name"] == world.own.admin.name
    assert act["values"] == {"username": "li@jia1", "name": "李师傅", "role": "guard"}


def test_the_first_password_is_random_and_has_to_be_changed(world: World) -> None:
    with inside(world) as session:
        user, first = service.add_user(
            session, username="li@jia1", name="李师傅", role=Role.GUARD, by=world.own.admin, at=MORNING
        )
    assert re.fullmatch("[a-z2-9]{4}(-[a-z2-9]{4}){3}", first)
    assert user.must_change_password
    assert check_password(first, user.password_hash)


def test_a_username_is_taken_in_every_enterprise(world: World) -> None:
    with pytest.raises(DomainError) as refusal, inside(world) as session:
        add(session, world, username=world.stranger.guard.username)
    assert (refusal.value.code, refusal.value.field) == ("username.taken", "username")


@pytest.mark.parametrize("username", ["", "a", "王师傅", "li shi", "-li", "a" * 61, "li\x00"])
def test_a_username_of_another_shape_is_refused(world: World, username: str) -> None:
    with pytest.raises(DomainError, match=r"username\.shape"), inside(world) as session:
        add(session, world, username=username)


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "王" * 41])
def test_a_name_has_to_be_there_and_fit(world: World, name: str) -> None:
    with pytest.raises(DomainError, match=r"name\."), inside(world) as session:
        add(session, world, name=name)


def test_nobody_is_made_township_staff_in_a_factory_nor_guard_in_an_office(world: World) -> None:
    cases = [(world.own, Role.TOWNSHIP_ADMIN), (world.own, Role.OPERATOR), (world.towns[0].office, Role.GUARD)]
    for place, role in cases:
        with pytest.raises(DomainError, match=r"role\.not_here"), inside(world, place) as session:
            add(session, world, role=role)
    with pytest.raises(DomainError, match=r"role\.not_here"), inside(world) as session:
        service.change_role(session, user_id=world.own.guard.id, role=Role.INSPECTOR, by=world.own.admin, at=MORNING)


def test_the_last_admin_is_neither_disabled_nor_given_another_role(world: World) -> None:
    who = {"user_id": world.own.admin.id, "by": world.own.admin, "at": MORNING}
    with pytest.raises(DomainError, match=r"user\.last_admin"), inside(world) as session:
        service.disable_user(session, **who)
    with pytest.raises(DomainError, match=r"user\.last_admin"), inside(world) as session:
        service.change_role(session, role=Role.GUARD, **who)
    with inside(world) as session:
        add(session, world, role="enterprise_admin")
        assert service.disable_user(session, **who).disabled_at == MORNING


def test_a_disabled_admin_does_not_count(world: World) -> None:
    with inside(world) as session:
        second = add(session, world, role="enterprise_admin")
        service.disable_user(session, user_id=second.id, by=world.own.admin, at=MORNING)
    with pytest.raises(DomainError, match=r"user\.last_admin"), inside(world) as session:
        service.disable_user(session, user_id=world.own.admin.id, by=world.own.admin, at=MORNING)


def test_who_is_disabled_is_out_at_once_and_comes_back_with_the_same_password(world: World, engines: Engines) -> None:
    guard = world.own.guard
    token = service.start_session(engines, enterprise_id=guard.enterprise_id, user_id=guard.id, at=MORNING)
    with inside(world) as session:
        service.disable_user(session, user_id=guard.id, by=world.own.admin, at=MORNING)
    assert service.find_actor(engines, token, at=MORNING) is None
    with pytest.raises(DomainError, match=r"sign_in\.wrong"):
        service.sign_in(engines, username=guard.username, password=PASSWORD, at=MORNING)
    with inside(world) as session:
        service.enable_user(session, user_id=guard.id, by=world.own.admin, at=MORNING)
    assert service.find_actor(engines, token, at=MORNING) is None
    assert service.sign_in(engines, username=guard.username, password=PASSWORD, at=MORNING)


def test_a_reset_ends_sessions_and_the_old_password(world: World, engines: Engines) -> None:
    guard = world.own.guard
    token = service.start_session(engines, enterprise_id=guard.enterprise_id, user_id=guard.id, at=MORNING)
    with inside(world) as session:
        first = service.reset_password(session, user_id=guard.id, by=world.own.admin, at=MORNING)
    assert service.find_actor(engines, token, at=MORNING) is None
    with pytest.raises(DomainError, match=r"sign_in\.wrong"):
        service.sign_in(engines, username=guard.username, password=PASSWORD, at=MORNING)
    actor = service.find_actor(
        engines, service.sign_in(engines, username=guard.username, password=first, at=MORNING), at=MORNING
    )
    assert actor is not None and actor.must_change_password


def test_one_sets_ones_own_password_and_other_devices_are_out(world: World, engines: Engines) -> None:
    guard = world.own.guard
    here, there = (
        service.start_session(engines, enterprise_id=guard.enterprise_id, user_id=guard.id, at=MORNING)
        for _ in range(2)
    )
    actor = service.find_actor(engines, here, at=MORNING)
    assert actor is not None
    service.set_password(engines, by=actor, old=PASSWORD, new="an other long one", at=MORNING)
    assert service.find_actor(engines, here, at=MORNING)
    assert service.find_actor(engines, there, at=MORNING) is None
    assert service.sign_in(engines, username=guard.username, password="an other long one", at=MORNING)
    assert last_act(engines, world.own)["act"] == "user.password_set"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("wrong", "an other long one", "password.wrong"),
        (PASSWORD, "too short", "password.short"),
        (PASSWORD, "GUARD@jia1", "password.username"),
        (PASSWORD, PASSWORD, "password.same"),
    ],
)
def test_a_password_that_cannot_be_taken(world: World, engines: Engines, old: str, new: str, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        service.set_password(engines, by=world.own.guard, old=old, new=new, at=MORNING)
    assert refusal.value.code == code


def test_a_neighbours_people_are_not_found(world: World) -> None:
    with pytest.raises(DomainError, match=r"user\.unknown"), inside(world) as session:
        service.disable_user(session, user_id=world.neighbour.guard.id, by=world.own.admin, at=MORNING)


# Pages


def test_an_admin_adds_a_person_who_sets_a_password_and_works(app: Flask, world: World) -> None:
    admin = client_for(app, world.own.admin)
    form = {"name": "李师傅", "username": "li@jia1", "role": "guard"}
    page = admin.post(f"/e/{world.own.slug}/users/new", data=form)
    first = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page.text)
    assert page.status_code == 200 and first is not None
    assert first[0] not in admin.get(f"/e/{world.own.slug}/users").text
    guard = client_for(app, None)
    guard.post("/sign-in", data={"username": "li@jia1", "password": first[0]})
    assert guard.get(f"/e/{world.own.slug}/gate").headers["Location"] == "/password"
    new = "a sentence of my own"
    assert guard.post("/password", data={"old": first[0], "new": new, "again": new}).headers["Location"] == "/"
    assert guard.get(f"/e/{world.own.slug}/gate").status_code == 200


def test_a_taken_username_keeps_what_was_typed_and_says_so_at_its_field(app: Flask, world: World) -> None:
    form = {"name": "李师傅", "username": world.stranger.guard.username, "role": "guard"}
    page = client_for(app, world.own.admin).post(f"/e/{world.own.slug}/users/new", data=form)
    assert page.status_code == 422
    assert "这个用户名已被使用" in page.text and 'value="李师傅"' in page.text


def test_an_admin_cannot_choose_a_townships_role(app: Flask, world: World) -> None:
    form = {"name": "李师傅", "username": "li@jia1", "role": "township_admin"}
    client = client_for(app, world.own.admin)
    assert client.post(f"/e/{world.own.slug}/users/new", data=form).status_code == 422
    assert "township_admin" not in client.get(f"/e/{world.own.slug}/users/new").text


def test_changing_a_role_and_a_name(app: Flask, world: World, engines: Engines) -> None:
    client = client_for(app, world.own.admin)
    address = f"/e/{world.own.slug}/users/{world.own.guard.id}"
    assert client.post(address, data={"name": "王师傅", "role": "shift_lead"}).status_code == 302
    with tenancy.open_session(engines, world.own.scope) as session:
        user = queries.user(session, enterprise_id=world.own.id, user_id=world.own.guard.id)
    assert (user.name, user.role) == ("王师傅", "shift_lead")


def test_one_signs_out_a_lost_phone(app: Flask, world: World, engines: Engines) -> None:
    here, lost = client_for(app, world.own.guard), client_for(app, world.own.guard)
    page = here.get("/password").text
    address = re.search(r"/sessions/[0-9a-f-]{36}/revoke", page)
    assert address is not None
    assert here.post(address[0]).status_code == 302
    assert lost.get("/password").headers["Location"].startswith("/sign-in")
    assert here.get("/password").status_code == 200
