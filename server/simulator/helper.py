"""A courier or a volunteer: enrols, takes visits, and walks the routes that come to the phone."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from server.simulator.client import Surprised
from server.simulator.hurry import instant
from server.simulator.live import Message, Page
from server.simulator.town import Bell, Town, live_on

LOOKS_EVERY_S = 10 * 60
ANSWER_S = 45
DECLINE_SHARE = 0.06
NOT_HOME_SHARE = 0.04
NOT_WANTED_SHARE = 0.01
UNDO_SHARE = 0.03
MISCOUNT_SHARE = 0.03
FALLS_OFF_SHARE = 0.5
SHIFT = timedelta(hours=10)
UNDO_AFTER_S = 4
# A phone tells where it is so often; the map draws the way in between.
POSITION_EVERY_S = 150
# A stop was given up, or the route was planned anew, while the courier was at the door.
MOVED_ON = ("deliveries.stop_settled", "deliveries.not_loaded", "needs.not_now")


class Helper:
    """Someone who helps. ``kind``: courier or volunteer."""

    def __init__(
        self, town: Town, number: int, kind: str, vehicle: str, skills: tuple[str, ...], home_code: str
    ) -> None:
        self.town, self.number, self.kind = town, number, kind
        self.vehicle, self.skills, self.home_code = vehicle, skills, home_code
        self.name = town.choices.name(kind, number)
        self.session = town.new_session(f"{kind} {number}")
        self.bell, self.offers_bell = Bell(town.clock), Bell(town.clock)
        self.source = town.choices.source(kind, number)
        self.helper_id = ""
        self.page: Page | None = None
        self.has_news = True
        self.rounds = 0

    async def enrol(self) -> None:
        """Sign in, join a home, ask to help."""
        await self.town.sign_in(self.session, self.town.phones.new_number())
        join = {"home_code": self.home_code, "name": self.name}
        await self.session.post(f"{self.town.api}/people/join", join)
        body = {"kind": self.kind, "vehicle": self.vehicle, "skills": list(self.skills)}
        self.helper_id = (await self.session.post(f"{self.town.api}/helpers", body))["id"]

    async def begin(self) -> None:
        """Say when I am on (once the officer has let me in) and open my page."""
        now = self.town.clock.now()
        shift = {"from_at": now.isoformat(), "until_at": (now + SHIFT).isoformat()}
        await self.session.post(f"{self.town.api}/helpers/me/shifts", shift)
        self.page = await self.town.open_page(self.session, self._hear, f"courier:{self.helper_id}")

    async def live(self) -> None:
        """Walk routes until the day is over, and answer offers meanwhile: a phone does both."""
        pause_s = self.source.uniform(0.7, 1.3) * LOOKS_EVERY_S
        await asyncio.gather(
            live_on(self._answer_offers, lambda: self.offers_bell.wait(pause_s)),
            live_on(self._act, lambda: self.bell.wait(pause_s)),
        )

    def _hear(self, message: Message) -> None:
        if message["kind"] == "offer.new":
            self.offers_bell.ring()
        elif message["kind"] == "route.released":
            self.has_news = True
            self.bell.ring()
        elif message["kind"] == "route.changed" and message["data"]["why"] == "planned_anew":
            self.has_news = True

    async def _act(self) -> bool:
        answer = await self.session.ask(
            "GET", f"{self.town.api}/deliveries/routes/mine", expect=("deliveries.no_route",)
        )
        if not answer.code:
            await self._walk(answer.body)
            self.bell.ring()
        return self.town.is_over.is_set()

    async def _answer_offers(self) -> bool:
        # A courier has no skill that anybody asks for, yet may be offered an errand.
        for offer in (await self.session.get(f"{self.town.api}/needs/offers"))["items"]:
            if offer["state"] != "offered":
                continue
            await self.town.clock.sleep(ANSWER_S)
            path = f"{self.town.api}/needs/offers/{offer['id']}"
            gone = ("needs.offer_gone", "needs.offer_expired", "needs.already_taken", "needs.not_now")
            if self.town.choices.happens(DECLINE_SHARE, "decline", self.number, offer["need"]["home"]["id"]):
                answer = await self.session.ask("POST", f"{path}/decline", body={"why": "有事"}, expect=gone)
                self.town.ledger.happened["offers declined"] += not answer.code
            else:
                await self.session.ask("POST", f"{path}/accept", expect=gone)
        return self.town.is_over.is_set()

    async def _walk(self, route: dict[str, Any]) -> None:
        """Walk a route from the gate and back. It may change on the way: then it is read again."""
        self.rounds += 1
        self.has_news = False
        falling = None
        if self.page and self.town.choices.happens(FALLS_OFF_SHARE, "falls off", self.helper_id, self.rounds):
            falling = asyncio.create_task(self._fall_off(self.page))
        try:
            await self.town.clock.sleep_until(instant(route["begin_at"]))
            if route["state"] == "released":
                route = await self._load(route)
            ready_at = self.town.clock.now()
            while True:
                if self.has_news:
                    self.has_news = False
                    route = await self.session.get(f"{self.town.api}/deliveries/routes/mine")
                left = [stop for stop in route["stops"] if stop["state"] == "todo"]
                if not left:
                    break
                ready_at = await self._serve(route, left[0], ready_at)
            await self._return(route)
        finally:
            if falling is not None:
                await asyncio.gather(falling, return_exceptions=True)

    async def _load(self, route: dict[str, Any]) -> dict[str, Any]:
        counted = route["parcels_expected"]
        if counted and self.town.choices.happens(MISCOUNT_SHARE, "load", self.helper_id, self.rounds):
            self.town.ledger.happened["couriers miscounted"] += 1
            counted += 1
        path = f"{self.town.api}/deliveries/routes/{route['id']}/load"
        return dict(await self.session.post(path, {"counted": counted, "device_at": self._device_at()}))

    async def _serve(self, route: dict[str, Any], stop: dict[str, Any], left_at: datetime) -> datetime:
        """Go to the stop and serve it; returns when the courier leaves it."""
        before = max(
            (s["plan_depart_at"] for s in route["stops"] if s["order"] < stop["order"]),
            default=route["begin_at"],
        )
        ride_s = max(20.0, (instant(stop["plan_arrive_at"]) - instant(before)).total_seconds())
        stay_s = (instant(stop["plan_depart_at"]) - instant(stop["plan_arrive_at"])).total_seconds()
        pace = self.source.uniform(0.85, 1.15)
        arrive_at = left_at + timedelta(seconds=ride_s * pace)
        await self._ride(route["id"], stop, arrive_at)
        if self.has_news:
            # The route was planned anew on the way: whatever comes now, it begins here.
            return self.town.clock.now()
        await self.town.clock.sleep_until(arrive_at + timedelta(seconds=stay_s * pace))
        try:
            await self._do(stop)
        except Surprised:
            await self.town.clock.sleep(60)
            self.has_news = True
        return self.town.clock.now()

    async def _ride(self, route_id: str, stop: dict[str, Any], arrive_at: datetime) -> None:
        """Move along the leg, telling the place now and then, until the time of arrival or other orders."""
        leg, started_at = stop["leg"], self.town.clock.now()
        whole_s = max(1.0, (arrive_at - started_at).total_seconds())
        while not self.has_news:
            passed_s = (self.town.clock.now() - started_at).total_seconds()
            share = min(1.0, passed_s / whole_s)
            x_m, y_m = leg[min(len(leg) - 1, int(share * len(leg)))]
            path = f"{self.town.api}/deliveries/routes/{route_id}/position"
            await self.session.post(path, {"x_m": x_m, "y_m": y_m, "device_at": self._device_at()})
            left_s = (arrive_at - self.town.clock.now()).total_seconds()
            if left_s <= 0:
                return
            await self.town.clock.sleep(min(left_s, POSITION_EVERY_S))

    async def _do(self, stop: dict[str, Any]) -> None:
        """Press the one big button, or say why not; take it back at times."""
        source = self.town.choices.source("stop", stop["label"], self.rounds, self.helper_id)
        draw, undoes = source.random(), source.random() < UNDO_SHARE
        if draw < NOT_HOME_SHARE and stop["spot"] == "door":
            await self._fail(stop, "not_home")
        elif draw > 1 - NOT_WANTED_SHARE and stop["kind"] == "delivery":
            await self._fail(stop, "not_wanted")
        elif await self._finish(stop) and undoes:
            await self._undo(stop)
            await self._finish(stop)

    async def _finish(self, stop: dict[str, Any]) -> bool:
        proof = await self._proof(stop)
        stop["pressed_at"] = self.town.clock.now()
        body = {"device_at": stop["pressed_at"].isoformat(), "proof": proof}
        path = f"{self.town.api}/deliveries/stops/{stop['id']}/finish"
        expect = (*MOVED_ON, "deliveries.wrong_door_code")
        answer = await self.session.ask("POST", path, body=body, expect=expect)
        if answer.code == "deliveries.wrong_door_code":
            # Something else is on its way to the home as well, and its code was told: a photo will do.
            self.town.ledger.happened["wrong codes told"] += 1
            body["proof"] = await self._photo()
            answer = await self.session.ask("POST", path, body=body, expect=MOVED_ON)
        return self._settle(stop, answer, "done")

    async def _fail(self, stop: dict[str, Any], reason: str) -> None:
        body = {"reason": reason, "device_at": self._device_at()}
        path = f"{self.town.api}/deliveries/stops/{stop['id']}/fail"
        answer = await self.session.ask("POST", path, body=body, expect=MOVED_ON)
        if self._settle(stop, answer, "failed"):
            self.town.ledger.failed_stops[reason] += 1

    async def _undo(self, stop: dict[str, Any]) -> None:
        """Take it back four seconds later by the phone's own clock; ten are allowed."""
        body = {"device_at": (stop["pressed_at"] + timedelta(seconds=UNDO_AFTER_S)).isoformat()}
        path = f"{self.town.api}/deliveries/stops/{stop['id']}/undo"
        late = ("deliveries.undo_too_late", "needs.not_now", "deliveries.wrong_custodian")
        answer = await self.session.ask("POST", path, body=body, expect=late)
        if not answer.code:
            self.town.ledger.happened["undone"] += 1
            stop["state"] = "todo"

    def _settle(self, stop: dict[str, Any], answer: Any, state: str) -> bool:
        if answer.code:
            self.town.ledger.happened["stops that had moved on"] += 1
            self.has_news = True
            return False
        stop["state"] = state
        return True

    async def _proof(self, stop: dict[str, Any]) -> dict[str, Any] | None:
        """Prove what has to be proved: by the code that the home tells, else by a photo."""
        if not stop["must_prove"]:
            return None
        door = self.town.doors.get(stop["label"])
        if door is not None and self.source.random() < 0.5:
            code = await door()
            if code is not None:
                self.town.ledger.happened["proofs by code"] += 1
                return {"kind": "code", "code": code}
        return await self._photo()

    async def _photo(self) -> dict[str, Any]:
        answer = await self.session.ask("POST", f"{self.town.api}/deliveries/photos", file=photo(self.number))
        self.town.ledger.happened["proofs by photo"] += 1
        return {"kind": "photo", "photo_id": answer.body["id"]}

    async def _return(self, route: dict[str, Any]) -> None:
        ends = max((stop["plan_depart_at"] for stop in route["stops"]), default=route["end_at"])
        await self.town.clock.sleep(min(1800.0, (instant(route["end_at"]) - instant(ends)).total_seconds()))
        await self.session.post(f"{self.town.api}/deliveries/routes/{route['id']}/finish")

    async def _fall_off(self, page: Page) -> None:
        await self.town.clock.sleep(self.source.uniform(3 * 60, 25 * 60))
        await page.fall_off(self.source.uniform(0.5, 4.0))

    def _device_at(self) -> str:
        return self.town.clock.now().isoformat()


def photo(number: int) -> bytes:
    """Return a small picture as a phone's camera would write it."""
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (40 + number % 200, 120, 90)).save(file, "JPEG")
    return file.getvalue()
