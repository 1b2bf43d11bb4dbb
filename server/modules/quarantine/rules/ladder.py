"""What happens when a check is not done in time: one rung after another, each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.kit.errors import Refused


class Rung(StrEnum):
    """In the order in which they come."""

    REMINDER = "reminder"
    CALL = "call"
    DOOR = "door"
    COMMITTEE = "committee"


@dataclass(frozen=True)
class Settings:
    """What a community sets. ``hours``: when checks are due; ``rungs_min``: minutes after that, rung by rung."""

    hours: tuple[int, ...] = (9, 19)
    rungs_min: tuple[int, ...] = (60, 180, 240, 360)
    fever_tenths: int = 373
    second_reading_min: int = 30


def check_settings(settings: Settings) -> None:
    """Raise Refused for settings under which a check could never be missed, or a rung come before the one below."""
    hours, rungs = settings.hours, settings.rungs_min
    if (
        not 1 <= len(hours) <= 6
        or len(set(hours)) != len(hours)
        or not all(0 <= hour <= 23 for hour in hours)
    ):
        raise Refused("quarantine.bad_hours")
    if len(rungs) != len(Rung) or list(rungs) != sorted(set(rungs)) or rungs[0] < 1 or rungs[-1] > 24 * 60:
        raise Refused("quarantine.bad_rungs")
    if not 365 <= settings.fever_tenths <= 390:
        raise Refused("quarantine.bad_fever")
    if not 5 <= settings.second_reading_min <= 240:
        raise Refused("quarantine.bad_second_reading")


def rungs_due(due_at: datetime, now: datetime, settings: Settings) -> tuple[Rung, ...]:
    """Return the rungs that are reached by now, lowest first.

    A worker that was down for hours finds several: each is climbed, so that nobody is skipped.
    """
    minutes = zip(Rung, settings.rungs_min, strict=True)
    return tuple(rung for rung, after in minutes if now >= due_at + timedelta(minutes=after))


def missed_at(due_at: datetime, settings: Settings) -> datetime:
    """Return when a check counts as missed: at the highest rung. Until then a late one is welcome."""
    return due_at + timedelta(minutes=settings.rungs_min[-1])
