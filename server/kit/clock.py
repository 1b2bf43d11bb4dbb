"""The one source of time, so that a test can stop it and a simulation can hurry it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class ScaledClock:
    """Runs ``factor`` times as fast as the wall since ``started_wall_s`` (Unix seconds).

    All processes of one simulation share the two numbers through the settings and so agree on the time.
    """

    factor: float
    started_wall_s: float
    started_at: datetime

    def now(self) -> datetime:
        elapsed_s = (time.time() - self.started_wall_s) * self.factor
        return self.started_at + timedelta(seconds=elapsed_s)


@dataclass
class SettableClock:
    """Stands still until it is moved; for tests."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def advance(self, **amount: float) -> datetime:
        """Move on by ``timedelta(**amount)`` and return the new instant."""
        self.at += timedelta(**amount)
        return self.at


_clock: Clock = SystemClock()


def use(clock: Clock) -> None:
    """Make ``clock`` the process's clock."""
    global _clock
    _clock = clock


def now() -> datetime:
    """Return the present instant: aware, UTC."""
    return _clock.now()


@contextmanager
def using(clock: Clock) -> Iterator[Clock]:
    """Use ``clock`` within the block."""
    before = _clock
    use(clock)
    try:
        yield clock
    finally:
        use(before)
