"""Nobody is on the way and at doors for longer in a route than they may; waiting and rests do not count."""

from __future__ import annotations

from dispatch.problem import Vehicle

NAME = "Working time in the heat"
REASON = (
    "In a protective suit at thirty-five degrees somebody collapses after an hour, whatever is left to "
    "deliver."
)


def may_work(vehicle: Vehicle, work_s: int) -> bool:
    """Tell whether the vehicle's courier may work so many seconds in a route."""
    return vehicle.max_work_s is None or work_s <= vehicle.max_work_s
