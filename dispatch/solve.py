"""Problem in, Plan out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from dispatch.engines import insertion, nearest, sisr
from dispatch.explain import explain
from dispatch.plan import Cost, Plan
from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach, reaches, ways
from dispatch.rules import failures, fairness, lateness
from dispatch.rules.contacts import contacts_s
from dispatch.rules.priorities import price_of_leaving_out
from dispatch.rules.shifts import has_shift
from dispatch.rules.waiting import waits_s
from dispatch.shelves import call_homes
from dispatch.timing import Driven, drive
from dispatch.together import Doubled, doubled, is_whole, meeting, without_lone

log = logging.getLogger(__name__)
# What is kept of the time for stops that are left at the end: milliseconds nearly always.
LAST_SHARE = 0.05
LEAST_LAST_S = 0.1
# Reading a large wave may take all of a short time: the first plan is made all the same.
LEAST_S = 0.001
# A wave of ten stops has its best plan long before the limit.
ENOUGH_S = 0.1
ENOUGH_S_PER_STOP = 0.02
# Of the time, for bringing couriers together; as often at most.
MEETING_SHARE = 0.3
MEETINGS = 3
Orders = dict[str, list[int]]


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Limits:
    """How long solving may take at most, in seconds of wall time; naming reasons for what is left comes on top.

    Small waves take less, unless ``is_patient``: what more time would not better. ``rounds``: so many rounds of the
    search instead, whatever time they take: the same problem then has the same plan. ``is_cancelled``: asked some
    twenty times a second.
    """

    seconds: float = 5.0
    rounds: int | None = None
    is_patient: bool = False
    is_cancelled: Callable[[], bool] = _never

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
    whole = doubled(problem)
    reach = reaches(whole.problem)
    working = [(i, v) for i, v in enumerate(problem.vehicles) if has_shift(v, problem.horizon_s)]
    orders: Orders = {}
    engine = sisr.NAME
    # Where nobody gets to any stop, no search would find more.
    if any(ways(whole.problem, reach[vehicle.id], number).any() for number, vehicle in working):
        meets = len(whole.names) > whole.own
        share = 1 - LAST_SHARE - (MEETING_SHARE if meets else 0)
        until = began + _seconds(problem, limits) * share
        engine, orders = _search(
            whole, reach, working, replace(limits, seconds=max(LEAST_S, until - time.perf_counter())), start
        )
    return _complete(problem, whole, reach, working, orders, engine, limits, began)


def finish(
    problem: Problem,
    whole: Doubled,
    reach: dict[str, Reach],
    working: list[tuple[int, Vehicle]],
    orders: Orders,
    engine: str,
    seconds: float,
) -> Plan:
    """Make a whole plan of routes from anywhere, without searching further.

    What cannot stand where it is put goes where it costs least; couriers are brought together, homes are called.
    """
    found = sisr.begin(whole.problem, reach, working, orders, whole.twins)
    began = time.perf_counter() - seconds
    return _complete(problem, whole, reach, working, found.result(), engine, Limits(1.0, rounds=1), began)


def _complete(
    problem: Problem,
    whole: Doubled,
    reach: dict[str, Reach],
    working: list[tuple[int, Vehicle]],
    orders: Orders,
    engine: str,
    limits: Limits,
    began: float,
) -> Plan:
    last_s = max(LAST_SHARE * limits.seconds, LEAST_LAST_S)
    if is_whole(whole.twins, orders):
        orders = insertion.complete(whole.problem, reach, working, orders, time.perf_counter() + last_s)
    if len(whole.names) > whole.own and any(orders.values()):
        whole, orders = _bring_together(whole, reach, working, orders, limits)
    return assemble(problem, reach, working, orders, engine, time.perf_counter() - began, whole)


def _seconds(problem: Problem, limits: Limits) -> float:
    enough_s = ENOUGH_S + len(problem.stops) * ENOUGH_S_PER_STOP
    return limits.seconds if limits.is_patient else min(limits.seconds, enough_s)


def _search(
    whole: Doubled,
    reach: dict[str, Reach],
    working: list[tuple[int, Vehicle]],
    limits: Limits,
    start: Plan | None = None,
    orders: Orders | None = None,
) -> tuple[str, Orders]:
    """Return the engine's name and its routes. A search that breaks strands nobody: the rule of thumb stands in."""
    older = orders if orders is not None else _orders_of(whole.problem, start)
    try:
        found = sisr.begin(whole.problem, reach, working, older or {}, whole.twins)
        if limits.rounds is not None:
            found.run_rounds(limits.rounds)
        else:
            found.run_until(time.perf_counter() + limits.seconds, limits.is_cancelled)
        return sisr.NAME, found.result()
    except (MemoryError, ArithmeticError, LookupError) as error:
        log.warning("the search failed, the rule of thumb stands in: %r", error)
        return nearest.NAME, nearest.search(whole.problem, reach, working, older)


def _bring_together(
    whole: Doubled,
    reach: dict[str, Reach],
    working: list[tuple[int, Vehicle]],
    orders: Orders,
    limits: Limits,
) -> tuple[Doubled, Orders]:
    """Fix when couriers meet, and plan around it; who cannot meet is left out."""
    share = replace(limits, seconds=max(0.02, _seconds(whole.problem, limits) * MEETING_SHARE / MEETINGS))
    for _ in range(MEETINGS):
        orders = without_lone(whole.twins, orders)
        fixed = replace(whole, problem=meeting(whole, _starts(whole, reach, working, orders)))
        _, found = _search(fixed, reach, working, share, orders=orders)
        if is_whole(whole.twins, found):
            return fixed, found
        orders = found
    return fixed, without_lone(whole.twins, orders)


def _starts(
    whole: Doubled, reach: dict[str, Reach], working: list[tuple[int, Vehicle]], orders: Orders
) -> dict[int, int]:
    starts: dict[int, int] = {}
    for number, vehicle in working:
        order = orders.get(vehicle.id, [])
        driven = drive(whole.problem, reach[vehicle.id], number, vehicle, order) if order else None
        if driven is not None:
            starts |= {i: visit.start_s for i, visit in zip(order, driven.route.visits, strict=True)}
    return starts


def assemble(
    problem: Problem,
    reach: dict[str, Reach],
    working: list[tuple[int, Vehicle]],
    orders: Orders,
    engine: str,
    seconds: float,
    whole: Doubled | None = None,
    overfull: frozenset[str] = frozenset(),
) -> Plan:
    """Turn orders of stops into a plan: times, calls, cost, and a reason for each stop that is left."""
    whole = whole or doubled(problem)
    driven = _drive_all(whole, reach, working, without_lone(whole.twins, orders))
    calls, full = call_homes(problem, [one.route for _, one in driven.values()])
    if full:
        number = {stop.id: i for i, stop in enumerate(problem.stops)}
        gone = {number[name] for name in full}
        kept = {name: [i for i in order if i not in gone] for name, order in orders.items()}
        # Without them the others are reached sooner, and all calls are made anew.
        return assemble(problem, reach, working, kept, engine, seconds, whole, overfull | full)
    routes = [one.route for _, one in driven.values()]
    served = {visit.stop for route in routes for visit in route.visits}
    left = [stop for stop in problem.stops if stop.id not in served]
    cost = replace(
        _cost(problem, driven),
        unserved_s=sum(price_of_leaving_out(stop, problem.weights) for stop in left),
        contacts_s=contacts_s(problem, calls),
        waits_s=waits_s(problem, routes, calls),
    )
    works = {vehicle.id for _, vehicle in working}
    unused = tuple(
        (v.id, "not_needed" if v.id in works else "no_shift") for v in problem.vehicles if v.id not in driven
    )
    if whole.problem is not problem:
        reach = reaches(problem)
    unserved = explain(problem, reach, working, routes, left, overfull)
    return Plan(problem.digest(), tuple(routes), unserved, cost, calls, unused, engine, round(seconds, 3))


def _drive_all(
    whole: Doubled, reach: dict[str, Reach], working: list[tuple[int, Vehicle]], orders: Orders
) -> dict[str, tuple[Vehicle, Driven]]:
    """Return vehicle → route with times, in the names of the problem itself."""
    found = {}
    for number, vehicle in working:
        order = orders.get(vehicle.id, [])
        # The search and the timing read the same matrix; should they ever differ, leave out rather than mislead.
        driven = drive(whole.problem, reach[vehicle.id], number, vehicle, order) if order else None
        if driven is not None:
            visits = tuple(
                replace(visit, stop=whole.names[i], carries=i < whole.own)
                for visit, i in zip(driven.route.visits, order, strict=True)
            )
            found[vehicle.id] = (vehicle, replace(driven, route=replace(driven.route, visits=visits)))
    return found


def _cost(problem: Problem, driven: dict[str, tuple[Vehicle, Driven]]) -> Cost:
    """Return what the routes cost."""
    stops, weights = {stop.id: stop for stop in problem.stops}, problem.weights
    visits = [(v, visit) for v, one in driven.values() for visit in one.route.visits]
    return Cost(
        travel_s=sum(one.travel_s for _, one in driven.values()),
        walk_s=sum(visit.walk_s for _, visit in visits),
        late_s=sum(lateness.late_s(stops[visit.stop], visit.start_s, weights) for _, visit in visits),
        vehicles_s=len(driven) * weights.vehicle_s,
        unfair_s=sum(fairness.unfair_s(problem, v, one.work_s) for v, one in driven.values()),
        broken_s=sum(
            lateness.broken_promise_s(stops[visit.stop], v.id, visit.start_s, weights) for v, visit in visits
        ),
        fails_s=sum(failures.price_s(problem, v) for v, _ in visits),
    )


def _orders_of(problem: Problem, plan: Plan | None) -> Orders | None:
    if plan is None:
        return None
    number = {stop.id: i for i, stop in enumerate(problem.stops)}
    return {r.vehicle: [number[v.stop] for v in r.visits if v.stop in number] for r in plan.routes}
