"""Who may open what: one row for each endpoint and method, equal to the program's URL map, sorted by endpoint.

A new page adds its row; a new kind of object in an address adds to ``OBJECTS`` how to have a live one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from gatekeeper import clock, jobs, tenancy
from gatekeeper.access import DESK, ENTERPRISE_STAFF, EVERYONE, OPERATOR, PUBLIC, TOWNSHIP_STAFF, Actor, Role
from gatekeeper.accounts import service as accounts
from gatekeeper.db import new_id
from gatekeeper.enterprises.models import Zone
from gatekeeper.registrations import service as registrations
from gatekeeper.reports import issue, large
from gatekeeper.reports.models import IssuedReport
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks import switch_queries
from gatekeeper.visits import trying
from gatekeeper.watched import service as watched
from tests.factories import Factory, World
from tests.phone import enrol
from tests.rulebooks import given
from tests.rulebooks.switched import switch_on
from tests.visits.gate import AtGate

GUARD, LEAD, ADMIN = ENTERPRISE_STAFF
INSPECTOR, TOWN = TOWNSHIP_STAFF


class Page(NamedTuple):
    """``reads`` as in ``@access``: None, "own" or "township"."""

    endpoint: str
    method: str
    roles: tuple[Role | str, ...]
    reads: str | None = None


TABLE = [
    Page("accounts.add_admin", "GET", (TOWN,), "township"),
    Page("accounts.add_admin", "POST", (TOWN,), "township"),
    Page("accounts.add_enterprise", "GET", (TOWN,), "township"),
    Page("accounts.add_enterprise", "POST", (TOWN,), "township"),
    Page("accounts.add_user", "GET", (ADMIN, TOWN), "own"),
    Page("accounts.add_user", "POST", (ADMIN, TOWN), "own"),
    Page("accounts.disable_user", "POST", (ADMIN, TOWN), "own"),
    Page("accounts.enable_user", "POST", (ADMIN, TOWN), "own"),
    Page("accounts.enrol_desk", "POST", (PUBLIC,)),
    Page("accounts.enrol_page", "GET", (PUBLIC,)),
    Page("accounts.enrolled_desks", "GET", (ADMIN, TOWN), "own"),
    Page("accounts.give_pin", "POST", (ADMIN,), "own"),
    Page("accounts.home", "GET", EVERYONE),
    Page("accounts.invite_desk", "GET", (ADMIN, TOWN), "own"),
    Page("accounts.invite_desk", "POST", (ADMIN, TOWN), "own"),
    Page("accounts.password", "GET", EVERYONE),
    Page("accounts.password", "POST", EVERYONE),
    Page("accounts.pin", "GET", ENTERPRISE_STAFF),
    Page("accounts.pin", "POST", ENTERPRISE_STAFF),
    Page("accounts.reset_password", "POST", (ADMIN, TOWN), "own"),
    Page("accounts.revoke", "POST", EVERYONE),
    Page("accounts.revoke_desk", "POST", (ADMIN, TOWN), "own"),
    Page("accounts.sign_in", "GET", (PUBLIC,)),
    Page("accounts.sign_in", "POST", (PUBLIC,)),
    Page("accounts.sign_out", "POST", EVERYONE),
    Page("accounts.user", "GET", (ADMIN, TOWN), "own"),
    Page("accounts.user", "POST", (ADMIN, TOWN), "own"),
    Page("accounts.users", "GET", (ADMIN, TOWN), "own"),
    Page("desk.duties", "GET", EVERYONE),
    Page("desk.pack", "GET", (PUBLIC,)),
    Page("desk.paper_form", "GET", (GUARD, LEAD, ADMIN)),
    Page("desk.region_table", "GET", (PUBLIC,)),
    Page("desk.show", "GET", (PUBLIC,)),
    Page("desk.state", "POST", (DESK,)),
    Page("desk.take_duty", "POST", (DESK,)),
    Page("desk.worker", "GET", (PUBLIC,)),
    Page("enterprises.add_gate", "GET", (ADMIN,), "own"),
    Page("enterprises.add_gate", "POST", (ADMIN,), "own"),
    Page("enterprises.add_zone", "GET", (ADMIN,), "own"),
    Page("enterprises.add_zone", "POST", (ADMIN,), "own"),
    Page("enterprises.close", "POST", (TOWN,), "township"),
    Page("enterprises.close_gate", "POST", (ADMIN,), "own"),
    Page("enterprises.close_zone", "POST", (ADMIN,), "own"),
    Page("enterprises.edit", "GET", (TOWN,), "township"),
    Page("enterprises.edit", "POST", (TOWN,), "township"),
    Page("enterprises.every", "GET", (TOWN,), "township"),
    Page("enterprises.gate", "GET", (ADMIN,), "own"),
    Page("enterprises.gate", "POST", (ADMIN,), "own"),
    Page("enterprises.gates", "GET", (ADMIN,), "own"),
    Page("enterprises.settings", "GET", (ADMIN,), "own"),
    Page("enterprises.settings", "POST", (ADMIN,), "own"),
    Page("enterprises.today", "GET", (ADMIN,)),
    Page("enterprises.zone", "GET", (ADMIN,), "own"),
    Page("enterprises.zone", "POST", (ADMIN,), "own"),
    Page("enterprises.zones", "GET", (ADMIN,), "own"),
    Page("figures.board", "GET", TOWNSHIP_STAFF, "township"),
    Page("figures.show", "GET", (ADMIN, INSPECTOR, TOWN)),
    Page("healthz", "GET", (PUBLIC,)),
    Page("lan.certificate", "GET", (PUBLIC,)),
    Page("lan.show", "GET", (PUBLIC,)),
    Page("readyz", "GET", (PUBLIC,)),
    Page("registrations.announce", "GET", ENTERPRISE_STAFF, "own"),
    Page("registrations.announce", "POST", ENTERPRISE_STAFF, "own"),
    Page("registrations.approvals", "GET", (TOWN,), "township"),
    Page("registrations.approve", "POST", (ADMIN, TOWN)),
    Page("registrations.coming", "GET", EVERYONE),
    Page("registrations.decline", "GET", (ADMIN, TOWN)),
    Page("registrations.decline", "POST", (ADMIN, TOWN)),
    Page("reports.cancel", "POST", (ADMIN, TOWN), "own"),
    Page("reports.check", "GET", (PUBLIC,)),
    Page("reports.download", "GET", (ADMIN, INSPECTOR, TOWN)),
    Page("reports.emission_ledger", "GET", (ADMIN, INSPECTOR, TOWN)),
    Page("reports.index", "GET", (ADMIN, INSPECTOR, TOWN)),
    Page("reports.issue", "POST", (ADMIN,)),
    Page("reports.issued", "GET", (ADMIN, INSPECTOR, TOWN)),
    Page("reports.log_ask", "POST", EVERYONE),
    Page("reports.log_cancel", "POST", EVERYONE),
    Page("reports.log_file", "GET", EVERYONE),
    Page("reports.log_taken", "GET", EVERYONE),
    Page("reports.record", "GET", (ADMIN, INSPECTOR, TOWN)),
    Page("reports.schedule", "POST", (ADMIN, TOWN), "own"),
    Page("reports.schedules", "GET", (ADMIN, TOWN), "own"),
    Page("reports.town", "GET", TOWNSHIP_STAFF, "township"),
    Page("reports.town_file", "GET", TOWNSHIP_STAFF, "township"),
    Page("reports.town_issue", "POST", (TOWN,), "own"),
    Page("reports.unschedule", "POST", (ADMIN, TOWN), "own"),
    Page("reports.withdraw", "POST", (ADMIN, INSPECTOR, TOWN)),
    Page("risk_areas.load", "POST", (TOWN,), "own"),
    Page("risk_areas.regions", "GET", EVERYONE),
    Page("risk_areas.show", "GET", EVERYONE),
    Page("rulebooks.acknowledge", "POST", (ADMIN,), "own"),
    Page("rulebooks.add_pack", "GET", (ADMIN, TOWN), "own"),
    Page("rulebooks.add_pack", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.add_rule", "GET", (ADMIN, TOWN), "own"),
    Page("rulebooks.add_rule", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.again", "GET", (ADMIN, TOWN), "own"),
    Page("rulebooks.again", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.alert", "POST", (TOWN,), "township"),
    Page("rulebooks.begin", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.bring", "GET", (ADMIN, TOWN), "own"),
    Page("rulebooks.bring", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.compare", "GET", EVERYONE),
    Page("rulebooks.discard", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.draft", "GET", (ADMIN, TOWN), "own"),
    Page("rulebooks.edit_rule", "GET", (ADMIN, TOWN), "own"),
    Page("rulebooks.edit_rule", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.export", "GET", (ADMIN, TOWN)),
    Page("rulebooks.move_rule", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.order_rules", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.orders", "GET", ENTERPRISE_STAFF, "own"),
    Page("rulebooks.publish", "GET", (ADMIN, TOWN), "own"),
    Page("rulebooks.publish", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.remove_rule", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.show", "GET", EVERYONE),
    Page("rulebooks.switch", "GET", TOWNSHIP_STAFF, "township"),
    Page("rulebooks.switch_off", "POST", (TOWN,), "township"),
    Page("rulebooks.switch_on", "GET", (TOWN,), "township"),
    Page("rulebooks.switch_on", "POST", (TOWN,), "township"),
    Page("rulebooks.switches", "GET", TOWNSHIP_STAFF, "township"),
    Page("rulebooks.take", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.undo", "POST", (ADMIN, TOWN), "own"),
    Page("rulebooks.version", "GET", EVERYONE),
    Page("rulebooks.versions", "GET", EVERYONE),
    Page("visits.affected", "GET", EVERYONE),
    Page("visits.begin_try", "POST", (ADMIN, TOWN), "own"),
    Page("visits.cancel_try", "POST", (ADMIN, TOWN), "own"),
    Page("visits.correct", "POST", ENTERPRISE_STAFF),
    Page("visits.desk_photo", "POST", (DESK,)),
    Page("visits.desk_sync", "POST", (DESK,)),
    Page("visits.log", "GET", EVERYONE),
    Page("visits.looks", "GET", (ADMIN, INSPECTOR, TOWN)),
    Page("visits.note", "POST", ENTERPRISE_STAFF),
    Page("visits.override", "POST", (LEAD, ADMIN)),
    Page("visits.people", "GET", (LEAD, ADMIN), "own"),
    Page("visits.people", "POST", (LEAD, ADMIN), "own"),
    Page("visits.queue", "GET", EVERYONE),
    Page("visits.resolve", "POST", (LEAD, ADMIN), "own"),
    Page("visits.reveal_values", "POST", (LEAD, ADMIN, INSPECTOR, TOWN)),
    Page("visits.show", "GET", EVERYONE),
    Page("visits.tray", "GET", (LEAD, ADMIN, INSPECTOR, TOWN)),
    Page("visits.try_draft", "GET", (ADMIN, TOWN), "own"),
    Page("visits.void", "POST", (LEAD, ADMIN)),
    Page("watched.add", "POST", (ADMIN, TOWN), "own"),
    Page("watched.lift", "POST", (ADMIN, TOWN), "own"),
    Page("watched.show", "GET", EVERYONE),
]


def _zone(world: World, place: Factory, person: Actor) -> UUID | None:
    with tenancy.open_session(world.engines, place.scope) as session:
        return session.scalar(select(Zone.id).order_by(Zone.id).limit(1))


def _user(world: World, place: Factory, person: Actor) -> UUID:
    """Somebody else of the place, so that nobody disables themselves on the way."""
    return next(other.id for other in place.people.values() if other.id != person.id)


def _session(world: World, place: Factory, person: Actor) -> UUID:
    who = person if person.enterprise_id == place.id else next(iter(place.people.values()))
    token = accounts.start_session(world.engines, enterprise_id=place.id, user_id=who.id, at=clock.now())
    actor = accounts.find_actor(world.engines, token)
    assert actor is not None and actor.session_id is not None
    return actor.session_id


def _desk(world: World, place: Factory, person: Actor) -> UUID | None:
    """A phone in service; offices have no gate."""
    return enrol(world.engines, place, person).id if place.gate_id else None


def _registration(world: World, place: Factory, person: Actor) -> UUID:
    """A new one each time, so that a page which decides upon it always can."""
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        plate, today = f"浙B{new_id().hex[-5:].upper()}", clock.today()
        return registrations.announce(session, plate=plate, day=today, by=OPERATOR, at=clock.now()).id


def _watched(world: World, place: Factory, person: Actor) -> UUID:
    """A new one each time, so that it can be lifted."""
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        given = {"plate": f"浙E{new_id().hex[-5:].upper()}", "what": "tell", "why": "核对"}
        return watched.add(session, **given, by=OPERATOR, at=clock.now()).id


def _visit(world: World, place: Factory, person: Actor) -> UUID | None:
    """A truck that has just come; offices have no gate."""
    if place.gate_id is None:
        return None
    at_gate = AtGate(world.engines, place, at=clock.now())
    at_gate.arrive(f"浙C{new_id().hex[-5:].upper()}")
    return at_gate.visit_id


def _put_off(world: World, place: Factory, person: Actor) -> UUID | None:
    """An exit of a truck that never went in: it needs a person."""
    if place.gate_id is None:
        return None
    at_gate = AtGate(world.engines, place, at=clock.now())
    at_gate.arrive(f"浙D{new_id().hex[-5:].upper()}")
    return at_gate.leave().event_id


def _version(world: World, place: Factory, person: Actor) -> UUID:
    with tenancy.open_session(world.engines, place.scope) as session:
        last = rulebooks.last(session, enterprise_id=place.id)
    return (last or given.published(world.engines, place, given.rule())).id


def _switch(world: World, place: Factory, person: Actor) -> UUID:
    """An order of the township that names the place and stands."""
    town = next(town for town in world.towns if town.id == place.township_id)
    named = place if place in town.factories else town.factories[0]
    with tenancy.open_session(world.engines, town.office.scope) as session:
        for order in switch_queries.orders(session, at=clock.now()):
            if order.named == {named.id}:
                return order.switch.id
    return switch_on(world.engines, town, at=clock.now(), reach="named", named=[named.id])


def _rule(world: World, place: Factory, person: Actor) -> str:
    """The code of a rule in the draft."""
    given.begun(world.engines, place, given.rule("temperature"))
    return "temperature"


def _issued(world: World, place: Factory, person: Actor) -> UUID:
    """A report that the place handed out once; its file has had its time."""
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        row = IssuedReport(
            enterprise_id=place.id, id=new_id(), number="X-1", first=clock.today(), last=clock.today(), lang="zh",
            seq=1, figures="{}", figures_digest="0" * 64, sha256="0" * 64, size=1, checkpoint=None,
            made_at=clock.now(), made_by=OPERATOR.id, expires_on=clock.today(), file_erased_at=clock.now(),
        )  # fmt: skip
        session.add(row)
    return row.id


def _job(world: World, place: Factory, person: Actor) -> UUID:
    """A run of the draft that waits for the worker."""
    given.begun(world.engines, place, given.rule("temperature"))
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        return trying.ask(session, days=30, by=OPERATOR, at=clock.now()).id


def _wanted(world: World, place: Factory, person: Actor) -> UUID:
    """A report that waits for the worker."""
    day = clock.today()
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        return issue.ask(session, first=day, last=day, lang="zh", by=OPERATOR, at=clock.now()).id


def _taking(world: World, place: Factory, person: Actor) -> UUID:
    """A long gate log that the person asked for and that waits for the worker."""
    day = clock.today().isoformat()
    said = {"first": day, "last": day, "ending": "csv"}
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        return jobs.enqueue(session, large.KIND, key=str(person.id), arguments=said, by=person, at=clock.now()).id


OBJECTS: dict[str, Callable[[World, Factory, Actor], UUID | str | None]] = {
    "gate_id": lambda world, place, person: place.gate_id,
    "zone_id": _zone,
    "user_id": _user,
    "desk_id": _desk,
    "registration_id": _registration,
    "session_id": _session,
    "enterprise_id": lambda world, place, person: place.id,
    "visit_id": _visit,
    "watched_id": _watched,
    "event_id": _put_off,
    "report_id": _issued,
    "code": lambda world, place, person: str(_issued(world, place, person)),
    "job_id": _job,
    "wanted_id": _wanted,
    "taking_id": _taking,
    "version_id": _version,
    "rule_code": _rule,
    "switch_id": _switch,
    "pack_code": lambda world, place, person: "visitor_basic",
    "first": lambda world, place, person: "2026-04-01",
    "last": lambda world, place, person: "2026-04-30",
    "ending": lambda world, place, person: "csv",
    "every": lambda world, place, person: "week",
}
"""A live object of ``place`` for each argument of an address (None where the place has none)."""

WORDS = {"rule_code", "pack_code", "first", "last", "ending", "every"}
"""Arguments that name nothing of anybody: the same word means each place's own."""

OF_THE_TOWNSHIP = {"enterprise_id", "switch_id"}
"""Arguments that name an object of another enterprise of the township, or one for it, on the office's pages."""
