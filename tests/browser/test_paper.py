"""A power cut: the blank form is printed before it, its rows are written in after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.visits import book, proof
from gatekeeper.visits.models import Visit
from tests.browser.shift import go, on_duty, opened, prepare
from tests.browser.test_whole_way import does_not_scroll_sideways, sign_in
from tests.factories import World


@pytest.fixture
def page(world: World, phone: BrowserContext, address: str) -> Iterator[Page]:
    prepare(world)
    page = opened(phone, address)
    on_duty(page, world)
    go(page, "late")
    yield page


def minutes_ago(minutes: int) -> str:
    return clock.local(clock.now() - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


def test_a_row_of_the_paper_is_written_in_with_its_own_times_and_answers(page: Page, world: World) -> None:
    came, left = minutes_ago(300), minutes_ago(240)
    page.get_by_label("表号").fill("0418-K7QW2")
    page.get_by_label("行", exact=True).fill("3")
    page.get_by_label("车牌", exact=True).fill("浙A12345")
    page.get_by_label("司机姓名").fill("张伟强")
    page.get_by_label("随车几人").fill("1")
    page.get_by_label("到达时间").fill(came)
    page.get_by_label("离厂时间").fill(left)
    expect(page.locator(".late__ask")).to_have_count(4)  # a temperature of each person, the briefing, the papers
    page.locator(".late__ask").nth(0).locator("summary").click()
    page.locator(".late__ask[open] input").first.fill("36.6")
    page.locator(".late__ask", has_text="briefing").locator("summary").click()
    page.get_by_role("button", name="是", exact=True).click()
    expect(page.locator(".late__ask", has_text="✓ 已填")).to_have_count(2)
    page.get_by_role("button", name="写入这一行").click()
    expect(page.locator(".notice--done")).to_contain_text("已补记：浙A12345")
    expect(page.get_by_label("表号")).to_have_value("0418-K7QW2")
    expect(page.get_by_label("行", exact=True)).to_have_value("4")
    expect(page.locator(".head__count")).to_have_count(0)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        row = session.scalars(select(Visit)).one()
        assert (row.late, row.state, row.people) == (True, "left", 2)
        times = [clock.local(at).strftime("%Y-%m-%dT%H:%M") for at in (row.arrived_at, row.closed_at) if at]
        assert times == [came, left]
        entries = book.entries_of(session, enterprise_id=world.own.id, visit_id=row.id)
        assert [entry.kind for entry in entries] == ["arrive", "admit", "leave"]
        assert all(entry.body["late"] == {"form": "0418-K7QW2", "row": 3} for entry in entries)
        assert [answer["question"] for answer in entries[0].body["answers"]] == ["temperature", "briefing"]
        assert isinstance(proof.verify(session, enterprise_id=world.own.id), proof.Sound)


def test_a_row_with_a_fault_keeps_what_was_typed_and_says_where(page: Page, world: World) -> None:
    page.get_by_label("车牌", exact=True).fill("浙A12345")
    page.get_by_label("到达时间").fill(minutes_ago(60))
    page.get_by_label("离厂时间").fill(minutes_ago(90))
    page.get_by_role("button", name="写入这一行").click()
    expect(page.locator("#late-form-told")).to_have_text("请填写")
    expect(page.locator("#late-form")).to_be_focused()
    expect(page.locator("#late-left-told")).to_contain_text("早于到达时间")
    expect(page.get_by_label("车牌", exact=True)).to_have_value("浙A12345")
    go(page, "attention")
    go(page, "late")
    expect(page.get_by_label("车牌", exact=True)).to_have_value("浙A12345")


def test_rows_are_written_in_without_a_network(page: Page, world: World, phone: BrowserContext) -> None:
    phone.set_offline(True)
    for number, kind in ((1, "步行来访"), (2, "步行来访")):
        page.get_by_role("button", name=kind).click()
        page.get_by_label("表号").fill("A1")
        page.get_by_label("姓名").fill(f"李{'一二'[number - 1]}")
        page.get_by_label("到达时间").fill(minutes_ago(60 * number))
        page.get_by_role("button", name="劝返了").click()
        page.get_by_role("button", name="写入这一行").click()
        expect(page.locator(".notice--done")).to_contain_text("已补记")
    expect(page.locator(".head__count")).to_have_text("4 条未传")
    phone.set_offline(False)
    expect(page.locator(".head__count")).to_have_count(0)
    with tenancy.open_session(world.engines, world.own.scope) as session:
        assert [(row.state, row.kind, row.late) for row in session.scalars(select(Visit))] == [
            ("turned_away", "walk_in", True)
        ] * 2


def test_the_blank_form_asks_what_the_rules_ask_and_fills_one_sheet_each(
    world: World, context: BrowserContext, address: str
) -> None:
    prepare(world)
    page = context.new_page()
    sign_in(page, address, world.own.guard)
    page.goto(f"{address}/e/{world.own.slug}/paper-form?sheets=3")
    does_not_scroll_sideways(page)
    expect(page.locator(".sheet")).to_have_count(3)
    expect(page.locator(".sheet__checks li")).to_have_count(3 * 3)
    numbers = page.locator(".sheet__number").all_text_contents()
    assert len(set(numbers)) == 3 and all(re.fullmatch(r"[0-9]{4}-[A-Z2-9]{5}", number) for number in numbers)
    page.emulate_media(media="print")
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 3
    assert all(
        w > h for w, h in ((float(a), float(b)) for a, b in re.findall(rb"/MediaBox \[0 0 (\S+) (\S+)\]", sheet))
    )
