"""The gate's pages as people use them, through the browser's requests, on real databases."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from gatekeeper import clock, tenancy
from gatekeeper.access import Actor
from gatekeeper.db import Engines, new_id
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner
from gatekeeper.visits.models import Visit
from tests.factories import World, client_for


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
SEAL = rule("seal", "photo")
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
    """One person's browser at the gate of our own factory."""

    def __init__(self, app: Flask, world: World, person: Actor) -> None:
        self.client: FlaskClient = client_for(app, person)
        self.world = world
        self.base = f"/e/{world.own.slug}"

    def arrive(self, plate: str = "浙A12345", **more: Any) -> Any:
        data = {"event_id": str(new_id()), "gate": str(self.world.own.gate_id), "visitor_kind": "truck", "plate": plate}
        return self.client.post(f"{self.base}/gate", data={**data, **more})

    def come(self, plate: str = "浙A12345", **more: Any) -> str:
        """The address of the visit that arrived."""
        answer = self.arrive(plate, **more)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

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


def ask(code: str, subject: str, kind: str, field: str, form: str = "ask") -> str:
    """The name of an answer's field."""
    return f"{form}-{code}--{subject}--{kind}--{field}"


TEMP = ask("temperature", "occupant:1", "number", "n")
BRAKES = ask("brake", "visit", "confirm", "ok")


def test_a_truck_is_logged_checked_admitted_and_leaves(world: World, guard: Desk, publish: Callable[..., None]) -> None:
    publish(TEMPERATURE, BRAKE, RETURNED)
    visit = guard.come(people="1", driver="张大山", phone="13800001234")
    page = guard.get(visit)
    assert "在查" in page and "0/2" in page and "verdict--" not in page
    assert "张**" in page and "张大山" not in page and "138****1234" in page
    guard.post(f"{visit}/answers", **{TEMP: "36.5"})
    assert "1/2" in guard.get(visit)
    guard.post(f"{visit}/answers", **{BRAKES: "yes"})
    assert "verdict--admit" in guard.get(visit)
    assert guard.post(f"{visit}/admit", event_id=str(new_id())).status_code == 302
    assert visits(world)[0].state == "inside"
    guard.post(f"{visit}/exit-answers", **{ask("returned", "visit", "confirm", "ok", "exit"): "yes"})
    assert guard.post(f"{visit}/leave", **{"leave-seen": "y"}).status_code == 302
    row = visits(world)[0]
    assert (row.state, row.act_followed, row.against_verdict) == ("left", True, False)
    page = guard.get(visit)
    for word in ("到达登记", "查验", "放行进厂", "离场"):
        assert word in page
    assert "36.5" not in page, "readings do not stand in the history"


@pytest.mark.parametrize("typed", ["370", "三十六", "-36", "36.55", "1e2", "３７０"])
def test_a_temperature_that_cannot_be_says_which_values_the_field_takes_and_keeps_everything(
    world: World, guard: Desk, publish: Callable[..., None], typed: str
) -> None:
    publish(TEMPERATURE, BRAKE)
    visit = guard.come(people="1")
    answer = guard.post(f"{visit}/answers", **{TEMP: typed, BRAKES: "yes"})
    assert answer.status_code == 422
    assert "请填 30.0 到 45.0 之间的数字，例如 36.6" in answer.text
    assert f'value="{typed}"' in answer.text
    chosen = re.search(rf'<input[^>]*name="{re.escape(BRAKES)}"[^>]*value="yes"[^>]*>', answer.text)
    assert chosen and "checked" in chosen.group()
    assert entries(world, "answer") == 0


@pytest.mark.parametrize("typed", ["36.6", "３６．６", " 36.6℃", "36。6"])
def test_a_temperature_may_be_typed_as_people_type(
    world: World, guard: Desk, publish: Callable[..., None], typed: str
) -> None:
    publish(TEMPERATURE)
    visit = guard.come(people="1")
    assert guard.post(f"{visit}/answers", **{TEMP: typed}).status_code == 302
    assert "verdict--admit" in guard.get(visit)


def test_a_negative_test_says_when_it_was_taken(guard: Desk, publish: Callable[..., None]) -> None:
    publish(rule("pcr", "test", subject="occupant", params={"within_hours": 48}))
    visit = guard.come(people="1")
    result, taken = (ask("pcr", "occupant:1", "test", name) for name in ("result", "sampled_at"))
    assert "请填写采样时间" in guard.post(f"{visit}/answers", **{result: "negative"}).text
    lately = clock.local(clock.now() - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    guard.post(f"{visit}/answers", **{result: "negative", taken: lately})
    assert "verdict--admit" in guard.get(visit)


def test_disinfecting_waits_with_a_timer_until_the_minutes_are_over(guard: Desk, publish: Callable[..., None]) -> None:
    params = {"contact_minutes": 20, "operator": True, "protective_clothing": True}
    publish(rule("spray", "disinfection", subject="tractor", params=params))
    visit = guard.come()
    page = guard.get(visit)
    assert page.index("还可以记下") < page.index("稀释倍数"), "what no rule wants is folded away"
    names = {name: ask("spray", "tractor", "disinfection", name) for name in ("agent", "started_at", "operator")}
    clothing = ask("spray", "tractor", "disinfection", "protective_clothing")
    ago = clock.local(clock.now() - timedelta(minutes=12))
    sent = {names["agent"]: "chlorine", names["started_at"]: ago.strftime("%Y-%m-%dT%H:%M"), clothing: "yes"}
    guard.post(f"{visit}/answers", **sent)
    assert "在查" in guard.get(visit), "the operator still lacks"
    guard.post(f"{visit}/answers", **{names["operator"]: "李四"})
    page = guard.get(visit)
    assert "verdict--hold" in page and "data-until" in page and "重新判定" in page and "李四" not in page


def test_a_second_reading_takes_the_place_of_the_first(guard: Desk, publish: Callable[..., None]) -> None:
    publish(TEMPERATURE)
    visit = guard.come(people="1")
    guard.post(f"{visit}/answers", **{TEMP: "37.8"})
    assert "verdict--hold" in guard.get(visit)
    again = ask("temperature", "occupant:1", "number", "n", "again")
    guard.post(f"{visit}/answers", **{again: "36.8", "again-event_id": str(new_id())})
    assert "verdict--admit" in guard.get(visit)


def test_only_what_a_rule_asks_for_stands_on_the_arrival_form(guard: Desk, publish: Callable[..., None]) -> None:
    publish(BRAKE)
    page = guard.get(f"{guard.base}/gate")
    for name in ("origin", "cargo", "people", "zone", "purpose"):
        assert f'name="{name}"' not in page
    publish(TEMPERATURE, FROM_AFAR)
    page = guard.get(f"{guard.base}/gate")
    assert 'name="origin"' in page and 'name="people"' in page and 'name="cargo"' not in page


def test_a_place_that_fits_several_is_asked_about_and_one_that_fits_is_taken(
    world: World, guard: Desk, publish: Callable[..., None]
) -> None:
    publish(FROM_AFAR)
    assert "不止一个地区符合" in guard.arrive(origin="朝阳区").text
    assert "没有找到这个地区" in guard.arrive(origin="亚特兰蒂斯").text
    visit = guard.come(origin="茂名 电白区")
    assert visits(world)[0].origin == "440904"
    assert "规则afar" in guard.get(visit)


def test_a_fact_that_was_left_out_is_asked_on_the_visits_page(
    world: World, guard: Desk, publish: Callable[..., None]
) -> None:
    publish(FROM_AFAR)
    visit = guard.come()
    assert 'name="facts-origin"' in guard.get(visit)
    assert guard.post(f"{visit}/facts").status_code == 422
    assert guard.post(f"{visit}/facts", **{"facts-origin": "浙江省 杭州市"}).status_code == 302
    assert visits(world)[0].origin == "330100"
    assert "verdict--admit" in guard.get(visit)


def test_an_unknown_plate_is_kept_as_written_with_a_note(world: World, guard: Desk) -> None:
    visit = guard.come("农用-12号")
    assert "按所写记录" in guard.get(visit)
    assert visits(world)[0].plate_class == "other"


def test_no_plate_is_asked_for_unless_somebody_is_on_foot(world: World, guard: Desk) -> None:
    answer = guard.arrive("")
    assert answer.status_code == 422 and "请填车牌" in answer.text
    guard.come("", visitor_kind="walk_in")
    assert visits(world)[0].plate is None


def test_a_plate_that_is_inside_offers_three_ways(world: World, guard: Desk) -> None:
    first = guard.come(event_id=str(new_id()))
    guard.post(f"{first}/admit", event_id=str(new_id()))
    answer = guard.arrive("浙A·12345", trailer="浙A1234挂")
    assert answer.status_code == 409
    for way in ("wrong_plate", "exit_missed", "came_back"):
        assert f'value="{way}"' in answer.text
    assert 'value="浙A·12345"' in answer.text and 'value="浙A1234挂"' in answer.text
    back = guard.arrive("浙A12345", already="wrong_plate")
    assert 'value="浙A12345"' in back.text and 'value="exit_missed"' not in back.text
    assert len(visits(world)) == 1


@pytest.mark.parametrize(("way", "seen"), [("exit_missed", False), ("came_back", True)])
def test_the_exit_that_nobody_wrote_is_written_before_the_new_arrival(
    world: World, guard: Desk, way: str, seen: bool
) -> None:
    first = guard.come()
    guard.post(f"{first}/admit", event_id=str(new_id()))
    form = str(new_id())
    second = guard.come(already=way, event_id=form)
    assert second == guard.come(already=way, event_id=form), "sent twice"
    assert second != first
    assert [row.state for row in visits(world)] == ["left", "at_gate"]
    assert body_of_last(world, "leave")["seen"] is seen
    assert (entries(world, "leave"), entries(world, "arrive")) == (1, 2)


def test_a_truck_that_drove_off_unchecked_is_written_as_turned_away(world: World, guard: Desk) -> None:
    first = guard.come()
    answer = guard.arrive()
    assert answer.status_code == 409 and first in answer.text
    guard.come(already="came_back")
    assert [row.state for row in visits(world)] == ["turned_away", "at_gate"]


def test_two_vehicles_without_a_plate_are_never_taken_for_each_other(world: World, guard: Desk) -> None:
    guard.come("无牌")
    guard.come("无牌")
    assert len(visits(world)) == 2


def test_a_form_sent_twice_is_one_event(world: World, guard: Desk, publish: Callable[..., None]) -> None:
    publish(BRAKE)
    form = str(new_id())
    assert guard.come(event_id=form) == guard.come(event_id=form)
    visit = guard.come(event_id=form)
    sent = {BRAKES: "yes", "ask-event_id": str(new_id())}
    for _ in range(2):
        guard.post(f"{visit}/answers", **sent)
    once = str(new_id())
    for _ in range(2):
        guard.post(f"{visit}/admit", event_id=once)
    assert (entries(world, "arrive"), entries(world, "admit")) == (1, 1)
    assert entries(world, "answer") <= 1


def test_a_form_whose_id_stands_for_something_else_can_be_sent_again(world: World, guard: Desk) -> None:
    form = str(new_id())
    guard.come("浙A12345", event_id=form)
    answer = guard.arrive("浙B99999", event_id=form)
    assert answer.status_code == 422
    assert "浙B99999" in answer.text and f'value="{form}"' not in answer.text


def test_a_guard_cannot_override_and_a_lead_can(
    world: World, guard: Desk, lead: Desk, publish: Callable[..., None]
) -> None:
    publish(BRAKE)
    visit = guard.come()
    guard.post(f"{visit}/answers", **{BRAKES: "no"})
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
    guard.post(f"{visit}/answers", **{BRAKES: "no"})
    page = lead.get(visit)
    assert "verdict--refuse" in page and "/override" not in page
    waived = {"override-findings": "enterprise|brake|visit|refuse", "override-reason": "算了"}
    assert lead.post(f"{visit}/override", **waived).status_code == 422


def test_going_in_against_the_verdict_is_written_as_that(
    world: World, guard: Desk, publish: Callable[..., None]
) -> None:
    publish(BRAKE)
    visit = guard.come()
    guard.post(f"{visit}/answers", **{BRAKES: "no"})
    assert "与判定不符" in guard.get(visit)
    guard.post(f"{visit}/admit", event_id=str(new_id()))
    assert visits(world)[0].against_verdict


def test_turning_away_wants_a_reason_and_offers_the_rules_words(
    world: World, guard: Desk, publish: Callable[..., None]
) -> None:
    publish(BRAKE)
    visit = guard.come()
    guard.post(f"{visit}/answers", **{BRAKES: "no"})
    assert "规则brake（不符合要求）</textarea>" in guard.get(visit)
    assert "请写明原因" in guard.post(f"{visit}/turn-away", **{"away-reason": ""}).text
    guard.post(f"{visit}/turn-away", **{"away-reason": "刹车不灵"})
    assert visits(world)[0].state == "turned_away"


def test_leaving_with_open_steps_asks_once_more(world: World, guard: Desk, publish: Callable[..., None]) -> None:
    publish(RETURNED)
    visit = guard.come()
    guard.post(f"{visit}/admit", event_id=str(new_id()))
    answer = guard.post(f"{visit}/leave", **{"leave-seen": "y"})
    assert answer.status_code == 409 and "还有步骤没有完成" in answer.text and 'value="yes"' in answer.text
    assert visits(world)[0].state == "inside"
    guard.post(f"{visit}/leave", **{"leave-confirmed": "yes"})
    assert visits(world)[0].state == "left"
    assert body_of_last(world, "leave")["seen"] is False


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
    guard.post(f"{visit}/care", **{"care-item": "meal"})
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
        assert page.status_code == 200 and "/admit" not in page.text
        assert other.post(f"{visit}/admit").status_code == 403
        assert other.post(f"{guard.base}/gate").status_code == 403
        queue = other.get(f"{guard.base}/gate")
        assert visit in queue.text and 'name="plate"' not in queue.text


def test_the_log_is_searched_by_a_part_of_a_plate(guard: Desk) -> None:
    one, two = guard.come("浙A12345"), guard.come("苏E55R66")
    page = guard.get(f"{guard.base}/visits?plate=e55")
    assert two in page and one not in page
    assert "plate=e55" in page, "the sheet keeps the search"
    sheet = guard.client.get(f"{guard.base}/visits.csv?plate=234").text
    assert "浙A12345" in sheet and "苏E55R66" not in sheet
    assert "没有符合的来访" in guard.get(f"{guard.base}/visits?plate=%25")
    assert guard.client.get(f"{guard.base}/visits?first=gestern&page=x&gate=1&verdict=x").status_code == 200


def test_the_log_finds_days_and_verdicts(guard: Desk, publish: Callable[..., None]) -> None:
    publish(BRAKE)
    visit = guard.come()
    today, before = clock.today(), clock.today() - timedelta(days=1)
    assert visit in guard.get(f"{guard.base}/visits?first={before}&last={today}&verdict=hold")
    assert visit not in guard.get(f"{guard.base}/visits?verdict=admit")
    assert visit not in guard.get(f"{guard.base}/visits?first={before}&last={before}")


def test_the_sheet_holds_no_formulas(guard: Desk) -> None:
    guard.come("=1+1")
    answer = guard.client.get(f"{guard.base}/visits.csv")
    assert answer.text.startswith("\ufeff到达,车牌")
    assert ",'=1+1," in answer.text and ",=1" not in answer.text
    assert "attachment" in answer.headers["Content-Disposition"]


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


PHOTO = ask("seal", "visit", "photo", "file")


def test_a_photo_that_is_none_is_refused_while_the_other_answers_are_kept(
    world: World, guard: Desk, publish: Callable[..., None]
) -> None:
    publish(SEAL, BRAKE)
    visit = guard.come()
    data = {BRAKES: "yes", PHOTO: (io.BytesIO(b"not a photo"), "seal.jpg")}
    answer = guard.client.post(f"{visit}/answers", data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert "不是能读取的照片" in answer.text and "1/2" in answer.text
    assert [a["question"] for a in body_of_last(world, "answer")["answers"]] == ["brake"]


def test_a_photo_larger_than_a_form_is_taken(
    app: Flask, world: World, guard: Desk, publish: Callable[..., None]
) -> None:
    publish(SEAL)
    visit = guard.come()
    picture = photo() + b"\r\n" * 200_000
    answer = guard.client.post(f"{visit}/answers", data={PHOTO: (io.BytesIO(picture), "seal.png")})
    assert answer.status_code == 302
    assert "verdict--admit" in guard.get(visit)
    kept = list((app.extensions["gate"].settings.data_dir / "photos").rglob("*"))
    assert any(path.is_file() and picture[:32] not in path.read_bytes() for path in kept)


def test_what_is_too_large_is_told_in_words(guard: Desk, publish: Callable[..., None]) -> None:
    publish(SEAL)
    visit = guard.come()
    kind = "multipart/form-data; boundary=x"
    huge = guard.client.post(f"{visit}/answers", data=b"x" * 10 * 1024 * 1024, content_type=kind)
    note = guard.post(f"{visit}/note", **{"note-text": "长" * 70_000})
    for answer in (huge, note):
        assert answer.status_code == 413 and "内容太大" in answer.text


def test_every_page_of_the_gate_reads_in_english(guard: Desk, publish: Callable[..., None]) -> None:
    publish(TEMPERATURE, BRAKE, SEAL, RETURNED, FROM_AFAR)
    visit = guard.come(people="2")
    for address in (f"{guard.base}/gate?lang=en", f"{visit}?lang=en", f"{guard.base}/visits?lang=en"):
        page = re.sub(r"<script.*?</script>|<div class=\"platekeys\".*?</div>", "", guard.get(address), flags=re.S)
        assert not re.search("查验|登记|放行|离场|未选|请填", page), address
