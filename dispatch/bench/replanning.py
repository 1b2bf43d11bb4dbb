"""Planning again while couriers walk: four things happen to a wave of 200 stops, each by itself.

How long until there is a valid plan, and how far the plan of two seconds is from that of a cold search of ten.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from dispatch.bench.compound import compound, with_all_rules
from dispatch.check import check
from dispatch.plan import Plan
from dispatch.problem import Problem, Promise, Stop
from dispatch.solve import Limits, solve

STOPS, BASE_S, SOON_S, COLD_S = 200, 5.0, 2.0, 10.0
FIRST_S = 0.05


@dataclass(frozen=True)
class Replanned:
    """One event in one compound.

    ``first_s``: until the first valid plan; ``gap`` in percent of the cold search's cost; ``moved``: stops whose
    courier is another than promised.
    """

    event: str
    seed: int
    first_s: float
    gap: float
    moved: int
    violations: int


def measure(seeds: list[int]) -> list[Replanned]:
    """Return a row for each event and seed."""
    found = []
    for seed in seeds:
        problem = with_all_rules(compound(STOPS, seed=seed), seed=seed)
        plan = solve(problem, Limits(BASE_S, is_patient=True))
        promised = _promised(problem, plan)
        for name, event in EVENTS.items():
            found.append(_replan(name, seed, event(promised, plan), plan))
    return found


def _replan(name: str, seed: int, problem: Problem, plan: Plan) -> Replanned:
    began = time.perf_counter()
    first = solve(problem, Limits(FIRST_S, is_patient=True), start=plan)
    first_s = time.perf_counter() - began
    soon = solve(problem, Limits(SOON_S, is_patient=True), start=plan)
    cold = solve(problem, Limits(COLD_S, is_patient=True))
    before = {visit.stop: route.vehicle for route in plan.routes for visit in route.visits}
    moved = sum(before.get(v.stop) not in (None, r.vehicle) for r in soon.routes for v in r.visits)
    wrong = len(check(problem, first)) + len(check(problem, soon)) + len(check(problem, cold))
    gap = 100 * (soon.cost.total / cold.cost.total - 1)
    return Replanned(name, seed, round(first_s, 3), round(gap, 2), moved, wrong)


def _promised(problem: Problem, plan: Plan) -> Problem:
    """Return the problem in which everybody was told who comes when."""
    told = {v.stop: Promise(r.vehicle, v.start_s) for r in plan.routes for v in r.visits}
    stops = tuple(replace(s, promised=told.get(s.id) if s.people == 1 else None) for s in problem.stops)
    return replace(problem, stops=stops)


def _urgent(problem: Problem, plan: Plan) -> Problem:
    new = Stop("urgent", problem.stops[0].node, load_g=500, volume_ml=500, parcels=1, priority=0, due_s=1200)
    return replace(problem, stops=(*problem.stops, new))


def _dropout(problem: Problem, plan: Plan) -> Problem:
    gone = plan.routes[0].vehicle
    vehicles = tuple(replace(v, shift_end_s=v.shift_start_s) if v.id == gone else v for v in problem.vehicles)
    return replace(problem, vehicles=vehicles)


def _closed(problem: Problem, plan: Plan) -> Problem:
    middle = next(lane.id for lane in problem.lanes if {lane.from_node, lane.to_node} == {"n4-2", "n4-3"})
    lanes = tuple(replace(lane, is_open=False) if lane.id == middle else lane for lane in problem.lanes)
    return replace(problem, lanes=lanes)


def _red(problem: Problem, plan: Plan) -> Problem:
    first = plan.routes[0].visits[0].stop
    return replace(
        problem, stops=tuple(replace(s, is_red=True) if s.id == first else s for s in problem.stops)
    )


EVENTS: dict[str, Callable[[Problem, Plan], Problem]] = {
    "a new urgent need": _urgent,
    "a courier drops out": _dropout,
    "a lane closes": _closed,
    "a home turns red": _red,
}
