"""Nobody is out longer, from leaving the start to being at the end, than they may be."""

from __future__ import annotations

from dispatch.problem import Vehicle

NAME = "Length of a route"
REASON = "A permit for going out is for so many minutes, and so is the battery of a cart."


def may_be_out(vehicle: Vehicle, begin_s: int, end_s: int) -> bool:
    """Tell whether the vehicle may be out from ``begin_s`` to ``end_s``."""
    return vehicle.max_route_s is None or end_s - begin_s <= vehicle.max_route_s
