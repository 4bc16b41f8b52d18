"""The pages of the editor: packs and kinds at hand, undo and order, previews without script, warnings."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.rulebooks import drafts, queries, service
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.rules import packs
from gatekeeper.rules.kinds import KINDS
from tests.factories import MORNING, Factory, World, client_for
from tests.rulebooks.given import begun, confirm, document, get, inputs, published, rule

BASE = "/e/jia1/rulebook"
MASK = confirm("mask", "戴口罩", "Mask")
HELMET = confirm("helmet", "戴安全帽", "Helmet")
ZONED = confirm("zoned", "进大区", "Zone", when=[{"fact": "cluster", "op": "eq", "value": "A"}])


def codes(engines: Engines, place: Factory) -> list[str]:
    with tenancy.open_session(engines, place.scope) as session:
        found = queries.draft(session, enterprise_id=place.id)
        return [item["code"] for item in drafts.document_of(found)["rules"]] if found else []


def error(page: str) -> str:
    return " ".join(re.findall(r"notice--error.*?</div>", page, re.S))


def test_an_empty_rulebook_offers_every_pack_and_every_kind(app: Flask, world: World):
    page = get(client_for(app, world.own.admin), BASE)
    for code in packs.codes():
        assert f"/draft/packs/{code}" in page
    for code in KINDS:
        assert f"/draft/rules/new?kind={code}" in page
    assert "/draft/packs/" not in get(client_for(app, world.own.guard), BASE)


def test_rules_of_a_pack_are_added_for_one_circle_of_visits_and_keep_their_cargo(
    app: Flask, world: World, engines: Engines
):
    client = client_for(app, world.own.admin)
    url = f"{BASE}/draft/packs/cement_logistics"
    page = get(client, url)
    [circle] = re.findall(r'<option value="([^"]*)">来自中高风险地区的货车</option>', page)
    sent = {"revision": "0", "rules": ["register", "zone_coal"], "circle": circle.replace("&#34;", '"')}
    answer = client.post(url, data=sent | {"publish": "1"})
    assert answer.status_code == 302 and answer.location.endswith("/draft/publish")
    with tenancy.open_session(engines, world.own.scope) as session:
        rules = drafts.document_of(queries.draft(session, enterprise_id=world.own.id))["rules"]
    assert [[clause["fact"] for clause in item["when"]] for item in rules] == [
        ["risk_level", "visitor_kind"],
        ["risk_level", "visitor_kind", "cargo"],
    ]
    assert client.post(url, data=sent | {"circle": '{"when":[]}', "revision": "1"}).status_code == 422
    assert "checked" in get(client, f"{url}?all=1") and "checked" not in get(client, url)


def test_the_draft_page_undoes_and_says_what(app: Flask, world: World, engines: Engines):
    revision = begun(engines, world.own, MASK, HELMET)
    client = client_for(app, world.own.admin)
    assert "撤销：加了“戴安全帽”" in get(client, f"{BASE}/draft")
    assert "Undo: added “Helmet”" in get(client, f"{BASE}/draft?lang=en")
    get(client, f"{BASE}/draft?lang=zh")
    assert client.post(f"{BASE}/draft/undo", data={"revision": revision}).status_code == 302
    assert codes(engines, world.own) == ["mask"]
    client.post(f"{BASE}/draft/undo", data={"revision": revision})
    assert "另一位管理员刚改过草稿" in get(client, f"{BASE}/draft")
    assert codes(engines, world.own) == ["mask"]


def test_an_order_that_is_not_of_these_rules_is_told_and_changes_nothing(app: Flask, world: World, engines: Engines):
    revision = begun(engines, world.own, MASK, HELMET)
    client = client_for(app, world.own.admin)
    sent = {"revision": revision, "stage": "arrival", "order": "helmet,mask"}
    client.post(f"{BASE}/draft/order", data=sent | {"order": "helmet,other"})
    assert "顺序和草稿里的规则对不上" in get(client, f"{BASE}/draft")
    client.post(f"{BASE}/draft/order", data=sent)
    assert codes(engines, world.own) == ["helmet", "mask"]
    client.post(f"{BASE}/draft/order", data=sent | {"order": "mask,helmet"})
    assert "另一位管理员刚改过草稿" in get(client, f"{BASE}/draft")
    assert codes(engines, world.own) == ["helmet", "mask"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_of_each_kind_shows_a_preview_before_and_while_it_is_filled(app: Flask, world: World, kind: str):
    client = client_for(app, world.own.admin)
    url = f"{BASE}/draft/rules/new?kind={kind}"
    page = get(client, url)
    assert 'id="seen-sentence"' in page and 'id="seen-phone"' in page
    answer = client.post(url, data=inputs(page) | {"preview": "1"})
    assert answer.status_code == 200 and "field__error" not in answer.get_data(as_text=True)


def test_the_preview_button_shows_the_rule_as_typed_and_saves_nothing(app: Flask, world: World, engines: Engines):
    begun(engines, world.own, rule())
    client, url = client_for(app, world.own.admin), f"{BASE}/draft/rules/temperature"
    sent = inputs(get(client, url)) | {"p_max": "36.9", "title_zh": "量额温", "preview": "1"}
    page = client.post(url, data=sent).get_data(as_text=True)
    assert "每位来访人员，量额温：低于 36.9 ℃；违反时：待定" in page
    assert inputs(page)["p_max"] == ["36.9"]
    wrong = client.post(url, data=sent | {"p_max": "3.73"}).get_data(as_text=True)
    assert "还差一点" in wrong and "请填 35 到 42" in wrong
    with tenancy.open_session(engines, world.own.scope) as session:
        [stored] = drafts.document_of(queries.draft(session, enterprise_id=world.own.id))["rules"]
    assert stored["params"]["max"] == 373


@pytest.mark.parametrize("fact", ["alert_level", "visits_of_plate_in_days"])
def test_a_condition_of_township_or_history_can_be_picked(app: Flask, world: World, engines: Engines, fact: str):
    begun(engines, world.own, MASK)
    client, url = client_for(app, world.own.admin), f"{BASE}/draft/rules/mask"
    sent = inputs(get(client, url)) | {"add_condition": fact}
    page = client.post(url, data=sent).get_data(as_text=True)
    assert client.post(url, data=inputs(page) | {"when_0_value": ["2"]}).status_code == 302
    with tenancy.open_session(engines, world.own.scope) as session:
        [stored] = drafts.document_of(queries.draft(session, enterprise_id=world.own.id))["rules"]
    assert stored["when"] == [{"fact": fact, "op": "at_least", "value": 2}]


def test_the_office_writes_a_cluster_as_the_enterprises_have_it(app: Flask, world: World, engines: Engines):
    town, url = world.towns[0], "/e/jia/rulebook/draft/rules/mask"
    begun(engines, town.office, MASK)
    client = client_for(app, town.admin)
    typed = {"水泥建材": ("eq", "水泥建材"), "水泥建材、五金": ("in", ["水泥建材", "五金"])}
    for name, (op, value) in typed.items():
        page = client.post(url, data=inputs(get(client, url)) | {"add_condition": "cluster"}).get_data(as_text=True)
        rows = len(re.findall(r'name="when_\d+_fact"', page))
        assert client.post(url, data=inputs(page) | {f"when_{rows - 1}_value": [name]}).status_code == 302
        with tenancy.open_session(engines, town.office.scope) as session:
            [stored] = drafts.document_of(queries.draft(session, enterprise_id=town.office.id))["rules"]
        assert stored["when"][-1] == {"fact": "cluster", "op": op, "value": value}


def test_only_facts_that_somebody_knows_here_are_offered(app: Flask, world: World):
    page = get(client_for(app, world.own.admin), f"{BASE}/draft/rules/new?kind=confirm")
    offered = set(re.findall(r'name="add_condition" value="(\w+)"', page))
    assert {"risk_level", "visitor_kind", "cargo", "cold_chain", "gate"} <= offered
    assert not {"cluster", "exporter", "gate_kind"} & offered
    office = get(client_for(app, world.towns[0].admin), "/e/jia/rulebook/draft/rules/new?kind=confirm")
    assert not {"gate", "zone"} & set(re.findall(r'name="add_condition" value="(\w+)"', office))


def test_a_rule_about_what_nobody_is_asked_is_not_published_and_says_what_to_add(
    app: Flask, world: World, engines: Engines
):
    revision = begun(engines, world.own, MASK, ZONED)
    client = client_for(app, world.own.admin)
    page = get(client, f"{BASE}/draft")
    assert "请先在企业资料里填写产业集群" in error(page) and "#rule-zoned" in error(page)
    assert ">去发布<" not in page
    answer = client.post(f"{BASE}/draft/publish", data={"revision": revision, "when": "now"})
    assert answer.status_code == 422 and "请先在企业资料里填写产业集群" in answer.get_data(as_text=True)
    with (
        pytest.raises(service.FactUnasked) as refused,
        tenancy.open_session(engines, world.own.scope, write=True) as session,
    ):
        given = {"by": world.own.admin, "at": MORNING, "owner": "enterprise"}
        service.publish_document(session, document(ZONED), **given)
    assert refused.value.code == "rulebook.fact_unasked"
    assert "“进大区”" in refused.value.text.zh and "Enter the industry cluster" in refused.value.text.en
    with tenancy.open_session(engines, world.own.scope) as session:
        assert session.scalars(sa.select(RulebookVersion)).all() == []


def test_warnings_stand_at_their_rule_and_before_publishing(app: Flask, world: World, engines: Engines):
    published(engines, world.towns[0].office, rule())
    never = [{"fact": "people", "op": "at_least", "value": 5}, {"fact": "people", "op": "at_most", "value": 4}]
    begun(engines, world.own, rule("own", params={"unit": "celsius", "max": 380}), MASK | {"when": never})
    client = client_for(app, world.own.admin)
    for address in (f"{BASE}/draft", f"{BASE}/draft/publish"):
        page = get(client, address)
        assert "无效果：镇里的 37.3 ℃ 已在执行" in page and "互相排斥" in page
        assert "确认发布" in page or "去发布" in page
    assert "互相排斥" in get(client, f"{BASE}/draft/rules/mask")
    assert "每次约" in get(client, f"{BASE}/draft")


def test_the_townships_admin_edits_the_offices_book_with_the_same_editor(app: Flask, world: World, engines: Engines):
    town, base = world.towns[0], "/e/jia/rulebook"
    client = client_for(app, town.admin)
    assert "/e/jia/rulebook/draft/packs/epidemic_2022" in get(client, base)
    url = f"{base}/draft/packs/epidemic_2022"
    sent = {"revision": "0", "rules": ["temperature", "health_code"], "circle": ""}
    assert client.post(url, data=sent).status_code == 302
    page = get(client, f"{base}/draft")
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision is not None and "撤销：从“疫情防控" in page
    order = {"revision": revision[1], "stage": "arrival", "order": "temperature,health_code"}
    client.post(f"{base}/draft/order", data=order)
    assert codes(engines, town.office) == ["temperature", "health_code"]
    page = get(client, f"{base}/draft")
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision is not None
    answer = client.post(f"{base}/draft/publish", data={"revision": revision[1], "when": "now"})
    assert answer.status_code == 302
    assert "无效果：镇里的 37.3 ℃ 已在执行" in get(
        client_for(app, world.own.admin), f"{BASE}/draft/packs/epidemic_2022"
    )


def test_a_guard_neither_undoes_nor_orders(app: Flask, world: World, engines: Engines):
    begun(engines, world.own, MASK)
    client = client_for(app, world.own.guard)
    assert client.post(f"{BASE}/draft/undo").status_code == 403
    assert client.post(f"{BASE}/draft/order").status_code == 403
    assert client_for(app, world.neighbour.admin).post(f"{BASE}/draft/undo").status_code == 404
