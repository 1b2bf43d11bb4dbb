"""The officer: prepares the community, lets helpers in, plans and releases waves, closes what does not add up."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from server.simulator.goods import Shop
from server.simulator.live import Message, Page
from server.simulator.town import Bell, Town

# Uses of buildings where people live; "yes" is what mappers write who do not know.
LIVED_IN = frozenset({"apartments", "residential", "dormitory", "house", "bungalow", "terrace", "yes"})
FLOORS = 6
RED_FOR = timedelta(days=7)
LOGIN, PASSWORD = "officer", "a-long-enough-passphrase-for-a-town"


class Officer:
    """Who runs the community."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.session = town.new_session("officer")
        self.bell = Bell(town.clock)
        self.page: Page | None = None

    async def begin(self) -> None:
        """Sign in with the password."""
        await self.session.look_who()
        body = {"login": LOGIN, "password": PASSWORD}
        self.session.remember(await self.session.post("/api/auth/password", body))
        self.page = await self.town.open_page(self.session, self._hear, "map")

    async def map(self) -> dict[str, Any]:
        """Return the map."""
        return dict(await self.session.get(f"{self.town.api}/places/map"))

    async def register_homes(self, count: int) -> list[dict[str, Any]]:
        """Import so many homes and return all there are, in an order drawn from the seed."""
        text = homes_csv(await self.map(), count)
        path = f"{self.town.api}/places/homes/import"
        await self.session.ask("POST", path, content=("text/csv", text.encode()))
        found = await self.session.get(f"{self.town.api}/places/homes", limit=5000)
        homes = sorted(found["items"], key=lambda home: home["label"])
        self.town.choices.source("homes").shuffle(homes)
        return list(homes)

    async def home_codes(self, homes: Iterable[dict[str, Any]]) -> dict[str, str]:
        """Print paper codes; returns home id → code."""
        body = {"home_ids": [home["id"] for home in homes]}
        printed = await self.session.post(f"{self.town.api}/people/home-codes", body)
        return {item["home_id"]: item["code"] for item in printed["items"]}

    async def enter_member(self, home_id: str, name: str, trait: str) -> None:
        """Enter somebody without a phone who lives in a home and is to be served first."""
        path = f"{self.town.api}/people/homes/{home_id}/members"
        await self.session.post(path, {"name": name, "traits": [trait]})

    async def open_to_goods(self) -> None:
        """See to it that one gate takes goods: on some maps every gate is closed or none does."""
        gates = (await self.map())["gates"]
        if not any(gate["is_open"] and gate["takes_goods"] for gate in gates):
            path = f"{self.town.api}/places/gates/{gates[0]['id']}"
            await self.session.ask("PATCH", path, body={"is_open": True, "takes_goods": True})

    async def register_shop(self, shop: Shop, phone: str) -> None:
        """Register a shop and who keeps it."""
        body = {
            "name": shop.name,
            "name_en": shop.name_en,
            "keeper_phone": phone,
            "keeper_name": self.town.choices.name("keeper", shop.name),
            "distance_m": shop.distance_m,
        }
        await self.session.post(f"{self.town.api}/market/merchants", body)

    async def grant(self, phone: str, role: str) -> None:
        """Grant a role to whoever has the phone."""
        body = {"phone": phone, "role": role, "name": self.town.choices.name(role, phone)}
        await self.session.post(f"{self.town.api}/people/grants", body)

    async def seal(self, home_id: str) -> None:
        """Put a home under isolation."""
        now = self.town.clock.now()
        body = {
            "home_id": home_id,
            "kind": "contact",
            "started_at": now.isoformat(),
            "until_at": (now + RED_FOR).isoformat(),
            "legal_basis": "传染病防治法第三十九条",
            "ground": "居家隔离通知书 2026-31",
        }
        path = f"{self.town.api}/quarantine/orders"
        made = await self.session.post(path, body, expect=("quarantine.isolated_already",))
        if "id" in made:
            self.town.ledger.quarantine["orders"] += 1
            self.town.ledger.happened["homes put under isolation"] += 1

    async def let_in(self, helper_ids: Iterable[str]) -> None:
        """Approve those who asked to help."""
        for helper_id in helper_ids:
            await self.session.post(f"{self.town.api}/helpers/{helper_id}/approve")

    async def needs(self) -> list[dict[str, Any]]:
        """Return every need of the community."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            page = await self.session.get(f"{self.town.api}/needs", after=after, limit=200)
            found += page["items"]
            after = page["next"]
            if after is None:
                return found

    def _hear(self, message: Message) -> None:
        if message["kind"] in ("wave.planned", "wave.failed", "wave.done", "stop.failed", "mismatch.found"):
            self.bell.ring()


def homes_csv(drawn: dict[str, Any], count: int) -> str:
    """Return homes.csv with ``count`` homes spread over the doors of buildings where people live.

    Doors whose names are doubtful are left out. Raises ValueError if no door is left.
    """
    buildings = {b["id"]: b for b in drawn["buildings"]}
    lived_in = [e for e in drawn["entrances"] if buildings[e["building_id"]]["use"] in LIVED_IN]
    doors = [(buildings[e["building_id"]]["label"], e["label"]) for e in lived_in or drawn["entrances"]]
    doors = sorted(door for door in set(doors) if doors.count(door) == 1)
    if not doors:
        raise ValueError("the map has no building with a door that can be told from the others")
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["building", "entrance", "floor", "door"])
    for nth in range(count):
        building, entrance = doors[nth % len(doors)]
        at_door = nth // len(doors)
        floor = 1 + at_door % FLOORS
        writer.writerow([building, entrance, floor, f"{floor}{1 + at_door // FLOORS:02d}"])
    return file.getvalue()
