"""One invented visit as it unfolds: what the guard presses next depends on what the book answered."""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from gatekeeper.access import Role
from gatekeeper.clock import MICRO
from gatekeeper.demo import invented
from gatekeeper.demo.world import Built
from gatekeeper.formats import plates
from gatekeeper.rules.decide import Question, questions
from gatekeeper.rules.values import Owner, Rulebook, Stage
from gatekeeper.visits import judge
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.override import may_override
from gatekeeper.visits.state import State

MINUTE = 60 * MICRO
HOUR = 60 * MINUTE
OVERRIDDEN, AGAINST = 0.25, 0.28
"""Of those not admitted by the rules: up to the first let in by an override, up to the second against the verdict."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit of the plan, all of it drawn beforehand from the seed."""

    id: UUID
    at: int
    plate: str | None
    trailer: str | None
    people: tuple[tuple[str, str], ...]
    origin: str
    cargo: str
    zone: str
    fate: str
    seed: int


@dataclass(frozen=True, slots=True)
class Press:
    """One event to record at ``at`` (microseconds UTC), ``by`` the guard on duty, the shift lead or the admin."""

    id: UUID
    at: int
    kind: EventKind
    body: Mapping[str, Any]
    by: str = "guard"


Script = Generator[Press, State | None, None]


class Presses:
    """Numbers the events of one visit, so that the same plan gives the same ids."""

    def __init__(self, visit: Planned) -> None:
        self.visit, self.n = visit, 0

    def __call__(self, at: int, kind: EventKind, body: Mapping[str, Any] | None = None, *, by: str = "guard") -> Press:
        self.n += 1
        return Press(uuid5(self.visit.id, str(self.n)), at, kind, body or {}, by)


def play(visit: Planned, books: Sequence[Rulebook], built: Built) -> Script:
    """The events of one visit; each ``yield`` answers with the state after it."""
    rng, press, at = random.Random(visit.seed), Presses(visit), visit.at
    state = yield press(at, EventKind.ARRIVE, _arrival(visit, built))
    assert state is not None
    if visit.fate == "wrong_entry":
        at += rng.randrange(1, 4) * MINUTE
        yield press(at, EventKind.VOID, {"reason": "录错车牌，已重新登记"}, by="lead")
        return
    at += rng.randrange(15, 50) * MICRO
    given, wait = _answers(state, books, visit, rng, at, Stage.ARRIVAL)
    if given:
        state = yield press(at, EventKind.ANSWER, {"answers": given})
    if wait:
        at += wait + rng.randrange(5, 90) * MICRO
        later, _ = _answers(state, books, visit, rng, at, Stage.ARRIVAL, finished=True)
        state = yield press(at, EventKind.ANSWER, {"answers": later})
    assert state is not None
    if visit.fate == "corrected":
        at += 20 * MICRO
        state = yield press(
            at, EventKind.CORRECT, {"reason": "货物选错了，按送货单更正", "facts": {"cargo": visit.cargo}}
        )
    at += rng.randrange(5, 25) * MICRO
    yield from _decided(visit, books, built, state, press, rng, at)


def _decided(
    visit: Planned, books: Sequence[Rulebook], built: Built, state: State | None, press: Presses, rng: random.Random,
    at: int,
) -> Script:  # fmt: skip
    """What becomes of a judged visit: in, turned away, overridden, or in against the verdict."""
    assert state is not None
    if visit.fate == "waiting":
        return
    if state.verdict != "admit":
        who, waivable = _waivable(state, books)
        luck = rng.random()
        if luck < OVERRIDDEN and waivable:
            at += rng.randrange(2, 8) * MINUTE
            reason = "已电话核实，由班长陪同进厂" if who == "lead" else "企业已核实，同意进厂"
            state = yield press(at, EventKind.OVERRIDE, {"findings": waivable, "reason": reason}, by=who)
            at += 30 * MICRO
        elif luck >= AGAINST and visit.fate != "against":
            at += rng.randrange(1, 15) * MINUTE
            yield press(at, EventKind.TURN_AWAY, {"reason": "不符合进厂条件，已向司机说明并劝返"})
            return
    state = yield press(at, EventKind.ADMIT)
    yield from _inside(visit, books, built, state, press, rng, at)


def _inside(
    visit: Planned, books: Sequence[Rulebook], built: Built, state: State | None, press: Presses, rng: random.Random,
    admitted: int,
) -> Script:  # fmt: skip
    minutes = rng.randrange(190, 420) if visit.fate == "stays_long" else rng.randrange(22, 95)
    at = admitted + minutes * MINUTE // 2
    given, _ = _answers(state, books, visit, rng, at, Stage.ON_SITE)
    if given and visit.fate != "unattested":
        state = yield press(at, EventKind.ANSWER, {"answers": given})
    if built.place.kind == "textile" and rng.random() < 0.4:
        yield press(at + 40 * MICRO, EventKind.CARE, {"item": rng.choice(("water", "meal", "kit"))})
    if visit.fate in ("not_left", "inside"):
        return
    at = admitted + minutes * MINUTE
    given, _ = _answers(state, books, visit, rng, at, Stage.EXIT)
    if given and visit.fate != "unattested":
        state = yield press(at, EventKind.ANSWER, {"answers": given, "stage": "exit"})
    yield press(at + 25 * MICRO, EventKind.LEAVE, {"seen": True, "subjects": []})


def _arrival(visit: Planned, built: Built) -> dict[str, Any]:
    body: dict[str, Any] = {"kind": "truck" if visit.plate else "walk_in", "plates": []}
    for subject, written in (("tractor", visit.plate), ("trailer:1", visit.trailer)):
        if written:
            found = plates.parse(written)
            item = {"subject": subject, "written": written, "plate": found.plate, "class": found.cls.value}
            body["plates"].append(item)
    first = "driver" if visit.plate else "visitor"
    body["people"] = [
        {"subject": f"occupant:{n}", "role": first if n == 1 else "passenger", "name": name, "phone": phone}
        for n, (name, phone) in enumerate(visit.people, 1)
    ]
    body["facts"] = {
        "origin": visit.origin,
        "stops": [],
        "cargo": visit.cargo,
        "cold_chain": False,
        "zone": visit.zone.upper(),
        "purpose": "deliver" if visit.plate else "meeting",
    }
    return body


def _waivable(state: State, books: Sequence[Rulebook]) -> tuple[str, list[dict[str, str]]]:
    """(who, findings in the way) where the shift lead, else the admin, may waive all of them; else no findings."""
    rules = {(b.owner.value, r.code): r for b in books for r in b.rules}
    decision = state.decisions[state.stage]
    found = []
    who = {"lead": Role.SHIFT_LEAD, "admin": Role.ENTERPRISE_ADMIN}
    for row in decision["findings"]:
        if len(row) == 4 or row[4] == "waived" or row[3] == "note":
            continue
        owner = decision["books"][row[0]][0]
        rule = rules[(owner, row[1])]
        who = {name: role for name, role in who.items() if may_override(rule, Owner(owner), row[3], role)}
        found.append({"owner": owner, "rule": row[1], "subject": row[2], "consequence": row[3]})
    return (next(iter(who)), found) if who else ("", [])


def _answers(
    state: State | None, books: Sequence[Rulebook], visit: Planned, rng: random.Random, at: int, stage: Stage,
    *, finished: bool = False,
) -> tuple[list[dict[str, Any]], int]:  # fmt: skip
    """(answers to what is open at ``stage``, microseconds until a running contact time is over)."""
    assert state is not None
    evidence = judge.evidence(state, state.judged_facts)
    given, wait = [], 0
    for question in questions(books, evidence, stage):
        running = finished and question.kind == "disinfection"
        if (question.answered and not running) or (question.alternative and visit.fate != "old_test"):
            continue
        value, minutes = _value(question, visit, rng, at, finished=running)
        if value is None:
            continue
        answer = {"question": question.code, "subject": question.subject, "kind": question.kind, "value": value}
        if question.kind == "number":
            answer["unit"] = question.params["unit"]
        given.append(answer)
        wait = max(wait, minutes * MINUTE)
    return given, wait


def _value(
    question: Question, visit: Planned, rng: random.Random, at: int, *, finished: bool
) -> tuple[dict[str, Any] | None, int]:
    """(answer or None to leave it open, minutes that must pass before it is complete)."""
    params, fate = question.params, visit.fate
    driver = question.subject in ("visit", "tractor", "occupant:1")
    match question.kind:
        case "confirm":
            return {"ok": not (fate == "denied" and driver)}, 0
        case "number":
            if params["unit"] != "celsius":
                return {"n": rng.randrange(1, 30)}, 0
            return {"n": rng.randrange(374, 389) if fate == "fever" and driver else rng.randrange(359, 370)}, 0
        case "code_check":
            bad = {"yellow_code": "yellow", "red_code": "red"}.get(fate)
            return {"colour": bad if bad and driver else "green", "valid_until": None}, 0
        case "test":
            return _test(question, fate, driver, rng, at), 0
        case "stay_in_cab":
            return {"stayed": not (fate == "left_cab" and question.stage != Stage.ARRIVAL)}, 0
        case "disinfection":
            return _disinfection(params, visit, rng, at, finished)
        case "document_handoff":
            methods, wanted = params["methods"] or ("box",), params["documents"] or ("delivery_note",)
            return {"documents": list(wanted), "method": methods[0], "given": True, "received": True}, 0
        case "choice":
            options = list(params["accepted"]) or [option["code"] for option in params["options"]]
            return {"choice": visit.zone if visit.zone in options else rng.choice(options)}, 0
    return None, 0


def _test(question: Question, fate: str, driver: bool, rng: random.Random, at: int) -> dict[str, Any] | None:
    if question.alternative:
        return {"result": "negative", "sampled_at": at - 15 * MINUTE}
    if fate == "no_test" and driver:
        return None
    if fate == "old_test" and driver:
        return {"result": "negative", "sampled_at": at - rng.randrange(50, 90) * HOUR}
    return {"result": "negative", "sampled_at": at - rng.randrange(3, 23) * HOUR}


def _disinfection(
    params: Mapping[str, Any], visit: Planned, rng: random.Random, at: int, finished: bool
) -> tuple[dict[str, Any], int]:
    minutes = params["contact_minutes"]
    started = at - (minutes * MINUTE + 10 * MICRO if finished else 0)
    value = {
        "agent": (params["agents"] or ("chlorine",))[0],
        "dilution": params["dilution"] or 200,
        "started_at": started,
        "finished_at": at if finished or not minutes else None,
        "operator": invented.name(random.Random(visit.seed // 97)),
        "protective_clothing": visit.fate != "no_clothing",
    }
    return value, 0 if finished else minutes
