"""A vehicle carries no more grams, millilitres, parcels and cold goods than it can hold.

What a trip brings is loaded at its start; what it picks up on the way comes on board there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatch.problem import Stop, Vehicle
from dispatch.rules.pickups import is_of_pair

NAME = "Capacity"
REASON = "An overloaded bag tears and an overloaded cart tips, and what does not fit in the cold box spoils."

LOADS = ("load_g", "volume_ml", "parcels", "cold_ml")


def has_room(vehicle: Vehicle, taken: Mapping[str, int], stop: Stop) -> bool:
    """Tell whether the stop's goods fit beside those already taken."""
    return all(taken.get(load, 0) + getattr(stop, load) <= getattr(vehicle, load) for load in LOADS)


def fits(vehicle: Vehicle, trip: Sequence[Stop]) -> bool:
    """Tell whether the vehicle holds what it has on board at every moment of the trip."""
    for load in LOADS:
        on_board = sum(getattr(stop, load) for stop in trip if not is_of_pair(stop))
        most = on_board
        for stop in trip:
            on_board += getattr(stop, load) if stop.kind == "pickup" else -getattr(stop, load)
            most = max(most, on_board)
        if most > getattr(vehicle, load):
            return False
    return True
