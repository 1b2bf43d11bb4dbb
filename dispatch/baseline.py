"""What a tired committee worker does without a solver: a plan to compare with."""

from __future__ import annotations

import time

from dispatch.assembly import assemble
from dispatch.engines import nearest
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reach import reaches
from dispatch.rules.shifts import has_shift
from dispatch.together import doubled


def baseline(problem: Problem) -> Plan:
    """Return the nearest-neighbour plan."""
    began = time.perf_counter()
    whole = doubled(problem)
    reach = reaches(whole.problem)
    working = [(i, v) for i, v in enumerate(problem.vehicles) if has_shift(v, problem.horizon_s)]
    orders = nearest.search(whole.problem, reach, working)
    return assemble(problem, reach, working, orders, nearest.NAME, time.perf_counter() - began, whole)
