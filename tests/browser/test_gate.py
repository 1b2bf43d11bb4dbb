"""A pass on one phone, a scanner on another: by camera, by hand, and after a reload with the house gone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import CHROMIUM
from tests.browser.pages import PHONE, Manner, open_context, sign_in
from tests.house import running_house

VERDICT, STANDING = "[data-outcome]", "[data-standing]"
FRAMES = 30


@pytest.fixture
def contexts() -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def enter(browser: Browser, contexts: list[BrowserContext], house: str, role: str) -> Page:
    context = open_context(browser, Manner("zh"), PHONE, service_workers="allow")
    context.set_default_timeout(20_000)
    contexts.append(context)
    page = context.new_page()
    sign_in(page, house, role)
    return page


def show_pass(resident: Page) -> str:
    """Open the pass with one tap; return its six digits."""
    resident.click('a[href="/pass"]')
    expect(resident.locator("[data-pass] svg[data-version]").first).to_be_visible()
    return resident.locator("[data-number]").first.inner_text()


def film(picture: bytes, file: Path) -> None:
    """Write a film of a picture held before a camera."""
    code = Image.open(io.BytesIO(picture)).convert("RGB")
    frame = Image.new("RGB", (640, 480), (90, 90, 90))
    code.thumbnail((420, 420))
    frame.paste(code, ((640 - code.width) // 2, (480 - code.height) // 2))
    jpeg = io.BytesIO()
    frame.save(jpeg, "JPEG", quality=90)
    file.write_bytes(jpeg.getvalue() * FRAMES)


def scan(guard: Page, text: str) -> None:
    guard.fill("#typed", text)
    guard.click('[data-do="check"]')


def test_a_rotating_code_is_read_by_the_camera_once(
    chromium: Browser, house: str, contexts: list[BrowserContext], tmp_path: Path
) -> None:
    film_of = tmp_path / "code.mjpeg"
    camera = chromium.browser_type.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film_of}",
        ],
    )
    try:
        guard = enter(camera, contexts, house, "guard")
        asked: list[str] = []
        guard.on("request", lambda request: asked.append(request.url))
        resident = enter(chromium, contexts, house, "resident")
        show_pass(resident)
        code = resident.locator("[data-pass] svg[data-version]").first
        assert code.get_attribute("data-version") == "9"
        # Everybody is in place: the code that is filmed holds for half a minute at least.
        film(code.screenshot(), film_of)
        guard.goto(f"{house}/scan")
        expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "allow")
        # The same picture once more, as a screenshot would be.
        guard.reload()
        expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "deny")
        assert [url for url in asked if not url.startswith((house, "blob:", "data:"))] == []
        guard.context.close()
        contexts.remove(guard.context)
    finally:
        camera.close()


def test_six_digits_refusal_and_emergency_by_hand(
    chromium: Browser, house: str, contexts: list[BrowserContext]
) -> None:
    digits = show_pass(enter(chromium, contexts, house, "elder"))
    guard = enter(chromium, contexts, house, "guard")
    guard.goto(f"{house}/scan")
    expect(guard.locator(STANDING)).to_have_attribute("data-standing", "online")
    scan(guard, digits)
    expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "allow")
    # Whoever has no code is compared with a name and a door.
    expect(guard.locator(VERDICT)).to_contain_text("单元")
    scan(guard, digits)
    expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "deny")
    guard.click('[data-do="emergency"]')
    guard.click("text=急病就医")
    guard.click('[data-do="override"]')
    expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "override")
    guard.click('[data-direction="in"]')
    scan(guard, "000000")
    expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "admit")
    officer = enter(chromium, contexts, house, "officer")
    officer.goto(f"{house}/gate-flow")
    expect(officer.locator('[data-finding="override"]')).to_contain_text("急病就医")


def test_the_gate_works_when_the_house_is_gone_and_says_when_its_list_is_too_old(
    chromium: Browser, contexts: list[BrowserContext], tmp_path: Path
) -> None:
    with running_house(tmp_path) as house:
        resident = enter(chromium, contexts, house, "resident")
        digits = show_pass(resident)
        resident.evaluate("navigator.serviceWorker.ready.then(() => true)")
        guard = enter(chromium, contexts, house, "guard")
        guard.goto(f"{house}/scan")
        guard.evaluate("navigator.serviceWorker.ready.then(() => true)")
        for page in (resident, guard):
            page.reload()
        expect(guard.locator(STANDING)).to_have_attribute("data-standing", "online")
        expect(resident.locator("[data-pass] svg[data-version]").first).to_be_visible()
    for page, path in ((guard, "/scan"), (resident, "/pass")):
        page.goto("about:blank")
        page.goto(f"{house}{path}")
    # The pass is shown without network too.
    expect(resident.locator("[data-pass] svg[data-version]").first).to_be_visible()
    expect(guard.locator(STANDING)).to_have_attribute("data-standing", "offline")
    expect(guard.locator(STANDING)).to_contain_text("名单")
    scan(guard, digits)
    expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "allow")
    expect(guard.locator("[data-waiting]")).to_have_attribute("data-waiting", "1")
    scan(guard, digits)
    expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "deny")

    guard.clock.set_fixed_time(datetime.now(UTC) + timedelta(minutes=31))
    guard.reload()
    expect(guard.locator("[data-stale]")).to_be_visible()
    # What was decided before is still here, and will be sent.
    expect(guard.locator("[data-waiting]")).to_have_attribute("data-waiting", "2")
    scan(guard, digits)
    expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "stale")
    guard.click('[data-direction="in"]')
    scan(guard, digits)
    expect(guard.locator(VERDICT)).to_have_attribute("data-outcome", "admit")
