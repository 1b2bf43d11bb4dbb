"""One run: prepare the town, let everybody live, look at what came of it."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from seeds import DEMO_MAP, DEMO_WITHIN
from server.simulator import choices, report
from server.simulator.client import Network, Surprised
from server.simulator.disturbances import disturb
from server.simulator.gatekeeper import Gatekeeper, set_rules, walkers
from server.simulator.goods import SHOPS
from server.simulator.guard import Guard
from server.simulator.helper import Helper
from server.simulator.isolation import (
    LOOKS_EVERY_S,
    WALKS_EVERY_S,
    DoorWorker,
    Patient,
    count,
    set_checks,
)
from server.simulator.ledger import Ledger
from server.simulator.live import Page
from server.simulator.merchant import Merchant
from server.simulator.officer import LOGIN, PASSWORD, Officer
from server.simulator.paying import count_market, give_vouchers
from server.simulator.phones import PhoneNetwork
from server.simulator.resident import Resident
from server.simulator.server_process import (
    CannotStart,
    Place,
    Servers,
    place,
    running_provider,
    running_server,
)
from server.simulator.town import Town, live_on
from server.simulator.wave_desk import WaveDesk

SLUG = "town"
AT_ONCE = 8
# Communities are in Shanghai's time unless they say otherwise.
ZONE_HOURS = 8
STILL_ON_ITS_WAY_S = 20.0
# Threads of the server: each open page holds one.
THREADS_BESIDE_PAGES = 40


@dataclass(frozen=True)
class Wanted:
    """What to simulate. ``speed``: simulated seconds a second; ``hours``: of simulated time at most.

    ``database``, ``queue``: addresses of servers that are used instead of SQLite and a single web process.
    """

    map: Path | None
    within: str | None
    homes: int
    needs: int
    couriers: int
    speed: float
    seed: int
    hours: float
    keep: bool
    database: str = ""
    queue: str = ""


def simulate(wanted: Wanted) -> dict[str, Any]:
    """Run a town and return its figures. Raises CannotStart if it cannot even be prepared."""
    began_s = time.monotonic()
    ledger = Ledger()
    pages = (
        round(wanted.needs * choices.LIVE_SHARE * 1.5)
        + wanted.couriers
        + choices.volunteers_for(wanted.needs)
    )
    threads = THREADS_BESIDE_PAGES + pages + len(SHOPS)
    servers = Servers(wanted.database, wanted.queue)
    with (
        place(wanted.speed, threads, servers, keep=wanted.keep) as bare,
        running_provider(bare) as where,
    ):
        _found_community(where, wanted)
        with running_server(where) as server:
            needs, stories, hours = asyncio.run(_live(where, wanted, ledger, server))
    run = {
        "map": str(wanted.map) if wanted.map else "demo",
        "homes": wanted.homes,
        "needs": wanted.needs,
        "couriers": wanted.couriers,
        "speed": wanted.speed,
        "seed": wanted.seed,
        "simulated_hours": round(hours, 2),
        "wall_s": round(time.monotonic() - began_s, 1),
    }
    return report.figures(ledger, needs, stories, run)


def _found_community(where: Place, wanted: Wanted) -> None:
    """Make the community by commands that anybody could type."""
    file, within = (wanted.map, wanted.within) if wanted.map else (DEMO_MAP, wanted.within or DEMO_WITHIN)
    marks = ["--mark-fire-lanes"] if wanted.map else []
    chosen = ["--within", within] if within else []
    where.command("import-osm", str(file), "--community", SLUG, *marks, *chosen)
    where.command("create-officer", "--community", SLUG, "--login", LOGIN, "--password", PASSWORD)


async def _live(
    where: Place, wanted: Wanted, ledger: Ledger, server: subprocess.Popen[bytes]
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]], float]:
    """Let the town live; returns every need, the stories of the unserved ones, and the simulated hours."""
    network = Network(where.base_url, ledger)
    town = Town(
        slug=SLUG,
        base_url=where.base_url,
        clock=where.clock,
        network=network,
        phones=PhoneNetwork(where.home / "sms.jsonl"),
        choices=choices.Choices(wanted.seed),
        ledger=ledger,
        provider_url=where.env["LINLI_STRIPE_API"],
    )
    try:
        day = Day(town, wanted)
        await day.prepare()
        began_at = town.clock.now()
        await day.pass_by(lambda: server.poll() is None)
        hours = (town.clock.now() - began_at).total_seconds() / 3600
        return *await day.look_back(), hours
    except Surprised as surprise:
        raise CannotStart(f"the town could not go on: {surprise}") from surprise
    finally:
        await asyncio.gather(*(page.close() for page in town.pages), return_exceptions=True)
        await network.close()


class Day:
    """One day of the town."""

    def __init__(self, town: Town, wanted: Wanted) -> None:
        self.town, self.wanted = town, wanted
        self.officer = Officer(town)
        self.desk = WaveDesk(self.officer, self._disturb)
        self.residents: list[Resident] = []
        self.helpers: list[Helper] = []
        self.merchants: list[Merchant] = []
        self.guard = Guard(town, town.phones.new_number())
        self.gatekeeper = Gatekeeper(town, town.phones.new_number())
        self.door_worker = DoorWorker(town, town.phones.new_number())
        self.patients: list[Patient] = []
        self.tasks: set[asyncio.Task[Any]] = set()

    async def prepare(self) -> None:
        """Everything before the first need: homes, paper codes, shops, guard, helpers."""
        await self.officer.begin()
        await self.officer.open_to_goods()
        homes = await self.officer.register_homes(self.wanted.homes)
        households = self.town.choices.households(self.wanted.needs)
        volunteers = choices.volunteers_for(self.wanted.needs)
        lived_in = [
            homes[nth % len(homes)] for nth in range(len(households) + self.wanted.couriers + volunteers)
        ]
        codes = await self.officer.home_codes({home["id"]: home for home in lived_in}.values())
        for household, home in zip(households, lived_in, strict=False):
            self.residents.append(Resident(self.town, household, home["label"], codes[home["id"]]))
            if household.is_red:
                await self.officer.seal(home["id"])
                self.patients.append(Patient(self.town, self.residents[-1]))
            if household.trait:
                await self.officer.enter_member(home["id"], f"{household.name}的家人", household.trait)
        # Before the day begins: three hundred sign-ins in half an hour of hurried time are no morning of any town.
        await _few_at_once(resident.move_in() for resident in self.residents)
        await give_vouchers(self.officer, (resident.payer for resident in self.residents))
        await self._open_shops()
        await self.officer.grant(self.guard.phone, "guard")
        await self.guard.begin()
        await set_rules(self.officer)
        await self.officer.grant(self.gatekeeper.phone, "guard")
        await self.gatekeeper.begin()
        await set_checks(self.officer, ZONE_HOURS)
        await self.officer.grant(self.door_worker.phone, "grid_worker")
        await self.door_worker.begin()
        await self._enrol([codes[home["id"]] for home in lived_in[len(households) :]])

    async def pass_by(self, is_served: Callable[[], bool]) -> None:
        """Let everybody live until all is quiet, the hours are over, or the server is gone (``is_served`` tells)."""
        lives = [self.guard.live(), *(m.live() for m in self.merchants), *(h.live() for h in self.helpers)]
        for life in lives:
            self._begin(life)
        posting = [self._begin(self._live_from(resident)) for resident in self.residents]
        for walker in walkers(self.town, self.residents, self.gatekeeper):
            self._begin(walker.live())
        for patient in self.patients:
            self._begin(live_on(patient.look, lambda: self.town.clock.sleep(LOOKS_EVERY_S)))
        self._begin(live_on(self.door_worker.look, lambda: self.town.clock.sleep(WALKS_EVERY_S)))
        desk = self._begin(self.desk.live())
        self._begin(self._end_of_posting())
        ends_at = self.town.clock.now() + timedelta(hours=self.wanted.hours)
        while not desk.done() and self.town.clock.now() < ends_at and is_served():
            await asyncio.wait([desk], timeout=1)
        if not is_served():
            self.town.ledger.error("the server ended by itself: see server.log with --keep")
        elif not desk.done():
            self.town.ledger.happened["the day was over before all was quiet"] += 1
        self.town.is_over.set()
        left = [
            r for r, task in zip(self.residents, posting, strict=True) if not task.done() and r.has_posted
        ]
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        # Whoever has not looked since the drop looks once more.
        await _few_at_once(resident.look() for resident in left)

    async def look_back(self) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
        """Check the pages; return all needs, and the stories of those that came to nothing."""
        await self._check_pages()
        await count(self.officer)
        await count_market(self.officer, self.merchants)
        needs = await self.officer.needs()
        stories = {}
        for need in needs:
            if need["state"] not in report.SERVED:
                stories[need["id"]] = await self.officer.session.get(f"{self.town.api}/needs/{need['id']}")
        return needs, stories

    async def _check_pages(self) -> None:
        """Nothing may be lost: what the server keeps for a page must have come, or be just on its way."""
        kept: list[tuple[Page, dict[str, set[int]]]] = []

        async def ask(page: Page) -> None:
            kept.append((page, await page.kept()))

        await _few_at_once(ask(page) for page in self.town.pages)
        waits_until = time.monotonic() + STILL_ON_ITS_WAY_S
        while time.monotonic() < waits_until and any(page.missing(numbers) for page, numbers in kept):
            await asyncio.sleep(0.2)
        for page, numbers in kept:
            page.check(numbers)

    async def _open_shops(self) -> None:
        for shop in SHOPS:
            merchant = Merchant(self.town, shop, self.town.phones.new_number())
            await self.officer.register_shop(shop, merchant.phone)
            self.merchants.append(merchant)
        await _few_at_once(merchant.open_shop(self.wanted.needs) for merchant in self.merchants)

    async def _enrol(self, codes: Sequence[str]) -> None:
        vehicles = choices.vehicles(self.wanted.couriers)
        for number, code in enumerate(codes):
            if number < len(vehicles):
                helper = Helper(self.town, number, "courier", vehicles[number], (), code)
            else:
                skills = choices.SKILLS_OF_VOLUNTEERS[number % len(choices.SKILLS_OF_VOLUNTEERS)]
                helper = Helper(self.town, number, "volunteer", "walk", skills, code)
            self.helpers.append(helper)
        await _few_at_once(helper.enrol() for helper in self.helpers)
        await self.officer.let_in(helper.helper_id for helper in self.helpers)
        await _few_at_once(helper.begin() for helper in self.helpers)

    async def _live_from(self, resident: Resident) -> None:
        await self.town.clock.sleep(resident.household.wish.at_s)
        await resident.live()

    async def _end_of_posting(self) -> None:
        await self.town.clock.sleep(choices.POST_WITHIN_S + 10 * 60)
        self.desk.is_posting_over = True

    def _disturb(self, wave: dict[str, Any]) -> None:
        self._begin(disturb(self.officer, wave))

    def _begin(self, life: Awaitable[Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(self._watched(life))
        self.tasks.add(task)
        return task

    async def _watched(self, life: Awaitable[Any]) -> None:
        try:
            await life
        except Surprised:
            return
        except Exception as error:
            # A fault of the simulator itself: it must fail the run, not vanish with its task.
            self.town.ledger.error(f"simulator: {error!r}")
            raise


async def _few_at_once(doings: Iterable[Awaitable[Any]]) -> None:
    """Do things a few at a time; somebody's surprise does not stop the others."""
    turnstile = asyncio.Semaphore(AT_ONCE)

    async def one(doing: Awaitable[Any]) -> None:
        async with turnstile:
            try:
                await doing
            except Surprised:
                return

    await asyncio.gather(*(one(doing) for doing in doings))
