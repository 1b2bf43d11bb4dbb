"""What a tired committee worker does without a solver: a plan to compare with, and to fall back on."""

from __future__ import annotations

import time

from dispatch import parts
from dispatch.assembly import Fleet, assemble
from dispatch.cutting import cut
from dispatch.engines import nearest
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reach import reaches
from dispatch.searching import drive_all, workers
from dispatch.together import doubled, without_lone


def baseline(problem: Problem) -> Plan:
    """Return the nearest-neighbour plan; of a large wave part by part."""
    began = time.perf_counter()
    if len(problem.stops) > parts.LARGE:
        fleet: Fleet = {}
        for piece in cut(problem, parts.IN_PART, None):
            fleet |= _walk(piece.problem)
        return parts.whole_plan(problem, fleet, nearest.NAME, began)
    whole = doubled(problem)
    reach, working = reaches(whole.problem), workers(problem)
    orders = nearest.search(whole.problem, reach, working)
    return assemble(problem, reach, working, orders, nearest.NAME, time.perf_counter() - began, whole)


def _walk(problem: Problem) -> Fleet:
    whole = doubled(problem)
    reach, working = reaches(whole.problem), workers(problem)
    orders = nearest.search(whole.problem, reach, working)
    return drive_all(whole, reach, working, without_lone(whole.twins, orders))
