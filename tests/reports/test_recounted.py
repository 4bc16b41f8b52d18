"""Every number of a report equals what is counted again from the raw entries, over random days."""

from __future__ import annotations

import html
import random
import re
from datetime import date, timedelta
from typing import Any

import pytest

from gatekeeper import tenancy
from gatekeeper.access import OPERATOR
from gatekeeper.clock import local
from gatekeeper.db import new_id
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.reports import pdf, service
from gatekeeper.reports.values import Report
from gatekeeper.retention import erasing
from gatekeeper.risk_areas import service as risk_areas
from gatekeeper.visits.events import Event, EventKind
from tests import recount, recount_entries
from tests.conftest import Databases
from tests.factories import MORNING, World
from tests.figures.test_recount import FIRST, LAST, play
from tests.risk_areas.conftest import MakeList, make_list  # noqa: F401
from tests.visits.gate import AtGate

FAR = ("广东省", "茂名市", "电白区", "某社区")
NEAR = ("吉林省", "长春市", "南关区", "某社区")


def adopted(world: World, raw: bytes, at: Any) -> str:
    with tenancy.open_session(world.engines, world.towns[0].office.scope, write=True) as session:
        row = risk_areas.store(session, raw, at=at)
        risk_areas.adopt(session, list_hash=row.hash, by=OPERATOR, at=at)
        return str(row.hash)


def lists(world: World, make: MakeList, rng: random.Random) -> list[str]:
    """Three lists, each taken over some hours after its own hour."""
    found = []
    for number, hours in enumerate((-30, 4, 22)):
        at = MORNING + timedelta(hours=hours)
        raw = make(f"{local(at):%Y-%m-%d} {local(at).hour}时", high=[FAR], middle=[NEAR] if number else [])
        found.append(adopted(world, raw, at + timedelta(hours=rng.randrange(0, 6))))
    return found


def odd_visit(world: World, rng: random.Random, known: list[str], number: int) -> None:
    """What a phone without a network sends hours later, with the list it had, and what befalls a visit besides."""
    gate = AtGate(world.engines, world.own, at=MORNING + timedelta(minutes=rng.randrange(40 * 60)))
    happened, received = gate.at, gate.at + timedelta(minutes=rng.choice([0, 3, 9, 300]))
    driver = {"subject": "occupant:1", "role": "driver", "name": "李四"}
    plate = {"subject": "tractor", "written": f"浙B{number:05d}"}
    facts = {"origin": rng.choice(["330182", "440904", "220102"])}
    kind = rng.choice(["truck", "car"])
    paper = {"late": {"form": "A-17", "row": number + 1}} if rng.random() < 0.15 else {}
    bodies: list[tuple[EventKind, dict[str, Any]]] = [
        (EventKind.ARRIVE, {"kind": kind, "plates": [plate], "people": [driver], "facts": facts, **paper}),
        (EventKind.ADMIT if rng.random() < 0.7 else EventKind.TURN_AWAY, {}),
    ]
    if rng.random() < 0.4:
        bodies.append((EventKind.CARE, {"item": rng.choice(["water", "meal"])}))
    if rng.random() < 0.3:
        bodies.append((EventKind.CORRECT, {"reason": "看错", "facts": {"cargo": "coal"}}))
    after = None
    gate.at = received
    ids = [new_id() for _ in bodies]
    events = []
    for id, (event_kind, body) in zip(ids, bodies, strict=True):
        seen = {"list": rng.choice(known)} if rng.random() < 0.6 else {}
        more = {"device": "phone", "after": after, "seen": seen}
        events.append(Event(id, gate.visit_id, event_kind, happened, gate.place.gate_id, body, **more))
        happened, after = happened + timedelta(seconds=20), id
    if rng.random() < 0.3:
        events[1], events[-1] = events[-1], events[1]  # the later one comes first and waits
    for event in events:
        gate.receive(event)
    if rng.random() < 0.3:
        gate.at += timedelta(hours=1)
        gate.admit(by=gate.place.lead)
    if rng.random() < 0.2:
        with tenancy.open_session(world.engines, world.own.scope, write=True) as session:
            erasing.erase_visit(session, gate.visit_id, ("contact",), by=OPERATOR, at=gate.at)


def built(world: World, first: date, last: date) -> Report:
    tenant = find_tenant(world.engines, world.own.slug)
    assert tenant is not None
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return service.build(session, enterprise=tenant, first=first, last=last, at=MORNING + timedelta(days=5))


def printed(report: Report, lang: str) -> dict[str, str]:
    """{name of a figure: what stands on paper}; one that is printed twice must be the same twice."""
    page, found = html.unescape(pdf.document(report, lang=lang)), {}
    for name, value in re.findall(r'data-figure="([^"]+)">([^<]*)<', page):
        assert found.setdefault(name, value) == value, name
    found.update(re.findall(r'data-figure="(before)" data-value="([^"]+)"', page))
    return found


def expected(url: str, world: World, first: date, last: date) -> dict[str, str]:
    """{name of a figure: what it must be}, from the raw entries alone."""
    figures = recount.recount(url, world.own.id, first, last)
    more = recount_entries.recount(url, world.own.id, world.towns[0].office.id, first, last)
    length = last - first + timedelta(days=1)
    earlier = recount.recount(url, world.own.id, first - length, last - length)
    told = {name: value for name, value in figures.items() if isinstance(value, int)}
    told |= {f"verdicts.{name}": value for name, value in figures["verdicts"].items()}
    told |= {f"dwell.{name}": value for name, value in figures["dwell"].items()}
    told |= {f"by_kind.{kind}": value for kind, value in figures["by_kind"]}
    told |= {f"people_by_kind.{kind}": value for kind, value in more["people_by_kind"].items()}
    for origin in figures["origins"]:
        told |= {f"origins.{origin['province']}.{level}": origin[level] for level in ("high", "medium")}
    for rule in figures["rules"]:
        key = f"rules.{rule['owner']}.{rule['code']}"
        told |= {f"{key}.{state}": rule[state] for state in ("violated", "missing", "waived")}
        told[key] = f"{rule['met']}/{rule['met'] + rule['violated'] + rule['missing']}"
    told |= {f"entries.{name}": value for name, value in more["entries"].items() if name != "care"}
    told |= {f"entries.care.{item}": times for item, times in more["entries"]["care"]}
    told |= {f"list.{name}": value for name, value in more["lists"].items()}
    told["before"] = f"{earlier['compliant']}/{earlier['counted']}"
    return {name: str(value) for name, value in told.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_on_paper_equals_a_recount_from_the_raw_entries(
    world: World,
    databases: Databases,
    make_list: MakeList,  # noqa: F811
    seed: int,
) -> None:
    rng = random.Random(seed)
    known = lists(world, make_list, rng)
    play(world, seed, visits=14)
    for number in range(16):
        odd_visit(world, rng, known, number)
    whole = holds(world, databases.owner, FIRST, LAST)
    happened = ("sent_late", "admitted_again", "before_list", "corrections", "erased")
    assert [name for name in happened if whole[f"entries.{name}"] == "0"] == []
    second = FIRST + timedelta(days=1)
    assert holds(world, databases.owner, second, second)["before"] != "0/0"


def holds(world: World, url: str, first: date, last: date) -> dict[str, str]:
    """What must stand on paper, after it was found there in both languages."""
    report, wanted = built(world, first, last), expected(url, world, first, last)
    for lang in ("zh", "en"):
        shown = printed(report, lang)
        assert {name: wanted[name] for name in shown} == shown
        assert {name for name in wanted if name.startswith(("rules", "list", "entries", "by_kind"))} <= shown.keys()
    assert report.figures.to_data() == recount.recount(url, world.own.id, first, last)
    return wanted
