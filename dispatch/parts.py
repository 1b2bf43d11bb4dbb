"""Large waves: cut into parts that are planned apart, then again and again a few neighbouring routes together.

No matrix over all stops is ever made. Parts may be planned in several processes at once; smaller waves are then planned
as a whole with several seeds, and the best plan is taken. Source of the second step: Taillard & Voss 2002, "POPMUSIC:
partial optimization metaheuristic under special intensification conditions".
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dispatch.assembly import Fleet, cost_of, put_together
from dispatch.cutting import Cut, cut, kind_of, restricted
from dispatch.driving import by_itself
from dispatch.engines import sisr
from dispatch.explain import explain, loads_of
from dispatch.lanes import LaneNetwork
from dispatch.limits import Limits
from dispatch.plan import Plan, Route, Unserved
from dispatch.pool import spread
from dispatch.problem import Problem, Stop, Vehicle
from dispatch.reach import reaches
from dispatch.rules.priorities import price_of_leaving_out
from dispatch.rules.two_couriers import needs_two
from dispatch.searching import drive_all, find, workers
from dispatch.together import doubled

# Stops from which on a wave is cut; in a part; in neighbouring routes planned again, for so many seconds at a time.
LARGE, IN_PART, TOGETHER, EACH_S = 1500, 400, 300, 1.0
FIRST_SHARE = 0.5
# Stops left out that are tried again with a few routes; stops explained at a time.
RETRIED, EXPLAINED = 40, 400
Names = dict[str, list[str]]


@dataclass(frozen=True)
class Part:
    """A problem to be planned by itself, from the routes in ``start``: vehicle → stops, by their ids."""

    problem: Problem
    start: Names
    limits: Limits
    seed: int = sisr.SEED


@dataclass(frozen=True)
class Planned:
    """``cost``: of the routes and of what is left out, shelves aside."""

    engine: str
    fleet: Fleet
    cost: int


def plan_part(part: Part) -> Planned:
    """Plan a part, in whatever process this is."""
    began = time.perf_counter()
    whole = doubled(part.problem)
    reach, working = reaches(whole.problem), workers(part.problem)
    number = {stop.id: i for i, stop in enumerate(part.problem.stops)}
    start = {name: [number[stop] for stop in order] for name, order in part.start.items()}
    engine, whole, orders = find(whole, reach, working, part.limits, began, start, part.seed)
    fleet = drive_all(whole, reach, working, orders)
    return Planned(engine, fleet, price(part.problem, fleet))


def price(problem: Problem, fleet: Fleet) -> int:
    """Return what routes and stops left out cost."""
    served = {visit.stop for _, one in fleet.values() for visit in one.route.visits}
    left = (stop for stop in problem.stops if stop.id not in served)
    return cost_of(problem, fleet).total + sum(price_of_leaving_out(stop, problem.weights) for stop in left)


def solve_in_parts(problem: Problem, limits: Limits, start: Plan | None) -> Plan:
    """Plan a large wave."""
    began = time.perf_counter()
    until = began + limits.seconds_for(len(problem.stops))
    pieces = cut(problem, IN_PART, start)
    each_s = (until - time.perf_counter()) * FIRST_SHARE * limits.processes / len(pieces)
    parts = [
        Part(one.problem, one.start, _for_part(limits, each_s), sisr.SEED + nth)
        for nth, one in enumerate(pieces)
    ]
    planned = spread(plan_part, parts, limits.processes)
    fleet = {name: one for part in planned for name, one in part.fleet.items()}
    engine = f"{sisr.NAME} in {len(parts)} parts"
    if any(part.engine != sisr.NAME for part in planned):
        engine = next(part.engine for part in planned if part.engine != sisr.NAME)
    _better(problem, fleet, limits, until, len(parts))
    return whole_plan(problem, fleet, engine, began)


def best_of_several(problem: Problem, limits: Limits, start: Plan | None) -> Plan:
    """Plan a wave in several processes, each from another seed, and take the best plan."""
    began = time.perf_counter()
    names = {stop.id for stop in problem.stops}
    older = {r.vehicle: [v.stop for v in r.visits if v.stop in names] for r in start.routes} if start else {}
    own = _for_part(limits, limits.seconds_for(len(problem.stops)))
    parts = [Part(problem, older, own, sisr.SEED + nth) for nth in range(limits.processes)]
    best = min(spread(plan_part, parts, limits.processes), key=lambda one: one.cost)
    return whole_plan(problem, best.fleet, best.engine, began)


def _for_part(limits: Limits, seconds: float) -> Limits:
    """Return the limits of one part; whether it is cancelled is asked between the parts."""
    return Limits(max(0.01, seconds), limits.rounds, is_patient=True)


def _better(problem: Problem, fleet: Fleet, limits: Limits, until: float, turns: int) -> None:
    """Plan neighbouring routes anew together until the time is over, or so many times if rounds are counted."""
    around = _Neighbours(problem, fleet)
    while not limits.is_cancelled():
        left_s = until - time.perf_counter()
        if turns <= 0 if limits.rounds is not None else left_s <= 0:
            return
        turns -= limits.processes
        pieces = list(around.pick(limits.processes))
        if not pieces:
            return
        own = _for_part(limits, min(EACH_S, left_s))
        parts = [Part(one.problem, one.start, own, around.rng.randrange(1 << 30)) for one in pieces]
        for piece, found in zip(pieces, spread(plan_part, parts, limits.processes), strict=True):
            if found.cost < price(piece.problem, {name: fleet[name] for name in piece.start}):
                around.put(piece, found.fleet)


class _Neighbours:
    """Routes near each other, with what is left out around them and couriers who have nothing to do."""

    def __init__(self, problem: Problem, fleet: Fleet) -> None:
        self.problem, self.fleet = problem, fleet
        self.rng = random.Random(sisr.SEED)
        nodes = {node.id: node for node in problem.nodes}
        self.at = {stop.id: (nodes[stop.node].x_m, nodes[stop.node].y_m) for stop in problem.stops}
        self.stops = {stop.id: stop for stop in problem.stops}
        self.free = [v for _, v in workers(problem)]

    def pick(self, count: int) -> Iterator[Cut]:
        """Return up to ``count`` pieces that have no route in common."""
        served = {visit.stop for _, one in self.fleet.values() for visit in one.route.visits}
        left = [stop for stop in self.problem.stops if stop.id not in served and not needs_two(stop)]
        # Who meets another courier keeps to the moment they agreed upon.
        routes = {
            name: [visit.stop for visit in one.route.visits]
            for name, (_, one) in self.fleet.items()
            if not any(needs_two(self.stops[visit.stop]) for visit in one.route.visits)
        }
        unused = [v for v in self.free if v.id not in self.fleet]
        for _ in range(count):
            if not routes:
                return
            seed = (
                self.rng.choice(left).id
                if left and self.rng.random() < 1 / 2
                else self.rng.choice(self.rng.choice(list(routes.values())))
            )
            piece = self._around(self.at[seed], routes, left, unused)
            taken = set(piece.start) | {vehicle.id for vehicle in piece.problem.vehicles}
            gone = {stop.id for stop in piece.problem.stops}
            routes = {name: order for name, order in routes.items() if name not in taken}
            unused = [v for v in unused if v.id not in taken]
            left = [stop for stop in left if stop.id not in gone]
            yield piece

    def put(self, piece: Cut, fleet: Fleet) -> None:
        """Take the piece's new routes instead of the old ones."""
        for name in piece.start:
            del self.fleet[name]
        self.fleet.update(fleet)

    def _around(self, at: tuple[float, float], routes: Names, left: list[Stop], unused: list[Vehicle]) -> Cut:
        start: Names = {}
        for name in sorted(routes, key=lambda name: self._apart(at, routes[name])):
            if start and sum(map(len, start.values())) + len(routes[name]) > TOGETHER:
                break
            start[name] = routes[name]
        vehicles = [self.fleet[name][0] for name in start]
        vehicles += {kind_of(vehicle): vehicle for vehicle in unused}.values()
        tried = sorted(left, key=lambda stop: self._apart(at, [stop.id]))[:RETRIED]
        stops = [self.stops[stop] for order in start.values() for stop in order]
        return Cut(restricted(self.problem, [*stops, *tried], vehicles), start)

    def _apart(self, at: tuple[float, float], order: list[str]) -> float:
        x = sum(self.at[stop][0] for stop in order) / len(order)
        y = sum(self.at[stop][1] for stop in order) / len(order)
        return (x - at[0]) ** 2 + (y - at[1]) ** 2


def whole_plan(problem: Problem, fleet: Fleet, engine: str, began: float) -> Plan:
    """Make one plan of driven routes. ``began``: when planning did, an instant of ``time.perf_counter``."""
    network = LaneNetwork(problem)

    def again(gone: set[str]) -> Fleet:
        kept = {name: by_itself(problem, network, *one, gone) for name, one in fleet.items()}
        return {name: one for name, one in kept.items() if one is not None}

    def why(routes: list[Route], left: list[Stop], full: frozenset[str]) -> tuple[Unserved, ...]:
        loaded = loads_of(problem, routes)
        vehicles = [replace(vehicle, frozen=()) for vehicle in problem.vehicles]
        # Halves of a pair stay together.
        left = sorted(left, key=lambda stop: (stop.kind != "pickup" and stop.goods_from is None, stop.id))
        pairs = sum(stop.kind == "pickup" or stop.goods_from is not None for stop in left)
        found: list[Unserved] = []
        for first in range(0, len(left), EXPLAINED):
            low, high = (0 if first == 0 else first + pairs), first + EXPLAINED + pairs
            some = restricted(problem, left[low:high], vehicles)
            found += explain(some, reaches(some, network), workers(some), loaded, list(some.stops), full)
        return tuple(found)

    return put_together(problem, fleet, engine, time.perf_counter() - began, again, why)
