"""A courier goes out with a new load only as often as they may, each time from the start.

It loads anew where the next stop does not fit, or would be green behind red.
"""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.problem import Stop, Vehicle
from dispatch.rules.capacity import LOADS, fits, has_room
from dispatch.rules.disinfection import is_red_after_reloading
from dispatch.rules.green_before_red import may_follow

NAME = "Several trips"
REASON = (
    "A small cart that comes back for a second load does the work of two, but every return takes time at "
    "the gate."
)


def most_trips(vehicle: Vehicle) -> int:
    """Return how often the vehicle may go out: who has left already comes back no more."""
    return 1 if vehicle.has_left else vehicle.trips


def trips_of(vehicle: Vehicle, stops: Sequence[Stop]) -> list[int] | None:
    """Return on which trip each stop is served; None if not even the most trips are enough."""
    most, trips = most_trips(vehicle), list[int]()
    taken, is_red = dict.fromkeys(LOADS, 0), False
    for stop in stops:
        is_full = most > 1 and not has_room(vehicle, taken, stop)
        trip = trips[-1] if trips else 0
        if trips and (is_full or not may_follow(is_red, stop)) and trip + 1 < most:
            trip += 1
            taken = dict.fromkeys(LOADS, 0)
            is_red = is_red_after_reloading(vehicle, is_red)
        if not may_follow(is_red, stop):
            return None
        for load in LOADS:
            taken[load] += getattr(stop, load)
        is_red = is_red or stop.is_red
        trips.append(trip)
    for trip in set(trips):
        if not fits(vehicle, [stop for stop, nth in zip(stops, trips, strict=True) if nth == trip]):
            return None
    return trips
