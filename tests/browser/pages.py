"""Which pages each demo role has, and the ways in which they are looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, Request

PHONE, DESK = (360, 800), (1280, 800)
SIZES = (PHONE, DESK)
NEWEST_NEED, NEWEST_WAVE, NEWEST_ORDER = "/needs/:newest", "/waves/:newest", "/quarantine/:newest"
NEWEST_LIST, NEWEST_ITEM = "/zones/:newest", "/stock/:newest"
PAGES: dict[str, list[str]] = {
    "visitor": ["/sign-in"],
    "resident": [
        *("/", "/needs", "/needs/new", "/needs/new?kind=groceries", NEWEST_NEED),
        *("/me", "/looks", "/notices", "/help", "/join", "/pass", "/pass/new", "/isolation", "/zone"),
        *("/goods", "/my-shop", "/fund", "/receipts", "/paying"),
    ],
    "volunteer": ["/", "/offers", "/route", "/help"],
    "courier": ["/", "/route", "/offers"],
    "merchant": [
        *("/", "/orders", "/stock", "/stock/entry", NEWEST_ITEM, "/my-shop", "/picking"),
        *("/claims", "/takings"),
    ],
    "guard": ["/", "/gate", "/map", "/scan"],
    "grid_worker": ["/", "/desk", "/homes", "/passes", "/doors"],
    "officer": [
        *("/", "/waves", NEWEST_WAVE, "/map", "/desk", "/board", "/homes", "/home-codes"),
        *("/roles", "/helpers", "/shops", "/modules", "/gate-rules", "/gate-flow"),
        *("/quarantine", "/quarantine/new", "/quarantine/days", "/quarantine/settings", NEWEST_ORDER),
        *("/doors", "/tracing", "/fund", "/claims"),
        *("/zones", "/zones/new", NEWEST_LIST),
    ],
    "clinic": ["/", "/referrals"],
}
# A page that has drawn itself so often without asking for anything has all that it wants.
QUIET_LOOKS = 3
A_MOMENT = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))"
NEWEST = {
    NEWEST_NEED: ("/needs", "a.need"),
    NEWEST_WAVE: ("/waves", 'a.card[href^="/waves/"]'),
    NEWEST_ORDER: ("/quarantine", 'a.card[href^="/quarantine/"]'),
    NEWEST_LIST: ("/zones", 'a.card[href^="/zones/"]'),
    NEWEST_ITEM: ("/stock", "a[data-item]"),
}


@dataclass(frozen=True)
class Manner:
    """How a page is looked at."""

    name: str
    locale: str = "zh-CN"
    is_elder: bool = False
    is_dark: bool = False


MANNERS = (
    Manner("zh"),
    Manner("en", locale="en-US"),
    Manner("zh-elder", is_elder=True),
    Manner("en-elder-dark", locale="en-US", is_elder=True, is_dark=True),
    Manner("zh-dark", is_dark=True),
)


def open_context(
    browser: Browser,
    manner: Manner,
    size: tuple[int, int],
    *,
    bypass_csp: bool = False,
    ignore_https_errors: bool = False,
    service_workers: Literal["allow", "block"] = "block",
) -> BrowserContext:
    """Open a browser profile of its own. Without service workers every request is seen."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=manner.locale,
        color_scheme="dark" if manner.is_dark else "light",
        reduced_motion="reduce",
        service_workers=service_workers,
        bypass_csp=bypass_csp,
        ignore_https_errors=ignore_https_errors,
    )
    if manner.is_elder:
        context.add_init_script("localStorage.setItem('linli.elder', 'yes')")
    return context


def sign_in(page: Page, address: str, role: str) -> None:
    """Enter the demo as a role with one click; a visitor stays outside."""
    page.goto(f"{address}/sign-in")
    if role != "visitor":
        page.click(f'[data-demo="{role}"]')
        page.wait_for_url(f"{address}/")


def visit(page: Page, address: str, path: str) -> None:
    """Open a page and wait until what it fetches is there."""
    if path in NEWEST:
        listing, link = NEWEST[path]
        page.goto(address + listing)
        found = page.locator(link).last if path == NEWEST_NEED else page.locator(link).first
        path = found.get_attribute("href") or listing
    with _requests(page) as under_way:
        page.goto(address + path)
        page.wait_for_selector("main h1")
        quiet_looks = 0
        while quiet_looks < QUIET_LOOKS:
            page.evaluate(A_MOMENT)
            quiet_looks = 0 if under_way else quiet_looks + 1


@contextmanager
def _requests(page: Page) -> Iterator[set[Request]]:
    """Yield the page's requests that have no answer yet; the live channel, a WebSocket, is none."""
    under_way: set[Request] = set()

    # Playwright takes functions only, no methods of a set.
    def begin(request: Request) -> None:
        under_way.add(request)

    def end(request: Request) -> None:
        under_way.discard(request)

    heard = {"request": begin, "requestfinished": end, "requestfailed": end}
    for name, listener in heard.items():
        page.on(name, listener)  # type: ignore[call-overload]  # one overload for each name
    try:
        yield under_way
    finally:
        for name, listener in heard.items():
            page.remove_listener(name, listener)


def slug(path: str) -> str:
    """A file name for a path."""
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
