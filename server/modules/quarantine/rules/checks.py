"""Which checks are due, and what a reading means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.kit.errors import Refused

# Tenths of a degree Celsius that a person can have; the rest is a slip of the finger.
COLDEST, HOTTEST = 340, 430


class How(StrEnum):
    """How a check came in."""

    APP = "app"
    CALL = "call"
    DOOR = "door"


class Symptom(StrEnum):
    COUGH = "cough"
    BREATH = "breath"
    THROAT = "throat"
    TASTE = "taste"
    DIARRHOEA = "diarrhoea"
    WEAK = "weak"


class CheckState(StrEnum):
    DUE = "due"
    DONE = "done"
    MISSED = "missed"


@dataclass(frozen=True)
class Reading:
    """What was measured and felt. ``tenths``: of a degree Celsius; 37.3 °C is 373."""

    tenths: int
    symptoms: frozenset[Symptom] = frozenset()


def check_reading(reading: Reading) -> None:
    """Raise Refused for a temperature that nobody has."""
    if not COLDEST <= reading.tenths <= HOTTEST:
        raise Refused("quarantine.bad_temperature", lowest=COLDEST / 10, highest=HOTTEST / 10)


def is_alarming(reading: Reading, fever_tenths: int) -> bool:
    """Tell whether a second reading and a referral follow: fever, or any symptom."""
    return reading.tenths >= fever_tenths or bool(reading.symptoms)


def due_times(
    from_at: datetime, until_at: datetime, hours: tuple[int, ...], zone: ZoneInfo
) -> Iterator[datetime]:
    """Yield when checks are due from an instant (itself included) until another (not included).

    ``hours``: of the day where the home is. What the clock of a changing summer time skips is due an hour later.
    """
    day = from_at.astimezone(zone).date()
    while True:
        for hour in sorted(hours):
            at = datetime.combine(day, time(hour), zone).astimezone(ZoneInfo("UTC"))
            if at >= until_at:
                return
            if at >= from_at:
                yield at
        day += timedelta(days=1)
