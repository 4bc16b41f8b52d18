"""A visit played on the phone stands as it does in the book: the same state, facts, decision, and the same page."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import Role
from gatekeeper.clock import day_of, micros
from gatekeeper.config import ROOT
from gatekeeper.db import new_id
from gatekeeper.demo import rulebooks as demo
from gatekeeper.desk import ground, trucks
from gatekeeper.desk.stamp import heads
from gatekeeper.errors import DomainError
from gatekeeper.registrations import service as registrations
from gatekeeper.rulebooks import service as publishing
from gatekeeper.rules import codec, packs
from gatekeeper.rules.decide import decision_to_data
from gatekeeper.rules.values import Owner, Text
from gatekeeper.visits import judge
from gatekeeper.visits.events import Event, EventKind
from gatekeeper.visits.ground import Ground
from gatekeeper.visits.override import may_override
from gatekeeper.visits.page import page
from gatekeeper.visits.record import record
from gatekeeper.visits.state import State
from tests.factories import MORNING, Factory, World
from tests.risk_areas.conftest import MakeList, make_list
from tests.risk_areas.test_in_force import load
from tests.rulebooks.switched import alert, switch_on
from tests.rules.made import document, rule
from tests.visits.chances import arrival, happens

__all__ = ["make_list"]
RUN = ["node", str(ROOT / "tests" / "visits" / "play.mjs")]
CHANGE = MORNING + timedelta(hours=1)
"""Other rules of the factory hold from here on, and another alert level."""
KINDS = ("cement", "hardware", "textile", "office")
SHOWN = ("decision", "unknown", "checking", "answered", "total", "facts")


def in_force(world: World, place: Factory, document: dict[str, Any], owner: Owner, since: Any = None) -> None:
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        by, at = next(iter(place.people.values())), MORNING - timedelta(days=20)
        publishing.publish_document(session, document, owner=owner, by=by, at=at, holds_from=since or at)


def prepare(world: World, books: str, make: MakeList) -> None:
    """The township's rules, a list, an alert, a switched pack or none; a rulebook of the demo, or a pack."""
    town, place = world.towns[0], world.own
    before = MORNING - timedelta(days=1)
    risky = make(
        "2026-11-01 8时",
        high=[("浙江省", "宁波市", "北仑区", "某社区")],
        middle=[("上海市", "上海市", "黄浦区", "一", "二")],
    )
    load(world.engines, world, risky, at=before)
    alert(world.engines, town, 2, at=before)
    if books in KINDS:
        in_force(world, town.office, demo.township(), Owner.TOWNSHIP)
        in_force(world, place, demo.of_kind(books, gate_id=str(place.gate_id)), Owner.ENTERPRISE)
    else:
        in_force(world, place, packs.load(books), Owner.ENTERPRISE)
        switch_on(world.engines, town, pack="visitor_basic" if books == "epidemic_2022" else "epidemic_2022", at=before)
    in_force(
        world, place, packs.load("food_gmp" if books == "cement" else "cement_logistics"), Owner.ENTERPRISE, CHANGE
    )
    alert(world.engines, town, 3, at=before, holds_from=CHANGE)
    with tenancy.open_session(world.engines, place.scope, write=True) as session:
        announced = registrations.announce(session, plate="浙A12345", day=day_of(MORNING), by=place.admin, at=before)
        registrations.approve(session, announced, by=place.admin, at=before)
        registrations.announce(session, plate="浙AD12345", day=day_of(MORNING), by=place.admin, at=before)


def play(session: Session, place: Factory, chance: Random, at: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(one visit as the phone is given it, what the book and the page made of each of its events)."""
    given = _ground(session, place, at)
    visit, events, made = new_id(), [], []
    state: State | None = None
    kind, body = "arrive", arrival(chance)
    for _ in range(chance.randint(3, 14)):
        event = Event(new_id(), visit, EventKind(kind), at, place.gate_id, body)
        by = chance.choice([place.guard, place.lead, place.admin])
        try:
            outcome = record(session, event, by=by, received_at=at)
        except DomainError as refused:
            assert refused.code.startswith("override."), refused
        else:
            state = outcome.visit
            assert state is not None
            later = at + timedelta(seconds=chance.choice([1, 40, 40 * 60]))
            sent = {"visit": str(visit), "kind": kind, "body": json.loads(json.dumps(body)), "by": by.name}
            sent |= {"at": outcome.data["at"], "gate": str(place.gate_id)}
            row = None if state.closed else _row(state)
            events.append({"event": sent, "told": row, "at": micros(later), "role": by.role.value})
            made.append(_made(session, place, state, outcome, later, by))
        at += timedelta(seconds=chance.choice([5, 60, 600, 4000]))
        books = judge.books_for(Ground(session), state, state, at=at) if state else ()
        kind, body = happens(chance, books, state, micros(at)) if state else ("arrive", arrival(chance))
    return {"ground": given, "events": events}, made


def _ground(session: Session, place: Factory, at: Any) -> dict[str, Any]:
    """What the phone is told at ``at``; of vehicles what was true that very minute."""
    assert place.gate_id is not None
    key = ground.key(session, place.id, heads=heads(session), inside=frozenset(), at=at)
    made: dict[str, Any] = orjson.loads(orjson.dumps(ground.sent(session, place.id, place.gate_id, key=key, at=at)))
    made["trucks"] = [
        {**truck, "recent": [moment for moment in truck["recent"] if moment < micros(at)]}
        for truck in trucks.known(session, place.id, at=at)
    ]
    return made


def _made(session: Session, place: Factory, state: State, outcome: Any, at: Any, by: Any) -> dict[str, Any]:
    found = page(session, enterprise_id=place.id, visit_id=UUID(state.visit_id), by=by, at=at)
    reasons = [
        [r.text, r.detail, r.owner, r.why, r.finding.rule, r.finding.subject, r.finding.state, r.overridable, r.until]
        for r in found.reasons
    ]
    look = {
        "decision": decision_to_data(found.decision),
        "unknown": sorted(found.unknown),
        "stillOpen": [[o.question, o.subject, o.kind, o.stage.value] for o in found.still_open],
        **{name: getattr(found, name) for name in ("checking", "answered", "total")},
        "facts": dict(found.facts),
        "due": [[q.code, q.subject] for q in found.due],
        "exitDue": [[q.code, q.subject] for q in found.exit_due],
        "done": [[q.code, q.subject] for q in found.done],
        "reasons": reasons,
    }
    shown = {name: value for name, value in _row(state).items() if name not in ("id", "seq", "attention")}
    shown["status"] = shown.pop("state")
    for group in ("plates", "people"):
        shown[group] = {row.pop("subject"): row for row in shown[group]}
    shown["answers"] = {
        f"{a['question']}\0{a['subject']}": {"value": a["value"], "at": a["at"]} for a in shown["answers"]
    }
    decision = state.decisions[state.stage] if outcome.state == "applied" else None
    stored = {key: value for key, value in decision.items() if key not in ("seq", "at")} if decision else None
    act = outcome.data.get("act")
    return {
        "reason": outcome.reason,
        "act": act,
        "state": shown,
        "decision": stored,
        "look": look,
        "closed": state.closed,
    }


def _row(state: State) -> dict[str, Any]:
    """One visit as a phone is told of it, but for the masks: nothing is lost on the way."""
    same = ("gate", "arrived_at", "admitted_at", "closed_at", "due_at", "stage", "verdict", "facts", "judged_facts")
    return {
        "id": state.visit_id,
        "seq": state.last_seq,
        "state": state.status,
        **{name: getattr(state, name) for name in same},
        "open": state.open_count,
        "plates": [
            {"subject": subject, "class": plate.cls, "written": plate.written, "plate": plate.plate}
            for subject, plate in state.plates.items()
        ],
        "people": [
            {"subject": subject, "role": person.role, "name": person.name, "phone": person.phone}
            for subject, person in state.people.items()
        ],
        "present": sorted(state.present),
        "answers": [
            {"question": question, "subject": subject, "value": dict(answer.value), "at": answer.at}
            for (question, subject), answer in state.answers.items()
        ],
        "waivers": sorted(
            ([w.owner.value, w.rule, w.subject] for w in state.waivers), key=lambda w: (w[0], w[1], w[2] or "")
        ),
        "versions": dict(state.versions),
        "switches": list(state.switches),
        "list": state.risk_list,
        "guard": state.guard["name"],
        "attention": bool(state.attention),
        "against": state.against_verdict,
        "registration": state.registration,
    }


def on_the_phone(visits: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    text = json.dumps(visits)
    ran = subprocess.run(RUN, input=text, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    found: list[list[dict[str, Any]]] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("books", [*KINDS, *packs.codes()])
def test_the_phone_makes_of_a_visit_what_the_book_makes_of_it(
    world: World, books: str, make_list: Callable[..., bytes]
) -> None:
    prepare(world, books, make_list)
    chance, at = Random(books), MORNING
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        starts = sorted(at - timedelta(days=chance.choice([0, 0, 0, 4, 9]), seconds=number) for number in range(30))
        played = [play(session, world.own, chance, start) for start in starts]
    said = on_the_phone([visit for visit, _ in played])
    for (visit, made), phone in zip(played, said, strict=True):
        for number, (event, book, mine) in enumerate(zip(visit["events"], made, phone, strict=True)):
            where = (books, number, event["event"])
            closed = book.pop("closed")
            again, fresh = mine.pop("again"), mine.pop("told")
            assert json.loads(json.dumps(mine["state"])) == _plain(book["state"]), where
            assert (mine["reason"], mine["act"], mine["decision"]) == (
                book["reason"], book["act"], _plain(book["decision"])), where  # fmt: skip
            if not closed:
                assert mine["look"] == _plain(book["look"]), where
                assert (fresh, again) == (mine["state"], mine["look"]), where


def test_the_phone_offers_an_override_to_whom_it_is_lawful() -> None:
    roles = [role for role in Role if role in (Role.GUARD, Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN, Role.INSPECTOR)]
    cases = [
        ([one.value for one in named], owner.value, consequence, role.value)
        for named in ([], [Role.SHIFT_LEAD], [Role.ENTERPRISE_ADMIN], [Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN])
        for owner in Owner for consequence in ("refuse", "hold", "note") for role in roles
    ]  # fmt: skip
    script = f"""
    import {{ mayOverride }} from "./static/desk/judged.js";
    const may = ([overridable_by, ...rest]) => mayOverride({{ overridable_by }}, ...rest);
    console.log(JSON.stringify({json.dumps(cases)}.map(may)));
    """
    command = ["node", "--input-type=module", "--eval", script]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(ran.stdout) == [
        may_override(codec.parse(document(rule(overridable_by=named)), owner=Owner(owner), version="1").rules[0],
                     Owner(owner), consequence, Role(role))
        for named, owner, consequence, role in cases
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    """As JSON has it; texts by language."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return json.loads(json.dumps(value))
