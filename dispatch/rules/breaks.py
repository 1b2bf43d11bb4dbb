"""A courier takes each break that begins before the way home is over, between two stops."""

from __future__ import annotations

from dispatch.plan import Rest
from dispatch.problem import Break, Vehicle

NAME = "Breaks"
REASON = (
    "Who walks for hours in the cold or the heat has to sit down and eat, and a break without a time of "
    "its own is never taken."
)


def next_break(vehicle: Vehicle, taken: int) -> Break | None:
    """Return the break after as many as were taken, None if there is no more."""
    return vehicle.breaks[taken] if taken < len(vehicle.breaks) else None


def take(due: Break, free_s: int) -> Rest | None:
    """Return the break as whoever is free at ``free_s`` takes it, None if it is too late to begin it."""
    if free_s > due.until_s:
        return None
    from_s = max(free_s, due.from_s)
    return Rest(from_s, from_s + due.rest_s)
