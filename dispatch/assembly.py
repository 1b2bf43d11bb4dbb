"""From routes to a plan: times, calls, cost, and a reason for each stop that is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dispatch.explain import explain, loads_of
from dispatch.plan import Cost, Plan, Route, Unserved
from dispatch.problem import Problem, Stop, Vehicle
from dispatch.reach import Reach, reaches
from dispatch.rules import failures, fairness, lateness
from dispatch.rules.contacts import contacts_s
from dispatch.rules.priorities import price_of_leaving_out
from dispatch.rules.shifts import has_shift
from dispatch.rules.waiting import waits_s
from dispatch.searching import Orders, Working, drive_all
from dispatch.shelves import call_homes
from dispatch.timing import Driven
from dispatch.together import Doubled, doubled, without_lone

Fleet = dict[str, tuple[Vehicle, Driven]]
Why = Callable[[list[Route], list[Stop], frozenset[str]], tuple[Unserved, ...]]


def assemble(
    problem: Problem,
    reach: dict[str, Reach],
    working: Working,
    orders: Orders,
    engine: str,
    seconds: float,
    whole: Doubled | None = None,
) -> Plan:
    """Turn orders of stops into a plan."""
    whole = whole or doubled(problem)
    number = {stop.id: i for i, stop in enumerate(problem.stops)}

    def again(gone: set[str]) -> Fleet:
        without = {number[name] for name in gone}
        kept = {name: [i for i in order if i not in without] for name, order in orders.items()}
        return drive_all(whole, reach, working, kept)

    def why(routes: list[Route], left: list[Stop], full: frozenset[str]) -> tuple[Unserved, ...]:
        own = reach if whole.problem is problem or not left else reaches(problem)
        return explain(problem, own, working, loads_of(problem, routes), left, full)

    fleet = drive_all(whole, reach, working, without_lone(whole.twins, orders))
    return put_together(problem, fleet, engine, seconds, again, why)


def put_together(
    problem: Problem, fleet: Fleet, engine: str, seconds: float, again: Callable[[set[str]], Fleet], why: Why
) -> Plan:
    """Turn driven routes into a plan. ``again``: drives them without the stops whose goods no shelf holds."""
    full: set[str] = set()
    while True:
        calls, over = call_homes(problem, [one.route for _, one in fleet.values()])
        if not over:
            break
        # Without them the others are reached sooner, and all calls are made anew.
        full |= over
        fleet = again(full)
    routes = [one.route for _, one in fleet.values()]
    served = {visit.stop for route in routes for visit in route.visits}
    left = [stop for stop in problem.stops if stop.id not in served]
    cost = replace(
        cost_of(problem, fleet),
        unserved_s=sum(price_of_leaving_out(stop, problem.weights) for stop in left),
        contacts_s=contacts_s(problem, calls),
        waits_s=waits_s(problem, routes, calls),
    )
    unused = tuple(
        (v.id, "not_needed" if has_shift(v, problem.horizon_s) else "no_shift")
        for v in problem.vehicles
        if v.id not in fleet
    )
    unserved = why(routes, left, frozenset(full))
    return Plan(problem.digest(), tuple(routes), unserved, cost, calls, unused, engine, round(seconds, 3))


def cost_of(problem: Problem, fleet: Fleet) -> Cost:
    """Return what the routes cost."""
    stops, weights = {stop.id: stop for stop in problem.stops}, problem.weights
    visits = [(v, visit) for v, one in fleet.values() for visit in one.route.visits]
    return Cost(
        travel_s=sum(one.travel_s for _, one in fleet.values()),
        walk_s=sum(visit.walk_s for _, visit in visits),
        late_s=sum(lateness.late_s(stops[visit.stop], visit.start_s, weights) for _, visit in visits),
        vehicles_s=len(fleet) * weights.vehicle_s,
        unfair_s=sum(fairness.unfair_s(problem, v, one.work_s) for v, one in fleet.values()),
        broken_s=sum(
            lateness.broken_promise_s(stops[visit.stop], v.id, visit.start_s, weights) for v, visit in visits
        ),
        fails_s=sum(failures.price_s(problem, v) for v, _ in visits),
    )
