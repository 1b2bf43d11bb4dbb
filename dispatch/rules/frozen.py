"""The stops that a courier has been told come first, in that order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatch.problem import Vehicle

NAME = "Frozen beginnings"
REASON = "A courier on the way to a door cannot be sent elsewhere without somebody waiting there in vain."


def frozen_first(vehicle: Vehicle, number: Mapping[str, int], order: Sequence[int]) -> list[int]:
    """Return the order behind the vehicle's frozen stops. ``number``: stop id → its number, as in ``order``."""
    return [*(number[name] for name in vehicle.frozen), *order]


def first_free_place(vehicle: Vehicle) -> int:
    """Return the first position of a route at which something else may be put."""
    return len(vehicle.frozen)
