"""A stop goes only to who has its skills."""

from __future__ import annotations

from dispatch.problem import Stop, Vehicle

NAME = "Skills"
REASON = (
    "A nurse's visit is of no use without a nurse, and forty kilograms of rice are of no use to who "
    "cannot lift them."
)


def has_skills(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether the vehicle's courier has all the skills that the stop needs."""
    return stop.skills <= vehicle.skills
