"""Large waves in pieces: a few neighbouring routes at a time are searched again, the rest stands still.

One search over a thousand stops hardly moves in seconds; a hundred stops at a time move at once. Pieces
are chosen at random (by a fixed seed) around one route, with the routes nearest to it and the unserved
stops nearby; a piece's answer is kept unless it costs more (equal ones too: they lead out of dead ends).
Source: POPMUSIC, Taillard & Voss 2002; sizes from docs/dispatch.md.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dispatch.engines import ortools_routing
from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach, end_place, narrowed, start_place
from dispatch.rules.priorities import price_of_leaving_out
from dispatch.timing import late_of, time_route, travel_of

NAME = "ortools-gls-pieces"
STOPS_A_PIECE = 60
UNSERVED_A_PIECE = 25
IDLE_A_PIECE = 2
SHARE_ABOUT_UNSERVED = 0.25
SECONDS_A_PIECE = 0.25
SEED = 20220401

Working = list[tuple[int, Vehicle]]
Orders = dict[str, list[int]]


def search(
    problem: Problem, reaches: dict[str, Reach], vehicles: Working, seconds: float, start: Orders
) -> Orders:
    """Return vehicle id → stop numbers in order, never costlier than ``start``, which must be feasible."""
    search_ = _Search(problem, reaches, vehicles, {v.id: list(start.get(v.id, [])) for _, v in vehicles})
    until = time.perf_counter() + seconds
    while (left_s := until - time.perf_counter()) > SECONDS_A_PIECE / 4:
        search_.improve(min(SECONDS_A_PIECE, left_s))
    return {name: order for name, order in search_.orders.items() if order}


@dataclass
class _Search:
    problem: Problem
    reaches: dict[str, Reach]
    vehicles: Working
    orders: Orders

    def __post_init__(self) -> None:
        self.random = random.Random(SEED)
        # Times are known by now; carrying every lane along would only slow down each piece.
        self.bare = replace(self.problem, lanes=(), standing_points=())
        places = {node.id: (node.x_m, node.y_m) for node in self.problem.nodes}
        self.at_m: npt.NDArray[np.float64] = np.array([places[stop.node] for stop in self.problem.stops])

    def improve(self, seconds: float) -> None:
        """Search one piece again; take its answer unless it costs more."""
        vehicles, stops = self._piece()
        number = {stop: i for i, stop in enumerate(stops)}
        part = replace(
            self.bare,
            stops=tuple(self.problem.stops[i] for i in stops),
            vehicles=tuple(vehicle for _, vehicle in vehicles),
        )
        places = [
            *stops,
            *(start_place(self.problem, i) for i, _ in vehicles),
            *(end_place(self.problem, i) for i, _ in vehicles),
        ]
        reaches = narrowed(self.reaches, [v for _, v in vehicles], places, len(stops))
        before = {v.id: [number[stop] for stop in self.orders[v.id]] for _, v in vehicles}
        working = list(enumerate(part.vehicles))
        after = ortools_routing.search(part, reaches, working, seconds, before)
        if _cost(part, reaches, working, after) <= _cost(part, reaches, working, before):
            for _, vehicle in vehicles:
                self.orders[vehicle.id] = [stops[i] for i in after.get(vehicle.id, [])]

    def _piece(self) -> tuple[Working, list[int]]:
        out = [pair for pair in self.vehicles if self.orders[pair[1].id]]
        idle = [pair for pair in self.vehicles if not self.orders[pair[1].id]]
        served = {stop for order in self.orders.values() for stop in order}
        unserved = [stop for stop in range(len(self.problem.stops)) if stop not in served]
        centres = {v.id: self.at_m[self.orders[v.id]].mean(axis=0) for _, v in out}
        # Some pieces are about somebody who is left out: that is where most is to be won.
        about_unserved = unserved and (not centres or self.random.random() < SHARE_ABOUT_UNSERVED)
        seeds = list(self.at_m[unserved]) if about_unserved else list(centres.values())
        centre = self.random.choice(seeds or [np.zeros(2)])
        chosen: Working = []
        stops: list[int] = []
        for pair in sorted(out, key=lambda p: float(np.linalg.norm(centres[p[1].id] - centre))):
            order = self.orders[pair[1].id]
            if chosen and len(stops) + len(order) > STOPS_A_PIECE:
                break
            chosen.append(pair)
            stops += order
        chosen += self.random.sample(idle, min(IDLE_A_PIECE, len(idle)))
        ids = {None, *(vehicle.id for _, vehicle in chosen)}
        near = sorted(unserved, key=lambda stop: float(np.linalg.norm(self.at_m[stop] - centre)))
        stops += [s for s in near if self.problem.stops[s].only_vehicle in ids][:UNSERVED_A_PIECE]
        return chosen, stops


def _cost(problem: Problem, reaches: dict[str, Reach], vehicles: Working, orders: Orders) -> int:
    total = 0
    served: set[int] = set()
    for number, vehicle in vehicles:
        order = orders.get(vehicle.id, [])
        reach = reaches[vehicle.id]
        route = time_route(problem, reach, number, vehicle, order) if order else None
        if route is None:
            continue
        served.update(order)
        total += travel_of(problem, reach, number, order) + problem.weights.vehicle_s
        total += sum(visit.walk_s for visit in route.visits)
        total += late_of(problem, route, order)
    return total + sum(
        price_of_leaving_out(stop, problem.weights) for i, stop in enumerate(problem.stops) if i not in served
    )
