"""Every figure equals a recount from the raw entries of the book; a changed decision is noticed."""

from __future__ import annotations

import random
from datetime import timedelta

import sqlalchemy as sa

from gatekeeper import tenancy
from gatekeeper.clock import day_of
from gatekeeper.db import new_id
from gatekeeper.figures import service
from gatekeeper.figures.values import Figures
from gatekeeper.visits import sweep
from gatekeeper.visits.events import EventKind
from tests.conftest import Databases
from tests.factories import MORNING, World
from tests.recount import recount
from tests.rules.made import rule
from tests.visits.gate import BRIEFING, FEVER, PAPERS, AtGate, publish

SEED = 20260418
FIRST = day_of(MORNING)
LAST = FIRST + timedelta(days=2)
STAY = rule("stay", "dwell_limit", stage="exit", question=None, params={"minutes": 90})


def play(world: World, seed: int, visits: int = 32) -> None:
    """Days at one gate with everything that happens there, drawn from ``seed``."""
    rng = random.Random(seed)
    publish(world, world.own, FEVER, PAPERS, STAY)
    publish(world, world.towns[0].office, {**BRIEFING, "consequence": "refuse"})
    for number in range(visits):
        gate = AtGate(world.engines, world.own, at=MORNING + timedelta(minutes=rng.randrange(60 * 60)))
        one_visit(gate, rng, f"浙A{number:05d}")
    with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
        sweep.overdue(session, at=MORNING + timedelta(days=4))


def one_visit(gate: AtGate, rng: random.Random, plate: str) -> None:
    gate.arrive(plate, facts={"origin": rng.choice(["330182", "440904", "220102"])})
    if rng.random() < 0.1:
        gate.send(EventKind.VOID, {"reason": "录错了"}, by=gate.place.lead)
        gate.temperature(366)  # too late: kept, and needs attention
        return
    if rng.random() < 0.8:
        gate.answer("briefing", "confirm", {"ok": rng.random() < 0.85})
    if rng.random() < 0.2:
        companion = {"subject": "occupant:2", "role": "passenger", "name": "李四", "phone": "19900005678"}
        gate.send(EventKind.JOIN, {"people": [companion]})
    late = new_id()
    if rng.random() < 0.2:  # an answer that comes before the one it follows
        reading = {"question": "temperature", "subject": "occupant:1", "kind": "number", "unit": "celsius"}
        gate.send(EventKind.ANSWER, {"answers": [{**reading, "value": {"n": 365}}]}, after=late)
        gate.send(EventKind.NOTE, {"text": "补传"}, id=late)
    held = gate.temperature(rng.choice([366, 366, 366, 378])).visit
    if rng.random() < 0.15:
        gate.send(EventKind.CORRECT, {"reason": "看错一行", "facts": {"cargo": "coal"}})
    if held.verdict != "admit" and rng.random() < 0.3:
        findings = [{"owner": "enterprise", "rule": "temperature", "subject": "occupant:1"}]
        held = gate.send(EventKind.OVERRIDE, {"findings": findings, "reason": "复测正常"}, by=gate.place.lead).visit
    fate = rng.random()
    if fate < 0.08:
        return
    if (held.verdict != "admit" and fate < 0.75) or fate < 0.12:
        gate.turn_away()
        return
    gate.admit()
    if rng.random() < 0.1:
        gate.admit(by=gate.place.lead)
    gate.at += timedelta(minutes=rng.randrange(10, 150))
    if rng.random() < 0.85:
        gate.answer("papers", "confirm", {"ok": True}, stage="exit")
    if rng.random() < 0.1:
        gate.send(EventKind.LEAVE, {"seen": True, "subjects": ["occupant:1"]})
    if rng.random() < 0.9:
        gate.leave()
        if rng.random() < 0.2:
            gate.leave()  # twice: the second needs attention


def counted(world: World) -> Figures:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return service.count(session, enterprise_id=world.own.id, first=FIRST, last=LAST)


def test_every_figure_equals_the_recount_and_a_changed_decision_is_noticed(world: World, databases: Databases) -> None:
    play(world, SEED)
    figures = counted(world).to_data()
    assert figures == recount(databases.owner, world.own.id, FIRST, LAST)
    interesting = "voided turned_away overdue unanswered not_followed against_verdict overridden corrected attention"
    assert [name for name in interesting.split() if not figures[name]] == []
    assert figures["dwell"]["over_limit"] and figures["people"] > figures["visits"]
    assert any(n["missing"] for n in figures["rules"]) and any(n["waived"] for n in figures["rules"])

    plant_a_fault(databases.owner)
    changed = counted(world).to_data()
    assert changed["rules"] != figures["rules"]
    assert changed != recount(databases.owner, world.own.id, FIRST, LAST)


def plant_a_fault(url: str) -> None:
    """One stored decision says waived where the book says violated."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        one = connection.exec_driver_sql(
            "SELECT s.visit_id, s.stage FROM visit_stages s JOIN visits v ON v.id = s.visit_id AND v.stage = s.stage "
            "WHERE v.state = 'left' AND s.decision LIKE '%%violated%%' ORDER BY s.visit_id LIMIT 1"
        ).one()
        connection.exec_driver_sql(
            "UPDATE visit_stages SET decision = replace(decision, '\"violated\"', '\"waived\"') "
            f"WHERE visit_id = '{one[0]}' AND stage = '{one[1]}'"
        )
    engine.dispose()


def test_figures_do_not_depend_on_who_reads_them(world: World, databases: Databases) -> None:
    play(world, SEED + 1, visits=8)
    with tenancy.open_session(world.engines, tenancy.Township(world.own.township_id)) as session:
        read_by_the_township = service.count(session, enterprise_id=world.own.id, first=FIRST, last=LAST)
    assert read_by_the_township == counted(world)
    with tenancy.open_session(world.engines, world.neighbour.scope) as session:
        assert service.count(session, enterprise_id=world.own.id, first=FIRST, last=LAST).visits == 0
