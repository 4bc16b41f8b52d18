"""Signing in and out, and what counts against it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import extract_parameters
from flask import Flask
from sqlalchemy import func, select

from gatekeeper import crypto, directory, tenancy
from gatekeeper.access import OPERATOR, Role
from gatekeeper.accounts import service, sessions
from gatekeeper.accounts.models import SignInTry, UserSession
from gatekeeper.db import Engines
from gatekeeper.enterprises import service as enterprises
from gatekeeper.errors import DomainError
from tests.factories import MORNING, PASSWORD, World, client_for


def refused(engines: Engines, username: str, password: str = "wrong", at=MORNING) -> str:
    with pytest.raises(DomainError) as refusal:
        service.sign_in(engines, username=username, password=password, at=at)
    return refusal.value.code


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Passwords compared without argon2, which takes its time; the stored values it was asked about."""
    asked: list[str | None] = []

    def check(password: str, stored: str | None) -> bool:
        asked.append(stored)
        return stored is not None and password == PASSWORD

    monkeypatch.setattr(sessions, "check_password", check)
    return asked


def test_the_right_password_opens_a_session_of_that_person(world: World, engines: Engines) -> None:
    token = service.sign_in(engines, username=world.own.guard.username, password=PASSWORD, at=MORNING)
    actor = service.find_actor(engines, token, at=MORNING)
    assert actor is not None
    assert (actor.id, actor.role, actor.township_id) == (world.own.guard.id, Role.GUARD, world.towns[0].id)


def test_a_wrong_password_and_an_unknown_name_answer_alike(world: World, engines: Engines) -> None:
    assert refused(engines, world.own.guard.username) == refused(engines, "nobody@nowhere") == "sign_in.wrong"


def test_an_unknown_name_costs_a_comparison_too(world: World, engines: Engines, quick: list[str | None]) -> None:
    refused(engines, "nobody@nowhere")
    assert quick == [None]


def test_a_username_in_full_width_letters_is_the_same(world: World, engines: Engines, quick: list[str | None]) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in world.own.guard.username.upper())
    assert service.sign_in(engines, username=f" {wide} ", password=PASSWORD, at=MORNING)


@pytest.mark.parametrize("known", [True, False])
def test_the_eleventh_try_is_refused_even_with_the_right_password(
    world: World, engines: Engines, quick: list[str | None], known: bool
) -> None:
    username = world.own.guard.username if known else "nobody@nowhere"
    assert [refused(engines, username) for _ in range(10)] == ["sign_in.wrong"] * 10
    assert refused(engines, username, PASSWORD) == "sign_in.too_many"
    assert len(quick) == 10


def test_tries_are_forgotten_after_a_quarter_of_an_hour(
    world: World, engines: Engines, quick: list[str | None]
) -> None:
    for _ in range(10):
        refused(engines, world.own.guard.username)
    later = MORNING + timedelta(minutes=16)
    assert service.sign_in(engines, username=world.own.guard.username, password=PASSWORD, at=later)


def test_tries_of_one_do_not_count_against_another(world: World, engines: Engines, quick: list[str | None]) -> None:
    for _ in range(10):
        refused(engines, world.own.guard.username)
    assert service.sign_in(engines, username=world.own.lead.username, password=PASSWORD, at=MORNING)


def test_successes_never_lock_anybody_out(world: World, engines: Engines, quick: list[str | None]) -> None:
    for _ in range(12):
        assert service.sign_in(engines, username=world.own.guard.username, password=PASSWORD, at=MORNING)


def test_tries_of_unknown_names_are_counted_under_the_platform(
    world: World, engines: Engines, quick: list[str | None]
) -> None:
    refused(engines, "nobody@nowhere")
    with tenancy.open_session(engines, tenancy.Enterprise(tenancy.PLATFORM_ID)) as session:
        assert session.scalar(select(func.count(SignInTry.id))) == 1


def test_old_tries_are_not_kept(world: World, engines: Engines, quick: list[str | None]) -> None:
    refused(engines, world.own.guard.username)
    refused(engines, world.own.guard.username, at=MORNING + timedelta(days=2))
    with tenancy.open_session(engines, world.own.scope) as session:
        assert session.scalar(select(func.count(SignInTry.id))) == 1


def test_no_password_is_compared_inside_a_writing_transaction(
    world: World, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(password: str, stored: str | None) -> bool:
        # Another writer gets through while this one compares; on SQLite it would wait for the first's commit.
        with tenancy.open_session(engines, world.neighbour.scope, write=True) as session:
            enterprises.add_gate(session, name="2号门", by=OPERATOR, at=MORNING)
        return True

    monkeypatch.setattr(sessions, "check_password", check)
    assert service.sign_in(engines, username=world.own.guard.username, password="any", at=MORNING)


def test_a_session_ends_after_twelve_hours(world: World, engines: Engines) -> None:
    guard = world.own.guard
    token = service.start_session(engines, enterprise_id=guard.enterprise_id, user_id=guard.id, at=MORNING)
    assert service.find_actor(engines, token, at=MORNING + timedelta(hours=11, minutes=59))
    assert service.find_actor(engines, token, at=MORNING + timedelta(hours=12)) is None


def test_a_session_that_ended_leaves_no_key_behind(world: World, engines: Engines) -> None:
    guard = world.own.guard
    first = service.start_session(engines, enterprise_id=guard.enterprise_id, user_id=guard.id, at=MORNING)
    service.start_session(
        engines, enterprise_id=guard.enterprise_id, user_id=guard.id, at=MORNING + timedelta(hours=13)
    )
    with tenancy.open_session(engines, guard_scope := world.own.scope) as session:
        assert session.scalar(select(func.count(UserSession.id))) == 1, guard_scope
    with tenancy.open_session(engines, tenancy.Unscoped()) as session:
        assert directory.find(session, directory.Kind.SESSION, first) is None


def test_a_token_nobody_has_finds_nobody(world: World, engines: Engines) -> None:
    assert service.find_actor(engines, "made up") is None


def test_signing_out_ends_this_session_and_no_other(world: World, engines: Engines) -> None:
    guard = world.own.guard
    first, second = (
        service.start_session(engines, enterprise_id=guard.enterprise_id, user_id=guard.id, at=MORNING)
        for _ in range(2)
    )
    actor = service.find_actor(engines, first, at=MORNING)
    assert actor is not None
    service.sign_out(engines, actor=actor, at=MORNING)
    assert service.find_actor(engines, first, at=MORNING) is None
    assert service.find_actor(engines, second, at=MORNING)


def test_people_of_a_closed_enterprise_are_out_at_once(world: World, engines: Engines, quick: list[str | None]) -> None:
    guard = world.own.guard
    token = service.start_session(engines, enterprise_id=guard.enterprise_id, user_id=guard.id, at=MORNING)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        enterprises.close_enterprise(session, by=OPERATOR, at=MORNING)
    assert service.find_actor(engines, token, at=MORNING) is None
    assert refused(engines, guard.username, PASSWORD) == "sign_in.wrong"


# Pages


def test_the_page_leads_on_to_where_one_wanted_to_go(app: Flask, world: World) -> None:
    client = client_for(app, None)
    asked = client.get(f"/e/{world.own.slug}/gates")
    assert asked.headers["Location"] == f"/sign-in?next=/e/{world.own.slug}/gates"
    answer = client.post(asked.headers["Location"], data={"username": world.own.admin.username, "password": PASSWORD})
    assert answer.headers["Location"] == f"/e/{world.own.slug}/gates"
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
def test_nobody_is_sent_to_another_site(app: Flask, world: World, target: str) -> None:
    answer = client_for(app, None).post(
        "/sign-in", query_string={"next": target}, data={"username": world.own.admin.username, "password": PASSWORD}
    )
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_keeps_the_name_that_was_typed(app: Flask, world: World) -> None:
    answer = client_for(app, None).post("/sign-in", data={"username": "wang@shuini", "password": "wrong"})
    assert answer.status_code == 422
    assert 'value="wang@shuini"' in answer.text
    assert "用户名或密码不对" in answer.text


def test_too_many_tries_are_told_as_such(app: Flask, world: World, quick: list[str | None]) -> None:
    client = client_for(app, None)
    for _ in range(10):
        client.post("/sign-in", data={"username": "wang@shuini", "password": "wrong"})
    answer = client.post("/sign-in", data={"username": "wang@shuini", "password": "wrong"})
    assert answer.status_code == 429
    assert "15 分钟后再试" in answer.text


def test_the_cookie_of_before_does_not_live_on_after_signing_in(app: Flask, world: World) -> None:
    client = client_for(app, None)
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody"
        cookie["lang"] = "en"
    client.post("/sign-in", data={"username": world.own.admin.username, "password": PASSWORD})
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["lang"] == "en"


def test_after_signing_out_the_old_cookie_opens_nothing(app: Flask, world: World) -> None:
    client = client_for(app, world.own.admin)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert client.get(f"/e/{world.own.slug}/gates").headers["Location"].startswith("/sign-in")


def test_everybody_has_a_home_of_their_own(app: Flask, world: World) -> None:
    own, office = world.own.slug, world.towns[0].office.slug
    homes = {
        world.own.guard: f"/e/{own}/gate",
        world.own.lead: f"/e/{own}/gate",
        world.own.admin: f"/e/{own}/",
        world.towns[0].inspector: f"/e/{office}/board",
        world.towns[0].admin: f"/e/{office}/board",
    }
    for person, page in homes.items():
        assert client_for(app, person).get("/").headers["Location"] == page, person.role


def test_the_form_wants_its_token(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client_for(app, None).post("/sign-in", data={"username": world.own.admin.username, "password": PASSWORD})
    assert answer.status_code == 400


def test_a_name_that_there_is_not_is_checked_by_as_much_work_as_any_password() -> None:
    assert extract_parameters(crypto._NOBODY) == extract_parameters(crypto.hash_password("some password"))
    assert not crypto.check_password("", None)
