"""Homes in isolation: people who report how they are, some of them never, and the worker who calls and knocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from server.simulator.officer import Officer
from server.simulator.resident import Resident
from server.simulator.town import Town

# The simulated day has some hours only: checks and their ladder come closer together than a committee would set them.
FIRST_AFTER, NEXT_AFTER = timedelta(hours=1), timedelta(hours=2)
RUNGS_MIN = [10, 15, 20, 60]
REPORTS_SHARE = 0.6
FEVER_SHARE = 0.1
LOOKS_EVERY_S, WALKS_EVERY_S = 8 * 60, 12 * 60
OVER = ("quarantine.check_over", "quarantine.not_now")


async def set_checks(officer: Officer, zone_hours: int) -> None:
    """Let checks fall due in the next hours. ``zone_hours``: how far the town's clock is ahead of UTC."""
    now = officer.town.clock.now() + timedelta(hours=zone_hours)
    hours = [(now + after).hour for after in (FIRST_AFTER, NEXT_AFTER)]
    body = {"hours": hours, "rungs_min": RUNGS_MIN, "fever_tenths": 373, "second_reading_min": 30}
    await officer.session.post(f"{officer.town.api}/quarantine/settings", body)


class Patient:
    """Somebody in an isolated home who reports for everyone there, unless it is forgotten."""

    def __init__(self, town: Town, resident: Resident) -> None:
        self.town, self.resident = town, resident
        self.source = town.choices.source("patient", resident.household.number)
        self._looked_at: set[str] = set()

    async def look(self) -> bool:
        """Report what is due; each check is thought of once."""
        mine = await self.resident.session.get(f"{self.town.api}/quarantine/mine")
        for check in (mine["order"] or {"checks": []})["checks"]:
            if check["state"] != "due" or check["id"] in self._looked_at:
                continue
            self._looked_at.add(check["id"])
            if self.source.random() < REPORTS_SHARE:
                tenths = 378 if self.source.random() < FEVER_SHARE else 366
                await report(self.town, self.resident.session, check["id"], tenths, "app")
        return False


class DoorWorker:
    """A grid worker who goes through the list in its order; behind one door in five nobody answers."""

    def __init__(self, town: Town, phone: str) -> None:
        self.town, self.phone = town, phone
        self.session = town.new_session("door worker")
        self.source = town.choices.source("door worker", 0)

    async def begin(self) -> None:
        """Sign in."""
        await self.town.sign_in(self.session, self.phone)

    async def look(self) -> bool:
        """Call and knock down the list."""
        for task in (await self.session.get(f"{self.town.api}/quarantine/tasks"))["items"]:
            if task["rung"] == "committee" or self.source.random() < 0.2:
                path = f"{self.town.api}/quarantine/tasks/{task['id']}/done"
                await self.session.post(path, expect=("quarantine.task_done",))
            else:
                how = "call" if task["rung"] == "call" else "door"
                await report(self.town, self.session, task["check_id"], 365, how)
        return False


async def report(town: Town, session: Any, check_id: str, tenths: int, how: str) -> None:
    """Send one reading; somebody else may have been there first."""
    body = {"tenths": tenths, "how": how, "device_at": town.clock.now().isoformat()}
    answer = await session.post(f"{town.api}/quarantine/checks/{check_id}", body, expect=OVER)
    town.ledger.quarantine["checks"] += answer.get("state") == "done"


async def count(officer: Officer) -> None:
    """Note what became of the checks: how many were missed, and what the ladder asked for."""
    ledger = officer.town.ledger
    for day in (await officer.session.get(f"{officer.town.api}/quarantine/days", days=2))["items"]:
        ledger.quarantine["missed"] += day["missed"]
        ledger.quarantine["tasks"] += sum(day[rung] for rung in ("reminders", "calls", "doors", "committee"))
