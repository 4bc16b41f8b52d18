"""axe on a page: what it finds that is serious or critical, in one line each."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SOURCE = (Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
SEVERE = ("serious", "critical")
RUN = """async (enhanced) => {
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast-enhanced": { enabled: enhanced } },
  });
  return found.violations.map(({ id, impact, nodes }) => [id, impact, nodes.map((node) =>
    `${node.target.join(" ")} ${(node.any[0]?.message ?? node.failureSummary ?? "").slice(0, 120)}`)]);
}"""

WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return wide.slice(0, 3).map((one) => `sticks out: ${one.tagName} ${one.className} ${one.textContent.slice(0, 30)}`);
}"""


def severe(page: Page, *, enhanced: bool = False) -> list[str]:
    """Findings on the page as it stands; ``enhanced``: text needs a contrast of 7:1, as what a guard reads has."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(SOURCE)
    return [
        f"{rule} {place}"
        for rule, impact, places in page.evaluate(RUN, enhanced)
        if impact in SEVERE
        for place in places[:3]
    ]


def too_wide(page: Page) -> list[str]:
    """What sticks out of the screen to the side."""
    found: list[str] = page.evaluate(WIDE)
    return found
