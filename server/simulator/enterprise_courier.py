"""A shop's rider: no account, only the link; at the gate says how many parcels there are."""

from __future__ import annotations

from server.simulator.client import Surprised
from server.simulator.town import Town

RIDE_S = 8 * 60
MISCOUNT_SHARE = 0.04


class EnterpriseCourier:
    """One ride to the gate."""

    def __init__(self, town: Town, ride: str, link: str) -> None:
        self.town, self.ride = town, ride
        self.api = f"/api{link}"
        self.session = town.new_session(f"rider {ride}")

    async def live(self) -> None:
        """Open the link, ride, say what there is; who has miscounted corrects it at the gate."""
        try:
            await self.session.look_who()
            parcels = len((await self.session.get(self.api))["parcels"])
            await self.town.clock.sleep(RIDE_S)
            if self.town.choices.happens(MISCOUNT_SHARE, "miscount", self.ride):
                self.town.ledger.happened["riders miscounted"] += 1
                await self.session.post(f"{self.api}/arrive", {"count": parcels + 1})
                await self.town.clock.sleep(60)
            await self.session.post(f"{self.api}/arrive", {"count": parcels})
        except Surprised:
            # It is in the ledger; the guard will miss these parcels and the need says so.
            return
