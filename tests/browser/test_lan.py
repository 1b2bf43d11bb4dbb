"""`make run LAN=1`: phones trust this house's own authority, and then everything runs over HTTPS."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.pages import PHONE, Manner, open_context, sign_in
from tests.house import running_house, trust_of


@pytest.fixture(scope="module")
def lan_house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    home = tmp_path_factory.mktemp("lan")
    with running_house(home, LAN="1") as address:
        yield address, home


def test_a_client_that_trusts_the_authority_trusts_the_house(lan_house: tuple[str, Path]) -> None:
    address, home = lan_house
    with urllib.request.urlopen(f"{address}/linli-ca.crt", context=trust_of(home)) as answer:
        assert answer.headers["Content-Type"].startswith("application/x-x509-ca-cert")
        assert answer.read() == (home / "lan" / "authority.crt").read_bytes()


def test_the_start_shows_the_address_and_how_to_trust_it(lan_house: tuple[str, Path]) -> None:
    said = (lan_house[1] / "house.log").read_text(encoding="utf-8")
    assert "linli-ca.crt" in said or "On your network" not in said
    assert "https://localhost" in said


def test_pages_and_the_live_channel_run_over_https(lan_house: tuple[str, Path], chromium: Browser) -> None:
    address, _ = lan_house
    # Chromium keeps its own list of authorities; the trust itself is tested above.
    context = open_context(chromium, Manner("zh"), PHONE, ignore_https_errors=True)
    page = context.new_page()
    with page.expect_websocket() as socket:
        sign_in(page, address, "courier")
        page.goto(f"{address}/route")
    assert socket.value.url.startswith("wss://")
    expect(page.locator('[data-do="load"]')).to_be_visible()
    cookies = context.cookies()
    assert cookies
    assert all(cookie["secure"] and cookie["httpOnly"] for cookie in cookies)
    context.close()
