"""All green stops of a route come before any red one.

After a home under isolation the cart goes to disinfection.
"""

from __future__ import annotations

from dispatch.problem import Stop, Vehicle

NAME = "Green before red"
REASON = "Whoever has been to a home under isolation must not carry what is there to a home that is well."


def may_follow(is_red: bool, stop: Stop) -> bool:
    """Tell whether the stop may come now; ``is_red``: a home under isolation has been visited before it."""
    return stop.is_red or not is_red


def may_still_serve(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether a vehicle that may have been to a red home in this wave can still go to this stop."""
    return may_follow(vehicle.has_been_red, stop)
