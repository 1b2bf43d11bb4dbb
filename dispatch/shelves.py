"""Who is called to a shelf when: few at a time, soon after the goods are there, never more than the shelf lets.

Each shelf by itself, as a minimum-cost flow: homes to intervals, a further home in an interval costs as many contacts
as there are homes in it already. Source: Ahuja, Magnanti & Orlin, Network Flows (1993), chapter 14 (convex costs).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from dispatch.plan import Call, Route
from dispatch.problem import Problem, Shelf, Stop
from dispatch.rules.contacts import price_of_one_more
from dispatch.rules.shelf_room import holds, is_there
from dispatch.rules.staggering import first_interval, most_at_once
from dispatch.rules.waiting import price_s


def call_homes(problem: Problem, routes: Iterable[Route]) -> tuple[tuple[Call, ...], set[str]]:
    """Return the calls, and the stops whose goods the shelf does not hold."""
    stops = {stop.id: stop for stop in problem.stops}
    ready: dict[str, list[tuple[int, Stop]]] = defaultdict(list)
    for route in routes:
        for visit in route.visits:
            stop = stops[visit.stop]
            if stop.shelf is not None and visit.carries:
                ready[stop.shelf].append((visit.depart_s, stop))
    calls: list[Call] = []
    left: set[str] = set()
    for shelf in problem.shelves:
        put_down = sorted(ready.get(shelf.id, []), key=lambda one: (one[0], one[1].id))
        while put_down:
            slots = _slots(problem, shelf, put_down)
            full = _over(problem, shelf, put_down, slots)
            if full is None:
                calls += [Call(stop.id, at_s) for (_, stop), at_s in zip(put_down, slots, strict=True)]
                break
            left.add(put_down.pop(full)[1].id)
    return tuple(sorted(calls, key=lambda call: (call.from_s, call.stop))), left


def _slots(problem: Problem, shelf: Shelf, put_down: Sequence[tuple[int, Stop]]) -> list[int]:
    """Return when each home is called."""
    step, homes = problem.call_interval_s, len(put_down)
    # As many intervals as homes, behind each one's own: more are never of use.
    firsts = [first_interval(at_s, step) for at_s, _ in put_down]
    numbers = sorted({first + k for first in firsts for k in range(homes)})
    node = {number: 1 + homes + i for i, number in enumerate(numbers)}
    source, sink = 0, 1 + homes + len(numbers)
    flow = SimpleMinCostFlow()
    arcs: dict[int, tuple[int, int]] = {}
    for home, (at_s, _) in enumerate(put_down):
        flow.add_arc_with_capacity_and_unit_cost(source, 1 + home, 1, 0)
        for k in range(homes):
            number = firsts[home] + k
            wait_s = price_s(at_s, number * step, problem.weights)
            arc = flow.add_arc_with_capacity_and_unit_cost(1 + home, node[number], 1, wait_s)
            arcs[int(arc)] = (home, number)
    for number in numbers:
        for nth in range(most_at_once(shelf, homes)):
            flow.add_arc_with_capacity_and_unit_cost(
                node[number], sink, 1, price_of_one_more(nth, problem.weights)
            )
    flow.set_node_supply(source, homes)
    flow.set_node_supply(sink, -homes)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the calls have no optimum; there are intervals enough, so this cannot be")
    found = dict(home_at for arc, home_at in arcs.items() if flow.flow(arc) > 0)
    return [found[home] * step for home in range(homes)]


def _over(
    problem: Problem, shelf: Shelf, put_down: Sequence[tuple[int, Stop]], slots: Sequence[int]
) -> int | None:
    """Return the stop to leave out where the shelf would be too full: of those on it then, the least urgent."""
    for at_s, _ in put_down:
        there = [
            home
            for home, (came_s, _) in enumerate(put_down)
            if is_there(came_s, slots[home], problem.call_interval_s, at_s)
        ]
        if not holds(shelf, sum(put_down[home][1].parcels for home in there)):
            return max(there, key=lambda home: (put_down[home][1].priority, put_down[home][0]))
    return None
