"""The rulebook editor in a real Chromium: a new user publishes, cards move, the preview follows what is typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from gatekeeper import tenancy
from gatekeeper.db import Engines
from gatekeeper.rulebooks import drafts, queries
from gatekeeper.rules import packs
from tests.browser.test_whole_way import does_not_scroll_sideways, sign_in
from tests.factories import PASSWORD, World
from tests.rulebooks.given import begun, confirm, rule

BASE = "/e/jia1/rulebook"
MASK = confirm("mask", "戴口罩", "Mask")
HELMET = confirm("helmet", "戴安全帽", "Helmet")
BADGE = confirm("badge", "戴工牌", "Badge")


class Hands:
    """Counts what a person does: every click, every field filled."""

    def __init__(self) -> None:
        self.acts: list[str] = []

    def click(self, what: Locator) -> None:
        self.acts.append(f"click {what}")
        what.click()

    def fill(self, what: Locator, text: str) -> None:
        self.acts.append(f"fill {what}")
        what.fill(text)

    def choose(self, what: Locator, name: str) -> None:
        self.acts.append(f"choose {name}")
        what.select_option(label=name)


def test_a_new_user_publishes_the_three_duties_in_twelve_clicks_and_fields(
    world: World, engines: Engines, address: str, context: BrowserContext
) -> None:
    page, hands = context.new_page(), Hands()
    titles_of_pack = {item["code"]: item["title"]["zh"] for item in packs.load("epidemic_2022")["rules"]}
    page.goto(f"{address}/sign-in")
    hands.fill(page.get_by_label("用户名"), world.own.admin.username)
    hands.fill(page.get_by_label("密码"), PASSWORD)
    hands.click(page.get_by_role("button", name="登录"))

    hands.click(page.get_by_role("link", name="规则", exact=True))
    does_not_scroll_sideways(page)
    hands.click(page.get_by_role("link", name="疫情防控"))
    does_not_scroll_sideways(page)
    hands.choose(page.get_by_label("用于哪些来访"), "来自中高风险地区的货车")
    for code in ("stay_in_cab_arrival", "stay_in_cab_inside", "disinfect_vehicle", "handoff"):
        hands.click(page.get_by_label(titles_of_pack[code], exact=True))
    hands.click(page.get_by_role("button", name="加入并去发布"))
    expect(page.get_by_text("来自中高风险地区的货车，")).to_have_count(4)
    does_not_scroll_sideways(page)
    hands.click(page.get_by_role("button", name="确认发布"))
    expect(page.get_by_text("第 1 版").first).to_be_visible()

    assert len(hands.acts) <= 12, hands.acts
    with tenancy.open_session(engines, world.own.scope) as session:
        book = queries.rulebook_of(queries.last(session, enterprise_id=world.own.id))
    assert sorted(item.kind for item in book.rules) == [
        "disinfection", "document_handoff", "stay_in_cab", "stay_in_cab",
    ]  # fmt: skip
    for item in book.rules:
        assert [(c.fact, c.op, c.value) for c in item.when] == [
            ("risk_level", "at_least", "medium"), ("visitor_kind", "eq", "truck"),
        ]  # fmt: skip
    stays = [stage for item in book.rules if item.kind == "stay_in_cab" for stage in item.params["at"]]
    assert sorted(stays) == ["arrival", "exit", "on_site"]


def titles(page: Page) -> list[str]:
    return page.locator("[data-order=arrival] .rule__title").all_inner_texts()


def stored(engines: Engines, world: World) -> list[str]:
    with tenancy.open_session(engines, world.own.scope) as session:
        found = queries.draft(session, enterprise_id=world.own.id)
        return [item["code"] for item in drafts.document_of(found)["rules"]]


def drag(page: Page, code: str, *, above: str) -> None:
    grip, over = page.locator(f"#grip-{code}"), page.locator(f"#rule-{above}")
    grip.scroll_into_view_if_needed()
    at, to = grip.bounding_box(), over.bounding_box()
    assert at is not None and to is not None
    page.mouse.move(at["x"] + 10, at["y"] + 10)
    page.mouse.down()
    page.mouse.move(at["x"] + 10, (at["y"] + to["y"]) / 2, steps=5)
    page.mouse.move(at["x"] + 10, to["y"] + 5, steps=5)
    page.mouse.up()


@pytest.fixture
def draft_page(world: World, engines: Engines, address: str, context: BrowserContext) -> Page:
    begun(engines, world.own, MASK, HELMET, BADGE)
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 1600})
    sign_in(page, address, world.own.admin)
    page.goto(f"{address}{BASE}/draft")
    return page


def test_cards_are_dragged_into_another_order_and_it_can_be_undone(draft_page: Page, world: World, engines: Engines):
    page = draft_page
    drag(page, "badge", above="mask")
    expect(page.get_by_role("button", name="撤销：调整了“进厂”的顺序")).to_be_visible()
    assert titles(page) == ["戴工牌", "戴口罩", "戴安全帽"]
    assert stored(engines, world) == ["badge", "mask", "helmet"]
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="撤销：加了“戴工牌”")).to_be_visible()
    assert stored(engines, world) == ["mask", "helmet", "badge"]


def test_cards_are_moved_by_the_keyboard_and_keep_the_focus(draft_page: Page, world: World, engines: Engines):
    page = draft_page
    page.locator("#grip-badge").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#moved")).to_have_text("“戴工牌”现在是第 1 条，共 3 条")
    expect(page.get_by_role("button", name="撤销：调整了")).to_be_visible()
    expect(page.locator("#grip-badge")).to_be_focused()
    assert stored(engines, world) == ["badge", "mask", "helmet"]
    page.keyboard.press("ArrowDown")
    expect(page.locator("#grip-badge")).to_be_focused()
    expect(page.locator("#moved")).to_have_text("“戴工牌”现在是第 2 条，共 3 条")


def test_a_drag_after_somebody_changed_the_draft_is_told_and_shows_the_present_order(
    draft_page: Page, world: World, engines: Engines
):
    page = draft_page
    begun(engines, world.own, confirm("vest", "穿反光衣", "Vest"))
    drag(page, "badge", above="mask")
    expect(page.get_by_text("另一位管理员刚改过草稿")).to_be_visible()
    assert titles(page) == ["戴口罩", "戴安全帽", "戴工牌", "穿反光衣"]
    drag(page, "badge", above="mask")
    expect(page.get_by_role("button", name="撤销：调整了")).to_be_visible()
    assert stored(engines, world) == ["badge", "mask", "helmet", "vest"]


def test_the_sentence_and_the_guards_phone_follow_what_is_typed(
    world: World, engines: Engines, address: str, context: BrowserContext
) -> None:
    begun(engines, world.own, rule())
    page = context.new_page()
    sign_in(page, address, world.own.admin)
    page.goto(f"{address}{BASE}/draft/rules/temperature")
    sentence, phone = page.locator("#seen-sentence"), page.locator("#seen-phone")
    expect(sentence).to_contain_text("低于 37.3 ℃")
    page.locator("#p_max").fill("36.9")
    expect(sentence).to_contain_text("低于 36.9 ℃")
    expect(phone).to_contain_text("低于 36.9 ℃")
    page.get_by_label("名称（中文）").fill("量额温")
    expect(phone.locator(".phone__ask--own")).to_contain_text("量额温")
    page.locator("#p_max").fill("3.73")
    expect(sentence).to_contain_text("请填 35 到 42")
    page.locator("#p_max").fill("37")
    page.get_by_role("button", name="来访类型").click()
    page.get_by_label("货车", exact=True).check()
    expect(sentence.locator(".chip")).to_have_text(["每位来访人员", "货车"])
    expect(phone).to_contain_text("只在：货车")
    page.get_by_role("button", name="来源地", exact=False).filter(has_not_text="风险").click()
    page.locator("#when_1_place").press_sequentially("hangzhou")
    page.get_by_role("option", name="浙江省 杭州市", exact=True).click()
    expect(sentence.locator(".chip")).to_have_text(["每位来访人员", "货车", "来自浙江省杭州市"])
    does_not_scroll_sideways(page)
    page.get_by_role("button", name="存入草稿").last.click()
    expect(page.locator("#rule-temperature .rule__says")).to_contain_text(
        "来自浙江省杭州市的货车的每位人员，量额温：低于 37.0 ℃"
    )


# Types in the very moment in which the form of an answer stands in the page, as soon as any hand could.
AT_ONCE = """() => {
  const type = (id, words) => {
    const field = document.getElementById(id);
    field.focus();
    field.value = words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  new MutationObserver((_, observer) => {
    if (!document.getElementById("when_0_place")) return;
    observer.disconnect();
    type("p_max", "36.9");
    type("when_0_place", "hangzhou");
  }).observe(document.body, { childList: true, subtree: true });
}"""


def test_what_is_typed_the_moment_a_form_arrives_is_heard(
    world: World, engines: Engines, address: str, context: BrowserContext
) -> None:
    begun(engines, world.own, rule())
    page = context.new_page()
    sign_in(page, address, world.own.admin)
    page.goto(f"{address}{BASE}/draft/rules/temperature")
    page.evaluate(AT_ONCE)
    page.get_by_role("button", name="来源地", exact=False).filter(has_not_text="风险").click()
    expect(page.get_by_role("option", name="浙江省 杭州市", exact=True)).to_be_visible()
    expect(page.locator("#seen-sentence")).to_contain_text("低于 36.9 ℃")
