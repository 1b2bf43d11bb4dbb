"""Routes by the rule of thumb.

Each courier takes the nearest stop that still fits. Milliseconds, and always an answer.
"""

from __future__ import annotations

import math
import time

from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach, start_place
from dispatch.rules.frozen import frozen_first
from dispatch.rules.pickups import is_of_pair
from dispatch.rules.two_couriers import needs_two
from dispatch.serving import may_serve
from dispatch.timing import time_route

NAME = "nearest"


def search(
    problem: Problem,
    reaches: dict[str, Reach],
    vehicles: list[tuple[int, Vehicle]],
    start: dict[str, list[int]] | None = None,
    until: float = math.inf,
) -> dict[str, list[int]]:
    """Return vehicle id → stop numbers in order.

    Green before red, the weightiest priority before the others. ``start``: orders to begin from; of each what
    still fits is kept. ``until``: an instant of ``time.perf_counter`` after which nothing more is looked for.
    """
    left = set(range(len(problem.stops)))
    orders: dict[str, list[int]] = {}
    place = {stop.id: i for i, stop in enumerate(problem.stops)}
    for number, vehicle in vehicles:
        orders[vehicle.id] = []
        for index in frozen_first(vehicle, place, (start or {}).get(vehicle.id, [])):
            kept = [*orders[vehicle.id], index]
            if index in left and _fits(problem, reaches[vehicle.id], number, vehicle, kept):
                orders[vehicle.id] = kept
                left.discard(index)
    for number, vehicle in vehicles:
        reach, order = reaches[vehicle.id], orders[vehicle.id]
        while (nearest := _nearest(problem, reach, number, vehicle, order, left, until)) is not None:
            order.append(nearest)
            left.discard(nearest)
    return orders


def _nearest(
    problem: Problem,
    reach: Reach,
    number: int,
    vehicle: Vehicle,
    order: list[int],
    left: set[int],
    until: float,
) -> int | None:
    place = order[-1] if order else start_place(problem, number)
    candidates = sorted(
        left,
        key=lambda i: (problem.stops[i].is_red, problem.stops[i].priority, int(reach.travel_s[place, i]), i),
    )
    for index in candidates:
        if time.perf_counter() > until:
            return None
        if _fits(problem, reach, number, vehicle, [*order, index]):
            return index
    return None


def _fits(problem: Problem, reach: Reach, number: int, vehicle: Vehicle, order: list[int]) -> bool:
    """Tell whether the last stop can be served behind the others."""
    stop = problem.stops[order[-1]]
    # Pickups with their drops and stops for two are more than a rule of thumb can do.
    return (
        not needs_two(stop)
        and not is_of_pair(stop)
        and may_serve(vehicle, reach, order[-1], stop)
        and time_route(problem, reach, number, vehicle, order) is not None
    )
