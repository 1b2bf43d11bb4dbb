"""What a cheap phone fetches until a resident has posted a need and looked at it, sign-in included."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.pages import PHONE, Manner, open_context, sign_in, visit

SCRIPT_BYTES = 70 * 1024
ALL_BYTES = 300 * 1024
# [address, bytes as sent] of all that the page fetched, itself included.
FETCHED = """() => ['navigation', 'resource']
  .flatMap((kind) => performance.getEntriesByType(kind))
  .map((entry) => [entry.name, entry.encodedBodySize])"""


def fetched(page: Page) -> dict[str, int]:
    found: list[list[Any]] = page.evaluate(FETCHED)
    return {str(address): int(size) for address, size in found}


def test_a_resident_posts_a_need_within_the_budget(chromium: Browser, house: str) -> None:
    context = open_context(chromium, Manner("zh"), PHONE)
    page = context.new_page()
    weights: dict[str, int] = {}
    sign_in(page, house, "resident")
    weights |= fetched(page)
    for path in ("/", "/needs/new", "/needs"):
        visit(page, house, path)
        weights |= fetched(page)
    page.locator('main a[href^="/needs/0"]').first.click()
    page.wait_for_load_state("networkidle")
    weights |= fetched(page)
    context.close()
    scripts = {address: size for address, size in weights.items() if address.endswith(".js")}
    assert scripts
    assert min(scripts.values()) > 0
    assert sum(scripts.values()) <= SCRIPT_BYTES, scripts
    assert sum(weights.values()) <= ALL_BYTES, weights
