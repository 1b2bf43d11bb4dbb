"""When a route's visits happen, once their order is known: where it loads anew, where its courier rests."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.lanes import UNREACHABLE
from dispatch.plan import Rest, Route, Visit
from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach, end_place, start_place
from dispatch.rules.breaks import next_break, take
from dispatch.rules.route_length import may_be_out
from dispatch.rules.service_times import service_s
from dispatch.rules.shifts import first_moment, last_moment
from dispatch.rules.storeys import may_climb
from dispatch.rules.time_windows import earliest_start, latest_start
from dispatch.rules.trips import trips_of
from dispatch.rules.working_time import may_work


@dataclass(frozen=True)
class Driven:
    """A route with its times; ``travel_s``: on the way, reloading trips included; ``work_s``: and at doors."""

    route: Route
    travel_s: int
    work_s: int


def drive(problem: Problem, reach: Reach, number: int, vehicle: Vehicle, stops: list[int]) -> Driven | None:
    """Return the route with its times, each as early as can be; None if it cannot be driven.

    ``number``: the vehicle's place in the problem. It loads anew where the next stop does not fit or would be green
    behind red, and rests as late as it may. It begins as late as still gets everything done as early; later only
    where it would otherwise be longer than ``max_route_s``.
    """
    trips = trips_of(vehicle, [problem.stops[index] for index in stops])
    if trips is None:
        return None
    way = _Way(problem, reach, number, vehicle, stops, trips)
    driven = way.forwards(first_moment(vehicle))
    if driven is None or _is_short(vehicle, driven):
        return driven
    if vehicle.breaks or trips[-1:] > [0]:
        return None
    # Begun later, the same is done by the same end with less waiting on the way.
    driven = way.forwards(way.latest_begin(driven.route.end_s))
    return driven if driven is not None and _is_short(vehicle, driven) else None


def _is_short(vehicle: Vehicle, driven: Driven) -> bool:
    return may_be_out(vehicle, driven.route.begin_s, driven.route.end_s)


def time_route(
    problem: Problem, reach: Reach, number: int, vehicle: Vehicle, stops: list[int]
) -> Route | None:
    """Return the route of ``drive`` alone."""
    driven = drive(problem, reach, number, vehicle, stops)
    return None if driven is None else driven.route


@dataclass
class _Way:
    problem: Problem
    reach: Reach
    number: int
    vehicle: Vehicle
    stops: list[int]
    trips: list[int]

    def forwards(self, at_s: int) -> Driven | None:
        """Drive the route from ``at_s`` on, everything as early as can be."""
        base = start_place(self.problem, self.number)
        place, begin_s, travel_s, work_s, trip = base, at_s, 0, 0, 0
        visits: list[Visit] = []
        rests: list[Rest] = []
        for index, next_trip in zip(self.stops, self.trips, strict=True):
            if next_trip > trip:
                back_s = int(self.reach.travel_s[place, base])
                at_s += back_s + self.vehicle.reload_s
                travel_s, work_s, place, trip = travel_s + back_s, work_s + back_s, base, next_trip
            stop, halt = self.problem.stops[index], self.reach.halts[index]
            on_s = int(self.reach.travel_s[place, index])
            if halt is None or on_s >= UNREACHABLE:
                return None
            takes_s = service_s(self.problem, stop) + halt.walk_s
            start_s = earliest_start(stop, at_s + on_s)
            while (
                (rest := next_break(self.vehicle, len(rests)))
                and start_s is not None
                and start_s + takes_s > rest.until_s
            ):
                taken = take(rest, at_s)
                if taken is None:
                    return None
                rests.append(taken)
                at_s = taken.until_s
                start_s = earliest_start(stop, at_s + on_s)
            if start_s is None:
                return None
            arrive_s = at_s + on_s
            if not visits and not rests:
                # Rather leave later than wait before a closed door.
                begin_s = max(begin_s, start_s - on_s)
                arrive_s = begin_s + on_s
            at_s, place = start_s + takes_s, index
            visits.append(Visit(stop.id, halt.node, arrive_s, start_s, at_s, halt.walk_s, trip))
            travel_s, work_s = travel_s + on_s, work_s + on_s + takes_s
        home_s = int(self.reach.travel_s[place, end_place(self.problem, self.number)])
        while (rest := next_break(self.vehicle, len(rests))) and at_s + home_s > rest.until_s:
            taken = take(rest, at_s)
            if taken is None:
                return None
            rests.append(taken)
            at_s = taken.until_s
        end_s, travel_s, work_s = at_s + home_s, travel_s + home_s, work_s + home_s
        if not self._is_allowed(end_s, work_s):
            return None
        return Driven(Route(self.vehicle.id, tuple(visits), begin_s, end_s, tuple(rests)), travel_s, work_s)

    def latest_begin(self, end_s: int) -> int:
        """Return the last instant to begin so that the route still ends at ``end_s``; without rests and reloading."""
        at_s, place = end_s, end_place(self.problem, self.number)
        for index in reversed(self.stops):
            stop = self.problem.stops[index]
            until_s = (
                at_s - int(self.reach.travel_s[index, place]) - self.reach.service_s(index, self.problem)
            )
            start_s = latest_start(stop, until_s)
            assert start_s is not None, "the route was driven forwards in these windows"
            at_s, place = start_s, index
        return at_s - int(self.reach.travel_s[start_place(self.problem, self.number), place])

    def _is_allowed(self, end_s: int, work_s: int) -> bool:
        floors = sum(self.problem.stops[index].floors for index in self.stops)
        return (
            end_s <= last_moment(self.problem, self.vehicle)
            and may_work(self.vehicle, work_s)
            and may_climb(self.vehicle, floors)
        )
