"""A household: joins its home, posts one need, follows it, confirms what came."""

from __future__ import annotations

import asyncio
from typing import Any

from server.simulator.choices import FALLS_OFF_SHARE, Household
from server.simulator.client import Session
from server.simulator.hurry import instant
from server.simulator.live import Message, Page
from server.simulator.paying import Payer
from server.simulator.town import Bell, Town, live_on

LOOKS_EVERY_S = 18 * 60
FINAL = frozenset({"confirmed", "closed", "cancelled"})
CAME = frozenset({"dropped", "visited"})
WITH_A_SHOP = frozenset({"offered", "accepted", "sourcing", "dropped"})


class Resident:
    """One person of a household, with a phone."""

    def __init__(self, town: Town, household: Household, home_label: str, home_code: str) -> None:
        self.town, self.household = town, household
        self.home_label, self.home_code = home_label, home_code
        self.session: Session = town.new_session(f"home {household.number}")
        self.phone = town.phones.new_number()
        self.bell = Bell(town.clock)
        self.source = town.choices.source("resident", household.number)
        self.has_posted = False
        self.page: Page | None = None
        self.payer = Payer(town, self.session, household.number)
        self._falling: asyncio.Task[None] | None = None

    async def move_in(self) -> None:
        """Sign in, join the home with the paper code, and keep the page open if this is that sort of person."""
        await self.town.sign_in(self.session, self.phone)
        body = {"home_code": self.home_code, "name": self.household.name}
        await self.session.post(f"{self.town.api}/people/join", body)
        self.town.doors[self.home_label] = self.answer_door
        await self.payer.begin()
        if self.household.is_live:
            person = self.session.me["person"]["id"]
            self.page = await self.town.open_page(self.session, self._hear, f"person:{person}")

    async def live(self) -> None:
        """Post the need and follow it to the end."""
        wish = self.household.wish
        if self.page and self.town.choices.happens(FALLS_OFF_SHARE, "falls off", self.household.number):
            self._falling = asyncio.create_task(self._fall_off(self.page))
        need = await self._post()
        self.town.ledger.posted.append(need["id"])
        self.has_posted = True
        if wish.changes_mind:
            await self.town.clock.sleep(60)
            await self._cancel(need["id"])
        await live_on(self.look, lambda: self.bell.wait(self.source.uniform(0.6, 1.4) * LOOKS_EVERY_S))

    async def answer_door(self) -> str | None:
        """Tell the courier the code that the phone shows for what is coming."""
        for need in await self._mine():
            if need["state"] == "batched" and need["flow"] == "goods":
                story = await self.session.get(f"{self.town.api}/needs/{need['id']}")
                hint = (story["drop"] or {}).get("code_hint")
                if hint:
                    return str(hint)
        return None

    def _hear(self, message: Message) -> None:
        if message["kind"] in ("need.changed", "parcel.moved"):
            self.bell.ring()

    async def _fall_off(self, page: Page) -> None:
        await self.town.clock.sleep(self.source.uniform(20 * 60, 120 * 60))
        await page.fall_off(self.source.uniform(0.5, 4.0))

    async def _post(self) -> dict[str, Any]:
        wish = self.household.wish
        lines: list[dict[str, Any]] = []
        if not wish.is_service:
            lines = await self._fill_basket(wish.kind, wish.lines)
        body = {"kind": wish.kind, "lines": lines, "note": "请轻敲门" if self.source.random() < 0.3 else None}
        return dict(await self.session.post(f"{self.town.api}/needs", body))

    async def _fill_basket(self, kind: str, count: int) -> list[dict[str, Any]]:
        found = await self.session.get(f"{self.town.api}/market/items", limit=200)
        wanted = [item for item in found["items"] if ("药" in item["merchant_name"]) == (kind == "medicine")]
        shop = self.source.choice(sorted({item["merchant_id"] for item in wanted}))
        wanted = sorted((i for i in wanted if i["merchant_id"] == shop), key=lambda item: item["name"])
        chosen = self.source.sample(wanted, min(count, len(wanted)))
        return [
            {"text": item["name"], "quantity": self.source.choice((1, 1, 2)), "item_id": item["id"]}
            for item in chosen
        ]

    async def _cancel(self, need_id: str) -> None:
        late = ("needs.not_now", "market.already_packed")
        await self.session.ask(
            "POST", f"{self.town.api}/needs/{need_id}/cancel", body={"why": "不需要了"}, expect=late
        )
        self.town.ledger.happened["cancelled by home"] += 1

    async def _mine(self) -> list[dict[str, Any]]:
        return list((await self.session.get(f"{self.town.api}/needs", mine="true", limit=50))["items"])

    async def look(self) -> bool:
        """Look at what is on the way; confirm what came. Returns whether nothing is left to wait for."""
        is_settled = True
        for need in await self._mine():
            if need["flow"] == "goods" and need["state"] in WITH_A_SHOP:
                await self.payer.look(need["id"])
            if need["state"] in CAME:
                await self._see_what_came(need["id"])
            elif need["state"] not in FINAL:
                is_settled = False
        return is_settled

    async def _see_what_came(self, need_id: str) -> None:
        story = await self.session.get(f"{self.town.api}/needs/{need_id}")
        came = [moment["at"] for moment in story["timeline"] if moment["state"] in CAME]
        if story["state"] not in CAME or not came:
            return
        waited = instant(came[-1]) - instant(story["posted_at"])
        self.town.ledger.post_to_drop_s[need_id] = waited.total_seconds()
        if not self.household.confirms:
            return
        # Whoever undoes a drop does it within ten seconds: who confirms at once may be too early.
        answer = await self.session.ask(
            "POST", f"{self.town.api}/needs/{need_id}/confirm", expect=("needs.not_now",)
        )
        if not answer.code:
            self.town.ledger.confirmed.add(need_id)
