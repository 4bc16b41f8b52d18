"""The gate's pages as people use them, through the browser's requests, on real databases."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from gatekeeper import clock, tenancy
from gatekeeper.access import Actor
from gatekeeper.db import Engines, new_id
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.models import Visit
from tests.factories import World, client_for
from tests.visits.gate import AtGate


def rule(code: str, kind: str, *, subject: str = "visit", stage: str = "arrival", **more: Any) -> dict[str, Any]:
    base = {"when": [], "question": code, "params": {}, "consequence": "hold", "evidence": []}
    title = {"zh": f"规则{code}", "en": f"Rule {code}"}
    base.update(code=code, stage=stage, kind=kind, subject=subject, title=title, why=title, **more)
    return {"overridable_by": ["shift_lead", "enterprise_admin"], **base}


TEMPERATURE = rule(
    "temperature",
    "number",
    subject="occupant",
    params={"unit": "celsius", "max": 373, "max_inclusive": False},
)
BRAKE = rule("brake", "confirm")
RETURNED = rule("returned", "confirm", stage="exit")
FROM_AFAR = rule("afar", "confirm", when=[{"fact": "origin", "op": "within", "value": ["440000000"]}])


@pytest.fixture
def publish(world: World, platform: Engines) -> Callable[..., None]:
    """``publish(rule, ...)``: the rules of our own factory from a minute ago."""

    def put(*rules: dict[str, Any]) -> None:
        document = {"schema": "gate-rulebook/1", "title": {"zh": "规则", "en": "Rules"}, "rules": list(rules)}
        at = clock.now() - timedelta(minutes=1)
        with tenancy.open_session(platform, world.own.scope, write=True) as session:
            rulebooks.publish_document(session, document, owner=Owner.ENTERPRISE, by=world.own.admin, at=at)

    return put


class Desk:
    """One person's browser, and the gate of our own factory, where trucks come."""

    def __init__(self, app: Flask, world: World, person: Actor) -> None:
        self.client: FlaskClient = client_for(app, person)
        self.world, self.trucks = world, dict[str, AtGate]()
        self.base = f"/e/{world.own.slug}"

    def come(self, plate: str = "浙A12345", **body: Any) -> str:
        """The address of a visit that arrives now."""
        gate = AtGate(self.world.engines, self.world.own, at=clock.now())
        gate.arrive(plate, **body)
        address = f"{self.base}/visits/{gate.visit_id}"
        self.trucks[address] = gate
        return address

    def at(self, address: str) -> AtGate:
        """The gate, now, with the visit of that address."""
        gate = self.trucks[address]
        gate.at = clock.now()
        return gate

    def get(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200
        return answer.text

    def post(self, address: str, **data: Any) -> Any:
        return self.client.post(address, data=data)


@pytest.fixture
def guard(app: Flask, world: World) -> Desk:
    return Desk(app, world, world.own.guard)


@pytest.fixture
def lead(app: Flask, world: World) -> Desk:
    return Desk(app, world, world.own.lead)


def visits(world: World) -> list[Visit]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return list(session.scalars(select(Visit).order_by(Visit.arrived_at)))


def entries(world: World, kind: str) -> int:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return session.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == kind)) or 0


def body_of_last(world: World, kind: str) -> dict[str, Any]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        query = select(LedgerEntry.bytes).where(LedgerEntry.kind == kind).order_by(LedgerEntry.seq.desc()).limit(1)
        found: dict[str, Any] = json.loads(session.scalars(query).one())["body"]["event"]["body"]
        return found


def test_a_truck_is_read_at_each_step(world: World, guard: Desk, publish: Callable[..., None]) -> None:
    publish(TEMPERATURE, BRAKE, RETURNED)
    visit = guard.come()
    page = guard.get(visit)
    assert "在查" in page and "0/2" in page and "verdict--" not in page
    assert "张**" in page and "张伟强" not in page and "199****1234" in page
    guard.at(visit).temperature(365)
    assert "1/2" in guard.get(visit)
    guard.at(visit).answer("brake", "confirm", {"ok": True})
    assert "verdict--admit" in guard.get(visit)
    guard.at(visit).admit()
    guard.at(visit).answer("returned", "confirm", {"ok": True}, stage="exit")
    guard.at(visit).leave()
    row = visits(world)[0]
    assert (row.state, row.act_followed, row.against_verdict) == ("left", True, False)
    page = guard.get(visit)
    for word in ("到达登记", "查验", "放行进厂", "离场"):
        assert word in page
    assert "36.5" not in page, "readings do not stand in the history"


def test_disinfecting_shows_a_timer_until_the_minutes_are_over(guard: Desk, publish: Callable[..., None]) -> None:
    params = {"contact_minutes": 20, "operator": True, "protective_clothing": True}
    publish(rule("spray", "disinfection", subject="tractor", params=params))
    visit = guard.come()
    started = clock.micros(clock.now() - timedelta(minutes=12))
    sprayed = {"agent": "chlorine", "started_at": started, "protective_clothing": True}
    guard.at(visit).answer("spray", "disinfection", sprayed, "tractor")
    assert "在查" in guard.get(visit), "the operator still lacks"
    guard.at(visit).answer("spray", "disinfection", {**sprayed, "operator": "李四"}, "tractor")
    page = guard.get(visit)
    assert "verdict--hold" in page and "data-until" in page and "李四" not in page


def test_no_form_of_a_page_takes_what_belongs_to_the_desk(guard: Desk, publish: Callable[..., None]) -> None:
    publish(TEMPERATURE)
    visit = guard.come()
    for address in (f"{guard.base}/gate", visit):
        assert not re.search(r'name="(plate|event_id|[a-z]+--[^"]*|leave-[a-z]+)"', guard.get(address)), address
    assert "打开门岗" in guard.get(f"{guard.base}/gate")
    for act in ("facts", "answers", "exit-answers", "admit", "turn-away", "leave", "care"):
        assert guard.post(f"{visit}/{act}").status_code in (404, 405)
    assert guard.post(f"{guard.base}/gate").status_code == 405


def test_a_guard_cannot_override_and_a_lead_can(
    world: World, guard: Desk, lead: Desk, publish: Callable[..., None]
) -> None:
    publish(BRAKE)
    visit = guard.come()
    guard.at(visit).answer("brake", "confirm", {"ok": False})
    waived = {"override-findings": "enterprise|brake|visit|hold", "override-reason": "已垫三角木"}
    assert "/override" not in guard.get(visit)
    assert guard.post(f"{visit}/override", **waived).status_code == 403
    assert lead.post(f"{visit}/override", **{"override-findings": waived["override-findings"]}).status_code == 422
    tampered = {**waived, "override-findings": "enterprise|brake|visit|note"}
    assert lead.post(f"{visit}/override", **tampered).status_code == 422
    assert lead.post(f"{visit}/override", **waived).status_code == 302
    page = guard.get(visit)
    assert "verdict--admit" in page and "已垫三角木" in page


def test_a_refusal_is_not_the_leads_to_override(guard: Desk, lead: Desk, publish: Callable[..., None]) -> None:
    publish({**BRAKE, "consequence": "refuse"})
    visit = guard.come()
    guard.at(visit).answer("brake", "confirm", {"ok": False})
    page = lead.get(visit)
    assert "verdict--refuse" in page and "/override" not in page
    waived = {"override-findings": "enterprise|brake|visit|refuse", "override-reason": "算了"}
    assert lead.post(f"{visit}/override", **waived).status_code == 422


def test_going_in_against_the_verdict_reads_as_that(world: World, guard: Desk, publish: Callable[..., None]) -> None:
    publish(BRAKE)
    visit = guard.come()
    guard.at(visit).answer("brake", "confirm", {"ok": False})
    guard.at(visit).admit()
    guard.at(visit).leave()
    assert visits(world)[0].against_verdict and "与判定不符" in guard.get(visit)


def test_a_correction_keeps_what_was_written_and_a_void_leaves_the_queue(world: World, guard: Desk, lead: Desk) -> None:
    visit = guard.come("浙A12345")
    nothing = {"correct-plate": "浙A12345", "correct-reason": "看错"}
    assert "没有改动" in guard.post(f"{visit}/correct", **nothing).text
    guard.post(f"{visit}/correct", **{**nothing, "correct-plate": "浙A12346"})
    assert visits(world)[0].plate == "浙A12346" and visits(world)[0].corrected
    assert "车牌改为 浙A12346" in guard.get(visit)
    assert guard.post(f"{visit}/void", **{"void-reason": "重复"}).status_code == 403
    assert lead.post(f"{visit}/void", **{"void-reason": "重复"}).status_code == 302
    assert visit not in guard.get(f"{guard.base}/gate")


def test_notes_and_driver_care_stand_in_the_history(guard: Desk) -> None:
    visit = guard.come()
    guard.post(f"{visit}/note", **{"note-text": "<b>缺一张单据</b>"})
    guard.at(visit).send(EventKind.CARE, {"item": "meal"})
    page = guard.get(visit)
    assert "&lt;b&gt;缺一张单据" in page and "盒饭" in page
    assert guard.post(f"{visit}/note", **{"note-text": ""}).status_code == 422


def test_a_neighbours_visit_is_not_found_and_a_wrong_role_is_refused(app: Flask, world: World, guard: Desk) -> None:
    visit = guard.come()
    number = UUID(visit.rsplit("/", 1)[1])
    for person in (world.neighbour.guard, world.stranger.guard, world.towns[1].inspector):
        other = client_for(app, person)
        assert other.get(visit).status_code == 404
        assert other.get(f"/e/{world.neighbour.slug}/visits/{number}").status_code == 404
    for person in (world.towns[0].inspector, world.own.admin):
        other = client_for(app, person)
        page = other.get(visit)
        assert page.status_code == 200
        queue = other.get(f"{guard.base}/gate")
        assert visit in queue.text and "打开门岗" not in queue.text
    assert client_for(app, world.towns[0].inspector).post(f"{visit}/note").status_code == 403


def test_the_log_is_searched_by_a_part_of_a_plate(guard: Desk) -> None:
    one, two = guard.come("浙A12345"), guard.come("苏E55R66")
    page = guard.get(f"{guard.base}/visits?plate=e55")
    assert two in page and one not in page
    assert "plate=e55" in page, "the sheet keeps the search"
    sheet = guard.client.get(html.unescape(re.search(r'href="([^"]+file=csv[^"]*)"', page)[1])).text
    assert "苏E55R66" in sheet and "浙A12345" not in sheet
    assert "没有符合的来访" in guard.get(f"{guard.base}/visits?plate=%25")
    assert guard.client.get(f"{guard.base}/visits?first=gestern&page=x&gate=1&verdict=x").status_code == 200


def test_the_log_finds_days_and_verdicts(guard: Desk, publish: Callable[..., None]) -> None:
    publish(BRAKE)
    visit = guard.come()
    today, before = clock.today(), clock.today() - timedelta(days=1)
    assert visit in guard.get(f"{guard.base}/visits?first={before}&last={today}&verdict=hold")
    assert visit not in guard.get(f"{guard.base}/visits?verdict=admit")
    assert visit not in guard.get(f"{guard.base}/visits?first={before}&last={before}")


def test_what_is_too_large_is_told_in_words(guard: Desk) -> None:
    visit = guard.come()
    kind = "multipart/form-data; boundary=x"
    huge = guard.client.post(f"{visit}/correct", data=b"x" * 10 * 1024 * 1024, content_type=kind)
    note = guard.post(f"{visit}/note", **{"note-text": "长" * 70_000})
    for answer in (huge, note):
        assert answer.status_code == 413 and "内容太大" in answer.text


def test_a_form_sent_twice_is_one_event(world: World, guard: Desk) -> None:
    visit, once = guard.come(), str(new_id())
    for _ in range(2):
        guard.post(f"{visit}/note", **{"note-text": "车灯坏了", "note-event_id": once})
    assert entries(world, "note") == 1


def test_a_form_whose_id_stands_for_something_else_can_be_sent_again(world: World, guard: Desk) -> None:
    visit, once = guard.come(), str(new_id())
    guard.post(f"{visit}/note", **{"note-text": "车灯坏了", "note-event_id": once})
    answer = guard.post(f"{visit}/note", **{"note-text": "左后轮瘪了", "note-event_id": once})
    assert answer.status_code in (409, 422)
    assert "左后轮瘪了" in answer.text and f'value="{once}"' not in answer.text


def test_every_page_of_the_gate_reads_in_english(guard: Desk, publish: Callable[..., None]) -> None:
    publish(TEMPERATURE, BRAKE, RETURNED, FROM_AFAR)
    visit = guard.come()
    for address in (f"{guard.base}/gate?lang=en", f"{visit}?lang=en", f"{guard.base}/visits?lang=en"):
        page = re.sub(r"<script.*?</script>|<div class=\"platekeys\".*?</div>", "", guard.get(address), flags=re.S)
        assert not re.search("查验|登记|放行|离场|未选|请填", page), address
