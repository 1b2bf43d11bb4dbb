"""How households pay, what they claim, and what became of the money: by the API, and at the provider's page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpx

from server.simulator.client import Session
from server.simulator.merchant import Merchant
from server.simulator.officer import Officer
from server.simulator.town import Town

# As people do: most use what the community gave them, some their phone, some settle with the shop.
WAYS = ("wallet", "wallet", "wallet", "alipay", "alipay", "shop")
VOUCHERS_FEN = (30_000, 30_000, 30_000, 1_000)
DECLINES_SHARE = 0.1
CLAIM_SHARE = 0.1
LATE = ("market.not_now", "market.paid_already", "money.under_way")
NOT_NOW = ("market.not_delivered", "market.claim_too_late", "market.claimed_already")


class Payer:
    """The one of a household who pays."""

    def __init__(self, town: Town, session: Session, number: int) -> None:
        self.town, self.session = town, session
        self.source = town.choices.source("payer", number)
        self.way = self.source.choice(WAYS)
        self.has_claimed: set[str] = set()

    async def begin(self) -> None:
        """Choose how to pay for what will be ordered."""
        body = {"pays_by": self.way}
        await self.session.ask("PUT", f"{self.town.api}/market/paying", body=body)

    async def look(self, need_id: str) -> None:
        """Pay at the provider's page what waits for it; claim what is missing."""
        for order in await self._orders(need_id):
            if order["state"] in ("placed", "accepted") and self.way == "alipay":
                await self._agree(need_id, order)
            if order["claim_until"] and order["id"] not in self.has_claimed:
                self.has_claimed.add(order["id"])
                await self._claim(order)

    async def _orders(self, need_id: str) -> list[dict[str, Any]]:
        found = await self.session.get(f"{self.town.api}/market/needs/{need_id}/orders")
        return list(found["items"])

    async def _agree(self, need_id: str, order: dict[str, Any]) -> None:
        if order["payment_state"] is None and order["pays_by"] == "alipay":
            path = f"{self.town.api}/market/orders/{order['id']}/pay"
            order = await self.session.post(path, {"pays_by": "alipay"}, expect=LATE)
        for _ in range(5):
            if order.get("payment_state") != "asked":
                return
            path = f"{self.town.api}/money/payments/{order['payment_id']}/next"
            where = (await self.session.get(path, expect=("money.provider_away",))).get("next_url")
            if where:
                await self._confirm(str(where))
                return
            # The worker has not told the provider yet.
            await asyncio.sleep(0.5)
            again = [one for one in await self._orders(need_id) if one["id"] == order["id"]]
            order = again[0] if again else {}

    async def _confirm(self, where: str) -> None:
        """Do what the payer does on the provider's page: agree, or think better of it."""
        agrees = self.source.random() >= DECLINES_SHARE
        url = f"{self.town.provider_url}/_fake/agree/{where.rsplit('/', 1)[1]}"
        async with httpx.AsyncClient(trust_env=False) as page:
            answer = await page.post(url, data={"agrees": str(agrees).lower()})
        # Whoever was quicker (the day given up, a second tap) has decided.
        self.town.ledger.happened["paid by Alipay" if agrees else "declined at Alipay"] += answer.is_success

    async def _claim(self, order: dict[str, Any]) -> None:
        there = [line for line in order["lines"] if not line["is_out_of_stock"]]
        if not there or self.source.random() >= CLAIM_SHARE:
            return
        line = self.source.choice(there)
        body = {"line_id": line["id"], "kind": "missing", "quantity": 1}
        path = f"{self.town.api}/market/orders/{order['id']}/claims"
        answer = await self.session.ask("POST", path, body=body, expect=NOT_NOW)
        self.town.ledger.happened["claims"] += not answer.code


async def give_vouchers(officer: Officer, payers: Iterable[Payer]) -> None:
    """Give out the community's vouchers; one household in four gets too few for an order."""
    for nth, payer in enumerate(payers):
        if payer.way == "wallet":
            body = {
                "person_id": payer.session.me["person"]["id"],
                "amount_fen": VOUCHERS_FEN[nth % len(VOUCHERS_FEN)],
            }
            await officer.session.post(f"{officer.town.api}/money/vouchers", body)


async def count_market(officer: Officer, merchants: Iterable[Merchant]) -> None:
    """Note what the shops sold and what the books say; what does not add up is an error of the run."""
    town, market = officer.town, officer.town.ledger.market
    for merchant in merchants:
        market["orders"] += len(await every(merchant.session, f"{town.api}/market/orders"))
        for item in await every(merchant.session, f"{town.api}/market/stock"):
            market["reserved"] += item["reserved"]
            market["oversold"] += not 0 <= item["reserved"] <= item["on_hand"]
    books = await officer.session.get(f"{town.api}/money/books")
    moved = {row["kind"]: row["amount_fen"] for row in books["moved"]}
    market["captured"], market["refunded"] = moved.get("capture", 0), moved.get("refund", 0)
    market["ledger_sum"] = sum(row["amount_fen"] for row in books["balances"])
    if market["oversold"] or market["ledger_sum"]:
        town.ledger.error(f"the market does not add up: {dict(market)}")
    if books["differences"]:
        town.ledger.error(f"payments differ from their transfers: {books['differences']}")


async def every(session: Session, path: str) -> list[dict[str, Any]]:
    """Return all items of a list, page by page."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = await session.get(path, after=after, limit=200)
        found += page["items"]
        after = page["next"]
        if after is None:
            return found
