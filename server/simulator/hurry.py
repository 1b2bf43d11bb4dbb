"""The simulation's time: the server's scaled clock, read by the people who live by it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class HurriedTime:
    """Simulated time that runs ``factor`` times as fast as the wall since ``started_wall_s`` (Unix seconds)."""

    factor: float
    started_wall_s: float
    started_at: datetime

    def now(self) -> datetime:
        """Return the simulated instant, aware and in UTC."""
        return self.at_wall(time.time())

    def at_wall(self, wall_s: float) -> datetime:
        """Return the simulated instant at a wall instant in Unix seconds."""
        return self.started_at + timedelta(seconds=(wall_s - self.started_wall_s) * self.factor)

    def wall_ms_since(self, at: datetime, *, until_wall_s: float) -> float:
        """Return the milliseconds of wall time between a simulated instant and a wall instant."""
        return (self.at_wall(until_wall_s) - at).total_seconds() / self.factor * 1000

    async def sleep(self, seconds: float) -> None:
        """Sleep for simulated seconds; not at all for less than nothing."""
        await asyncio.sleep(max(0.0, seconds) / self.factor)

    async def sleep_until(self, at: datetime) -> None:
        """Sleep until a simulated instant."""
        await self.sleep((at - self.now()).total_seconds())


def instant(text: str) -> datetime:
    """Return an instant as the API writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)
