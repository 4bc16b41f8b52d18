"""Given data with good defaults, so that a test shows only what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from gatekeeper import clock, tenancy
from gatekeeper.access import OPERATOR, Actor, Role
from gatekeeper.accounts import service as accounts
from gatekeeper.crypto import hash_password
from gatekeeper.db import Engines, new_id
from gatekeeper.enterprises import service as enterprises

PASSWORD = "a long test password"
MORNING = clock.start_of(clock.today()) - timedelta(hours=15)
"""09:00 at the gate yesterday: recent enough for everything to be kept."""


@cache
def password_hash() -> str:
    """Hashed once: argon2 is slow on purpose."""
    return hash_password(PASSWORD)


@dataclass
class Factory:
    """One enterprise with its gate, its people by role, and its township."""

    id: UUID
    slug: str
    name: str
    township_id: UUID
    gate_id: UUID | None = None
    people: dict[Role, Actor] = field(default_factory=dict)

    @property
    def scope(self) -> tenancy.Enterprise:
        return tenancy.Enterprise(self.id)

    @property
    def guard(self) -> Actor:
        return self.people[Role.GUARD]

    @property
    def lead(self) -> Actor:
        return self.people[Role.SHIFT_LEAD]

    @property
    def admin(self) -> Actor:
        return self.people[Role.ENTERPRISE_ADMIN]


@dataclass
class Town:
    """One township: its office (with inspector and admin) and its factories."""

    id: UUID
    office: Factory
    factories: list[Factory] = field(default_factory=list)

    @property
    def inspector(self) -> Actor:
        return self.office.people[Role.INSPECTOR]

    @property
    def admin(self) -> Actor:
        return self.office.people[Role.TOWNSHIP_ADMIN]


@dataclass
class World:
    """Two townships with two factories each. ``own`` is where a test plays, the others are neighbours."""

    engines: Engines
    towns: list[Town]

    @property
    def own(self) -> Factory:
        return self.towns[0].factories[0]

    @property
    def neighbour(self) -> Factory:
        return self.towns[0].factories[1]

    @property
    def stranger(self) -> Factory:
        """A factory of the other township."""
        return self.towns[1].factories[0]

    def everyone(self) -> list[Actor]:
        places = [place for town in self.towns for place in (town.office, *town.factories)]
        return [person for place in places for person in place.people.values()]


def add_person(engines: Engines, place: Factory, role: Role, *, at: datetime = MORNING) -> Actor:
    """A person who may sign in with ``PASSWORD`` and need not change it."""
    username = f"{role.value}@{place.slug}"
    with tenancy.open_session(engines, place.scope, write=True) as session:
        user, _ = accounts.add_user(
            session,
            username=username,
            name=f"{place.name}{role.value}",
            role=role,
            by=OPERATOR,
            at=at,
            password_hash=password_hash(),
            must_change=False,
        )
    actor = Actor(user.id, place.id, place.township_id, user.name, username, role)
    place.people[role] = actor
    return actor


def make_town(engines: Engines, name: str, slug: str, *, demo: bool = False) -> Town:
    """A township with its office, inspector and admin, without factories."""
    office_id = new_id()
    with tenancy.open_session(engines, tenancy.Enterprise(office_id), write=True) as session:
        township = enterprises.add_township(session, name=name, slug=slug, by=OPERATOR, at=MORNING, demo=demo)
    office = Factory(office_id, slug, name, township.id)
    town = Town(township.id, office)
    for role in (Role.INSPECTOR, Role.TOWNSHIP_ADMIN):
        add_person(engines, office, role)
    return town


def make_factory(engines: Engines, town: Town, name: str, slug: str) -> Factory:
    """A factory with one gate, one zone, and a person of each role."""
    place = Factory(new_id(), slug, name, town.id)
    with tenancy.open_session(engines, place.scope, write=True) as session:
        enterprises.add_enterprise(session, township_id=town.id, slug=slug, name=name, by=OPERATOR, at=MORNING)
        place.gate_id = enterprises.add_gate(session, name="1号门", by=OPERATOR, at=MORNING).id
        enterprises.add_zone(session, code="A", name="A 区", by=OPERATOR, at=MORNING)
    for role in (Role.GUARD, Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN):
        add_person(engines, place, role)
    town.factories.append(place)
    return place


def make_world(engines: Engines) -> World:
    towns = [make_town(engines, "甲镇", "jia"), make_town(engines, "乙镇", "yi")]
    for town in towns:
        for number in (1, 2):
            make_factory(engines, town, f"{town.office.name}{number}厂", f"{town.office.slug}{number}")
    return World(engines, towns)


def client_for(app: Flask, person: Actor | None) -> FlaskClient:
    """A browser in which ``person`` is signed in (None: nobody)."""
    client = app.test_client()
    if person is not None:
        token = accounts.start_session(
            app.extensions["gate"].engines, enterprise_id=person.enterprise_id, user_id=person.id, at=clock.now()
        )
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
    return client
