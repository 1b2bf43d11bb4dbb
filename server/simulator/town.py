"""What all the people of the town share: the place, its time, the network, the phones, the doors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from server.simulator.choices import Choices
from server.simulator.client import Network, Session, Surprised
from server.simulator.hurry import HurriedTime
from server.simulator.ledger import Ledger
from server.simulator.live import Message, Page
from server.simulator.phones import PhoneNetwork

HOMES_AT_AN_ADDRESS = 40


@dataclass
class Town:
    """``doors``: home label → who answers there and tells the code; people talk, no computer is in between.

    ``is_over``: nobody begins anything new. ``provider_url``: where payers agree to payments.
    """

    slug: str
    base_url: str
    clock: HurriedTime
    network: Network
    phones: PhoneNetwork
    choices: Choices
    ledger: Ledger
    provider_url: str = ""
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    doors: dict[str, Callable[[], Awaitable[str | None]]] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    _people: int = 0

    @property
    def api(self) -> str:
        """Return where the community's API lies."""
        return f"/api/c/{self.slug}"

    def new_session(self, name: str) -> Session:
        """Return a browser of somebody new; some dozens share an address, as people behind one router do."""
        self._people += 1
        group = self._people // HOMES_AT_AN_ADDRESS
        return self.network.session(name, f"127.0.{1 + group // 250}.{1 + group % 250}")

    async def sign_in(self, session: Session, phone: str) -> None:
        """Sign in with the code that comes to the phone."""
        await session.look_who()
        await session.post("/api/auth/code", {"phone": phone})
        code = await asyncio.to_thread(self.phones.code_for, phone)
        session.remember(await session.post("/api/auth/code/verify", {"phone": phone, "code": code}))

    async def open_page(self, session: Session, hear: Callable[[Message], None], *rooms: str) -> Page:
        """Open a page that watches rooms; it is checked at the end of the run."""
        page = Page(self.base_url, self.slug, session, self.clock, hear)
        self.pages.append(page)
        await page.open(*rooms)
        return page

    def mine_here(self, session: Session) -> dict[str, Any]:
        """Return what the signed-in person is in this community."""
        for community in session.me["communities"]:
            if community["slug"] == self.slug:
                return dict(community)
        return {}


class Bell:
    """Rings when news came: whoever waits for it looks again. Also a phone that is looked at now and then."""

    def __init__(self, clock: HurriedTime) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._event.set()

    async def wait(self, at_most_s: float) -> None:
        """Wait until it rings, at most so many simulated seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), at_most_s / self._clock.factor)
        self._event.clear()


async def live_on(act: Callable[[], Awaitable[bool]], pause: Callable[[], Awaitable[None]]) -> None:
    """Act again and again until there is nothing left to do; whoever was surprised tries again after the pause."""
    while True:
        try:
            if await act():
                return
        except Surprised:
            pass
        await pause()
