"""Nobody climbs more storeys in a route than they may."""

from __future__ import annotations

from dispatch.problem import Vehicle

NAME = "Storeys"
REASON = "In a house without a lift the sixth floor with water and rice is as far as some hearts go."


def may_climb(vehicle: Vehicle, floors: int) -> bool:
    """Tell whether the vehicle's courier may climb so many storeys in a route."""
    return vehicle.max_floors is None or floors <= vehicle.max_floors
