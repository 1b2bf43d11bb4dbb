"""Routes for one problem: searched, made whole, and driven."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from dispatch.engines import insertion, nearest, sisr
from dispatch.limits import Limits
from dispatch.plan import Plan
from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach, ways
from dispatch.rules.shifts import has_shift
from dispatch.timing import Driven, drive
from dispatch.together import Doubled, is_whole, meeting, without_lone

log = logging.getLogger(__name__)
# What is kept of the time for stops that are left at the end: milliseconds nearly always.
LAST_SHARE = 0.05
LEAST_LAST_S = 0.1
# Reading a large wave may take all of a short time: the first plan is made all the same.
LEAST_S = 0.001
# Of the time, for bringing couriers together; as often at most.
MEETING_SHARE = 0.3
MEETINGS = 3
Orders = dict[str, list[int]]
Working = list[tuple[int, Vehicle]]


def find(
    whole: Doubled,
    reach: dict[str, Reach],
    working: Working,
    limits: Limits,
    began: float,
    start: Orders,
    seed: int = sisr.SEED,
) -> tuple[str, Doubled, Orders]:
    """Return the engine's name, the problem with its meetings fixed, and the routes.

    ``began``: when the time began to run, an instant of ``time.perf_counter``.
    """
    orders: Orders = {}
    engine = sisr.NAME
    # Where nobody gets to any stop, no search would find more.
    if any(ways(whole.problem, reach[vehicle.id], number).any() for number, vehicle in working):
        meets = len(whole.names) > whole.own
        share = 1 - LAST_SHARE - (MEETING_SHARE if meets else 0)
        until = began + limits.seconds_for(whole.own) * share
        left = replace(limits, seconds=max(LEAST_S, until - time.perf_counter()))
        engine, orders = search(whole, reach, working, left, start, seed)
    return engine, *complete(whole, reach, working, orders, limits)


def complete(
    whole: Doubled, reach: dict[str, Reach], working: Working, orders: Orders, limits: Limits
) -> tuple[Doubled, Orders]:
    """Put what is left where it still fits, and bring together the couriers who have to meet."""
    last_s = max(LAST_SHARE * limits.seconds, LEAST_LAST_S)
    if is_whole(whole.twins, orders):
        orders = insertion.complete(whole.problem, reach, working, orders, time.perf_counter() + last_s)
    if len(whole.names) > whole.own and any(orders.values()):
        whole, orders = bring_together(whole, reach, working, orders, limits)
    return whole, without_lone(whole.twins, orders)


def search(
    whole: Doubled,
    reach: dict[str, Reach],
    working: Working,
    limits: Limits,
    start: Orders,
    seed: int = sisr.SEED,
) -> tuple[str, Orders]:
    """Return the engine's name and its routes. A search that breaks strands nobody: the rule of thumb stands in."""
    try:
        found = sisr.begin(whole.problem, reach, working, start, whole.twins, seed)
        if limits.rounds is not None:
            found.run_rounds(limits.rounds)
        else:
            found.run_until(time.perf_counter() + limits.seconds, limits.is_cancelled)
        return sisr.NAME, found.result()
    except (MemoryError, ArithmeticError, LookupError) as error:
        log.warning("the search failed, the rule of thumb stands in: %r", error)
        return nearest.NAME, nearest.search(whole.problem, reach, working, start)


def bring_together(
    whole: Doubled,
    reach: dict[str, Reach],
    working: Working,
    orders: Orders,
    limits: Limits,
) -> tuple[Doubled, Orders]:
    """Fix when couriers meet, and plan around it; who cannot meet is left out."""
    share = replace(
        limits, seconds=max(0.02, limits.seconds_for(len(whole.problem.stops)) * MEETING_SHARE / MEETINGS)
    )
    for _ in range(MEETINGS):
        orders = without_lone(whole.twins, orders)
        problem, met = meeting(whole, _starts(whole, reach, working, orders))
        fixed = replace(whole, problem=problem)
        _, orders = search(fixed, reach, working, share, orders)
        # Who was brought to a stop only now has not agreed upon a moment yet.
        if orders == without_lone(whole.twins, orders, met):
            break
    return fixed, without_lone(whole.twins, orders, met)


def _starts(whole: Doubled, reach: dict[str, Reach], working: Working, orders: Orders) -> dict[int, int]:
    starts: dict[int, int] = {}
    for number, vehicle in working:
        order = orders.get(vehicle.id, [])
        driven = drive(whole.problem, reach[vehicle.id], number, vehicle, order) if order else None
        if driven is not None:
            starts |= {i: visit.start_s for i, visit in zip(order, driven.route.visits, strict=True)}
    return starts


def drive_all(
    whole: Doubled, reach: dict[str, Reach], working: Working, orders: Orders
) -> dict[str, tuple[Vehicle, Driven]]:
    """Return vehicle → route with times, in the names of the problem itself."""
    while True:
        driven = {
            vehicle.id: (
                vehicle,
                drive(whole.problem, reach[vehicle.id], number, vehicle, orders[vehicle.id]),
            )
            for number, vehicle in working
            if orders.get(vehicle.id)
        }
        found = {name: (vehicle, one) for name, (vehicle, one) in driven.items() if one is not None}
        if len(found) == len(driven):
            break
        # The search and the timing read the same matrix; should they ever differ, leave out rather than mislead.
        log.error("the search found routes that cannot be driven: %s", sorted(driven.keys() - found.keys()))
        orders = without_lone(whole.twins, {name: orders[name] for name in found})
    return {
        name: (vehicle, _in_own_names(whole, one, orders[name])) for name, (vehicle, one) in found.items()
    }


def _in_own_names(whole: Doubled, driven: Driven, order: list[int]) -> Driven:
    visits = tuple(
        replace(visit, stop=whole.names[i], carries=i < whole.own)
        for visit, i in zip(driven.route.visits, order, strict=True)
    )
    return replace(driven, route=replace(driven.route, visits=visits))


def workers(problem: Problem) -> Working:
    """Return the vehicles that work at all, each with its number."""
    return [(i, v) for i, v in enumerate(problem.vehicles) if has_shift(v, problem.horizon_s)]


def orders_of(problem: Problem, plan: Plan | None) -> Orders:
    """Return the plan's routes in the problem's stop numbers, without the stops that are gone."""
    if plan is None:
        return {}
    number = {stop.id: i for i, stop in enumerate(problem.stops)}
    return {r.vehicle: [number[v.stop] for v in r.visits if v.stop in number] for r in plan.routes}
