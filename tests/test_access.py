"""Every address, opened by every role with live objects of their own, a neighbour's and another township's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from gatekeeper import access, create_app
from gatekeeper.access import DESK, PUBLIC, Actor
from gatekeeper.config import Settings
from tests.access_table import OBJECTS, OF_THE_TOWNSHIP, TABLE, WORDS, Page
from tests.factories import Factory, World, client_for

REFUSED = {403, 404}
OF_A_PERSON = {"session_id", "taking_id", "user_id"}
Browsers = dict[UUID, FlaskClient]
Objects = dict[tuple[str, UUID, UUID | None], Any]


def arguments_of(app: Flask, page: Page) -> set[str]:
    return next(rule.arguments for rule in app.url_map.iter_rules(page.endpoint) if page.method in (rule.methods or ()))


def places(world: World) -> list[Factory]:
    return [place for town in world.towns for place in (town.office, *town.factories)]


def insiders(world: World) -> list[Actor]:
    """Each role once: of one factory, and of its township's office."""
    return [*world.own.people.values(), *world.towns[0].office.people.values()]


def is_office(place: Factory, world: World) -> bool:
    return place in [town.office for town in world.towns]


def expected(page: Page, person: Actor, place: Factory, world: World) -> int:
    """200 (open), 403 or 404, as the rules of tenancy say for this address."""
    mine = place.id == person.enterprise_id
    reads_down = person.is_township_staff and place.township_id == person.township_id
    if not mine and (not reads_down or page.reads == "township"):
        return 404
    if page.reads == "own" and not mine:
        return 403
    if page.reads == "township" and not person.is_township_staff:
        return 403
    return 200 if person.role in page.roles else 403


def objects(
    app: Flask,
    page: Page,
    world: World,
    place: Factory,
    person: Actor,
    source: Factory | None = None,
    kept: Objects | None = None,
) -> dict[str, Any]:
    """The arguments of the address at ``place``, its objects taken from ``source`` (by default where they belong).

    What is only asked for and refused may be ``kept`` for the next who asks.
    """
    kept = {} if kept is None else kept

    def live(name: str, where: Factory) -> Any:
        key = (name, where.id, person.id if name in OF_A_PERSON else None)
        if key not in kept:
            kept[key] = OBJECTS[name](world, where, person)
        return kept[key]

    values: dict[str, Any] = {}
    for name in sorted(arguments_of(app, page)):
        if name == "slug":
            values[name] = place.slug
            continue
        belongs = world.own if name in OF_THE_TOWNSHIP and place.township_id == world.own.township_id else place
        values[name] = live(name, source or belongs) or live(name, world.own)
    return values


def open_page(
    app: Flask, page: Page, person: Actor | None, values: dict[str, Any], browsers: Browsers | None = None
) -> Any:
    with app.test_request_context():
        address = url_for(page.endpoint, **values)
    client = browsers.get(person.id) if browsers is not None and person is not None else None
    client = client or client_for(app, person)
    if browsers is not None and person is not None:
        browsers[person.id] = client
    return client.open(address, method=page.method)


def check(
    app: Flask, page: Page, person: Actor, values: dict[str, Any], wanted: int, browsers: Browsers | None = None
) -> None:
    """``browsers`` are used again, as long as nothing that is opened signs anybody out."""
    answer = open_page(app, page, person, values, browsers)
    said = f"{page.method} {answer.request.path} as {person.username}: {answer.status_code}, not {wanted}"
    if wanted in REFUSED:
        assert answer.status_code == wanted, said
    else:
        assert answer.status_code not in REFUSED and answer.status_code < 500, said
        assert not answer.headers.get("Location", "").startswith("/sign-in?"), said


def test_the_table_equals_the_url_map(app: Flask) -> None:
    found = {
        Page(rule.endpoint, method, view.gate_access, view.gate_reads)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        for view in [app.view_functions[rule.endpoint]]
    }
    written = {page._replace(roles=frozenset(page.roles)) for page in TABLE}
    assert written == found
    assert len(written) == len(TABLE)


def test_the_table_is_sorted() -> None:
    assert [page[:2] for page in TABLE] == sorted(page[:2] for page in TABLE)


def test_every_argument_of_an_address_has_a_live_object(app: Flask) -> None:
    used = {name for page in TABLE for name in arguments_of(app, page)} - {"slug"}
    assert used <= set(OBJECTS)


@pytest.mark.parametrize("page", TABLE, ids=lambda page: f"{page.method}-{page.endpoint}")
def test_a_page_opens_for_whom_it_is_and_for_nobody_else(app: Flask, world: World, page: Page) -> None:
    person = world.own.admin
    if PUBLIC in page.roles:
        assert open_page(app, page, None, objects(app, page, world, world.own, person)).status_code < 500
        return
    if DESK in page.roles:
        for person in (None, *insiders(world)):
            assert open_page(app, page, person, {}).status_code == 401
        return
    visitor = open_page(app, page, None, objects(app, page, world, world.own, person))
    assert visitor.status_code == 302 and visitor.headers["Location"].startswith("/sign-in")
    if "slug" not in arguments_of(app, page):
        for person in insiders(world):
            own = next(place for place in places(world) if place.id == person.enterprise_id)
            if arguments_of(app, page):
                check(app, page, person, objects(app, page, world, world.stranger, person), 404)
                check(app, page, person, objects(app, page, world, world.neighbour, person), 404)
            mine = objects(app, page, world, own, person)
            check(app, page, person, mine, 200 if person.role in page.roles else 403)
        return
    browsers: Browsers = {}
    kept: Objects = {}
    matrix = [(who, place, expected(page, who, place, world)) for who in insiders(world) for place in places(world)]
    for person, place, wanted in matrix:
        if wanted in REFUSED:
            check(app, page, person, objects(app, page, world, place, person, kept=kept), wanted, browsers)
    opened = [(person, place) for person, place, wanted in matrix if wanted == 200]
    assert opened, "nobody can open this page"
    for person, place in opened:
        for source in foreign(app, page, world, place):
            check(app, page, person, objects(app, page, world, place, person, source, kept), 404, browsers)
    for person, place in opened:
        if not has_objects(app, page, world, place, person):
            continue
        check(app, page, person, objects(app, page, world, place, person), 200)


def has_objects(app: Flask, page: Page, world: World, place: Factory, person: Actor) -> bool:
    """Whether ``place`` has all that the address names: an office has no visits."""
    named = arguments_of(app, page) - {"slug"} - OF_THE_TOWNSHIP
    return all(OBJECTS[name](world, place, person) is not None for name in named)


def foreign(app: Flask, page: Page, world: World, place: Factory) -> list[Factory]:
    """Places whose objects must not be found under the address of ``place``."""
    arguments = arguments_of(app, page) - {"slug"} - WORDS
    if not arguments:
        return []
    if arguments <= OF_THE_TOWNSHIP:
        return [world.stranger, world.towns[1].office]
    return [other for other in (world.own, world.neighbour, world.stranger) if other.id != place.id]


def test_a_view_without_access_stops_the_start(app: Flask) -> None:
    app.view_functions["healthz"] = lambda: "open to all"
    with pytest.raises(RuntimeError, match="healthz"):
        access.seal(app)


def test_no_view_does_without_its_decorator(app: Flask) -> None:
    for endpoint in sorted({page.endpoint for page in TABLE}):
        view = app.view_functions[endpoint]
        app.view_functions[endpoint] = view.__wrapped__  # type: ignore[attr-defined]
        with pytest.raises(RuntimeError, match=endpoint):
            access.seal(app)
        app.view_functions[endpoint] = view


def test_access_wants_roles_and_a_known_reach() -> None:
    with pytest.raises(ValueError, match="roles"):
        access.access()
    with pytest.raises(ValueError, match="reads"):
        access.access(PUBLIC, reads="everything")


def test_whoever_holds_a_first_password_goes_nowhere_but_to_set_their_own(app: Flask, world: World) -> None:
    from gatekeeper import tenancy
    from gatekeeper.accounts import service
    from tests.factories import MORNING, password_hash

    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        user, _ = service.add_user(
            session,
            username="new@jia1",
            name="新来的",
            role="guard",
            by=world.own.admin,
            at=MORNING,
            password_hash=password_hash(),
        )
    actor = Actor(user.id, world.own.id, world.own.township_id, user.name, user.username, world.own.guard.role)
    client = client_for(app, actor)
    assert client.get("/").headers["Location"] == "/password"
    assert client.get("/password").status_code == 200


def test_what_a_refused_form_changed_is_not_kept(app: Flask, world: World) -> None:
    client = client_for(app, world.own.admin)
    answer = client.post(f"/e/{world.own.slug}/gates/{world.own.gate_id}/close")
    assert answer.status_code == 409
    assert "至少要留一个门岗" in answer.text
    assert client.get(f"/e/{world.own.slug}/gates/{world.own.gate_id}").status_code == 200


def test_an_empty_database_does_not_serve(settings: Settings, tmp_path: Any) -> None:
    from dataclasses import replace

    from gatekeeper.schema import SchemaFault

    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    with pytest.raises(SchemaFault, match="flask upgrade"):
        create_app(replace(settings, database_url=empty), command_line=False)
