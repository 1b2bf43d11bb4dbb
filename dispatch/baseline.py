"""What a tired committee worker does without a solver: a plan to compare with, and to fall back on."""

from __future__ import annotations

import math
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


def baseline(problem: Problem, *, within_s: float = math.inf) -> Plan:
    """Return the nearest-neighbour plan; of a large wave part by part.

    ``within_s``: after so long nothing more is put on any route; naming reasons for what is left comes on top.
    """
    began = time.perf_counter()
    until = began + within_s
    if len(problem.stops) > parts.LARGE:
        fleet: Fleet = {}
        pieces = cut(problem, parts.IN_PART, None)
        for nth, piece in enumerate(pieces):
            now = time.perf_counter()
            fleet |= _walk(piece.problem, now + (until - now) / (len(pieces) - nth))
        return parts.whole_plan(problem, fleet, nearest.NAME, began)
    whole = doubled(problem)
    reach, working = reaches(whole.problem), workers(problem)
    orders = nearest.search(whole.problem, reach, working, until=until)
    return assemble(problem, reach, working, orders, nearest.NAME, time.perf_counter() - began, whole)


def _walk(problem: Problem, until: float) -> Fleet:
    whole = doubled(problem)
    reach, working = reaches(whole.problem), workers(problem)
    orders = nearest.search(whole.problem, reach, working, until=until)
    return drive_all(whole, reach, working, without_lone(whole.twins, orders))
