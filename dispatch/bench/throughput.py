"""How many compounds of 90 stops with all the rules one core plans in a minute, and how good these plans are."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import mean

from dispatch.bench.compound import compound, with_all_rules
from dispatch.solve import Limits, solve

STOPS, LONG_S = 90, 30.0


@dataclass(frozen=True)
class Throughput:
    """``seconds`` of wall time a plan, ``per_minute`` plans; gaps to the plan of LONG_S seconds, in percent."""

    seconds: float
    per_minute: float
    gap: float
    worst: float


def measure(limits: list[float], seeds: list[int], long_s: float = LONG_S) -> list[Throughput]:
    """Return a row for each limit, over the same compounds."""
    problems = [with_all_rules(compound(STOPS, seed=seed), seed=seed) for seed in seeds]
    best = [solve(problem, Limits(long_s, is_patient=True)).cost.total for problem in problems]
    found = []
    for limit_s in limits:
        began = time.perf_counter()
        costs = [solve(problem, Limits(limit_s, is_patient=True)).cost.total for problem in problems]
        each_s = (time.perf_counter() - began) / len(problems)
        gaps = [100 * (cost / min(cost, known) - 1) for cost, known in zip(costs, best, strict=True)]
        found.append(Throughput(each_s, 60 / each_s, mean(gaps), max(gaps)))
    return found
