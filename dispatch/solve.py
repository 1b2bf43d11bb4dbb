"""Problem in, Plan out."""

from __future__ import annotations

import time
from dataclasses import dataclass

from dispatch.engines import insertion, nearest, ortools_routing, pieces
from dispatch.explain import explain
from dispatch.plan import Cost, Plan, Route
from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach, has_shift, reaches, ways
from dispatch.rules.priorities import price_of_leaving_out
from dispatch.timing import late_of, time_route, travel_of

# Up to here one search does best; above, pieces of the wave do, begun from a short search of the whole; far above
# even that takes too long. Measured with dispatch.bench.compound at 4 to 8 s.
FEW_STOPS = 150
MANY_STOPS = 300
WHOLE_SHARE = 0.3
# What is kept of the time for stops that are left at the end: milliseconds nearly always.
LAST_SHARE = 0.05
LEAST_LAST_S = 0.1
# A wave of ten stops has its best plan long before the limit: 0.35 s; with 45 stops all of 5 s still pays.
ENOUGH_S = 0.1
ENOUGH_S_PER_PAIR = 0.0025


@dataclass(frozen=True)
class Limits:
    """How long solving may take at most, in seconds of wall time; naming reasons for what is left comes on top.

    Small waves take less: what more time would not better.
    """

    seconds: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.seconds < float("inf"):
            raise ValueError(f"a search needs a positive time limit, not {self.seconds}")


def solve(problem: Problem, limits: Limits | None = None, *, start: Plan | None = None) -> Plan:
    """Plan one wave.

    ``start``: a plan to begin from (of this or an earlier problem); stops and vehicles that are gone are
    passed over. An infeasible wish is a stop in ``plan.unserved`` with a reason, never an exception.
    """
    limits = limits or Limits()
    began = time.perf_counter()
    reach = reaches(problem)
    working = [(i, v) for i, v in enumerate(problem.vehicles) if has_shift(v, problem.horizon_s)]
    orders: dict[str, list[int]] = {}
    engine = ortools_routing.NAME
    # Where nobody gets to any stop, no search would find more.
    if any(ways(problem, reach[vehicle.id], number).any() for number, vehicle in working):
        older = _orders_of(problem, start)
        until = began + limits.seconds * (1 - LAST_SHARE)
        engine, orders = _search(problem, reach, working, until, older)
        last_s = max(LAST_SHARE * limits.seconds, LEAST_LAST_S)
        orders = insertion.complete(problem, reach, working, orders, time.perf_counter() + last_s)
    return assemble(problem, reach, working, orders, engine, time.perf_counter() - began)


def _search(
    problem: Problem,
    reach: dict[str, Reach],
    working: list[tuple[int, Vehicle]],
    until: float,
    older: dict[str, list[int]] | None,
) -> tuple[str, dict[str, list[int]]]:
    """Return the engine's name and the orders it found by ``until``, an instant of ``time.perf_counter``."""
    stops = len(problem.stops)
    first = None
    if older is not None or stops > MANY_STOPS:
        # What the older plan still holds, or what the rule of thumb has at once, is where to begin.
        first = nearest.search(problem, reach, working, older)
        first = insertion.complete(problem, reach, working, first, until)
    left_s = until - time.perf_counter()
    if stops <= FEW_STOPS:
        enough_s = min(left_s, ENOUGH_S + stops * stops * ENOUGH_S_PER_PAIR)
        orders = ortools_routing.search(problem, reach, working, enough_s, first)
        # A first solution cut short by the clock is none at all.
        return ortools_routing.NAME, orders or nearest.search(problem, reach, working)
    if first is None:
        first = ortools_routing.search(problem, reach, working, WHOLE_SHARE * left_s)
        first = first or nearest.search(problem, reach, working)
    return pieces.NAME, pieces.search(problem, reach, working, until - time.perf_counter(), first)


def assemble(
    problem: Problem,
    reach: dict[str, Reach],
    working: list[tuple[int, Vehicle]],
    orders: dict[str, list[int]],
    engine: str,
    seconds: float,
) -> Plan:
    """Turn orders of stops into a plan: times, cost, and a reason for each stop that is left."""
    routes: list[Route] = []
    travel_s = late_s = 0
    for number, vehicle in working:
        stops = orders.get(vehicle.id, [])
        if not stops:
            continue
        route = time_route(problem, reach[vehicle.id], number, vehicle, stops)
        if route is None:
            # The search and the timing read the same matrix; should they ever differ, leave out rather than
            # mislead.
            continue
        routes.append(route)
        travel_s += travel_of(problem, reach[vehicle.id], number, stops)
        late_s += late_of(problem, route, stops)
    served = {visit.stop for route in routes for visit in route.visits}
    left = [stop for stop in problem.stops if stop.id not in served]
    cost = Cost(
        travel_s=travel_s,
        walk_s=sum(visit.walk_s for route in routes for visit in route.visits),
        late_s=late_s,
        vehicles_s=len(routes) * problem.weights.vehicle_s,
        unserved_s=sum(price_of_leaving_out(stop, problem.weights) for stop in left),
    )
    out = {route.vehicle for route in routes}
    works = {vehicle.id for _, vehicle in working}
    unused = tuple(
        (v.id, "not_needed" if v.id in works else "no_shift") for v in problem.vehicles if v.id not in out
    )
    unserved = explain(problem, reach, working, routes, left)
    return Plan(problem.digest(), tuple(routes), unserved, cost, unused, engine, round(seconds, 3))


def _orders_of(problem: Problem, plan: Plan | None) -> dict[str, list[int]] | None:
    if plan is None:
        return None
    number = {stop.id: i for i, stop in enumerate(problem.stops)}
    return {r.vehicle: [number[v.stop] for v in r.visits if v.stop in number] for r in plan.routes}
