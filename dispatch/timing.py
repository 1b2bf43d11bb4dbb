"""When a route's visits happen, once their order is known: where it loads anew, where its courier rests."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.lanes import UNREACHABLE
from dispatch.plan import Rest, Route, Visit
from dispatch.problem import Break, Problem, Stop, Vehicle
from dispatch.reach import Reach, end_place, start_place
from dispatch.rules.capacity import LOADS


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
    trips = _trips(problem, vehicle, stops)
    if trips is None:
        return None
    way = _Way(problem, reach, number, vehicle, stops, trips)
    driven = way.forwards(max(0, vehicle.shift_start_s))
    if driven is None or vehicle.max_route_s is None or _length(driven) <= vehicle.max_route_s:
        return driven
    if vehicle.breaks or trips[-1:] > [0]:
        return None
    # Begun later, the same is done by the same end with less waiting on the way.
    driven = way.forwards(way.latest_begin(driven.route.end_s))
    return driven if driven is not None and _length(driven) <= vehicle.max_route_s else None


def time_route(
    problem: Problem, reach: Reach, number: int, vehicle: Vehicle, stops: list[int]
) -> Route | None:
    """Return the route of ``drive`` alone."""
    driven = drive(problem, reach, number, vehicle, stops)
    return None if driven is None else driven.route


def _length(driven: Driven) -> int:
    return driven.route.end_s - driven.route.begin_s


def _trips(problem: Problem, vehicle: Vehicle, stops: list[int]) -> list[int] | None:
    """Return on which trip each stop is served; None if not even the most trips are enough."""
    most = 1 if vehicle.has_left else vehicle.trips
    trips: list[int] = []
    taken, is_red = dict.fromkeys(LOADS, 0), False
    for index in stops:
        stop = problem.stops[index]
        is_full = any(taken[load] + getattr(stop, load) > getattr(vehicle, load) for load in LOADS)
        falls = is_red and not stop.is_red
        trip = trips[-1] if trips else 0
        if trips and (falls or (is_full and most > 1)) and trip + 1 < most:
            trip += 1
            taken = dict.fromkeys(LOADS, 0)
            is_red = is_red and not vehicle.disinfects
        if is_red and not stop.is_red:
            return None
        for load in LOADS:
            taken[load] += getattr(stop, load)
        is_red = is_red or stop.is_red
        trips.append(trip)
    return trips if _fits(problem, vehicle, stops, trips) else None


def _fits(problem: Problem, vehicle: Vehicle, stops: list[int], trips: list[int]) -> bool:
    """Tell whether the vehicle holds what it has on board at every moment of every trip."""
    ordered = [problem.stops[index] for index in stops]
    for trip in set(trips):
        of_trip = [stop for stop, nth in zip(ordered, trips, strict=True) if nth == trip]
        for load in LOADS:
            on_board = sum(getattr(s, load) for s in of_trip if s.kind != "pickup" and s.goods_from is None)
            most = on_board
            for stop in of_trip:
                on_board += getattr(stop, load) if stop.kind == "pickup" else -getattr(stop, load)
                most = max(most, on_board)
            if most > getattr(vehicle, load):
                return False
    return True


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
            service_s = self.problem.service_s(stop) + halt.walk_s
            start_s = earliest_start(stop, at_s + on_s)
            while (rest := self._due(rests)) and start_s is not None and start_s + service_s > rest.until_s:
                if at_s > rest.until_s:
                    return None
                rests.append(Rest(max(at_s, rest.from_s), max(at_s, rest.from_s) + rest.rest_s))
                at_s = rests[-1].until_s
                start_s = earliest_start(stop, at_s + on_s)
            if start_s is None:
                return None
            arrive_s = at_s + on_s
            if not visits and not rests:
                # Rather leave later than wait before a closed door.
                begin_s = max(begin_s, start_s - on_s)
                arrive_s = begin_s + on_s
            at_s, place = start_s + service_s, index
            visits.append(Visit(stop.id, halt.node, arrive_s, start_s, at_s, halt.walk_s, trip))
            travel_s, work_s = travel_s + on_s, work_s + on_s + service_s
        home_s = int(self.reach.travel_s[place, end_place(self.problem, self.number)])
        while (rest := self._due(rests)) and at_s + home_s > rest.until_s:
            if at_s > rest.until_s:
                return None
            rests.append(Rest(max(at_s, rest.from_s), max(at_s, rest.from_s) + rest.rest_s))
            at_s = rests[-1].until_s
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

    def _due(self, rests: list[Rest]) -> Break | None:
        return self.vehicle.breaks[len(rests)] if len(rests) < len(self.vehicle.breaks) else None

    def _is_allowed(self, end_s: int, work_s: int) -> bool:
        floors = sum(self.problem.stops[index].floors for index in self.stops)
        return (
            end_s <= last_moment(self.problem, self.vehicle)
            and (self.vehicle.max_work_s is None or work_s <= self.vehicle.max_work_s)
            and (self.vehicle.max_floors is None or floors <= self.vehicle.max_floors)
        )
