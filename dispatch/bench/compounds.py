"""Compounds with all the rules: this dispatcher against peers whose plans one and the same repair makes whole.

A peer gets what it can state (see ``peers``) and as much time. Its routes are then walked with all the rules: what
cannot stand where the peer put it is inserted where it costs least, couriers are brought together, homes are called to
shelves, all by the code that this dispatcher uses itself. The weights are the problem's own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatch.bench.compound import compound, with_all_rules
from dispatch.bench.ground import extract
from dispatch.bench.peers import available, state
from dispatch.bench.public import OURS
from dispatch.check import check
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reach import reaches
from dispatch.rules.shifts import has_shift
from dispatch.solve import Limits, finish, solve
from dispatch.together import doubled


@dataclass(frozen=True)
class Figure:
    """One plan of one compound; costs in seconds (docs/dispatch.md); ``travel_s`` alone as well."""

    ground: str
    stops: int
    seed: int
    solver: str
    limit_s: float
    seconds: float
    cost: int
    travel_s: int
    unserved: int
    violations: int


def plan_by(problem: Problem, solver: str, seconds: float, seed: int) -> tuple[Plan, float]:
    """Return the solver's plan, made whole, and the seconds that the solver took."""
    if solver == OURS:
        began = time.perf_counter()
        return solve(problem, Limits(seconds, is_patient=True)), time.perf_counter() - began
    whole = doubled(problem)
    reach = reaches(whole.problem)
    working = [(i, v) for i, v in enumerate(problem.vehicles) if has_shift(v, problem.horizon_s)]
    stated = state(whole.problem, reach, working)
    began = time.perf_counter()
    orders = available()[solver](stated, seconds, seed)
    took_s = time.perf_counter() - began
    return finish(problem, whole, reach, working, orders, solver, took_s), took_s


def compare(
    sizes: list[int], limits: list[float], seeds: list[int], extracts: Sequence[Path] = ()
) -> list[Figure]:
    """Return every solver's figures, interleaved: all on one instance before the next."""
    found = []
    for ground in (None, *map(extract, extracts)):
        for size in sizes:
            for seed in seeds:
                problem = with_all_rules(compound(size, seed=seed, ground=ground), seed=seed)
                name = ground.name if ground else "grid"
                found += [
                    _figure(problem, name, size, seed, solver, limit_s)
                    for limit_s in limits
                    for solver in (OURS, *available())
                ]
    return found


def _figure(problem: Problem, ground: str, size: int, seed: int, solver: str, limit_s: float) -> Figure:
    plan, took_s = plan_by(problem, solver, limit_s, seed)
    facts = (plan.cost.total, plan.cost.travel_s, len(plan.unserved), len(check(problem, plan)))
    return Figure(ground, size, seed, solver, limit_s, round(took_s, 2), *facts)
