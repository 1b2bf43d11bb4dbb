"""Stops that are left over, put where they cost least in routes that stand.

A search cut short by the clock leaves out what would simply fit; nobody should hear "no time left" for that.
Each place is tried in constant time from the earliest departure before it and the latest start after it.
Source: the push forward of Solomon 1987, section 2, with several windows a stop.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.lanes import UNREACHABLE
from dispatch.problem import Problem, Stop, Vehicle
from dispatch.reach import Reach, end_place, start_place
from dispatch.rules.capacity import LOADS
from dispatch.rules.failures import price_s
from dispatch.rules.frozen import first_free_place
from dispatch.rules.lateness import late_s
from dispatch.rules.pickups import is_of_pair
from dispatch.rules.promises import broken_promise_s
from dispatch.rules.setting_out import price_s as price_of_setting_out
from dispatch.rules.shifts import first_moment, last_moment
from dispatch.rules.time_windows import earliest_start, latest_start
from dispatch.rules.two_couriers import needs_two
from dispatch.serving import may_serve
from dispatch.timing import time_route

Orders = dict[str, list[int]]


def complete(
    problem: Problem,
    reaches: dict[str, Reach],
    vehicles: list[tuple[int, Vehicle]],
    orders: Orders,
    until: float,
) -> Orders:
    """Return the orders with every left stop inserted that fits somewhere.

    The weightiest priorities first, then the stops that end soonest. What fits is served even where leaving it
    out would be cheaper: its price says who comes first, not whether a neighbour is worth the way. Ends at
    ``until``, an instant of ``time.perf_counter``, with what it has.
    """
    full = {
        vehicle.id: orders[vehicle.id]
        if orders.get(vehicle.id)
        and time_route(problem, reaches[vehicle.id], number, vehicle, orders[vehicle.id]) is not None
        else []
        for number, vehicle in vehicles
    }
    served = {stop for order in full.values() for stop in order}
    left = [i for i, stop in enumerate(problem.stops) if i not in served and _is_single(stop)]
    if not left:
        return full
    # Who rests or goes out several times is left to the search: a place there is no matter of two times.
    simple = [(number, v) for number, v in vehicles if v.trips == 1 and not v.breaks]
    routes = [_Slots(problem, reaches[v.id], number, v, full[v.id]) for number, v in simple]
    for index in sorted(left, key=lambda i: _urgency(problem.stops[i])):
        if time.perf_counter() > until:
            break
        places = ((cost_s, nth, at) for nth, route in enumerate(routes) for cost_s, at in route.places(index))
        for _, nth, at in sorted(places):
            if routes[nth].insert(index, at):
                break
    return full | {route.vehicle.id: route.order for route in routes}


def _is_single(stop: Stop) -> bool:
    return not needs_two(stop) and not is_of_pair(stop)


def _urgency(stop: Stop) -> tuple[int, int]:
    return stop.priority, max((end for _, end in stop.windows), default=stop.due_s or 2**31)


@dataclass
class _Slots:
    """A route with its times both ways: where something more would fit."""

    problem: Problem
    reach: Reach
    number: int
    vehicle: Vehicle
    order: list[int]

    def __post_init__(self) -> None:
        self._read()

    def places(self, index: int) -> Iterator[tuple[int, int]]:
        """Yield (more seconds, position) for each position where the stop fits by load, order and time."""
        stop = self.problem.stops[index]
        if not may_serve(self.vehicle, self.reach, index, stop):
            return
        if any(getattr(stop, load) > room for load, room in zip(LOADS, self.room, strict=True)):
            return
        first, last = (self.greens, len(self.order)) if stop.is_red else (0, self.greens)
        first = max(first, first_free_place(self.vehicle))
        service_s = self.reach.service_s(index, self.problem)
        travel_s = self.reach.travel_s
        for at in range(first, last + 1):
            before, after = self.path[at], self.path[at + 1]
            there_s, on_s = int(travel_s[before, index]), int(travel_s[index, after])
            if max(there_s, on_s) >= UNREACHABLE:
                continue
            start_s = earliest_start(stop, self.free_s[at] + there_s)
            if start_s is None or start_s + service_s + on_s > self.latest_s[at]:
                continue
            saved_s = int(travel_s[before, after]) if self.order else 0
            out_s = price_of_setting_out(bool(self.order), self.problem.weights)
            yield there_s + on_s - saved_s + out_s + self._late_s(stop, start_s), at

    def insert(self, index: int, at: int) -> bool:
        """Insert the stop there if the whole route can then be driven; tell whether it was."""
        order = [*self.order[:at], index, *self.order[at:]]
        if time_route(self.problem, self.reach, self.number, self.vehicle, order) is None:
            return False
        self.order = order
        self._read()
        return True

    def _late_s(self, stop: Stop, start_s: int) -> int:
        weights = self.problem.weights
        broken_s = broken_promise_s(stop, self.vehicle.id, start_s, weights)
        return late_s(stop, start_s, weights) + broken_s + price_s(self.problem, self.vehicle)

    def _read(self) -> None:
        """Take the order's loads and times: when it is free after each place, how late it may come to the next."""
        stops = [self.problem.stops[i] for i in self.order]
        # As if all were on board at once: true without pickups, cautious with them.
        self.room = [getattr(self.vehicle, load) - sum(getattr(s, load) for s in stops) for load in LOADS]
        self.greens = sum(not stop.is_red for stop in stops)
        self.path = [
            start_place(self.problem, self.number),
            *self.order,
            end_place(self.problem, self.number),
        ]
        self.free_s = [first_moment(self.vehicle)]
        for place, index, stop in zip(self.path, self.order, stops, strict=False):
            start_s = earliest_start(stop, self.free_s[-1] + int(self.reach.travel_s[place, index]))
            assert start_s is not None, "only a route that can be driven is completed"
            self.free_s.append(start_s + self.reach.service_s(index, self.problem))
        until_s, after = last_moment(self.problem, self.vehicle), self.path[-1]
        self.latest_s = [until_s]
        for index in reversed(self.order):
            stop = self.problem.stops[index]
            until_s -= int(self.reach.travel_s[index, after]) + self.reach.service_s(index, self.problem)
            latest_s = latest_start(stop, until_s)
            assert latest_s is not None, "only a route that can be driven is completed"
            until_s, after = latest_s, index
            self.latest_s.append(until_s)
        self.latest_s.reverse()
