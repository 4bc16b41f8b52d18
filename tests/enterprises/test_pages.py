"""Pages of enterprises, and the township that opens them."""

from __future__ import annotations

import re

from flask import Flask

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.enterprises import queries
from tests.factories import World, client_for

DOUBTFUL = "91350100M000100Y44"
NEW = {
    "name": "新塑料厂",
    "slug": "suliao",
    "kind": "factory",
    "size": "medium",
    "admin_name": "赵主任",
    "admin_username": "admin@suliao",
}


def test_a_township_opens_an_enterprise_with_its_first_admin(app: Flask, world: World) -> None:
    town = client_for(app, world.towns[0].admin)
    page = town.post("/e/jia/enterprises/new", data=NEW)
    first = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page.text)
    assert page.status_code == 200 and first is not None
    assert "新塑料厂" in town.get("/e/jia/enterprises").text
    assert "新塑料厂" not in client_for(app, world.towns[1].admin).get("/e/yi/enterprises").text
    admin = client_for(app, None)
    admin.post("/sign-in", data={"username": "admin@suliao", "password": first[0]})
    admin.post("/password", data={"old": first[0], "new": "a sentence of my own", "again": "a sentence of my own"})
    home = admin.get("/e/suliao/")
    assert home.status_code == 200 and "五步开始守门" in home.text


def test_an_enterprise_without_its_admin_is_not_opened(app: Flask, world: World, engines: Engines) -> None:
    page = client_for(app, world.towns[0].admin).post(
        "/e/jia/enterprises/new", data=NEW | {"admin_username": world.own.guard.username}
    )
    assert page.status_code == 422 and "这个用户名已被使用" in page.text
    assert queries.find_tenant(engines, "suliao") is None


def test_a_township_changes_and_closes_its_own_enterprises_only(app: Flask, world: World, engines: Engines) -> None:
    own, other = client_for(app, world.towns[0].admin), client_for(app, world.towns[1].admin)
    address = f"enterprises/{world.own.id}"
    change = {"name": "改名厂", "size": "large", "cluster": "五金"}
    assert other.post(f"/e/yi/{address}", data=change).status_code == 404
    assert other.post(f"/e/yi/{address}/close").status_code == 404
    assert own.post(f"/e/jia/{address}", data=change).status_code == 302
    assert own.post(f"/e/jia/{address}/close").status_code == 302
    with tenancy.open_session(engines, world.own.scope) as session:
        row = queries.enterprise(session, enterprise_id=world.own.id)
    assert (row.name, row.size, row.cluster, row.closed_at is not None) == ("改名厂", "large", "五金", True)


def test_a_township_appoints_another_admin_and_nobody_else(app: Flask, world: World) -> None:
    town = client_for(app, world.towns[0].admin)
    form = {"name": "钱主任", "username": "qian@jia1", "role": "guard"}
    assert town.post(f"/e/jia/enterprises/{world.own.id}/admins/new", data=form).status_code == 200
    people = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/users").text
    assert re.search(r"qian@jia1.*?企业管理员", people, re.DOTALL)


def test_a_doubtful_credit_code_is_asked_back_once(app: Flask, world: World) -> None:
    client = client_for(app, world.own.admin)
    address = f"/e/{world.own.slug}/settings"
    assert 'name="confirmed"' not in client.get(address).text
    page = client.post(address, data={"credit_code": DOUBTFUL, "size": "small"})
    assert page.status_code == 422
    assert "校验位不符" in page.text and 'name="confirmed"' in page.text and f'value="{DOUBTFUL}"' in page.text
    data = {"credit_code": DOUBTFUL, "size": "small", "confirmed": "y"}
    assert client.post(address, data=data).status_code == 302
    assert f'value="{DOUBTFUL}"' in client.get(address).text


def test_a_gate_is_added_limited_and_closed(app: Flask, world: World) -> None:
    client = client_for(app, world.own.admin)
    address = f"/e/{world.own.slug}/gates"
    assert client.post(f"{address}/new", data={"name": "货运门", "accepts": ["truck", "van"]}).status_code == 302
    page = client.get(address).text
    assert "货运门" in page and "货车、客车" in page
    assert client.post(f"{address}/{world.own.gate_id}/close").status_code == 302
    assert "已停用" in client.get(address).text


def test_an_empty_name_says_what_to_enter(app: Flask, world: World) -> None:
    page = client_for(app, world.own.admin).post(f"/e/{world.own.slug}/gates/new", data={"name": ""})
    assert page.status_code == 422 and "请填写门岗名称" in page.text


def test_a_factorys_admin_does_not_see_the_list_of_enterprises(app: Flask, world: World) -> None:
    client = client_for(app, world.own.admin)
    assert client.get(f"/e/{world.own.slug}/enterprises").status_code == 403
    assert client.get("/e/jia/enterprises").status_code == 404
