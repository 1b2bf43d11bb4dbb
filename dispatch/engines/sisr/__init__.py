"""Routes by ruin and recreate (SISR), compiled: every rule of a route is in the search itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatch.engines.sisr import kernel
from dispatch.engines.sisr.kernel import Ints
from dispatch.engines.sisr.model import Working, empty_scratch, empty_state, model_of
from dispatch.problem import Problem
from dispatch.reach import Reach

NAME = "sisr"
SEED = 20200210
# Temperatures in mean legs of the first plan; from an older plan the search begins cooler and does not tear it apart.
HOT, WARM, COLD = 1.0, 0.3, 0.03
LOOK_S = 0.04
Orders = dict[str, list[int]]


@dataclass
class Search:
    """One search. ``orders``: routes to begin from; what of them cannot stand any more is put elsewhere.

    ``best``: cost and sum of the times at which the routes are over, of the best plan so far.
    """

    model: kernel.Model
    vehicles: list[str]
    orders: Orders = field(default_factory=dict)
    seed: int = SEED
    best: Ints = field(init=False)
    rounds: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._state, self._old = empty_state(self.model), empty_state(self.model)
        self._scratch = empty_scratch(self.model)
        kernel.sow(self.seed)
        self._begin()
        self._best_stops, self._best_length = self._state.stops.copy(), self._state.length.copy()
        self.best = np.array([kernel.total(self.model, self._state), self._state.over.sum()])
        self._leg = self._mean_leg()

    def run_until(self, until: float, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        """Search up to an instant of ``time.perf_counter``, or until somebody wants no more."""
        began = time.perf_counter()
        rounds, whole = 16, max(until - began, 1e-6)
        while (now := time.perf_counter()) < until and not is_cancelled():
            look = min(LOOK_S, until - now)
            self._improve(rounds, (now - began) / whole, min(1.0, (now - began + look) / whole))
            took = max(time.perf_counter() - now, 1e-5)
            left = until - time.perf_counter()
            rounds = max(1, min(4 * rounds, int(rounds * min(LOOK_S, max(left, 1e-5)) / took)))

    def run_rounds(self, rounds: int) -> None:
        """Search so many rounds; the same seed gives the same plan."""
        self._improve(rounds, 0.0, 1.0)

    def result(self) -> Orders:
        """Return vehicle id → stop numbers in order, of the best plan so far."""
        return {
            name: [int(i) for i in self._best_stops[v, : self._best_length[v]]]
            for v, name in enumerate(self.vehicles)
            if self._best_length[v]
        }

    def _improve(self, rounds: int, begun: float, over: float) -> None:
        if len(self.model.price) == 0:
            return
        warmth = WARM if self.orders else HOT
        hot = self._leg * warmth * (COLD / warmth) ** begun
        cold = self._leg * warmth * (COLD / warmth) ** over
        kept = (self._best_stops, self._best_length, self.best)
        kernel.improve(self.model, self._state, self._old, self._scratch, *kept, rounds, hot, cold)
        self.rounds += rounds

    def _begin(self) -> None:
        number = {name: v for v, name in enumerate(self.vehicles)}
        for name, stops in self.orders.items():
            for stop in stops if name in number else []:
                kernel.append(self.model, self._state, number[name], stop)
        # What could not stand where it is frozen does not keep others from standing there.
        np.minimum(self.model.frozen, self._state.length, out=self.model.frozen)
        kernel.fill(self.model, self._state, self._old, self._scratch)

    def _mean_leg(self) -> float:
        out = self._state.length > 0
        legs = int(self._state.length.sum() + out.sum())
        pure = self._state.cost[out] - self.model.fixed[out]
        return max(1.0, float(pure.sum()) / max(1, legs))


def begin(
    problem: Problem,
    reaches: dict[str, Reach],
    working: Working,
    start: Orders,
    twins: Sequence[int] = (),
    seed: int = SEED,
) -> Search:
    """Return a search that has a first plan: what still fits of ``start``, and all else where it costs least."""
    frozen = _frozen_first(problem, working, start)
    return Search(model_of(problem, reaches, working, twins), [v.id for _, v in working], frozen, seed)


def _frozen_first(problem: Problem, working: Working, start: Orders) -> Orders:
    """Return the orders with each vehicle's frozen stops at its beginning."""
    number = {stop.id: i for i, stop in enumerate(problem.stops)}
    frozen = {vehicle.id: [number[name] for name in vehicle.frozen] for _, vehicle in working}
    still = {stop for order in frozen.values() for stop in order}
    orders = {name: [stop for stop in order if stop not in still] for name, order in start.items()}
    for name, order in frozen.items():
        if order:
            orders[name] = order + orders.get(name, [])
    return orders
