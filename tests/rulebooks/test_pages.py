"""The pages of rulebooks: forms for people, errors at their field, nobody else's drafts."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.rulebooks import drafts, queries
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.rules import packs
from gatekeeper.rules.kinds import KINDS
from tests.factories import World, client_for
from tests.rulebooks.given import begun, confirm, get, inputs, published, rule

BASE = "/e/jia1/rulebook"
EMPTY_RULE = {"title_zh": "新规则", "title_en": "New rule", "why_zh": "原因", "why_en": "Because"}

EXTRA = {
    "number": {"p_unit": "celsius", "p_max": "37.3"},
    "choice": {"p_options_0_zh": "甲", "p_options_0_en": "One", "p_options_0_ok": "y", "p_options_1_zh": "乙",
               "p_options_1_en": "Two"},
    "test": {"p_within_hours": "48", "p_alternative_title_zh": "抗原", "p_alternative_title_en": "antigen"},
    "visit_limit": {"p_most": "2"},
    "dwell_limit": {"p_minutes": "240"},
    "disinfection": {"p_dilution": "200", "p_contact_minutes": "20"},
    "registered": {"p_lead": "24"},
}  # fmt: skip


def stored(engines: Engines, world: World) -> list[dict]:
    with tenancy.open_session(engines, world.own.scope) as session:
        found = queries.draft(session, enterprise_id=world.own.id)
        return drafts.document_of(found)["rules"] if found else []


def meaning(item: dict) -> dict:
    """A rule with every parameter written out, clauses by what they say."""
    return item | {"params": {**KINDS[item["kind"]].defaults, **item["params"]}}


def plain(value):
    """Tuples as lists, however deep."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_of_each_kind_is_written_by_its_form_and_comes_back_unchanged(
    app: Flask, world: World, engines: Engines, kind: str
):
    client = client_for(app, world.own.admin)
    url = f"{BASE}/draft/rules/new?kind={kind}"
    sent = inputs(get(client, url)) | EMPTY_RULE | EXTRA.get(kind, {})
    if kind == "gate_allowed":
        sent["p_gates"] = [str(world.own.gate_id)]
    answer = client.post(url, data=sent)
    assert answer.status_code == 302, re.findall(r'field__error"[^>]*>([^<]*)', answer.get_data(as_text=True))
    [made] = stored(engines, world)
    assert (made["kind"], made["title"]) == (kind, {"zh": "新规则", "en": "New rule"})
    edit = f"{BASE}/draft/rules/{made['code']}"
    again = client.post(edit, data=inputs(get(client, edit)))
    assert again.status_code == 302
    assert stored(engines, world) == [made]


@pytest.mark.parametrize("pack", packs.codes())
def test_every_rule_of_a_pack_comes_back_from_its_form_as_it_was(app: Flask, world: World, engines: Engines, pack: str):
    client = client_for(app, world.own.admin)
    written = {item["code"]: item for item in packs.load(pack)["rules"]}
    begun(engines, world.own, *written.values())
    for code in written:
        url = f"{BASE}/draft/rules/{code}"
        answer = client.post(url, data=inputs(get(client, url)))
        assert answer.status_code == 302, (code, answer.get_data(as_text=True))
    assert [plain(meaning(item)) for item in stored(engines, world)] == [
        plain(meaning(written[item["code"]])) for item in stored(engines, world)
    ]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title_en", "", "Enter the English title"),
        ("why_zh", "", "Say why in Chinese"),
        ("p_max", "3.73", "Enter 35 to 42 °C"),
        ("p_max", "三十七", "Enter 35 to 42 °C"),
        ("p_max", "37.35", "at most one decimal"),
        ("p_max", "", "Give an upper or a lower limit"),
        ("p_min", "39,5", "Enter 35 to 42 °C"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    app: Flask, world: World, engines: Engines, field: str, value: str, said: str
):
    client = client_for(app, world.own.admin)
    url = f"{BASE}/draft/rules/new?kind=number&lang=en"
    sent = inputs(get(client, url)) | EMPTY_RULE | EXTRA["number"] | {"why_en": "A reason to keep", field: value}
    answer = client.post(url, data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    errors = dict(re.findall(r'id="([\w]+)-error">([^<]*)', page))
    assert said in errors.get(field, ""), errors
    assert "A reason to keep" in page
    assert stored(engines, world) == []


def test_everything_wrong_is_told_at_once(app: Flask, world: World):
    client = client_for(app, world.own.admin)
    url = f"{BASE}/draft/rules/new?kind=number"
    page = client.post(url, data=inputs(get(client, url)) | {"p_max": "3.73"}).get_data(as_text=True)
    wrong = set(re.findall(r'id="([\w]+)-error"', page))
    assert wrong == {"title_zh", "title_en", "why_zh", "why_en", "p_max"}


def test_the_guards_screen_says_of_whom_a_question_is_asked(app: Flask, world: World, engines: Engines):
    published(engines, world.towns[0].office, packs.load("epidemic_2022")["rules"][7])
    begun(engines, world.own, confirm("mask", "戴口罩", "Mask"))
    page = get(client_for(app, world.own.admin), f"{BASE}/draft")
    phone = page[page.index('class="phone"') :]
    assert "只在：来自中高风险地区的货车" in phone and "镇街规则" in phone and "戴口罩" in phone


def test_a_temperature_is_written_and_shown_as_people_say_it(app: Flask, world: World, engines: Engines):
    client = client_for(app, world.own.admin)
    url = f"{BASE}/draft/rules/new?kind=number"
    sent = inputs(get(client, url)) | EMPTY_RULE | {"p_unit": "celsius", "p_max": "３７．３"}
    client.post(url, data=sent)
    [made] = stored(engines, world)
    assert made["params"]["max"] == 373
    assert inputs(get(client, f"{BASE}/draft/rules/{made['code']}"))["p_max"] == ["37.3"]


def test_conditions_are_added_one_by_one_with_the_values_of_their_fact(app: Flask, world: World, engines: Engines):
    client = client_for(app, world.own.admin)
    url = f"{BASE}/draft/rules/new?kind=confirm"
    sent = inputs(get(client, url)) | EMPTY_RULE
    for fact in ("risk_level", "origin", "people"):
        page = client.post(url, data=sent | {"add_condition": fact}).get_data(as_text=True)
        sent = inputs(page)
    assert sent["title_zh"] == ["新规则"]
    sent |= {"when_0_values": ["medium", "high"], "when_1_place": ["金华市"], "when_2_value": ["三"]}
    refused = client.post(url, data=sent)
    assert refused.status_code == 422
    assert "when_2_value-error" in refused.get_data(as_text=True)
    assert client.post(url, data=sent | {"when_2_value": ["3"]}).status_code == 302
    [made] = stored(engines, world)
    assert made["when"] == [
        {"fact": "risk_level", "op": "at_least", "value": "medium"},
        {"fact": "origin", "op": "within", "value": ["330700"]},
        {"fact": "people", "op": "at_least", "value": 3},
    ]
    edit = f"{BASE}/draft/rules/{made['code']}"
    client.post(edit, data=inputs(get(client, edit)) | {"drop": "0"})
    page = client.post(edit, data=inputs(get(client, edit)) | {"drop": "0"}).get_data(as_text=True)
    assert client.post(edit, data=inputs(page)).status_code == 302
    assert [item["fact"] for item in stored(engines, world)[0]["when"]] == ["origin", "people"]


def test_the_second_of_two_editors_is_told_and_finds_what_was_typed(app: Flask, world: World, engines: Engines):
    begun(engines, world.own, rule())
    client, url = client_for(app, world.own.admin), f"{BASE}/draft/rules/temperature?lang=en"
    sent = inputs(get(client, url)) | {"title_en": "My own title"}
    begun(engines, world.own, rule(params={"unit": "celsius", "max": 370}))
    answer = client.post(url, data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Somebody changed the draft" in page and "My own title" in page and "37.0" in page
    assert client.post(url, data=inputs(page)).status_code == 302
    assert stored(engines, world)[0]["title"]["en"] == "My own title"


def test_a_contradiction_is_named_on_the_editor_and_cannot_be_published(app: Flask, world: World, engines: Engines):
    low = rule("low", title={"zh": "低温", "en": "Cold"}, params={"unit": "celsius", "max": 360})
    high = rule("high", title={"zh": "高温", "en": "Warm"}, params={"unit": "celsius", "min": 365})
    revision = begun(engines, world.own, low, high)
    client = client_for(app, world.own.admin)
    page = get(client, f"{BASE}/draft")
    assert "“低温”" in page and "“高温”" in page and "互相矛盾" in page
    assert "去发布" not in page
    answer = client.post(f"{BASE}/draft/publish", data={"revision": revision, "when": "now"})
    assert answer.status_code == 422 and "互相矛盾" in answer.get_data(as_text=True)
    with tenancy.open_session(engines, world.own.scope) as session:
        assert session.scalars(sa.select(RulebookVersion)).all() == []


def test_publishing_says_what_changes_in_words_and_then_it_holds(app: Flask, world: World, engines: Engines):
    published(engines, world.own, rule())
    revision = begun(
        engines, world.own, rule(params={"unit": "celsius", "max": 370}), confirm("mask", "戴口罩", "Mask")
    )
    client = client_for(app, world.own.admin)
    page = get(client, f"{BASE}/draft/publish")
    assert "37.3 → 37.0" in page and "新增" in page and "params" not in page
    late = client.post(
        f"{BASE}/draft/publish", data={"revision": revision, "seen": 1, "when": "later", "holds_from": ""}
    )
    assert late.status_code == 422 and "请填写执行时间" in late.get_data(as_text=True)
    past = {"revision": revision, "seen": 1, "when": "later", "holds_from": "2026-05-01T08:00"}
    assert "已经过去" in client.post(f"{BASE}/draft/publish", data=past).get_data(as_text=True)
    answer = client.post(
        f"{BASE}/draft/publish", data={"revision": revision, "seen": 1, "when": "now", "note": "降到 37"}
    )
    assert answer.status_code == 302
    shown = get(client, BASE)
    assert "第 2 版" in shown and "戴口罩" in shown
    assert "降到 37" in get(client, f"{BASE}/versions")


def test_two_versions_are_compared_in_words_with_places_by_name(app: Flask, world: World, engines: Engines):
    one = published(engines, world.own, rule())
    gate = rule("gate", kind="gate_allowed", subject="visit", question=None, params={"gates": [str(world.own.gate_id)]})
    two = published(engines, world.own, rule(), gate)
    client = client_for(app, world.own.guard)
    page = get(client, f"{BASE}/compare?a={one.id}&b={two.id}")
    assert "新增" in page and "1号门" in page
    shown = re.sub(r"<(option|select)[^>]*>", "", page)
    assert str(world.own.gate_id) not in shown
    assert "第 1 版" in get(client, f"{BASE}/compare?a=nonsense")


def test_a_guard_reads_both_rulebooks_and_cannot_change_them(app: Flask, world: World, engines: Engines):
    published(engines, world.own, rule())
    published(engines, world.towns[0].office, confirm("mask", "镇里要求戴口罩", "Mask"))
    client = client_for(app, world.own.guard)
    page = get(client, BASE)
    assert "测体温" in page and "镇里要求戴口罩" in page and "修改规则" not in page
    assert client.get(f"{BASE}/draft").status_code == 403
    assert client.post(f"{BASE}/draft").status_code == 403


def test_township_staff_read_a_factorys_rules_and_edit_only_their_own(app: Flask, world: World, engines: Engines):
    version = published(engines, world.own, rule())
    town = world.towns[0]
    inspector, admin = client_for(app, town.inspector), client_for(app, town.admin)
    assert "测体温" in get(inspector, BASE)
    assert "测体温" in get(inspector, f"{BASE}/versions/{version.id}")
    assert admin.get(f"{BASE}/draft").status_code == 403
    assert admin.post("/e/jia/rulebook/draft").status_code == 302
    assert "指定门岗" not in get(admin, "/e/jia/rulebook/draft/rules/new")
    assert inspector.post("/e/jia/rulebook/draft").status_code == 403


def test_a_neighbours_rulebook_is_not_found(app: Flask, world: World, engines: Engines):
    theirs = published(engines, world.neighbour, rule())
    admin = client_for(app, world.own.admin)
    for address in ("/e/jia2/rulebook", "/e/jia2/rulebook/draft", f"{BASE}/versions/{theirs.id}", "/e/yi1/rulebook"):
        assert admin.get(address).status_code == 404, address
    inspector = client_for(app, world.towns[0].inspector)
    assert inspector.get(f"{BASE}/versions/{theirs.id}").status_code == 404


def test_the_editor_says_which_rule_the_townships_leaves_without_effect(app: Flask, world: World, engines: Engines):
    published(engines, world.towns[0].office, rule(title={"zh": "镇里测体温", "en": "Township's temperature"}))
    begun(engines, world.own, rule(params={"unit": "celsius", "max": 375}))
    client = client_for(app, world.own.admin)
    assert "无效果：镇里的 37.3 ℃ 已在执行" in get(client, f"{BASE}/draft")
    begun(engines, world.own, rule(params={"unit": "celsius", "max": 370}))
    assert "无效果" not in get(client, f"{BASE}/draft")


def test_rules_are_chosen_from_a_pack_by_ticks(app: Flask, world: World, engines: Engines):
    client = client_for(app, world.own.admin)
    client.post(f"{BASE}/draft")
    page = get(client, f"{BASE}/draft/packs/epidemic_2022")
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', page)
    assert revision is not None
    url = f"{BASE}/draft/packs/epidemic_2022"
    assert client.post(url, data={"revision": revision[1]}).status_code == 422
    assert client.post(url, data={"revision": revision[1], "rules": ["temperature"]}).status_code == 302
    assert [item["code"] for item in stored(engines, world)] == ["temperature"]
    assert "草稿里已有" in get(client, url)
    assert client.get(f"{BASE}/draft/packs/none").status_code == 404
