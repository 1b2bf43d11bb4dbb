"""A courier without a signal: steps wait on the phone, and none is lost.

In a house of its own: a wave goes first to who has carried least, and this courier is to be the one.
"""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.pages import DESK
from tests.browser.test_journey import contexts, enter

__all__ = ["contexts"]


def test_a_courier_without_a_signal_loses_nothing(
    chromium: Browser, house: str, contexts: list[BrowserContext]
) -> None:
    officer = enter(chromium, contexts, house, "officer", DESK)
    courier = enter(chromium, contexts, house, "courier")
    courier.goto(f"{house}/route")
    courier.wait_for_load_state("networkidle")
    if courier.locator("text=结束本次路线").count():
        courier.click("text=结束本次路线")
    feed_the_gate(chromium, contexts, house)
    officer.goto(f"{house}/waves")
    officer.click('[data-do="plan"]')
    officer.locator('[data-do="release"]').click(timeout=60_000)
    courier.click('[data-do="load"]')
    expect(courier.locator('[data-do="fail"]')).to_be_visible()

    contexts[1].set_offline(True)
    label = courier.locator("p.label").first.inner_text()
    courier.click('[data-do="fail"]')
    courier.click('[data-reason="not_home"]')
    expect(courier.locator("text=离线 · 1 步待上传")).to_be_visible()
    courier.click('[data-do="undo"]')
    expect(courier.locator("p.label").first).to_have_text(label)
    expect(courier.locator("text=待上传")).to_have_count(0)
    courier.click('[data-do="fail"]')
    courier.click('[data-reason="not_home"]')
    contexts[1].set_offline(False)
    expect(courier.locator("text=待上传")).to_have_count(0, timeout=20_000)
    courier.reload()
    expect(courier.locator("main")).to_contain_text("家中无人")


def feed_the_gate(chromium: Browser, contexts: list[BrowserContext], house: str) -> None:
    """See to it that something lies on the gate's shelf: what the demo has on its way is taken in."""
    guard = enter(chromium, contexts, house, "guard")
    guard.goto(f"{house}/gate")
    guard.wait_for_load_state("networkidle")
    if guard.locator('[data-do="receive"]').count():
        guard.locator('[data-do="receive"]').first.click()
        expect(guard.locator("text=已收")).to_be_visible()
