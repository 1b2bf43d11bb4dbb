"""Nobody carries everything: work over a fair share costs, whatever was worked on the days before included.

Machines have no share: what they carry nobody does.
"""

from __future__ import annotations

from dispatch.problem import Problem, Vehicle

NAME = "Fair share"
REASON = "Volunteers who carry everything day after day give up, and then nobody is left to carry."

NO_LIMIT_S = 1 << 40


def free_work_s(problem: Problem, vehicle: Vehicle) -> int:
    """Return the seconds of work in this wave up to the vehicle's fair share."""
    if problem.fair_work_s is None or vehicle.is_machine:
        return NO_LIMIT_S
    return max(0, problem.fair_work_s - vehicle.work_before_s)


def unfair_s(problem: Problem, vehicle: Vehicle, work_s: int) -> int:
    """Return what ``work_s`` seconds on the way and at doors cost beyond the fair share."""
    return max(0, work_s - free_work_s(problem, vehicle)) * problem.weights.unfair
