"""Every page, in every manner: accessible, nothing cut off, nothing fetched from elsewhere, no script error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.browser.pages import MANNERS, PAGES, SIZES, Manner, open_context, sign_in, visit

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# Every rule runs; only what is wrong is described, since describing all that is right takes as long again.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# What sticks out of the window to the right, except within a box that scrolls by itself.
STICKS_OUT = """() => {
  const keeps = ['auto', 'scroll', 'hidden'];
  const scrolls = (e) => e && (keeps.includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  return [...document.querySelectorAll('main *, header *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement))
    .map((e) => e.outerHTML.slice(0, 120));
}"""
TOO_SMALL = """(least) => [...document.querySelectorAll('main button, main a.button, header button, header a')]
  .filter((e) => e.offsetParent && !e.closest('.leaflet-container'))
  .map((e) => [e.getBoundingClientRect(), e])
  .filter(([box]) => box.height < least - 0.5 || box.width < least - 0.5)
  .map(([box, e]) => `${Math.round(box.width)}×${Math.round(box.height)} ${e.outerHTML.slice(0, 100)}`)"""

# Words that go on in the next line of a button.
BROKEN_WORDS = """() => {
  const found = [];
  for (const button of document.querySelectorAll('main button, main a.button, header button')) {
    const walker = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      for (const word of walker.currentNode.data.matchAll(/[A-Za-z0-9]+/g)) {
        const range = document.createRange();
        range.setStart(walker.currentNode, word.index);
        range.setEnd(walker.currentNode, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
        if (lines.size > 1) found.push(`broken word: ${word[0]} in ${button.textContent.trim().slice(0, 60)}`);
      }
    }
  }
  return found;
}"""


class Watch:
    """What a page did that it must not."""

    def __init__(self, page: Page, address: str) -> None:
        self.troubles: list[str] = []
        self.address = address
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))

    def _request(self, request: Request) -> None:
        allowed = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(allowed):
            self.troubles.append(f"asked elsewhere: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        # "Not found" is an answer here: no route now, no helper yet.
        if message.type == "error" and "404" not in message.text:
            self.troubles.append(f"console: {message.text}")


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page."""
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("(rules) => axe.run(document, rules)", RULES)
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.name)
@pytest.mark.parametrize("role", PAGES)
def test_every_page_is_accessible_and_whole(role: str, manner: Manner, chromium: Browser, house: str) -> None:
    troubles: list[str] = []
    context = open_context(chromium, manner, SIZES[0], bypass_csp=True)
    page = context.new_page()
    watch = Watch(page, house)
    sign_in(page, house, role)
    for path in PAGES[role]:
        visit(page, house, path)
        found = [
            *violations(page),
            *page.evaluate(STICKS_OUT),
            *page.evaluate(BROKEN_WORDS),
            *page.evaluate(TOO_SMALL, 60 if manner.is_elder else 44),
        ]
        troubles += [f"{path}: {trouble}" for trouble in found]
    context.close()
    assert troubles + watch.troubles == []
