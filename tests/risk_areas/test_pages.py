"""The page of risk areas, handing a list in, and places by name."""

from __future__ import annotations

import re
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import client_for

MANY = [("浙江省", "宁波市", "北仑区", *(f"第{n}社区" for n in range(6000)))]


def hand_in(client: FlaskClient, slug: str, raw: bytes, **form: str):
    return client.post(f"/e/{slug}/risk-areas", data={**form, "file": (BytesIO(raw), "list.json")})


def test_the_townships_admin_hands_a_list_in_and_a_guard_reads_it(app, world, make_list):
    answer = hand_in(
        client_for(app, world.towns[0].admin),
        "jia",
        make_list(
            "2026-04-18 8时", high=[("浙江省", "宁波市", "北仑区", "甲社区"), ("浙江省", "宁波市", "高新区", "乙社区")]
        ),
    )
    assert answer.status_code == 302
    page = client_for(app, world.own.guard).get(f"/e/{world.own.slug}/risk-areas")
    assert page.status_code == 200
    assert "高新区" in page.text and "乙社区" in page.text
    assert 'enctype="multipart/form-data"' not in page.text


def test_what_changed_is_shown_against_the_list_before(app, world, make_list):
    client = client_for(app, world.towns[0].admin)
    hand_in(client, "jia", make_list("2026-04-18 8时", high=[("浙江省", "宁波市", "北仑区", "甲社区")]))
    hand_in(client, "jia", make_list("2026-04-18 12时", middle=[("浙江省", "杭州市", "余杭区", "乙社区")]))
    text = " ".join(re.sub("<[^>]+>", " ", client.get("/e/jia/risk-areas").text).split())
    assert "等级调高 1 浙江省 杭州市 余杭区 无风险 → 中风险" in text
    assert "等级调低 1 浙江省 宁波市 北仑区 高风险 → 无风险" in text


def test_between_the_lists_of_8_and_12_one_whole_county_changes(app, world, official):
    client = client_for(app, world.towns[0].admin)
    for path in official("20220418")[:2]:
        assert hand_in(client, "jia", path.read_bytes()).status_code == 302
    text = " ".join(re.sub("<[^>]+>", " ", client.get("/e/jia/risk-areas").text).split())
    assert "广东省 茂名市 电白区 中风险 → 无风险" in text
    assert "长春市 净月区" in text


def test_the_level_of_a_place_is_looked_up_by_its_name(app, world, make_list):
    raw = make_list("2026-04-18 8时", high=[("浙江省", "宁波市", "北仑区", "甲社区")])
    hand_in(client_for(app, world.towns[0].admin), "jia", raw)
    client = client_for(app, world.own.guard)
    found = client.get(f"/e/{world.own.slug}/risk-areas", query_string={"place": "北仑区"}).text
    assert "浙江省 宁波市 北仑区" in found and "甲社区" in found
    several = client.get(f"/e/{world.own.slug}/risk-areas", query_string={"place": "鼓楼区"}).text
    assert "不止一个地区符合" in several
    assert "没有找到这个地区" in client.get(f"/e/{world.own.slug}/risk-areas", query_string={"place": "没有此地"}).text


def test_a_list_larger_than_any_form_is_taken(app, world, make_list):
    raw = make_list("2026-04-18 8时", high=MANY)
    assert len(raw) > app.config["MAX_CONTENT_LENGTH"]
    assert hand_in(client_for(app, world.towns[0].admin), "jia", raw).status_code == 302


def test_a_large_list_is_taken_with_its_form_token(app: Flask, world, make_list):
    app.config["WTF_CSRF_ENABLED"] = True
    client = client_for(app, world.towns[0].admin)
    raw = make_list("2026-04-18 8时", high=MANY)
    assert hand_in(client, "jia", raw).status_code == 400
    token = re.search('name="csrf_token"[^>]*value="([^"]+)"', client.get("/e/jia/risk-areas").text)
    assert token is not None
    assert hand_in(client, "jia", raw, csrf_token=token[1]).status_code == 302


def test_a_large_body_of_anybody_else_is_turned_down_unread(app, world, make_list):
    raw = make_list("2026-04-18 8时", high=MANY)
    app.config["WTF_CSRF_ENABLED"] = True
    for person in (world.towns[0].inspector, world.own.admin, None):
        assert hand_in(client_for(app, person), "jia", raw).status_code == 413


def test_a_list_that_cannot_be_taken_says_why_and_changes_nothing(app, world, make_list):
    client = client_for(app, world.towns[0].admin)
    raw = make_list("2026-04-18 8时", high=[("浙江省", "宁波市", "北仑区", "甲社区")])
    for damaged, said in (
        (raw[:100], "文件损坏或不完整"),
        (make_list("2026-04-18 8时", announced=3), "公布 3 个，列出 0 个"),
        (make_list("昨天"), "更新时间应形如"),
    ):
        answer = hand_in(client, "jia", damaged)
        assert answer.status_code == 422
        assert said in answer.text
    nothing = client.post("/e/jia/risk-areas", data={})
    assert nothing.status_code == 422 and "请选择名单文件" in nothing.text
    assert "还没有名单" in client.get("/e/jia/risk-areas").text


def test_an_older_list_is_told_to_be_history(app, world, make_list):
    client = client_for(app, world.towns[0].admin)
    hand_in(client, "jia", make_list("2026-04-18 12时"))
    hand_in(client, "jia", make_list("2026-04-18 8时"))
    page = client.get("/e/jia/risk-areas").text
    assert "已作为历史保存" in page
    assert "2026-04-18 12:00" in page


def test_only_the_townships_own_admin_hands_a_list_in(app, world, make_list):
    raw = make_list("2026-04-18 8时")
    assert hand_in(client_for(app, world.towns[0].inspector), "jia", raw).status_code == 403
    assert hand_in(client_for(app, world.towns[0].admin), world.own.slug, raw).status_code == 403
    assert hand_in(client_for(app, world.towns[0].admin), "yi", raw).status_code == 404
    assert hand_in(client_for(app, world.own.admin), "jia", raw).status_code == 404


def test_places_are_found_by_initials_with_their_whole_path(app, world):
    client = client_for(app, world.own.guard)
    found = client.get(f"/e/{world.own.slug}/regions", query_string={"q": "dianbai"}).json
    assert {"code": "440904", "name": "电白区", "path": "广东省 茂名市 电白区"} in found
    assert client.get(f"/e/{world.own.slug}/regions").json == []
    again = client.get(f"/e/{world.own.slug}/regions", query_string={"q": "广东省 茂名市 电白区"}).json
    assert [place["code"] for place in again] == ["440904"]


def test_every_unmatched_name_is_on_one_of_the_pages(app, world, make_list):
    names = [f"第{number}高新技术产业开发区" for number in range(120)]
    raw = make_list("2026-04-18 8时", high=[("浙江省", "宁波市", name, "某社区") for name in names])
    admin, url = client_for(app, world.towns[0].admin), f"/e/{world.towns[0].office.slug}/risk-areas"
    assert admin.post(url, data={"file": (BytesIO(raw), "list.json")}).status_code == 302
    pages = [admin.get(f"{url}?unmatched={number}").get_data(as_text=True) for number in (1, 2, 3)]
    assert "1–50 / 120" in pages[0]
    assert "101–120 / 120" in pages[2]
    assert [sum(name in page for page in pages) for name in names] == [1] * 120
    assert admin.get(f"{url}?unmatched=99").get_data(as_text=True).count("101–120 / 120") == 1
