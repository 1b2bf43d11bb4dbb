"""A home may want nobody but some couriers, or anybody but some."""

from __future__ import annotations

from dispatch.problem import Stop, Vehicle

NAME = "Who is welcome"
REASON = (
    "A frail neighbour opens to a face they know, and nobody has to open to somebody they had a quarrel with."
)


def is_welcome(vehicle: Vehicle, stop: Stop) -> bool:
    """Tell whether the stop wants this vehicle or does not mind."""
    return vehicle.id not in stop.not_by and (not stop.only_by or vehicle.id in stop.only_by)
