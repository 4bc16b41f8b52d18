"""The township's switch as people use it: pressed, seen and acknowledged, a waiting truck held, over again."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gatekeeper import clock, jobs, tenancy
from gatekeeper.db import Engines
from gatekeeper.reports import service as reports
from gatekeeper.rulebooks.models import PackSwitch
from gatekeeper.visits import proof, tasks
from gatekeeper.visits.events import EventKind
from gatekeeper.visits.models import Visit
from tests.factories import MORNING, Town, World, client_for
from tests.rulebooks.switched import REASON, switch_off, switch_on
from tests.visits.gate import AtGate
from tests.visits.test_pages import Desk

__all__ = ["tasks"]
NEW = "/switches/new/epidemic_2022"


def text_of(answer: Any) -> str:
    """What a person reads of a page, blanks taken together."""
    body = re.search(r"<main.*</main>", answer.get_data(as_text=True), re.S)
    assert body is not None
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body[0])))


@pytest.fixture
def town(world: World) -> Town:
    return world.towns[0]


@pytest.fixture
def office(app: Flask, town: Town) -> FlaskClient:
    return client_for(app, town.admin)


@pytest.fixture
def admin(app: Flask, world: World) -> FlaskClient:
    return client_for(app, world.own.admin)


def press(client: FlaskClient, town: Town, **given: Any) -> Any:
    return client.post(f"/e/{town.office.slug}{NEW}", data={"reach": "all", "reason": REASON, **given})


def switch_of(engines: Engines, town: Town) -> PackSwitch:
    with tenancy.open_session(engines, town.office.scope) as session:
        return session.scalars(select(PackSwitch)).one()


def test_a_waiting_truck_turns_from_admit_to_hold_and_the_next_one_goes_in(
    app: Flask, command_app: Flask, world: World, engines: Engines, town: Town, office: FlaskClient
) -> None:
    guard = Desk(app, world, world.own.guard)
    truck = guard.come()
    assert "请放行" in guard.get(truck) or "可以放行" in guard.get(truck)
    answer = press(office, town)
    board = answer.headers["Location"]
    assert answer.status_code == 302
    assert jobs.run_waiting(command_app.extensions["gate"]) == 1
    with tenancy.open_session(engines, world.own.scope) as session:
        waiting = session.scalars(select(Visit)).one()
    assert waiting.verdict == "hold"
    held = guard.get(truck)
    assert "镇街指令：疫情防控（2022）" in held
    assert "规则、名单或预警等级有变化" in held
    assert "疫情防控（2022）" in guard.get(f"{guard.base}/gate")
    guard.at(truck).turn_away()
    ended = office.post(f"{board}/end", data={"reason": "疫情解除"})
    assert ended.status_code == 302
    following = guard.come("浙B23456")
    assert "镇街指令" not in text_of(guard.client.get(following))
    with tenancy.open_session(engines, world.own.scope) as session:
        assert session.scalars(select(Visit).where(Visit.plate == "浙B23456")).one().verdict == "admit"
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)
        counts, first = proof.tally(proof.replay(session, enterprise_id=world.own.id))
    assert (set(counts), first) == ({"equal"}, None)


def test_who_reads_the_queue_sees_what_holds_now_though_no_worker_ran(
    app: Flask, world: World, engines: Engines, town: Town
) -> None:
    guard = Desk(app, world, world.own.guard)
    truck = guard.come()
    switch_on(engines, town, at=clock.now())
    for reader in (guard.client, client_for(app, town.inspector)):
        assert "在查" in text_of(reader.get(f"{guard.base}/gate"))
    with tenancy.open_session(engines, world.own.scope) as session:
        assert session.scalars(select(Visit)).one().verdict == "hold"
    assert "镇街指令：疫情防控（2022）" in guard.get(truck)


def test_a_rule_that_was_waived_keeps_its_name_when_its_pack_is_over(
    app: Flask, world: World, engines: Engines, town: Town
) -> None:
    switch = switch_on(engines, town)
    gate = AtGate(engines, world.own, at=MORNING + timedelta(minutes=5))
    gate.arrive()
    finding = {"owner": "township", "rule": "epidemic_2022__health_code", "subject": "occupant:1"}
    gate.send(EventKind.OVERRIDE, {"findings": [finding], "reason": "手机没电，已核对身份"}, by=world.own.admin)
    switch_off(engines, town, switch, at=gate.at)
    said = text_of(client_for(app, world.own.admin).get(f"/e/{world.own.slug}/visits/{gate.visit_id}"))
    assert "手机没电" in said and "查健康码" in said
    assert "epidemic_2022__" not in said


def test_what_is_missing_stands_at_its_field_and_nothing_typed_is_lost(
    office: FlaskClient, engines: Engines, town: Town
) -> None:
    answer = press(office, town, reason="", holds_until="2020-01-01T08:00")
    assert answer.status_code == 422
    assert "请写明原因" in text_of(answer)
    answer = press(office, town, holds_until="2020-01-01T08:00")
    assert answer.status_code == 422
    assert "结束时间要晚于" in text_of(answer)
    assert REASON in answer.get_data(as_text=True)
    assert press(office, town, reach="named").status_code == 422
    with tenancy.open_session(engines, town.office.scope) as session:
        assert session.scalars(select(PackSwitch)).all() == []


def test_the_page_before_the_press_says_what_gates_will_do_and_how_many_it_reaches(
    office: FlaskClient, town: Town
) -> None:
    said = text_of(office.get(f"/e/{town.office.slug}{NEW}"))
    assert "全部企业（2 家）" in said
    assert "体温" in said
    assert office.get(f"/e/{town.office.slug}/switches/new/no_such").status_code == 404


def test_named_enterprises_only(office: FlaskClient, engines: Engines, world: World, town: Town, app: Flask) -> None:
    answer = press(office, town, reach="named", named=[str(world.own.id)])
    board = text_of(office.get(answer.headers["Location"]))
    assert world.own.name in board
    assert world.neighbour.name not in board
    assert "没有镇街指令" in text_of(client_for(app, world.neighbour.admin).get(f"/e/{world.neighbour.slug}/orders"))


def test_the_admin_is_asked_to_acknowledge_and_the_board_shows_it(
    app: Flask, office: FlaskClient, admin: FlaskClient, engines: Engines, world: World, town: Town
) -> None:
    board = press(office, town).headers["Location"]
    home, orders = f"/e/{world.own.slug}/", f"/e/{world.own.slug}/orders"
    assert "镇街启用了“疫情防控（2022）”" in text_of(admin.get(home))
    said = text_of(admin.get(orders))
    assert REASON in said and "确认收到" in said and "到另行通知为止" in said
    guard = client_for(app, world.own.guard)
    assert "等企业管理员确认收到" in text_of(guard.get(orders))
    switch = switch_of(engines, town)
    assert admin.post(f"{orders}/{switch.id}/acknowledge").status_code == 302
    assert "镇街启用了" not in text_of(admin.get(home))
    for reader in (office, client_for(app, town.inspector)):
        seen = text_of(reader.get(board))
        assert seen.index(world.neighbour.name) < seen.index(world.own.name)
        assert "还没有" in seen
    assert "1 / 2" in text_of(office.get(f"/e/{town.office.slug}/switches"))


def test_the_inspector_reads_and_presses_nothing(app: Flask, engines: Engines, town: Town) -> None:
    switch_on(engines, town, at=clock.now())
    inspector = client_for(app, town.inspector)
    page = inspector.get(f"/e/{town.office.slug}/switches")
    assert "疫情防控" in text_of(page)
    assert "设定预警等级" not in page.get_data(as_text=True)
    assert press(inspector, town).status_code == 403


def test_an_order_ends_with_a_reason_that_the_enterprise_reads(
    office: FlaskClient, admin: FlaskClient, engines: Engines, world: World, town: Town
) -> None:
    board = press(office, town).headers["Location"]
    assert office.post(f"{board}/end", data={"reason": ""}).status_code == 422
    assert office.post(f"{board}/end", data={"reason": "疫情解除"}).status_code == 302
    assert "已结束" in text_of(office.get(board))
    said = text_of(admin.get(f"/e/{world.own.slug}/orders"))
    assert "以前的" in said and "疫情解除" in said
    assert "已经结束" in office.post(f"{board}/end", data={"reason": "再一次"}).get_data(as_text=True)


def test_the_same_pack_twice_says_that_it_is_on(office: FlaskClient, town: Town) -> None:
    press(office, town)
    again = press(office, town)
    assert again.status_code == 422
    assert "请先结束那一次" in text_of(again)


def test_the_alert_level_is_set_and_shown(office: FlaskClient, admin: FlaskClient, world: World, town: Town) -> None:
    page = f"/e/{town.office.slug}/switches"
    wrong = office.post(f"{page}/alert", data={"level": "11", "reason": "重污染"})
    assert wrong.status_code == 422 and "0 到 10" in text_of(wrong)
    assert office.post(f"{page}/alert", data={"level": "3", "reason": "重污染天气"}).status_code == 302
    assert "现在是 3" in text_of(office.get(page)).replace("  ", " ")
    assert "现在的预警等级" in text_of(admin.get(f"/e/{world.own.slug}/orders"))


def test_figures_and_report_name_the_pack_that_judged(
    app: Flask, admin: FlaskClient, engines: Engines, world: World, town: Town
) -> None:
    switch = switch_on(engines, town)
    gate = AtGate(engines, world.own, at=MORNING + timedelta(minutes=5))
    gate.arrive()
    gate.turn_away()
    switch_off(engines, town, switch, at=gate.at)
    day = clock.day_of(MORNING)
    said = text_of(admin.get(f"/e/{world.own.slug}/figures?first={day}&last={day}"))
    assert "epidemic_2022__" not in said
    assert "健康码" in said and "疫情防控（2022）" in said
    tenant = app.extensions["gate"].find_tenant(engines, world.own.id)
    with tenancy.open_session(engines, world.own.scope) as session:
        made = reports.build(session, enterprise=tenant, first=day, last=day, at=clock.now())
    (pack,) = made.packs
    assert (pack.title.zh, pack.until, pack.visits) == ("疫情防控（2022）", gate.at, 1)
    assert all("__" not in line.title.zh for line in made.rules)
