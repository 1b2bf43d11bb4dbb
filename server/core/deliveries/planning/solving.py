"""Solving a wave, or weighing gates, and checking the answer; whatever the solver does, there is a plan."""

from __future__ import annotations

import structlog

from dispatch import Limits, Plan, Problem, Violation, baseline, check, solve
from dispatch.warm import warm_up
from server.kit.apart import Apart, Died

MEMORY_BYTES = 12 << 30
# How long after its limit a solver counts as hung; the rule of thumb then takes so long at most.
GRACE_S = 15.0
GRACE_S_PER_STOP = 0.005
# How long a wave waits for another community's to be solved.
PATIENCE_S = 60.0
RULE_OF_THUMB_S = 10.0
# What plans made without a search name as their engine (``dispatch.baseline``).
RULE_OF_THUMB = "nearest"
log = structlog.get_logger()

solver = Apart(warm_up, MEMORY_BYTES)


def make_plan(
    problem: Problem, seconds: float, *, is_apart: bool, is_wary: bool = False
) -> tuple[Plan, list[Violation]]:
    """Solve, in the solver's process if ``is_apart``, and check.

    Where the solver dies, breaks, takes too much memory, overruns its time or has none for this wave, or where the
    checker rejects what it found, the rule of thumb plans the wave, and the plan says so: nobody waits at home
    because a program did not end. ``is_wary``: the solver is not even tried.
    """
    try:
        if is_wary:
            raise Died("it died before")
        plan = _solve_apart(problem, seconds) if is_apart else solve(problem, Limits(seconds))
        violations = check(problem, plan)
        if not violations:
            return plan, violations
        log.error("deliveries.plan_rejected", violations=[str(violation) for violation in violations[:10]])
    except (Died, MemoryError) as error:
        log.warning("deliveries.solver_died", error=str(error), stops=len(problem.stops))
    plan = baseline(problem, within_s=RULE_OF_THUMB_S)
    return plan, check(problem, plan)


def _solve_apart(problem: Problem, seconds: float) -> Plan:
    # Reading a large wave and naming reasons come on top of the search.
    within_s = seconds + GRACE_S + len(problem.stops) * GRACE_S_PER_STOP
    return solver.run(solve, problem, Limits(seconds), within_s=within_s, patience_s=PATIENCE_S)
