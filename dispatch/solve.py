"""Problem in, Plan out."""

from __future__ import annotations

import time

from dispatch import parts
from dispatch.assembly import assemble
from dispatch.engines import sisr
from dispatch.limits import Limits
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reach import Reach, reaches
from dispatch.searching import Orders, Working, complete, find, orders_of, workers
from dispatch.together import Doubled, doubled

__all__ = ["Limits", "finish", "solve"]


def solve(problem: Problem, limits: Limits | None = None, *, start: Plan | None = None) -> Plan:
    """Plan one wave.

    ``start``: a plan to begin from (of this or an earlier problem); stops and vehicles that are gone are
    passed over. An infeasible wish is a stop in ``plan.unserved`` with a reason, never an exception.
    """
    limits = limits or Limits()
    began = time.perf_counter()
    if len(problem.stops) > parts.LARGE:
        return parts.solve_in_parts(problem, limits, start)
    if limits.processes > 1:
        return parts.best_of_several(problem, limits, start)
    whole = doubled(problem)
    reach, working, older = reaches(whole.problem), workers(problem), orders_of(whole.problem, start)
    engine, whole, orders = find(whole, reach, working, limits, began, older)
    return assemble(problem, reach, working, orders, engine, time.perf_counter() - began, whole)


def finish(
    problem: Problem,
    whole: Doubled,
    reach: dict[str, Reach],
    working: Working,
    orders: Orders,
    engine: str,
    seconds: float,
) -> Plan:
    """Make a whole plan of routes from anywhere, without searching further.

    What cannot stand where it is put goes where it costs least; couriers are brought together, homes are called.
    """
    began = time.perf_counter() - seconds
    found = sisr.begin(whole.problem, reach, working, orders, whole.twins)
    whole, orders = complete(whole, reach, working, found.result(), Limits(1.0, rounds=1))
    return assemble(problem, reach, working, orders, engine, time.perf_counter() - began, whole)
