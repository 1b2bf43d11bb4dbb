"""A courier is at work only from the beginning to the end of the shift, and within the wave."""

from __future__ import annotations

from dispatch.problem import Problem, Vehicle

NAME = "Shifts"
REASON = "Who has offered two hours is not to be kept for three."


def has_shift(vehicle: Vehicle, horizon_s: int) -> bool:
    """Tell whether the vehicle works at all within the horizon."""
    return first_moment(vehicle) < min(vehicle.shift_end_s, horizon_s)


def first_moment(vehicle: Vehicle) -> int:
    """Return the second from which on the vehicle may leave its start."""
    return max(0, vehicle.shift_start_s)


def last_moment(problem: Problem, vehicle: Vehicle) -> int:
    """Return the second by which the vehicle must be at its end."""
    return min(vehicle.shift_end_s, problem.horizon_s)
