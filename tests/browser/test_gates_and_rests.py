"""Gates weighed and opened on the map, and a rest put into a shift: by tap, in every manner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.pages import DESK, MANNERS, PHONE, Manner, open_context, sign_in, visit
from tests.browser.test_pages import STICKS_OUT, TOO_SMALL, Watch, violations

ZH = Manner("zh")


@pytest.fixture
def contexts() -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def enter(
    chromium: Browser,
    contexts: list[BrowserContext],
    house: str,
    role: str,
    size: tuple[int, int] = PHONE,
    manner: Manner = ZH,
) -> Page:
    context = open_context(chromium, manner, size, bypass_csp=True)
    context.set_default_timeout(20_000)
    contexts.append(context)
    page = context.new_page()
    sign_in(page, house, role)
    return page


def test_an_officer_has_the_gates_weighed_and_opens_them_himself(
    chromium: Browser, house: str, contexts: list[BrowserContext]
) -> None:
    officer = enter(chromium, contexts, house, "officer", DESK)
    officer.goto(f"{house}/waves")
    officer.click('a[href="/map?gates=1"]')
    card = officer.locator("[data-gates]")
    expect(card.locator("fieldset label").nth(1)).to_be_visible()
    # With one guard for all of them, some that are open now have to be closed.
    card.locator("#guards").fill("1")
    card.locator("#people_per_hour").fill("900")
    card.locator('[data-do="weigh"]').click()
    expect(officer.locator('[data-gates="found"]')).to_be_visible(timeout=90_000)
    expect(card.locator("table tbody tr").first).to_be_visible()
    changes = int(card.locator("[data-changes]").get_attribute("data-changes") or 0)
    assert changes > 0
    # Nothing has happened by itself: each change waits for its own tap.
    switches = card.locator("[data-gate] button")
    expect(switches).to_have_count(changes)
    switches.first.click()
    expect(switches).to_have_count(changes - 1)


def test_a_helper_puts_a_rest_into_the_shift_and_takes_it_out(
    chromium: Browser, house: str, contexts: list[BrowserContext]
) -> None:
    helper = enter(chromium, contexts, house, "volunteer")
    helper.goto(f"{house}/help")
    shift = helper.locator("[data-shift]").last
    expect(shift).to_contain_text("没有安排休息")
    shift.locator('[data-do="rest"]').click()
    shift.get_by_label("60 分钟").check()
    shift.locator("select").select_option(index=1)
    shift.locator('button:has-text("保存")').click()
    expect(shift).to_contain_text("休息 60 分钟")
    helper.reload()
    expect(shift).to_contain_text("休息 60 分钟")
    shift.locator('[data-do="rest"]').click()
    shift.locator('button:has-text("不休息了")').click()
    expect(shift).to_contain_text("没有安排休息")


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.name)
def test_what_was_opened_by_a_tap_is_accessible_and_whole_too(
    manner: Manner, chromium: Browser, house: str, contexts: list[BrowserContext]
) -> None:
    troubles: list[str] = []
    for role, path, opens in (("officer", "/map?gates=1", None), ("volunteer", "/help", '[data-do="rest"]')):
        page = enter(chromium, contexts, house, role, manner=manner)
        watch = Watch(page, house)
        visit(page, house, path)
        if opens is not None:
            page.locator(opens).last.click()
        found = [
            *violations(page),
            *page.evaluate(STICKS_OUT),
            *page.evaluate(TOO_SMALL, 60 if manner.is_elder else 44),
        ]
        troubles += [f"{path}: {trouble}" for trouble in found] + watch.troubles
    assert troubles == []
