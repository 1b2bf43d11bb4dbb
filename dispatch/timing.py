"""When a route's visits happen, once their order is known."""

from __future__ import annotations

from itertools import pairwise

from dispatch.lanes import UNREACHABLE
from dispatch.plan import Route, Visit
from dispatch.problem import Problem, Stop, Vehicle
from dispatch.reach import Reach, end_place, start_place


def earliest_start(stop: Stop, at_s: int) -> int | None:
    """Return the first instant from ``at_s`` on at which service may start, None if every window is over."""
    if not stop.windows:
        return at_s
    for start, end in sorted(stop.windows):
        if at_s <= end:
            return max(at_s, start)
    return None


def latest_start(stop: Stop, until_s: int) -> int | None:
    """Return the last instant up to ``until_s`` at which service may start, None if no window is open by then."""
    if not stop.windows:
        return until_s
    return max((min(end, until_s) for start, end in stop.windows if start <= until_s), default=None)


def last_moment(problem: Problem, vehicle: Vehicle) -> int:
    """Return the second by which the vehicle must be at its end."""
    return min(vehicle.shift_end_s, problem.horizon_s)


def time_route(
    problem: Problem, reach: Reach, number: int, vehicle: Vehicle, stops: list[int]
) -> Route | None:
    """Return the route with its times, each as early as can be; None if it cannot be driven in its shift.

    ``number``: the vehicle's place in the problem. The route begins as late as still gets everything done
    as early; later only where it would otherwise be longer than ``max_route_s``.
    """
    route = _forwards(problem, reach, number, vehicle, stops, max(0, vehicle.shift_start_s))
    limit_s = vehicle.max_route_s
    if route is None or limit_s is None or route.end_s - route.begin_s <= limit_s:
        return route
    # Begun later, the same is done by the same end with less waiting on the way.
    begin_s = _latest_begin(problem, reach, number, stops, route.end_s)
    route = _forwards(problem, reach, number, vehicle, stops, begin_s)
    return route if route is not None and route.end_s - route.begin_s <= limit_s else None


def _forwards(
    problem: Problem, reach: Reach, number: int, vehicle: Vehicle, stops: list[int], at_s: int
) -> Route | None:
    place, begin_s = start_place(problem, number), at_s
    visits: list[Visit] = []
    for index in stops:
        stop, halt = problem.stops[index], reach.halts[index]
        travel_s = int(reach.travel_s[place, index])
        if halt is None or travel_s >= UNREACHABLE:
            return None
        arrive_s = at_s + travel_s
        start_s = earliest_start(stop, arrive_s)
        if start_s is None:
            return None
        if not visits:
            # Rather leave later than wait before a closed door.
            begin_s = max(begin_s, start_s - travel_s)
            arrive_s = begin_s + travel_s
        depart_s = start_s + reach.service_s(index, stop)
        visits.append(Visit(stop.id, halt.node, arrive_s, start_s, depart_s, halt.walk_s))
        at_s, place = depart_s, index
    end_s = at_s + int(reach.travel_s[place, end_place(problem, number)])
    if end_s > last_moment(problem, vehicle):
        return None
    return Route(vehicle.id, tuple(visits), begin_s, end_s)


def _latest_begin(problem: Problem, reach: Reach, number: int, stops: list[int], end_s: int) -> int:
    """Return the last instant to begin a route that can be driven so that it still ends at ``end_s``."""
    at_s, place = end_s, end_place(problem, number)
    for index in reversed(stops):
        stop = problem.stops[index]
        until_s = at_s - int(reach.travel_s[index, place]) - reach.service_s(index, stop)
        start_s = latest_start(stop, until_s)
        assert start_s is not None, "the route was driven forwards in these windows"
        at_s, place = start_s, index
    return at_s - int(reach.travel_s[start_place(problem, number), place])


def travel_of(problem: Problem, reach: Reach, number: int, stops: list[int]) -> int:
    """Return the seconds travelled along a route, way home included."""
    places = [start_place(problem, number), *stops, end_place(problem, number)]
    return sum(int(reach.travel_s[a, b]) for a, b in pairwise(places))


def late_of(problem: Problem, route: Route, stops: list[int]) -> int:
    """Return the price of the seconds by which the route's stops are served later than due."""
    late_s = 0
    for visit, index in zip(route.visits, stops, strict=True):
        due_s = problem.stops[index].due_s
        late_s += max(0, visit.start_s - due_s) if due_s is not None else 0
    return late_s * problem.weights.late
