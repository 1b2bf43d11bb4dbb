"""The main job in a real browser: post, accept, pack, bring, take in, plan, release, walk, drop, confirm."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.pages import DESK, PHONE, Manner, open_context, sign_in

GOODS = "大米 5kg"


class Taps:
    """Counts the taps of a flow; budgets stand in experience.md."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def tap(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.count += 1


def png(size: int = 16) -> bytes:
    """A small real picture."""
    rows = b"".join(b"\x00" + b"\x30\x90\x60" * size for _ in range(size))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def enter(
    chromium: Browser, contexts: list[BrowserContext], house: str, role: str, size: tuple[int, int] = PHONE
) -> Page:
    context = open_context(chromium, Manner("zh"), size)
    context.set_default_timeout(20_000)
    contexts.append(context)
    page = context.new_page()
    sign_in(page, house, role)
    return page


def walk(page: Page) -> int:
    """Finish every stop of the route on the page, with a photo where one is asked for; return how many."""
    done = 0
    while True:
        page.wait_for_timeout(150)
        todo = page.locator('[data-do="finish"], [data-do="photo"]')
        if todo.count() == 0:
            return done
        label = page.locator("p.label").first.inner_text()
        if page.locator('[data-do="photo"]').count():
            page.locator('[data-do="photo"]').set_input_files(
                {"name": "p.png", "mimeType": "image/png", "buffer": png()}
            )
        else:
            page.locator('[data-do="finish"]').click()
        done += 1
        expect(page.locator(f'p.label:text-is("{label}")')).to_have_count(0)


def end_the_route_under_way(courier: Page, house: str) -> None:
    """Walk what the demo has given out, so that the courier is free."""
    courier.goto(f"{house}/route")
    courier.click('[data-do="load"]')
    expect(courier.locator('[data-do="finish"], [data-do="photo"]').first).to_be_visible()
    assert walk(courier) > 0
    courier.click("text=结束本次路线")
    expect(courier.locator("text=现在没有路线")).to_be_visible()


def post_a_need(resident: Page, house: str) -> None:
    taps = Taps(resident)
    taps.tap('a[href="/needs/new"]')
    taps.tap('[data-kind="groceries"]')
    taps.tap(f'li:has-text("{GOODS}") button[data-item]')
    taps.tap('button:has-text("发布")')
    resident.wait_for_url(f"{house}/needs/0*")
    assert taps.count <= 6


def serve_the_order(merchant: Page, house: str) -> tuple[str, str]:
    """Accept, pack and hand over; return the parcel's code and the link for whoever brings it."""
    merchant.goto(f"{house}/orders")
    placed = merchant.locator("article", has=merchant.locator('[data-do="accept"]')).filter(has_text=GOODS)
    expect(placed.first).to_be_visible(timeout=40_000)
    order = merchant.locator(f'[data-order="{placed.first.get_attribute("data-order")}"]')
    order.locator('[data-do="accept"]').click()
    order.locator('[data-do="pack"]').click()
    parcel = order.locator(".badge.code").first.inner_text()
    merchant.click('[data-do="hand-over"]')
    return parcel, merchant.locator("[data-handover]").get_attribute("href") or ""


def bring_to_the_gate(bringer: Page, link: str, parcel: str) -> None:
    """Whoever brings the goods has no account."""
    bringer.goto(link)
    expect(bringer.locator("main")).to_contain_text(parcel)
    bringer.click('[data-do="arrive"]')
    expect(bringer.locator("text=已通知大门")).to_be_visible()


def take_in(guard: Page, house: str, parcel: str) -> None:
    guard.goto(f"{house}/gate")
    guard.fill("#code", parcel)
    guard.press("#code", "Enter")
    expect(guard.locator("text=已收 1 件")).to_be_visible()


def plan_and_release(officer: Page, house: str) -> None:
    clicks = Taps(officer)
    officer.goto(f"{house}/waves")
    clicks.tap('[data-do="plan"]')
    expect(officer.locator('[data-do="release"]')).to_be_visible(timeout=60_000)
    expect(officer.locator("main")).not_to_contain_text("检查不通过")
    expect(officer.locator("[data-help]")).to_be_visible()
    officer.locator('summary:has-text("用表格看")').click()
    expect(officer.locator("main table tbody tr")).to_have_count(officer.locator("article.card").count())
    clicks.tap('[data-do="release"]')
    assert clicks.count <= 3


def test_a_need_goes_all_the_way(chromium: Browser, house: str, contexts: list[BrowserContext]) -> None:
    courier = enter(chromium, contexts, house, "courier")
    end_the_route_under_way(courier, house)
    resident = enter(chromium, contexts, house, "resident")
    state = resident.locator("main .badge").first
    post_a_need(resident, house)
    parcel, link = serve_the_order(enter(chromium, contexts, house, "merchant"), house)
    expect(state).to_have_text("备货中")
    bring_to_the_gate(enter(chromium, contexts, house, "visitor"), link, parcel)
    take_in(enter(chromium, contexts, house, "guard"), house, parcel)
    expect(state).to_have_text("已到小区大门")
    plan_and_release(enter(chromium, contexts, house, "officer", DESK), house)
    # The route comes to the page that has been open all the time.
    expect(courier.locator('[data-do="load"]')).to_be_visible(timeout=20_000)
    expect(courier.locator("main")).to_contain_text(parcel)
    expect(state).to_have_text("已排上路线")
    courier.click('[data-do="load"]')
    walk(courier)
    expect(state).to_have_text("已放到门口")
    resident.click('button:has-text("我收到了")')
    expect(state).to_have_text("已确认")
