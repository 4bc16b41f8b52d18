"""Every question as a guard sees it, in a real page: keys large enough, names for who hears the screen, no overflow."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from gatekeeper.config import ROOT
from tests.browser.test_whole_way import does_not_scroll_sideways
from tests.rules.made import AT, HOUR, book, rule
from tests.visits.test_desk_asking import asked_in, sent

SHOW = """async ([lang, call, question, state, ground, given]) => {
  const { render, html } = await import("/static/vendor/lit-html/lit-html.js");
  const asking = await import("/static/desk/asking.js"), say = await import("/static/desk/say.js");
  if (!document.querySelector(".desk__main")) {
    for (const name of ["desk", "desk-ask"]) {
      const sheet = document.createElement("link");
      sheet.rel = "stylesheet"; sheet.href = `/static/css/${name}.css`;
      const loaded = new Promise((done) => (sheet.onload = done));
      document.head.append(sheet);
      await loaded;
    }
    document.querySelectorAll("link").forEach((link) => link.href.includes("/desk") || link.remove());
    document.body.className = "";
    document.body.innerHTML = `<main class="desk__main"></main>`;
  }
  say.set({ lang });
  const place = document.querySelector(".desk__main");
  const model = { at: () => Number(window.at), duty: () => ({ name: "王师傅" }),
    photo: async (blob) => {
      const { small } = await import("/static/desk/photos.js");
      window.kept = (await small(blob)).size;
      return "photo:1";
    } };
  window.at = given.at; window.draft = { ...given.draft };
  const show = () => render(html`<h1>${call === "ask" ? question.title[lang] : ""}</h1>${call === "ask"
    ? asking.ask(question, state, window.draft, change, model)
    : asking.askFact(question, ground, window.draft, change)}`, place);
  const change = (part) => { window.draft = { ...window.draft, ...part }; show(); };
  window.told = (name) => asking[name](question, window.draft);
  if (!given.draft) window.draft = call === "ask" ? asking.begin(question, state) : asking.beginFact(question, state);
  show();
}"""
PLACES = """
const ALL = [["440305", "南山区", "广东省 深圳市 南山区"], ["330182", "建德市", "浙江省 杭州市 建德市"]];
export const search = (words) => ALL.filter((row) => row.some((said) => said.includes(words)))
  .map(([code, name, path]) => ({ code, name, path }));
"""
Show = Callable[..., Page]
AGENTS = {"agents": ["chlorine", "peracetic_acid"], "dilution": 100, "contact_minutes": 20, "protective_clothing": True}
TITLES = {
    "confirm": ("已告知安全须知", "Safety rules told"), "number": ("司机体温（℃）", "Driver's temperature"),
    "choice": ("车况", "State of the vehicle"), "text": ("车架号", "VIN"), "photo": ("车厢照片", "Photo of the load"),
    "certificate": ("驾驶证有效期", "Licence valid until"), "code_check": ("健康码", "Health code"),
    "test": ("核酸检测", "Nucleic acid test"), "stay_in_cab": ("司机不下车", "Driver stays in the cab"),
    "disinfection": ("车辆消杀", "Disinfection"), "document_handoff": ("单据交接", "Papers handed over"),
}  # fmt: skip
STATES = [("完好", "sound"), ("漏料", "leaking"), ("超宽超高", "too wide or high"), ("篷布破损", "torn cover")]
OPTIONS = [{"code": f"g{n}", "zh": zh, "en": en} for n, (zh, en) in enumerate(STATES)]
RUNNING = AT - 818_000_000
PAPERS = {"documents": ["waybill", "weigh_slip"], "methods": ["box", "contact_free"]}
QUESTIONS: dict[str, tuple[str, dict[str, Any], dict[str, Any] | None]] = {
    "confirm": ("confirm", {}, None),
    "temperature": ("number", {"unit": "celsius", "max": 373, "max_inclusive": False}, None),
    "temperature_pad": ("number", {"unit": "celsius", "max": 373, "max_inclusive": False}, {"n": "47", "pad": True}),
    "mass": ("number", {"unit": "kg", "max": 49_000}, {"n": "31500"}),
    "choice": ("choice", {"options": OPTIONS, "accepted": ["g0"]}, None),
    "vin": ("text", {"format": "vin"}, {"text": "LZGJDR459NX"}),
    "note": ("text", {"longest": 5}, {"text": "写得太长的一句话"}),
    "photo": ("photo", {}, {"cannot": True}),
    "certificate": ("certificate", {"spare_days": 30}, {"day": "202705"}),
    "code": ("code_check", {"valid_until_required": True}, {"colour": "green"}),
    "test": ("test", {"within_hours": 48}, {"result": "negative", "ago": 6, "sampled_at": AT - 6 * HOUR}),
    "stay": ("stay_in_cab", {"at": ["arrival"]}, {"stayed": False}),
    "disinfection": ("disinfection", AGENTS, None),
    "disinfection_runs": ("disinfection", AGENTS, {"agent": "chlorine", "dilution": 100, "started_at": RUNNING}),
    "handoff": ("document_handoff", PAPERS, {"documents": ["waybill"], "method": "box"}),
}  # fmt: skip
GROUND = {
    "zones": [{"code": "z1", "name": "原料区"}, {"code": "z2", "name": "成品发运区"}],
    "trucks": [{"origin": "330182", "cargo": "coal"}, {"origin": "440305", "cargo": "coal"}],
}  # fmt: skip
FACTS = ("visitor_kind", "origin", "stops", "cargo", "cold_chain", "people", "zone", "purpose")


@pytest.fixture
def show(address: str, context: BrowserContext) -> Iterator[Show]:
    """Shows one question in a page of its own: its name among ``QUESTIONS``, or a fact's."""
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 640})
    page.route("**/static/desk/regions.js", lambda route: route.fulfill(body=PLACES, content_type="text/javascript"))
    page.goto(f"{address}/desk/enrol")

    def shown(name: str, lang: str = "zh", draft: dict[str, Any] | None = None) -> Page:
        if name in FACTS:
            page.evaluate(SHOW, [lang, "askFact", name, {}, GROUND, {"at": AT, "draft": draft}])
            return page
        kind, params, usual = QUESTIONS[name]
        title = dict(zip(("zh", "en"), TITLES[kind], strict=True))
        (question,) = asked_in(book(rule("a", kind, params=params, title=title)))
        given = {"at": AT, "draft": draft if draft is not None else usual}
        page.evaluate(SHOW, [lang, "ask", sent(question), {}, GROUND, json.loads(json.dumps(given))])
        return page

    yield shown


SMALL = """() => [...document.querySelectorAll("main button, main input:not(.unseen), main summary, main label.key")]
  .filter((one) => one.getBoundingClientRect().width && one.getBoundingClientRect().height < 64)
  .map((one) => one.outerHTML)"""
NAMELESS = """() => [...document.querySelectorAll("main button, main input")].filter((one) =>
  !(one.getAttribute("aria-label") || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML)"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_question_fits_a_small_phone_and_a_glove(lang: str, show: Show) -> None:
    for name in (*QUESTIONS, *FACTS):
        page = show(name, lang)
        page.wait_for_load_state("networkidle")
        does_not_scroll_sideways(page)
        assert (name, page.evaluate(SMALL), page.evaluate(NAMELESS)) == (name, [], [])
        if folder := os.environ.get("GATE_TEST_PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{lang}.png", full_page=True)
        page.evaluate("document.documentElement.dataset.size = '200'")
        does_not_scroll_sideways(page)
        page.evaluate("document.documentElement.dataset.size = '100'")


def told(page: Page, name: str) -> Any:
    """What ``value``, ``complete`` or ``answer`` says of what was pressed so far."""
    return page.evaluate("(name) => told(name)", name)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_temperature_takes_one_press_and_a_high_one_is_typed(show: Show) -> None:
    page = show("temperature")
    press(page, "36.6")
    assert told(page, "value") == {"n": 366} and told(page, "complete")
    expect(page.get_by_role("button", name="36.6")).to_have_attribute("aria-pressed", "true")
    page.get_by_text("37.3+").click()
    assert told(page, "value") is None
    press(page, "9")
    assert told(page, "value") == {"n": 379} and not told(page, "complete")
    page.keyboard.press("Backspace")  # the reading still stands on a key of the pad
    page.keyboard.type("4")
    assert told(page, "value") == {"n": 374}
    page.get_by_label("读数").fill("46")
    expect(page.get_by_role("alert")).to_have_text("请填 30 到 45 ℃")
    assert told(page, "value") is None and page.get_by_label("读数").input_value() == "46"


def test_a_test_takes_two_presses_and_a_code_one(show: Show) -> None:
    page = show("test", draft={})
    press(page, "阴性")
    assert not told(page, "complete")
    page.get_by_role("button", name=re.compile("^2 小时前")).click()
    assert told(page, "value") == {"result": "negative", "sampled_at": AT - 2 * HOUR} and told(page, "complete")
    page.get_by_text("其他时间").click()
    page.locator("#sampled").fill("2022-04-18T12:00")
    expect(page.get_by_role("alert")).to_have_text("采样时间晚于现在，请核对")
    page = show("code", draft={})
    press(page, "红码")
    assert told(page, "value") == {"colour": "red"} and told(page, "complete")


def test_a_disinfection_counts_down(show: Show) -> None:
    page = show("disinfection")
    for name in ("含氯消毒剂", "穿戴齐全", "现在开始计时"):
        press(page, name)
    page.get_by_role("button", name="王师傅").click()
    expect(page.get_by_role("timer")).to_have_text("还差 20 分")
    assert told(page, "value") == {
        "agent": "chlorine", "dilution": 100, "operator": "王师傅", "protective_clothing": True, "started_at": AT,
    }  # fmt: skip
    page.evaluate("(at) => { window.at = at }", AT + HOUR)
    press(page, "穿戴齐全")
    expect(page.get_by_role("timer")).to_have_text("已满 20 分钟")
    press(page, "消杀结束")
    assert told(page, "value")["finished_at"] == AT + HOUR


def test_a_picture_is_made_small_and_what_is_none_is_told(show: Show, tmp_path: Path) -> None:
    page = show("photo")
    expect(page.get_by_role("status")).to_contain_text("会一直待查")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    page.get_by_label("拍照").set_input_files(broken)
    expect(page.get_by_role("alert")).to_have_text("这张照片打不开，请重拍或另选一张。")
    assert told(page, "value") is None
    page.get_by_label("从手机里选一张").set_input_files(ROOT / "static/desk/icon-512.png")
    expect(page.get_by_role("img")).to_be_visible()
    assert told(page, "value") == {"file": "photo:1"} and page.evaluate("kept") > 0


def test_a_place_is_pressed_or_found_by_its_name(show: Show) -> None:
    page = show("origin")
    page.get_by_role("button", name="建德市").click()
    assert page.evaluate("draft.chosen") == "330182"
    page.get_by_label("从哪里来").fill("南山")
    page.get_by_role("group", name="找到的地方").get_by_role("button", name="南山区").click()
    assert page.evaluate("draft.chosen") == "440305"
    page.get_by_label("从哪里来").fill("没有的地方")
    expect(page.get_by_role("alert")).to_have_text("没有找到，请换个写法")


def test_papers_and_both_sides_are_ticked_by_keyboard_too(show: Show) -> None:
    page = show("handoff", draft={})
    for name in ("运单", "交接箱", "交方已确认", "收方已确认"):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Space")
    expect(page.get_by_text("缺少单据：磅单")).to_be_visible()
    press(page, "磅单")
    assert told(page, "value") == {
        "documents": ["waybill", "weigh_slip"], "method": "box", "given": True, "received": True,
    }  # fmt: skip
