"""All green stops of a route come before any red one.

After a home under isolation the cart goes to disinfection.
"""

from __future__ import annotations

from dispatch.problem import Stop, Vehicle


def may_still_serve(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether a vehicle that may have been to a red home in this wave can still go to this stop."""
    return stop.is_red or not vehicle.has_been_red
