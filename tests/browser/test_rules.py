"""The desk's interpreter of the rules in a real page, under the policy that every page has."""

from __future__ import annotations

import json

from playwright.sync_api import BrowserContext

from bench.judging.interpreters import judged
from tests.rules.test_vectors import FILES

JUDGE = """async (text) => {
  const { decide, needs, questions } = await import("/static/desk/rules.js");
  return JSON.parse(text).map(({ rulebooks, evidence, stage, at }) => JSON.stringify([
    decide(rulebooks, evidence, stage, at), questions(rulebooks, evidence, stage, at),
    questions(rulebooks, evidence, stage), needs(rulebooks),
  ]));
}"""


def test_a_page_makes_of_the_shared_cases_what_the_server_makes_of_them(address: str, context: BrowserContext) -> None:
    text = FILES[0].read_text("utf-8")
    page = context.new_page()
    answer = page.goto(f"{address}/sign-in")
    assert answer is not None and "default-src 'self'" in answer.headers["content-security-policy"]
    assert page.evaluate(JUDGE, text) == [judged(case) for case in json.loads(text)]
