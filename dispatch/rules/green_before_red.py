"""All green stops of a route come before any red one.

After a home under isolation the cart goes to disinfection.

It is a rule about arcs: from a red stop no way leads to a green one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dispatch.problem import Problem, Stop, Vehicle


def may_still_serve(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether a vehicle that may have been to a red home in this wave can still go to this stop."""
    return stop.is_red or not vehicle.has_been_red


def without_way_back(
    problem: Problem, travel_s: np.ndarray[Any, Any], horizon_s: int
) -> np.ndarray[Any, Any]:
    """Return the travel seconds; every arc from a red stop to a green one is longer than the horizon."""
    red = np.array([i for i, stop in enumerate(problem.stops) if stop.is_red], dtype=np.int64)
    green = np.array([i for i, stop in enumerate(problem.stops) if not stop.is_red], dtype=np.int64)
    if len(red) == 0 or len(green) == 0:
        return travel_s
    cut = travel_s.copy()
    cut[np.ix_(red, green)] = 10 * horizon_s + 1
    return cut
