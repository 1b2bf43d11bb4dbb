"""The wave desk: plans a wave whenever there is something to carry and somebody free, and sends it out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from server.simulator.client import Surprised
from server.simulator.hurry import instant
from server.simulator.officer import Officer

FIRST_WAVE_S = 45 * 60
BETWEEN_WAVES_S = 15 * 60
FRUITLESS_WAVES = 3
# A solver does not hurry with the clock: wall time.
PLANNED_WITHIN_WALL_S = 90
QUIET_FOR_S = 25 * 60
# Left out so often, or unreachable at the door so often, a stop is not tried again today.
LEFT_OUT_OFTEN = 3
DEAD_ENDS = frozenset({"confirmed", "closed", "cancelled", "dropped", "visited", "disputed", "needs_info"})


class WaveDesk:
    """The officer's desk. ``disturb`` is given the first wave; ``is_posting_over``: nobody posts any more."""

    def __init__(self, officer: Officer, disturb: Callable[[dict[str, Any]], None]) -> None:
        self.officer, self.disturb = officer, disturb
        self.town = officer.town
        self.session = officer.session
        self.is_posting_over = False
        self.fruitless = 0
        self.released = 0
        self.left_out: Counter[str] = Counter()

    async def live(self) -> None:
        """Plan wave after wave until everything is quiet."""
        await self.town.clock.sleep(FIRST_WAVE_S)
        while not self.town.is_over.is_set():
            try:
                await self._close_mismatches()
                await self._close_unwanted()
                await self._wave()
                if await self._is_quiet():
                    return
            except Surprised:
                pass
            await self._pause()

    async def _pause(self) -> None:
        """Wait for the next wave; what happens meanwhile is seen to at once."""
        until = self.town.clock.now().timestamp() + BETWEEN_WAVES_S
        while (left_s := until - self.town.clock.now().timestamp()) > 0 and not self.town.is_over.is_set():
            await self.officer.bell.wait(left_s)
            try:
                await self._close_mismatches()
                await self._close_unwanted()
            except Surprised:
                continue

    async def _wave(self) -> None:
        if not await self._has_work():
            return
        started = await self.session.ask(
            "POST", f"{self.town.api}/deliveries/waves", expect=("deliveries.wave_open",)
        )
        if started.code:
            return
        wave = await self._release(started.body["id"])
        self._write_down(wave)
        if not wave["routes"]:
            self.fruitless += 1
            return
        self.fruitless = 0
        self.released += 1
        if self.released == 1:
            self.disturb(wave)

    async def _has_work(self) -> bool:
        for state in ("at_gate", "scheduled"):
            due = await self.session.get(f"{self.town.api}/needs", state=state, limit=200)
            if any(self.left_out[need["id"]] < LEFT_OUT_OFTEN for need in due["items"]):
                return True
        return False

    async def _release(self, wave_id: str) -> dict[str, Any]:
        """Wait for the plan and release it; a plan that does not hold any more is waited for again."""
        path = f"{self.town.api}/deliveries/waves/{wave_id}"
        deadline = time.monotonic() + PLANNED_WITHIN_WALL_S
        while time.monotonic() < deadline:
            wave = dict(await self.session.get(path))
            if wave["state"] == "planned":
                # Something may have changed the plan between the look and the tap.
                changed = ("deliveries.wave_not_planned",)
                answer = await self.session.ask("POST", f"{path}/release", expect=changed)
                wave = wave if answer.code else dict(answer.body)
            if wave["state"] in ("released", "done"):
                return wave
            if wave["state"] == "failed":
                self.town.ledger.error(f"officer: wave failed: {wave['trouble']}")
                return wave
            self.town.ledger.happened["looks at a wave being planned"] += 1
            await self.officer.bell.wait(120)
        self.town.ledger.error("officer: a wave was not planned in time")
        await self.session.ask("POST", f"{path}/cancel", expect=("deliveries.wave_is_out",))
        raise Surprised("wave")

    def _write_down(self, wave: dict[str, Any]) -> None:
        self.town.ledger.waves[wave["id"]] = wave["figures"]
        for left in wave["unserved"]:
            for need_id in left["need_ids"]:
                self.town.ledger.wave_reasons[need_id] = left["reason"]
                self.left_out[need_id] += 1

    async def _close_mismatches(self) -> None:
        found = await self.session.get(f"{self.town.api}/deliveries/mismatches")
        for mismatch in found["items"]:
            path = f"{self.town.api}/deliveries/mismatches/{mismatch['id']}/close"
            await self.session.post(path, {"why": "重新清点，数量无误"})
            self.town.ledger.happened["mismatches closed"] += 1

    async def _close_unwanted(self) -> None:
        """Close the needs of homes that did not want their goods."""
        due = await self.session.get(f"{self.town.api}/needs", state="unreachable", limit=200)
        for need in due["items"]:
            story = await self.session.get(f"{self.town.api}/needs/{need['id']}")
            if story["timeline"][-1]["facts"].get("why") == "not_wanted":
                body = {"because": "not_wanted", "why": "住户拒收"}
                path = f"{self.town.api}/needs/{need['id']}/close"
                await self.session.ask("POST", path, body=body, expect=("needs.not_now",))

    async def _is_quiet(self) -> bool:
        """Tell whether nothing moves any more: all is settled, or several waves in a row could carry nothing."""
        if not self.is_posting_over:
            return False
        carts = await self.session.get(f"{self.town.api}/deliveries/carts")
        if carts["items"]:
            return False
        if self.fruitless >= FRUITLESS_WAVES:
            return True
        return all(need["state"] in DEAD_ENDS or self._is_stuck(need) for need in await self.officer.needs())

    def _is_stuck(self, need: dict[str, Any]) -> bool:
        """Tell whether nobody was found for a need in a long while, or no wave could carry it."""
        if self.left_out[need["id"]] >= LEFT_OUT_OFTEN:
            return True
        if need["state"] not in ("triaged", "on_hold"):
            return False
        since = self.town.clock.now().timestamp() - instant(need["state_since"]).timestamp()
        return since > QUIET_FOR_S
