"""Every question as a guard sees it, in a real page: keys large enough, names for who hears the screen, no overflow."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

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
    photo: async (blob) => { window.kept = blob.size; return "photo:1"; } };
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
OPTIONS = [{"code": f"g{n}", "zh": zh, "en": en} for n, (zh, en) in enumerate(
    [("完好", "sound"), ("漏料", "leaking"), ("超宽超高", "too wide or high"), ("篷布破损", "torn cover")])]  # fmt: skip
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
    "disinfection_runs": ("disinfection", AGENTS, {"agent": "chlorine", "dilution": 100, "started_at": AT - 818_000_000}),
    "handoff": ("document_handoff", {"documents": ["waybill", "weigh_slip"], "methods": ["box", "contact_free"]}, {"documents": ["waybill"], "method": "box"}),
}  # fmt: skip
GROUND = {
    "zones": [{"code": "z1", "name": "原料区"}, {"code": "z2", "name": "成品发运区"}],
    "trucks": [{"plate": "浙A1", "origin": "330182", "cargo": "coal"}, {"plate": "浙A2", "origin": "440305", "cargo": "coal"}],
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
@pytest.mark.parametrize("name", [*QUESTIONS, *FACTS])
def test_every_question_fits_a_small_phone_and_a_glove(name: str, lang: str, show: Show) -> None:
    page = show(name, lang)
    page.wait_for_load_state("networkidle")
    does_not_scroll_sideways(page)
    assert page.evaluate(SMALL) == [] and page.evaluate(NAMELESS) == []
    if folder := os.environ.get("GATE_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}-{lang}.png", full_page=True)
    page.evaluate("document.documentElement.dataset.size = '200'")
    does_not_scroll_sideways(page)
