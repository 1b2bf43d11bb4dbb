"""A running house and a real Chromium; without one the tests are skipped and say so, except in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import CHROMIUM, running_chromium
from tests.house import running_house


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium: apt-get install chromium")
        pytest.skip("no Chromium on this machine: apt-get install chromium fonts-noto-cjk")
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a house with a fresh demo, one for each file of tests."""
    with running_house(tmp_path_factory.mktemp("house")) as address:
        yield address
