"""Public instances: this dispatcher and its peers at equal time, one thread each, every plan checked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from dispatch.assembly import assemble
from dispatch.bench.instances import Instance
from dispatch.bench.peers import Orders, available, state
from dispatch.check import check
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reach import reaches
from dispatch.rules.shifts import has_shift
from dispatch.solve import Limits, solve

OURS = "linli"


@dataclass(frozen=True)
class Result:
    """``cost`` and ``best_known`` in the instance's units; ``gap`` in percent; ``seconds`` of wall time."""

    instance: str
    solver: str
    limit_s: float
    seed: int
    seconds: float
    cost: float
    best_known: float | None
    gap: float | None
    routes: int
    violations: int
    unserved: int


def solvers() -> list[str]:
    """Return the names of those that can run here, this project's first."""
    return [OURS, *available()]


def run(instance: Instance, solver: str, seconds: float, seed: int = 1) -> Result:
    """Let one solver plan one instance. Building its model is not counted for anybody."""
    began = time.perf_counter()
    plan = solve_with(instance.problem, solver, seconds, seed)
    took_s = plan.seconds or time.perf_counter() - began
    cost = plan.cost.travel_s / instance.scale
    known = instance.best_known
    gap = None if known is None or plan.unserved else round(100 * (cost / known - 1), 3)
    violations = len(check(instance.problem, plan))
    return Result(
        instance.name,
        solver,
        seconds,
        seed,
        round(took_s, 2),
        cost,
        known,
        gap,
        len(plan.routes),
        violations,
        len(plan.unserved),
    )


def solve_with(problem: Problem, solver: str, seconds: float, seed: int = 1) -> Plan:
    """Return the plan of a solver, named as in ``solvers``."""
    if solver == OURS:
        return solve(problem, Limits(seconds, is_patient=True))
    reach = reaches(problem)
    working = [(i, v) for i, v in enumerate(problem.vehicles) if has_shift(v, problem.horizon_s)]
    stated = state(problem, reach, working)
    began = time.perf_counter()
    orders: Orders = available()[solver](stated, seconds, seed)
    return assemble(problem, reach, working, orders, solver, time.perf_counter() - began)


def files_in(folder: Path) -> list[Path]:
    """Return the instances under a folder, by name."""
    return sorted(
        file for file in folder.rglob("*") if file.suffix in (".txt", ".vrp") and "SOURCE" not in file.name
    )
