"""A delivery that comes to nothing has to be made again: who fails more often costs more.

In Changshu 2024 unmanned vehicles failed 32 of 100 deliveries, couriers 2.
"""

from __future__ import annotations

from dispatch.problem import Problem, Vehicle

NAME = "Failed deliveries"
REASON = "A delivery that comes to nothing is made a second time, by people, and the home waits twice."


def price_s(problem: Problem, vehicle: Vehicle) -> int:
    """Return the expected cost of failing at one stop, in whole seconds."""
    return problem.profile(vehicle.profile).fails_percent * problem.weights.failed_s // 100
