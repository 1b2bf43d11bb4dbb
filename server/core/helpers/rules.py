"""What a helper may carry and do, and which shifts are sensible. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.kit.errors import Refused


class HelperKind(StrEnum):
    VOLUNTEER = "volunteer"
    COURIER = "courier"


class Vehicle(StrEnum):
    WALK = "walk"
    CART = "cart"
    TRIKE = "trike"
    UNMANNED = "unmanned"


class HelperState(StrEnum):
    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Skill(StrEnum):
    """What a need may ask of a helper."""

    CARE = "care"
    CHILD_CARE = "child_care"
    PETS = "pets"
    REPAIR = "repair"
    ESCORT = "escort"
    LISTENING = "listening"


@dataclass(frozen=True)
class Capacity:
    """What fits on a helper's vehicle at once."""

    load_g: int
    volume_ml: int
    parcels: int


# What the usual vehicle of each kind carries; a helper may state another capacity. A walker's
# load is what one person lifts again and again without harm (the NIOSH limit of 23 kg, halved for stairs and
# bags).
USUAL_CAPACITY: dict[Vehicle, Capacity] = {
    Vehicle.WALK: Capacity(12_000, 60_000, 6),
    Vehicle.CART: Capacity(120_000, 500_000, 40),
    Vehicle.TRIKE: Capacity(300_000, 1_200_000, 120),
    Vehicle.UNMANNED: Capacity(100_000, 400_000, 30),
}

LONGEST_SHIFT = timedelta(hours=12)
SHORTEST_REST, LONGEST_REST = timedelta(minutes=5), timedelta(hours=2)


@dataclass(frozen=True)
class Rest:
    """A rest of ``lasts`` in a shift, begun between two instants: a meal does not wait for the evening."""

    from_at: datetime
    until_at: datetime
    lasts: timedelta


def capacity_of(
    vehicle: Vehicle, *, load_g: int | None, volume_ml: int | None, parcels: int | None
) -> Capacity:
    """Return the stated capacity, and the vehicle's usual one where none is stated."""
    usual = USUAL_CAPACITY[vehicle]
    return Capacity(
        usual.load_g if load_g is None else load_g,
        usual.volume_ml if volume_ml is None else volume_ml,
        usual.parcels if parcels is None else parcels,
    )


def check_shift(
    from_at: datetime, until_at: datetime, taken: Iterable[tuple[datetime, datetime]], *, now: datetime
) -> None:
    """Raise Refused unless the shift lies ahead, is not too long, and overlaps none of ``taken``."""
    if until_at <= from_at:
        raise Refused("helpers.shift_ends_before_it_starts", from_at=_iso(from_at), until_at=_iso(until_at))
    if until_at <= now:
        raise Refused("helpers.shift_is_over", until_at=_iso(until_at))
    if until_at - from_at > LONGEST_SHIFT:
        raise Refused("helpers.shift_too_long", longest_hours=LONGEST_SHIFT // timedelta(hours=1))
    for other_from, other_until in taken:
        if from_at < other_until and other_from < until_at:
            raise Refused("helpers.shift_overlaps", from_at=_iso(other_from), until_at=_iso(other_until))


def check_rest(rest: Rest, from_at: datetime, until_at: datetime) -> None:
    """Raise Refused unless the rest has a sensible length and is over before the shift from ``from_at`` is."""
    if not SHORTEST_REST <= rest.lasts <= LONGEST_REST:
        raise Refused("helpers.rest_length", longest_minutes=LONGEST_REST // timedelta(minutes=1))
    if not from_at <= rest.from_at <= rest.until_at or rest.until_at + rest.lasts > until_at:
        raise Refused("helpers.rest_outside_shift", from_at=_iso(from_at), until_at=_iso(until_at))


def hours_between(shifts: Iterable[tuple[datetime, datetime]], *, now: datetime) -> float:
    """Return the hours of the shifts that have passed by ``now``."""
    worked = (max(timedelta(), min(until, now) - start) for start, until in shifts)
    return sum(worked, timedelta()) / timedelta(hours=1)


def _iso(at: datetime) -> str:
    return at.isoformat()
