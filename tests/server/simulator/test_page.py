"""A simulated page that falls off comes back, whatever becomes of whoever waited for it."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from server.simulator.client import Session
from server.simulator.hurry import HurriedTime
from server.simulator.ledger import Ledger
from server.simulator.live import Page


@pytest.fixture(autouse=True)
def clock() -> None:
    """No server is asked."""


@pytest.fixture(autouse=True)
def _empty_tables() -> None:
    """No database is asked."""


class _Session:
    name = "page"

    def __init__(self) -> None:
        self.ledger = Ledger()


class _OfflinePage(Page):
    """Connects to nothing."""

    connects = 0

    async def _connect(self) -> None:
        await asyncio.sleep(0)
        self.connects += 1
        self._socket = cast("object", self)

    async def _disconnect(self) -> None:
        self._socket = None


def _page() -> _OfflinePage:
    session = cast("Session", _Session())
    return _OfflinePage(
        "http://nowhere.test", "town", session, cast("HurriedTime", None), lambda message: None
    )


async def _give_up_waiting() -> _OfflinePage:
    page = _page()
    await page.open("needs:all")
    falling = asyncio.ensure_future(page.fall_off(0.05))
    await asyncio.sleep(0.01)
    falling.cancel()
    await asyncio.sleep(0.1)
    await page.close()
    return page


def test_a_page_comes_back_though_nobody_waits_for_it_any_more() -> None:
    assert asyncio.run(_give_up_waiting()).connects == 2
