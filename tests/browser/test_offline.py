"""The network is gone: the app opens all the same, the round goes on, and signing out does not lose it silently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import PHONE, Manner, open_context, sign_in
from tests.house import running_house

# Waiting for a signal, or for a server.
QUEUED = re.compile("1 步(待上传|正在上传)")
# The keys of whatever the app keeps in the browser's database and beside it.
KEPT = """async () => {
  const open = indexedDB.open('keyval-store');
  await new Promise((done) => { open.onsuccess = done; });
  const all = open.result.transaction('keyval').objectStore('keyval').getAllKeys();
  await new Promise((done) => { all.onsuccess = done; });
  return [...all.result, ...Object.keys(localStorage)];
}"""


@pytest.fixture
def courier(chromium: Browser) -> Iterator[Page]:
    context = open_context(chromium, Manner("zh"), PHONE, service_workers="allow")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def begin_the_round(courier: Page, house: str) -> None:
    """Load the route that the demo has given out, and wait until the app is kept on the phone."""
    sign_in(courier, house, "courier")
    courier.goto(f"{house}/route")
    load, fail = courier.locator('[data-do="load"]'), courier.locator('[data-do="fail"]')
    expect(load.or_(fail)).to_be_visible()
    if load.count():
        load.click()
    expect(fail).to_be_visible()
    courier.evaluate("navigator.serviceWorker.ready.then(() => true)")
    # The next visit finds the helper in place; this one was opened before it.
    courier.reload()
    expect(fail).to_be_visible()


def test_the_round_goes_on_when_the_house_is_gone_and_the_phone_starts_anew(
    courier: Page, tmp_path: Path
) -> None:
    with running_house(tmp_path) as house:
        begin_the_round(courier, house)
        stops = courier.locator("p.label").first.inner_text()
    # Nothing answers any more, and the page is opened from nothing.
    courier.goto("about:blank")
    courier.goto(f"{house}/route")
    expect(courier.locator("p.label").first).to_have_text(stops)
    courier.click('[data-do="fail"]')
    courier.click('[data-reason="not_home"]')
    expect(courier.locator("main")).to_contain_text(QUEUED)
    expect(courier.locator("p.label").first).not_to_have_text(stops)
    courier.reload()
    expect(courier.locator("main")).to_contain_text(QUEUED)


def test_signing_out_with_unsent_steps_asks_first(courier: Page, house: str) -> None:
    begin_the_round(courier, house)
    courier.route("**/deliveries/stops/**", lambda request: request.abort())
    courier.click('[data-do="fail"]')
    courier.click('[data-reason="not_home"]')
    expect(courier.locator("main")).to_contain_text(QUEUED)

    courier.goto(f"{house}/me")
    courier.click("text=退出登录")
    expect(courier.get_by_role("alert")).to_contain_text("还有 1 步")
    courier.click("text=去看看")
    expect(courier.locator("main")).to_contain_text(QUEUED)

    courier.unroute("**/deliveries/stops/**")
    courier.goto(f"{house}/me")
    courier.click("text=退出登录")
    courier.wait_for_url(f"{house}/sign-in")
    sign_in(courier, house, "courier")
    courier.goto(f"{house}/route")
    expect(courier.locator("main")).to_contain_text("家中无人")


def test_whoever_signs_out_all_the_same_leaves_nothing_on_the_phone(courier: Page, house: str) -> None:
    begin_the_round(courier, house)
    courier.route("**/deliveries/stops/**", lambda request: request.abort())
    courier.click('[data-do="fail"]')
    courier.click('[data-reason="not_home"]')
    assert "courier.queue" in courier.evaluate(KEPT)
    courier.goto(f"{house}/me")
    courier.click("text=退出登录")
    courier.click("text=丢弃并退出")
    courier.wait_for_url(f"{house}/sign-in")
    assert courier.evaluate(KEPT) == []
