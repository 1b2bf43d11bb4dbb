"""Matching 5,000 needs to 1,000 helpers: six skills, room for four to eight, a rising cost for each further need.

``nearest`` arcs a need are the product's own setting; all arcs prove how far that is from the optimum.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from dispatch.matching import NEAREST, Candidate, Matching, Task, match

NEEDS, HELPERS, SKILLS, FAIRNESS = 5_000, 1_000, 6, 200


@dataclass(frozen=True)
class Matched:
    """``gap``: percent over the cost with all arcs, which is optimal; None where that was not asked for."""

    arcs: int
    seconds: float
    placed: int
    cost: int
    gap: float | None


def measure(seed: int = 1, *, is_proven: bool = True) -> list[Matched]:
    """Return a row for the product's setting and, if ``is_proven``, one for all arcs."""
    tasks, candidates = _town(seed)
    near, near_s = _timed(tasks, candidates, NEAREST)
    if not is_proven:
        return [Matched(NEAREST, near_s, len(near.assigned), _cost(near), None)]
    whole, whole_s = _timed(tasks, candidates, HELPERS)
    gap = 100 * (_cost(near) / _cost(whole) - 1)
    return [
        Matched(NEAREST, near_s, len(near.assigned), _cost(near), round(gap, 4)),
        Matched(HELPERS, whole_s, len(whole.assigned), _cost(whole), 0.0),
    ]


def _timed(tasks: list[Task], candidates: list[Candidate], nearest: int) -> tuple[Matching, float]:
    began = time.perf_counter()
    found = match(tasks, candidates, fairness=FAIRNESS, nearest=nearest)
    return found, round(time.perf_counter() - began, 2)


def _cost(found: Matching) -> int:
    """Return distance and fairness: the first need of a helper costs nothing more, each further one FAIRNESS more."""
    loads: dict[str, int] = {}
    for helper in found.assigned.values():
        loads[helper] = loads.get(helper, 0) + 1
    return found.cost + sum(FAIRNESS * load * (load - 1) // 2 for load in loads.values())


def _town(seed: int) -> tuple[list[Task], list[Candidate]]:
    rng = random.Random(seed)
    helpers = [
        (f"h{n}", rng.sample(range(SKILLS), 2), rng.uniform(0, 800), rng.uniform(0, 600), rng.randint(4, 8))
        for n in range(HELPERS)
    ]
    tasks = []
    for n in range(NEEDS):
        skill, x_m, y_m = rng.randrange(SKILLS), rng.uniform(0, 800), rng.uniform(0, 600)
        costs = {
            name: int(abs(x - x_m) + abs(y - y_m)) for name, skills, x, y, _ in helpers if skill in skills
        }
        tasks.append(Task(f"n{n}", costs))
    return tasks, [Candidate(name, room) for name, _, _, _, room in helpers]
