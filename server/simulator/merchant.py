"""A shop: stocks its shelf, takes orders, packs, and sends a courier to the gate."""

from __future__ import annotations

import asyncio
from typing import Any

from server.simulator.enterprise_courier import EnterpriseCourier
from server.simulator.goods import Goods, Shop
from server.simulator.live import Message, Page
from server.simulator.town import Bell, Town, live_on

LOOKS_EVERY_S = 5 * 60
PACK_S = 35
PACK_EVERY_S = 4 * 60
SEND_AFTER_S = 10 * 60
REJECT_SHARE = 0.03
OUT_OF_STOCK_SHARE = 0.05
SCARCE_OF_NEEDS = 12
GONE = ("market.not_now", "needs.offer_gone", "needs.offer_expired", "needs.already_taken", "needs.not_now")


class Merchant:
    """Who keeps a shop."""

    def __init__(self, town: Town, shop: Shop, phone: str) -> None:
        self.town, self.shop, self.phone = town, shop, phone
        self.session = town.new_session(shop.name)
        self.bell = Bell(town.clock)
        self.page: Page | None = None
        self.packed: list[dict[str, Any]] = []
        self.riders: set[asyncio.Task[None]] = set()
        self.rides = 0
        self._packed_since: Any = None

    async def open_shop(self, needs: int) -> None:
        """Sign in, stock the shelf, open the orders' page."""
        await self.town.sign_in(self.session, self.phone)
        for goods in self.shop.goods:
            await self.session.post(f"{self.town.api}/market/stock", self._stock(goods, needs))
        merchant_id = self.town.mine_here(self.session)["merchant_id"]
        self.page = await self.town.open_page(self.session, self._hear, f"merchant:{merchant_id}")

    async def live(self) -> None:
        """Answer orders until the day is over, and pack them at the back meanwhile."""
        await asyncio.gather(
            live_on(self._answer_all, lambda: self.bell.wait(LOOKS_EVERY_S)),
            live_on(self._pack_all, lambda: self.town.clock.sleep(PACK_EVERY_S)),
        )

    def _stock(self, goods: Goods, needs: int) -> dict[str, Any]:
        return {
            "name": goods.name,
            "name_en": goods.name_en,
            "unit": goods.unit,
            "price_fen": goods.price_fen,
            # The first of each list is scarce: several reach for the last one at once.
            "on_hand": 3 + needs // SCARCE_OF_NEEDS if goods is self.shop.goods[0] else 20 + needs,
            "weight_g": goods.weight_g,
            "volume_ml": goods.volume_ml,
        }

    def _hear(self, message: Message) -> None:
        if message["kind"] == "order.new":
            self.bell.ring()

    async def _answer_all(self) -> bool:
        for order in await self._orders("placed"):
            await self._answer(order)
        return self.town.is_over.is_set()

    async def _pack_all(self) -> bool:
        for order in await self._orders("accepted"):
            await self._pack(order)
            await self._send()
        await self._send()
        return self.town.is_over.is_set()

    async def _orders(self, state: str) -> list[dict[str, Any]]:
        found = await self.session.get(f"{self.town.api}/market/orders", state=state, limit=200)
        return list(found["items"])

    async def _answer(self, order: dict[str, Any]) -> None:
        path = f"{self.town.api}/market/orders/{order['id']}"
        if self.town.choices.happens(REJECT_SHARE, "reject", self.shop.name, order["need_id"]):
            answer = await self.session.ask("POST", f"{path}/reject", body={"why": "忙不过来"}, expect=GONE)
            self.town.ledger.happened["orders rejected"] += not answer.code
            return
        answer = await self.session.ask("POST", f"{path}/accept", expect=GONE)
        if answer.code:
            self.town.ledger.happened["orders gone before the answer"] += 1

    async def _pack(self, order: dict[str, Any]) -> None:
        path = f"{self.town.api}/market/orders/{order['id']}"
        await self.town.clock.sleep(PACK_S)
        source = self.town.choices.source("stock", order["need_id"])
        if source.random() < OUT_OF_STOCK_SHARE:
            line = source.choice(order["lines"])
            lacking = await self.session.ask(
                "POST", f"{path}/lines/{line['id']}/out-of-stock", expect=(*GONE, "market.not_kept")
            )
            self.town.ledger.happened["lines out of stock"] += not lacking.code
            if lacking.code or lacking.body["state"] != "accepted":
                return
        # Who has not agreed to the payment yet may do so until the next round.
        answer = await self.session.ask("POST", f"{path}/pack", expect=(*GONE, "market.not_paid_yet"))
        if not answer.code:
            self.packed.append(answer.body)
            self._packed_since = self._packed_since or self.town.clock.now()

    async def _send(self) -> None:
        """Send what is packed once the oldest of it has waited a while: one link for all of it."""
        if not self.packed:
            return
        waited_s = (self.town.clock.now() - self._packed_since).total_seconds()
        if waited_s < SEND_AFTER_S and len(self.packed) < 20:
            return
        going, self.packed, self._packed_since = self.packed, [], None
        path = f"{self.town.api}/market/orders/{going[0]['id']}/hand-over"
        body = {"also": [order["id"] for order in going[1:]]}
        link = (await self.session.post(path, body))["handover_url"]
        self.rides += 1
        rider = EnterpriseCourier(self.town, f"{self.shop.name}/{self.rides}", link)
        task = asyncio.create_task(rider.live())
        self.riders.add(task)
        task.add_done_callback(self.riders.discard)
