"""A guard: takes in at the gate what riders bring, parcel by parcel."""

from __future__ import annotations

from typing import Any

from server.simulator.live import Message
from server.simulator.town import Bell, Town, live_on

LOOKS_EVERY_S = 6 * 60
SCAN_S = 4
MISSCAN_SHARE = 0.03


class Guard:
    """Who sits at the gate where goods come in."""

    def __init__(self, town: Town, phone: str) -> None:
        self.town, self.phone = town, phone
        self.session = town.new_session("guard")
        self.bell = Bell(town.clock)

    async def begin(self) -> None:
        """Sign in and open the gate's page."""
        await self.town.sign_in(self.session, self.phone)
        self.page = await self.town.open_page(self.session, self._hear, "gate")

    async def live(self) -> None:
        """Take in what stands at the gate until the day is over."""
        await live_on(self._act, lambda: self.bell.wait(LOOKS_EVERY_S))

    def _hear(self, message: Message) -> None:
        if message["kind"] == "handover.changed" and message["data"]["state"] == "arrived":
            self.bell.ring()

    async def _act(self) -> bool:
        gate = await self.session.get(f"{self.town.api}/deliveries/gate")
        for delivery in gate["expected"]:
            if delivery["state"] == "arrived" and delivery["brought"] == delivery["expected"]:
                await self._receive(delivery)
        return self.town.is_over.is_set()

    async def _receive(self, delivery: dict[str, Any]) -> None:
        codes = [parcel["code"] for parcel in delivery["parcels"]]
        await self.town.clock.sleep(SCAN_S * len(codes))
        if self.town.choices.happens(MISSCAN_SHARE, "misscan", codes):
            self.town.ledger.happened["codes misread"] += 1
            codes[0] = codes[0][:-1] + "?"
            await self._scan(codes, delivery)
            codes = [delivery["parcels"][0]["code"]]
        await self._scan(codes, delivery)

    async def _scan(self, codes: list[str], delivery: dict[str, Any]) -> None:
        body = {"parcel_codes": codes, "handover_id": delivery["id"]}
        taken = (await self.session.post(f"{self.town.api}/deliveries/gate/receive", body))["taken"]
        self.town.ledger.happened["parcels at the gate"] += len(taken)
